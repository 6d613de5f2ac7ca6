/* SPDX-License-Identifier: MIT */
#include "train/manifest.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/json.h"
#include "core/mem.h"

#define NAME "manifest.json"
#define FORMAT 1
#define MAX_BYTES (16u << 20)
#define MAX_DEPTH 8 /* of folders in a checkpoint */

/* ---------------------------------------------------------------- write */

static int sync_file(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;

	if (fd < 0 || fsync(fd) < 0)
		rc = grpo__fail_errno("%s", path);
	if (fd >= 0)
		close(fd);
	return rc;
}

static int add_file(cJSON *files, const char *path, const char *name)
{
	char hex[GRPO__HASH_HEX];
	int64_t n_bytes;
	uint64_t hash;
	cJSON *file;
	int rc = 0;

	GRPO_TRY(grpo__hash_file(&hash, &n_bytes, path));
	grpo__hash_hex(hex, hash);
	file = cJSON_AddObjectToObject(files, name);
	GRPO_FAIL_IF(
	    !file || !cJSON_AddNumberToObject(file, "bytes", (double)n_bytes) ||
		!cJSON_AddStringToObject(file, "xxh64", hex),
	    GRPO_ENOMEM, "out of memory");
	GRPO_TRY(sync_file(path));
out:
	return rc;
}

static int add_entry(cJSON *files, const char *path, const char *name,
		     int depth);

/* `name`: of the folder within the checkpoint; "" for the checkpoint itself. */
static int add_folder(cJSON *files, const char *path, const char *name,
		      int depth)
{
	char *child = NULL, *label = NULL;
	DIR *dir = opendir(path);
	const char *entry;
	int rc = 0;

	if (!dir)
		return grpo__fail_errno("%s", path);
	GRPO_FAIL_IF(depth > MAX_DEPTH, GRPO_EIO, "%s: folders too deep", path);
	while ((rc = grpo__folder_next(&entry, dir, path)) == 0 && entry) {
		free(child);
		free(label);
		child = grpo__path_join(path, entry);
		label = grpo__path_join(name, entry);
		GRPO_FAIL_IF(!child || !label, GRPO_ENOMEM, "out of memory");
		GRPO_TRY(add_entry(files, child, label, depth));
	}
	GRPO_TRY(rc);
	GRPO_TRY(grpo__sync_folder(path));
out:
	free(child);
	free(label);
	closedir(dir);
	return rc;
}

static int add_entry(cJSON *files, const char *path, const char *name,
		     int depth)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return grpo__fail_errno("%s", path);
	if (S_ISDIR(st.st_mode))
		return add_folder(files, path, name, depth + 1);
	return add_file(files, path, name);
}

int grpo__manifest_write(const char *folder)
{
	char *path = grpo__path_join(folder, NAME);
	cJSON *root = cJSON_CreateObject(), *files = NULL;
	grpo__buf text = {0};
	int rc = 0;

	if (root && cJSON_AddNumberToObject(root, "format", FORMAT))
		files = cJSON_AddObjectToObject(root, "files");
	GRPO_FAIL_IF(!path || !files, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(add_folder(files, folder, "", 0));
	GRPO_TRY(grpo__json_put(&text, root));
	GRPO_TRY(grpo__buf_add(&text, "\n", 1));
	GRPO_TRY(grpo__file_write(path, text.data, text.len));
out:
	grpo__buf_dispose(&text);
	cJSON_Delete(root);
	free(path);
	return rc;
}

/* ---------------------------------------------------------------- check */

static int check_file(const char *folder, const cJSON *file,
		      const char *manifest)
{
	char *path = grpo__path_join(folder, file->string);
	char hex[GRPO__HASH_HEX];
	int64_t n_bytes, want_bytes;
	const char *want;
	uint64_t hash;
	int rc = 0;

	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__json_int(&want_bytes, file, "bytes", manifest));
	GRPO_TRY(grpo__json_string(&want, file, "xxh64", manifest));
	GRPO_TRY(grpo__hash_file(&hash, &n_bytes, path));
	GRPO_FAIL_IF(n_bytes != want_bytes, GRPO_EFORMAT,
		     "%s is damaged: it has %" PRId64 " bytes, and " NAME
		     " says %" PRId64,
		     path, n_bytes, want_bytes);
	grpo__hash_hex(hex, hash);
	GRPO_FAIL_IF(strcmp(hex, want) != 0, GRPO_EFORMAT,
		     "%s is damaged: its XXH64 is %s, and " NAME " says %s",
		     path, hex, want);
out:
	free(path);
	return rc;
}

int grpo__manifest_check(const char *folder)
{
	char *path = grpo__path_join(folder, NAME);
	const cJSON *files, *file;
	cJSON *root = NULL;
	int64_t format;
	int rc = 0;

	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__json_read(&root, path, MAX_BYTES));
	GRPO_TRY(grpo__json_int(&format, root, "format", path));
	GRPO_FAIL_IF(format != FORMAT, GRPO_EABI,
		     "%s: format %" PRId64 ", expected %d", path, format,
		     FORMAT);
	files = cJSON_GetObjectItemCaseSensitive(root, "files");
	GRPO_FAIL_IF(!cJSON_IsObject(files) || !files->child, GRPO_EFORMAT,
		     "%s: \"files\" is missing", path);
	cJSON_ArrayForEach(file, files)
	    GRPO_TRY(check_file(folder, file, path));
out:
	cJSON_Delete(root);
	free(path);
	/* a key that is missing is no missing checkpoint */
	return rc == GRPO_ENOTFOUND ? GRPO_EFORMAT : rc;
}
