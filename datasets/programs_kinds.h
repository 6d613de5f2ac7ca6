/* SPDX-License-Identifier: MIT */
#ifndef DATASETS_PROGRAMS_KINDS_H
#define DATASETS_PROGRAMS_KINDS_H

/* The kinds of problems that programs.c draws from. */
#include "draw.h"
#include "programs.h"

/** One test as it is made. */
struct programs_io {
	draw *random;
	draw in, out; /* the texts of stdin and of the right stdout */
};

struct programs_kind {
	const char *name;
	const char *statement; /* {p} is the problem's number */
	int64_t low, high;     /* of that number */
	void (*make)(struct programs_io *io, int64_t p);
	const char *solutions[PROGRAMS_LANGUAGES];
};

extern const struct programs_kind programs_all_kinds[];
extern const uint64_t programs_n_kinds;

#endif
