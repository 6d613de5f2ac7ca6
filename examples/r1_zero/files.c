/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "examples/fault.h"

int path_in(char out[MAX_PATH], const char *folder, const char *name)
{
	int n = snprintf(out, MAX_PATH, "%s/%s", folder, name);

	if (n < 0 || n >= MAX_PATH)
		return fail(GRPO_EINVAL, "%s/%s: the path is too long", folder,
			    name);
	return 0;
}

int file_exists(const char *path)
{
	return access(path, F_OK) == 0;
}

int make_folder(const char *path)
{
	char part[MAX_PATH];
	size_t i, n = strlen(path);

	if (n == 0 || n >= sizeof part)
		return fail(GRPO_EINVAL, "\"%s\" is not a path", path);
	memcpy(part, path, n + 1);
	for (i = 1; i <= n; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		part[i] = '\0';
		if (mkdir(part, 0777) < 0 && errno != EEXIST)
			return fail_errno(part);
		part[i] = path[i];
	}
	return 0;
}

/* NULL behind the last. */
static int next_name(const char **name, DIR *dir, const char *folder)
{
	struct dirent *e;

	errno = 0; /* the end leaves it, a failure sets it */
	e = readdir(dir);
	*name = e ? e->d_name : NULL;
	return !e && errno ? fail_errno(folder) : 0;
}

int remove_files(const char *folder)
{
	char path[MAX_PATH];
	const char *name;
	DIR *dir = opendir(folder);
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : fail_errno(folder);
	while ((rc = next_name(&name, dir, folder)) == 0 && name) {
		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		TRY(path_in(path, folder, name));
		if (unlink(path) < 0)
			TRY(fail_errno(path));
	}
	if (rc == 0 && rmdir(folder) < 0)
		rc = fail_errno(folder);
out:
	closedir(dir);
	return rc;
}

int lock_folder(int *lock, const char *folder)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC), busy;

	*lock = -1;
	if (fd < 0)
		return fail_errno(folder);
	if (flock(fd, LOCK_EX | LOCK_NB) == 0) {
		*lock = fd;
		return 0;
	}
	busy = errno == EWOULDBLOCK;
	close(fd);
	return busy;
}

int write_text(const char *path, const char *text)
{
	char beside[MAX_PATH];
	int n = snprintf(beside, sizeof beside, "%s.new", path);
	FILE *f;
	int bad;

	if (n < 0 || n >= MAX_PATH)
		return fail(GRPO_EINVAL, "%s: the path is too long", path);
	f = fopen(beside, "wb");
	if (!f)
		return fail_errno(beside);
	bad = fputs(text, f) < 0 || fflush(f) != 0 || fsync(fileno(f)) < 0;
	if (fclose(f) != 0 || bad || rename(beside, path) < 0)
		return fail_errno(path);
	return 0;
}

int cache_folder(char out[MAX_PATH])
{
	const char *cache = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (cache && cache[0] == '/')
		return path_in(out, cache, "libgrpo/models");
	if (!home || home[0] != '/')
		return fail(GRPO_ENOTFOUND,
			    "neither XDG_CACHE_HOME nor HOME is set");
	return path_in(out, home, ".cache/libgrpo/models");
}

int model_folder(char out[MAX_PATH], const char *model)
{
	static const char mark[] = "{cache}/";
	char cache[MAX_PATH];
	int rc = 0;

	if (strncmp(model, mark, sizeof mark - 1) == 0) {
		TRY(cache_folder(cache));
		return path_in(out, cache, model + sizeof mark - 1);
	}
	FAIL_IF(strlen(model) >= MAX_PATH, GRPO_EINVAL,
		"\"model\": the path is too long");
	memcpy(out, model, strlen(model) + 1);
out:
	return rc;
}

uint64_t hash_bytes(uint64_t hash, const void *data, size_t n)
{
	const unsigned char *p = data;
	size_t i;

	for (i = 0; i < n; i++)
		hash = (hash ^ p[i]) * 0x100000001b3u;
	return hash;
}

int hash_file(uint64_t *hash, const char *path)
{
	unsigned char block[4096];
	FILE *f = fopen(path, "rb");
	size_t n;
	int bad;

	if (!f)
		return fail_errno(path);
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		*hash = hash_bytes(*hash, block, n);
	bad = ferror(f);
	fclose(f);
	return bad ? fail(GRPO_EIO, "%s: cannot be read", path) : 0;
}
