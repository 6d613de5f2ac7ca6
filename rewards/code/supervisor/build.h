/* SPDX-License-Identifier: MIT */
#ifndef CODE_BUILD_H
#define CODE_BUILD_H

/*
 * Compiles programs in a jail of their own.  What was compiled lies in the
 * store, so the same program is compiled once.
 */
#include "../shared/wire.h"
#include "language.h"

struct grader;

struct build {
	int exe; /* descriptor of the executable, or -1; close it */
	/* CODE_PASSED, CODE_COMPILE_ERROR, or CODE_FAILED: the compiler is
	 * missing or broken, or the jail failed */
	enum code_verdict verdict;
	struct code_bytes said; /* diagnostics, or why it failed */
};

void build_program(struct build *b, struct grader *g, const struct language *l,
		   struct code_view source, int64_t compile_ms);

/** The compiler of a language, or NULL. */
const char *build_tool(const struct grader *g, const struct language *l);

#endif
