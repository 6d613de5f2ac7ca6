/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_EXTRACT_H
#define GRPO_MATH_EXTRACT_H

/*
 * Finds the answer in a completion.
 *
 *	struct found found[EXTRACT_MAX_FOUND];
 *	int n = extract_answers(&options, completion, is_cut, found);
 *
 *	for (int i = 0; i < n; i++)
 *		if (it can be read, or found[i].is_final)
 *			break;
 *
 * All that is found are slices of the text.  Time is linear in the text;
 * nothing is allocated.
 */
#include "grpo/reward.h"

enum extract_source {
	EXTRACT_ANSWER_TAG,   /* <answer>…</answer> */
	EXTRACT_BOXED,        /* \boxed{…}, \fbox{…} */
	EXTRACT_HASH,         /* #### … (GSM8K) */
	EXTRACT_FINAL_ANSWER, /* the final answer is … */
	EXTRACT_ANSWER,       /* the answer is …, Answer: … */
	EXTRACT_WHOLE,        /* all of a text that says nothing else */
	EXTRACT_MATH,         /* the last $…$, \(…\), \[…\], $$…$$ */
	EXTRACT_NUMBER,       /* the last number, or formula of numbers */
	EXTRACT_N_SOURCES
};

/** "answer_tag", "boxed", … with NULL at the end. */
extern const char *const extract_names[EXTRACT_N_SOURCES + 1];

#define EXTRACT_NAME_SIZE 33 /* of a tag's name, with its NUL */

struct extract_options {
	char think[EXTRACT_NAME_SIZE];  /* a tag's name; empty: no thoughts */
	char answer[EXTRACT_NAME_SIZE]; /* the same; empty: no such block */
	/* rank[s]: 0 where source s is off.  Rank 1 is looked for first; of
	 * the sources of one rank, what ends last in the text. */
	uint8_t rank[EXTRACT_N_SOURCES];
	/* Only what is closed and holds nothing beside the answer. */
	int strict;
};

void extract_defaults(struct extract_options *o);

/** "strict": only the tag and the box, unless the ranks say otherwise. */
void extract_strict_ranks(struct extract_options *o);

#define FOUND_MAX_PARTS 32
#define FOUND_AFTER_BYTES 48
#define EXTRACT_MAX_FOUND 16

struct found {
	enum extract_source source;
	/* If this one cannot be read, the answer counts as unreadable; for the
	 * others the next is tried. */
	int is_final;
	/* Several parts are several answers: \boxed{1} and \boxed{2}. */
	int n_parts;
	grpo_str part[FOUND_MAX_PARTS];
	/* The text after the part on its line, after $ and \), at most
	 * FOUND_AFTER_BYTES: "percent", "^\circ", " cm". */
	grpo_str after[FOUND_MAX_PARTS];
	const char *end; /* of the last part, in the text */
};

/**
 * is_cut  in  the completion was cut at its end: what is not closed there
 *             may lack its last digits, and is no answer
 * out     out [EXTRACT_MAX_FOUND] in the order in which they are to be tried
 *
 * Returns how many; 0: there is no answer.
 */
int extract_answers(const struct extract_options *o, grpo_str completion,
		    int is_cut, struct found *out);

/** The same for a reference: what follows "####", else boxes, else all of it,
 * else what a text with a solution ends in. */
int extract_gold(grpo_str text, struct found *out);

#endif
