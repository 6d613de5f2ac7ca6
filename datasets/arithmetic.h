/* SPDX-License-Identifier: MIT */
#ifndef DATASETS_ARITHMETIC_H
#define DATASETS_ARITHMETIC_H

#include <stddef.h>
#include <stdint.h>

/*
 * Additions, and text of many styles around them: what the small R1-Zero
 * example learns from.
 *
 *	arithmetic_options o;
 *	arithmetic_options_init(&o);
 *	char text[ARITHMETIC_MAX_TEXT];
 *	arithmetic_document(text, sizeof text, &o, seed, 0);
 *	char question[128], answer[32];
 *	arithmetic_problem(question, answer, &o, seed, 0, 1);
 *
 * Every function is pure: the same options, seed and index give the same
 * bytes on every machine.  Nothing is allocated and nothing is shared, so
 * any thread may call any of them.
 *
 * The split is made by the numbers and not by the seed: a pair {a, b} is held
 * out when a hash of it says so (a tenth of all pairs, in either order).  Base
 * documents and training problems never contain such a pair; held-out problems
 * contain only such pairs.
 *
 * What a base document never contains: the words of an R1-Zero prompt, or
 * "Assistant: <think>".  Thoughts in <think> tags that end in
 * "<answer> n </answer>" occur on additions, but only under other prompts,
 * and rarely: thought_answer of 1000 notes (datasets/README.md says what
 * share of all documents that makes).  It sets how often an untrained
 * model hits the rewarded format.
 */

/* No document of any options is longer than this, NUL included. */
#define ARITHMETIC_MAX_TEXT 1024

typedef struct arithmetic_options {
	int32_t digits; /* of both operands of a problem, 2 to 6 */

	/* Kinds of base document, of 1000; notes on sums have the rest. */
	int32_t chat;   /* small talk and plain sentences */
	int32_t puzzle; /* a note on a task that is not a sum */
	int32_t record; /* tagged records, no thought */
	int32_t terse;  /* a sum and its answer alone */
	int32_t worked; /* a sum worked column by column, no tags */

	int32_t smaller;  /* of 1000 base sums: with fewer digits */
	int32_t preamble; /* of 1000 documents: sentences before */

	/* Notes: "<think> thought </think> ending", each of 1000. */
	int32_t note_terse;     /* the thought is the bare answer */
	int32_t note_check;     /* a guess, "but wait", then the columns */
	int32_t thought_answer; /* ending "<answer> n </answer>", on sums */
	int32_t puzzle_answer;  /* the same on puzzles */
} arithmetic_options;

void arithmetic_options_init(arithmetic_options *o);

/** What is wrong with the options, in one sentence; NULL if nothing is. */
const char *arithmetic_options_fault(const arithmetic_options *o);

/**
 * Text of base document `index` of stream `seed`, NUL-terminated where
 * cap > 0.  Returns its length, which may be cap or more: then the text
 * was cut, as snprintf() does.
 */
size_t arithmetic_document(char *out, size_t cap, const arithmetic_options *o,
			   uint64_t seed, uint64_t index);

/**
 * Problem `index` of stream `seed`: "What is 347 + 585?" and "932".
 * held_out 0 draws from the training pairs, 1 from the others.
 */
void arithmetic_problem(char question[128], char answer[32],
			const arithmetic_options *o, uint64_t seed,
			uint64_t index, int held_out);

/** Whether the pair is kept out of training; the order does not matter. */
int arithmetic_held_out(int64_t a, int64_t b);

#endif
