/* SPDX-License-Identifier: MIT */
#ifndef CODE_COMPARE_H
#define CODE_COMPARE_H

/*
 * What a program wrote against what was expected.  Both are bytes of any kind:
 * NULs and invalid UTF-8 are bytes like others.  Nothing is lower-cased, and
 * nothing is forgiven in number or order.
 */
#include "../shared/bytes.h"

enum compare_mode {
	/* Words between blanks (space, tab, newline, CR, VT, FF): as many, in
	 * the same order, each equal.  An expected number that is no integer,
	 * as 3.50 or 1e-3, equals a number of the same value, 3.5. */
	COMPARE_TOKENS,
	/* Every byte. */
	COMPARE_EXACT,
	/* Line by line, without blanks at the ends of lines and without empty
	 * lines at the end. */
	COMPARE_LINES
};

struct compare_rules {
	enum compare_mode mode;
	/* More than 0: how far a number may be off, absolutely or relatively,
	 * where the expected one is no integer.  Not with COMPARE_EXACT. */
	double tolerance;
};

/** "tokens", "exact", "lines": 0 and the mode, or -1. */
int compare_mode_named(enum compare_mode *mode, struct code_view name);

int compare_output(struct code_view expected, struct code_view got,
		   const struct compare_rules *rules);

#endif
