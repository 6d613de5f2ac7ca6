/* SPDX-License-Identifier: MIT */
#ifndef CODE_LANGUAGE_H
#define CODE_LANGUAGE_H

/*
 * The languages a program can be written in.  A new compiled one is a row in
 * language.c and its names in shared/names.c; docs/code-tests.md says how.
 */
#include "../shared/bytes.h"

enum language_kind {
	LANGUAGE_PYTHON, /* forked from a Python that waits */
	LANGUAGE_NATIVE  /* compiled to a static executable */
};

/** Which of the grader's tools compiles. */
enum language_tool { TOOL_NONE, TOOL_CC, TOOL_CXX };

enum { LANGUAGE_MAX_FLAGS = 16 };

struct language {
	const char *name;
	enum language_kind kind;
	enum language_tool tool;
	const char *file;                      /* the source's name */
	const char *flags[LANGUAGE_MAX_FLAGS]; /* NULL-terminated; LANGUAGE_OUT
						  and `file` are appended */
	const char *header;  /* slow to include: precompiled once; or NULL */
	const char *trivial; /* a program that always compiles */
};

#define LANGUAGE_OUT "program" /* the executable's name */

/** By name or alias, in any case; NULL where there is none. */
const struct language *language_named(struct code_view name);

#endif
