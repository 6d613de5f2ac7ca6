/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_SPLIT_H
#define GRPO_TEXT_SPLIT_H

#include "text/pretokenize.h"

/* One step.  What becomes of the matches is tokenizers' `behavior`. */
enum grpo__behaviour {
	GRPO__SPLIT_REMOVED,
	GRPO__SPLIT_ISOLATED,
	GRPO__SPLIT_MERGED_WITH_PREVIOUS,
	GRPO__SPLIT_MERGED_WITH_NEXT,
	GRPO__SPLIT_CONTIGUOUS,
	GRPO__PREFIX_SPACE /* no split: a space before a piece without one */
};

struct grpo__step {
	void *code; /* pcre2_code, NULL for GRPO__PREFIX_SPACE */
	int behaviour;
	int invert; /* what lies between the matches is the match */
};

/** Compiles a step; `literal`: the pattern is plain text. */
int grpo__step_compile(struct grpo__step *s, const char *pattern, int literal);
void grpo__step_dispose(struct grpo__step *s);

/** Applies a step to pieces->spans. */
int grpo__step_apply(const struct grpo__step *s, grpo__pieces *pieces);

void grpo__matcher_free(struct grpo__matcher *m);

#endif
