/* SPDX-License-Identifier: MIT */
#ifndef CODE_PROGRAM_H
#define CODE_PROGRAM_H

/*
 * A HumanEval-like program continues its prompt: it is the body of the function
 * that the prompt begins, or defines that function anew.
 */
#include "../shared/bytes.h"

/**
 * Appends the program as it runs.  Where the source defines `entry` itself only
 * what stands before the function is taken from the prompt (imports, helpers).
 * Returns 0, or -1 where memory is out.
 */
int program_with_prompt(struct code_bytes *out, struct code_view source,
			struct code_view prompt, struct code_view entry);

#endif
