/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_FAMILY_H
#define GRPO_MATH_FAMILY_H

/* Families of numbers with a whole number in them: pi/4 + k pi / 2 with k in
 * Z, 6k + 5, x = 3 (mod 5). */
#include "compare_internal.h"

#define FAMILY_MAX_PROGRESSIONS 16

/* (c00 + c01 pi) + (c10 + c11 pi) k */
struct affine {
	fmpq c[2][2];
};

/* What all the numbers of one side are. */
struct family {
	struct affine at[FAMILY_MAX_PROGRESSIONS];
	int n;
	const struct expr *label;   /* of x = k pi, or NULL */
	const struct expr *domain;  /* of k, or NULL where it isn't said */
	grpo_str index;             /* whose domain it is */
	const struct expr *modulus; /* of "n = 2, 5 (mod 7)", or NULL */
	int is_whole; /* the other side is a congruence, so a letter without a
			 domain is a whole number */
};

/* Reads e into f, which begins as zero but for is_whole; -1 where it is none.
 * In any case family_clear frees it. */
int family_read(struct judge *j, const struct expr *e, struct family *f);
void family_clear(struct family *f);

/* Whether e is a congruence, or a list with one. */
int family_has_modulus(const struct expr *e);

#endif
