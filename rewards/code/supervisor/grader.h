/* SPDX-License-Identifier: MIT */
#ifndef CODE_GRADER_H
#define CODE_GRADER_H

/*
 * The parts of grading.  One row, from its request to its response:
 *
 *	tests.h    reads the tests
 *	split.h    turns tests that are Python into a list, where that can be
 *	build.h    compiles the program
 *	trial.h    runs it on one test and compares
 *	checker.h  programs and scripts of the dataset that judge
 *
 * row.h holds what they share.
 */
#include "build.h"
#include "grade.h"
#include "language.h"
#include "store.h"

struct grader {
	struct grader_config config;
	struct store store;
	int tool_works[3]; /* by enum language_tool: it compiled something */
};

#endif
