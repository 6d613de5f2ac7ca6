/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
/*
 * The slot's own root: a small tmpfs with read-only views of the machine's
 * libraries, and the box, which is all that can be written.  There is no /proc
 * and no /sys in it.
 */
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* <sys/mount.h> and <linux/mount.h> do not go together everywhere. */
int mount(const char *source, const char *target, const char *type,
	  unsigned long flags, const void *data);
int umount2(const char *target, int flags);

#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#define PLAIN_NOSUID 2ul
#define PLAIN_NODEV 4ul
#define PLAIN_NOEXEC 8ul
#define PLAIN_BIND 4096ul
#define PLAIN_REC 16384ul
#define PLAIN_PRIVATE (1ul << 18)
#define DETACH 2

/* A folder that every machine has and that holds nothing the slot needs. */
static const char *const bases[] = {"/sys", "/proc", "/mnt"};

static int seal(const char *path, uint64_t attributes)
{
	struct mount_attr a = {.attr_set = attributes};

	return (int)syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &a,
			    sizeof(a));
}

/* The folders above a path that begins with the new root's. */
static int make_parents(char *path, size_t base)
{
	char *slash;

	for (slash = strchr(path + base + 1, '/'); slash;
	     slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return -1;
		*slash = '/';
	}
	return 0;
}

static int copy_link(const char *from, const char *to)
{
	char target[PATH_MAX];
	ssize_t n = readlink(from, target, sizeof(target) - 1);

	if (n < 0)
		return -1;
	target[n] = '\0';
	return symlink(target, to) < 0 && errno != EEXIST ? -1 : 0;
}

static int make_place(const char *to, int is_folder)
{
	int fd;

	if (is_folder)
		return mkdir(to, 0755) < 0 && errno != EEXIST ? -1 : 0;
	fd = open(to, O_WRONLY | O_CREAT | O_CLOEXEC, 0444);
	if (fd < 0)
		return errno == EEXIST || errno == EROFS || errno == EACCES
			   ? 0
			   : -1;
	close(fd);
	return 0;
}

static int bind_path(const char *from, const char *to, mode_t mode)
{
	uint64_t attributes = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;

	if (!S_ISCHR(mode))
		attributes |= MOUNT_ATTR_NODEV;
	if (make_place(to, S_ISDIR(mode)) < 0 ||
	    mount(from, to, NULL, PLAIN_BIND | PLAIN_REC, NULL) < 0)
		return -1;
	return seal(to, attributes);
}

/* What this machine lacks stays away. */
static int show(const char *base, const char *path)
{
	char to[PATH_MAX];
	struct stat st;

	if (lstat(path, &st) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
	if ((size_t)snprintf(to, sizeof(to), "%s%s", base, path) >= sizeof(to))
		return -1;
	if (make_parents(to, strlen(base)) < 0)
		return -1;
	if (S_ISLNK(st.st_mode))
		return copy_link(path, to);
	return bind_path(path, to, st.st_mode);
}

/* Whether a folder that is shown already holds the path. */
static int is_shown(const struct jail_paths *p, size_t upto)
{
	const char *path = p->items[upto].path;
	size_t i;

	for (i = 0; i < upto; i++) {
		size_t len = strlen(p->items[i].path);

		if (strncmp(path, p->items[i].path, len) == 0 &&
		    (path[len] == '/' || path[len] == '\0'))
			return 1;
	}
	return 0;
}

static const char *show_all(const char *base, const struct jail_paths *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		if (!is_shown(p, i) && show(base, p->items[i].path) < 0)
			return p->items[i].path;
	return NULL;
}

static const char *make_box(const char *base, enum jail_kind kind)
{
	char path[64];
	const char *options = kind == JAIL_TOOL
				  ? "size=512m,nr_inodes=4096,mode=700"
				  : "size=16m,nr_inodes=256,mode=700";

	(void)snprintf(path, sizeof(path), "%s/tmp", base);
	/* It is there already where a path below it is shown. */
	if (symlink("box", path) < 0 && errno != EEXIST)
		return "/tmp";
	(void)snprintf(path, sizeof(path), "%s/box", base);
	if (mkdir(path, 0700) < 0 ||
	    mount("tmpfs", path, "tmpfs",
		  PLAIN_NOSUID | PLAIN_NODEV | PLAIN_NOEXEC, options) < 0)
		return "a tmpfs for the box";
	return NULL;
}

/* The old root goes below the new one and then away. */
static const char *pivot(const char *base)
{
	struct mount_attr a = {.attr_set = MOUNT_ATTR_RDONLY};

	if (syscall(SYS_mount_setattr, AT_FDCWD, base, 0, &a, sizeof(a)) < 0)
		return "mount_setattr";
	if (chdir(base) < 0)
		return base;
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return "pivot_root";
	if (umount2(".", DETACH) < 0)
		return "umount2";
	return chdir("/box") < 0 ? "chdir" : NULL;
}

static const char *mount_base(void)
{
	size_t i;

	for (i = 0; i < sizeof(bases) / sizeof(bases[0]); i++)
		if (mount("tmpfs", bases[i], "tmpfs",
			  PLAIN_NOSUID | PLAIN_NODEV,
			  "size=1m,nr_inodes=512,mode=755") == 0)
			return bases[i];
	return NULL;
}

const char *jail_new_root(const struct jail_paths *paths, enum jail_kind kind)
{
	const char *base, *failed;

	if (mount(NULL, "/", NULL, PLAIN_REC | PLAIN_PRIVATE, NULL) < 0)
		return "private mounts";
	base = mount_base();
	if (!base)
		return "a tmpfs for the root";
	failed = show_all(base, paths);
	if (!failed)
		failed = make_box(base, kind);
	return failed ? failed : pivot(base);
}
