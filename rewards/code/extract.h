/* SPDX-License-Identifier: MIT */
#ifndef CODE_EXTRACT_H
#define CODE_EXTRACT_H

/*
 * The program in a completion: the last block between fences of Markdown that
 * is tagged with the language or not tagged at all, behind the thought.
 *
 *	<think> … </think>
 *	Here is the program:
 *	```python
 *	print(1)
 *	```
 */
#include "grpo/reward.h"
#include "shared/bytes.h"

enum extract_result {
	EXTRACT_FOUND,
	EXTRACT_NO_BLOCK,   /* no fence, or none of this language */
	EXTRACT_NOT_CLOSED, /* the last fence stays open: cut off */
	EXTRACT_THINKING,   /* the thought is not closed */
	EXTRACT_NO_MEMORY
};

/** A line for people on why there is no program. */
const char *extract_why(enum extract_result r);

/**
 * Appends the program to `out`: with the fence's own indentation taken off each
 * line, and "\n" for "\r\n".
 *
 * language  in  enum code_language
 */
enum extract_result extract_program(struct code_bytes *out, grpo_str completion,
				    int language);

#endif
