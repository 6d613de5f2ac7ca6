/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_REFERENCE_H
#define CHECK_REWARD_REFERENCE_H

#include <stddef.h>
#include <stdint.h>
#include "suite.h"

/** A number as it is written: n / 10^places, or n / denominator. */
struct number {
	int64_t n, denominator;
	int places; /* of a decimal; -1: a fraction */
};

/** What a row says is right, as far as attacks must understand it. */
struct reference {
	char *text; /* the answer alone, NUL-terminated; NULL: none is known */
	int is_number;
	struct number number; /* also of a number with a unit */
	char unit[16];        /* "cm"; "" without one that is known */
};

/** Reads the column `name`, or if that is NULL the first of "answer",
 *  "solution", "target", "reference", "ground_truth" that the row has.  What
 *  follows "####", or the last box, is the answer. */
int reference_read(struct reference *out, const struct a_row *row,
		   const char *name);
void reference_dispose(struct reference *r);

/** The number at the start of the text, with bytes read in *used; 0 if there
 *  is none. */
int number_read(struct number *out, size_t *used, const char *text);
const char *number_text(char out[64], const struct number *x);
double number_value(const struct number *x);

/** x * times + plus */
struct number number_change(const struct number *x, int64_t times,
			    int64_t plus);

#endif
