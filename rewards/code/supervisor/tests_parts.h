/* SPDX-License-Identifier: MIT */
#ifndef CODE_TESTS_PARTS_H
#define CODE_TESTS_PARTS_H

/*
 * What the readers of the formats share.  Each returns 0, or -1 with t->why.
 */
#include "tests.h"

/* The readers.  `v` is the whole row's JSON. */
int tests_read_apps(struct tests *t, const struct value *v);
int tests_read_livecodebench(struct tests *t, const struct value *v);
int tests_read_humaneval(struct tests *t, const struct value *v);
int tests_read_mbpp(struct tests *t, const struct value *v);
int tests_read_codeforces(struct tests *t, const struct value *v);
int tests_read_own(struct tests *t, const struct value *v);

/** Sets t->why; always -1. */
int tests_fault(struct tests *t, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/** Room for n more tests; the first of them, or NULL. */
struct test *tests_room(struct tests *t, size_t n);

/** A text, or the lines of a list joined, or a number's literal.  `what` is for
 *  the message, `at` the number of the test. */
int tests_text(struct tests *t, struct code_view *out, const struct value *v,
	       const char *what, size_t at);

/** A test of input and output. */
int tests_stdin(struct tests *t, struct test *test, const struct value *input,
		const struct value *output, size_t at);

/** What the harness is to call: the name (an empty one: run the program) with
 *  arguments [n], and whether it gives the program LiveCodeBench's imports. */
struct tests_call {
	struct code_view name;
	const struct value *args;
	size_t n;
	int prelude;
};
int tests_put_call(struct tests *t, struct test *test,
		   const struct tests_call *call);

/** Arguments as lines of JSON, into a list. */
int tests_lines(struct tests *t, struct value *list, struct code_view text,
		size_t at);

/** "time_limit" in seconds, "memory_limit" in megabytes, "checker". */
int tests_limits(struct tests *t, const struct value *v);
int tests_checker(struct tests *t, const struct value *checker);

/** JSON in a text, as some datasets keep it in a cell; else `v` itself. */
const struct value *tests_unwrap(struct tests *t, const struct value *v);

#endif
