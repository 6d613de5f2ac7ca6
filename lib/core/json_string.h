/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_JSON_STRING_H
#define GRPO_CORE_JSON_STRING_H

/*
 * The bytes of a JSON string, escapes resolved, one after another.  The text
 * between the quotes must have been checked: nothing is checked here.
 */
struct grpo__unescape {
	const char *p, *end;      /* what is left of the text */
	unsigned char pending[4]; /* UTF-8 of the last \u, [i] to [n - 1] */
	int i, n;
};

/* The next byte, or -1 at the end. */
int grpo__unescape_next(struct grpo__unescape *u);

/* Value of four hexadecimal digits, or -1. */
int grpo__hex4(const char *p, const char *end);

#endif
