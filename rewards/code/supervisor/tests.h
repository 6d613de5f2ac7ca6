/* SPDX-License-Identifier: MIT */
#ifndef CODE_TESTS_H
#define CODE_TESTS_H

/*
 * The tests of a row, whatever dataset they come from, as one list.  The format
 * is named by the request or found by its keys:
 *
 *	apps           {"inputs": [...], "outputs": [...], "fn_name"?}; TACO's
 *too livecodebench  {"public_test_cases"?, "private_test_cases"?, "metadata"?},
 *	               or a list of {"input", "output", "testtype"}
 *	humaneval      {"test", "entry_point", "prompt"?}, or the text of "test"
 *	mbpp           {"test_list", "test_setup_code"?}, or a list of asserts
 *	codeforces     {"official_tests", "time_limit"?, "memory_limit"?,
 *	               "checker"?}, or a list of {"input", "output"}
 *	own            {"tests": [{"input", "output"} or {"call", "args",
 *	               "result"}], "compare"?, "tolerance"?, "checker"?,
 *	               "language"?, "time_limit"?, "memory_limit"?}
 *
 * docs/code-tests.md describes each.  Tests of humaneval and mbpp are Python:
 * they stay a script here, which split.h turns into a list.
 */
#include "../shared/wire.h"
#include "compare.h"
#include "value.h"

enum { TESTS_MAX_BYTES = 64 << 20, TESTS_MAX = 4096, TESTS_WHY = 256 };

enum test_expect {
	EXPECT_OUTPUT, /* of a program that reads input */
	/* of a call */
	EXPECT_EQUAL,
	EXPECT_TRUE,
	EXPECT_FALSE,
	EXPECT_ONE_OF
};

struct test {
	enum test_expect expect;
	struct code_view input;     /* stdin of EXPECT_OUTPUT */
	struct code_view output;    /* EXPECT_OUTPUT */
	struct code_view call;      /* for the harness; may hold its prelude */
	const struct value *result; /* EXPECT_EQUAL; a list for EXPECT_ONE_OF */
	const struct value *other;  /* as good as `result`, or NULL */
	double near;                /* more than 0: a tolerance of its own */
};

struct tests {
	const char *format;
	struct test *list; /* [n], in the arena */
	size_t n;
	struct compare_rules compare;
	struct value_rules values;
	struct code_view checker;     /* Python, or empty; checker.h */
	struct code_view language;    /* of every program, or empty */
	int64_t cpu_ms, memory_bytes; /* of the row, or 0 */
	/* Python that calls the program; `list` is empty until it is split. */
	struct code_view script, setup;
	struct code_view entry,
	    prompt; /* the request's or the row's, or empty */
	struct arena arena;
	char why[TESTS_WHY]; /* one line on what is wrong */
};

/** Returns 0, or -1 with `why`.  Free the tests in both cases; their views
 *  point into the request. */
int tests_read(struct tests *t, const struct code_request *r);
void tests_free(struct tests *t);

#endif
