/* SPDX-License-Identifier: MIT */
#ifndef CODE_DECIMAL_H
#define CODE_DECIMAL_H

/*
 * Decimal numbers as programs print them: a sign, digits, a point, an exponent.
 * Compared digit by digit, so that no size or precision is lost.
 */
#include <stdint.h>
#include "../shared/bytes.h"

/** sign * 0.d1d2d3... * 10^exponent, where d1 and the last are not 0; the
 *  digits are those of `text` from `first` to `last`, without the point. */
struct decimal {
	struct code_view text;
	size_t first, last; /* equal where the value is 0 */
	int64_t exponent;
	int negative;
	int is_integer; /* written without point and exponent */
};

/** The whole text must be a number: 0, or -1. */
int decimal_read(struct decimal *d, struct code_view text);
int decimal_same(const struct decimal *a, const struct decimal *b);
/** Whether `got` is off by at most `tolerance`, absolutely or relatively.  Both
 *  must be numbers. */
int decimal_near(struct code_view want, struct code_view got, double tolerance);
/** "nan" in any case and with any sign. */
int decimal_is_nan(struct code_view text);

#endif
