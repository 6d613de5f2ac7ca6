/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_PATHS_H
#define CODE_JAIL_PATHS_H

/*
 * What a slot sees of the machine's files.  Below T1 these are the rules of
 * Landlock, from T1 on also all that is mounted.
 */
#include <limits.h>
#include "jail.h"

enum { JAIL_READ = 0, JAIL_EXECUTE = 1, JAIL_WRITE = 2 };

struct jail_path {
	const char *path;
	int rights;
};

#define JAIL_MAX_PATHS 48

struct jail_paths {
	struct jail_path items[JAIL_MAX_PATHS];
	size_t n;
	char texts[24][PATH_MAX]; /* those that had to be put together */
	size_t n_texts;
};

/** The paths of a kind of slot. */
void jail_paths_of(struct jail_paths *p, const struct jail_config *c,
		   enum jail_kind kind);

#endif
