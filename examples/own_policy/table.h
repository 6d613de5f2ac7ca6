/* SPDX-License-Identifier: MIT */
#ifndef OWN_POLICY_TABLE_H
#define OWN_POLICY_TABLE_H

#include <stdint.h>
#include "grpo/policy.h"
#include "grpo/tokenizer.h"

/*
 * The smallest possible policy: for each prompt a row of ten logits, one per
 * digit.  A completion is "<answer>7</answer>" with a digit drawn from them;
 * the text around the digit has probability 1 and nothing to learn.
 */
enum { DIGITS = 10, PROMPTS = 4096, ANSWER_TOKENS = 16 };

struct answer {
	int32_t tokens[ANSWER_TOKENS]; /* [n], the stop token last */
	int64_t n;
};

struct table {
	double w[PROMPTS][DIGITS];    /* logits */
	double grad[PROMPTS][DIGITS]; /* of the loss, accumulated */
	struct answer answers[DIGITS];
	int32_t digit[DIGITS];   /* the token of each */
	const grpo_batch *batch; /* kept by forward for backward */
};

/** All digits are equally likely at first. */
int table_init(struct table *t, const grpo_tokenizer *tokenizer);

/** Both halves over the one table, which must outlive them. */
grpo_sampler table_sampler(struct table *t);
grpo_learner table_learner(struct table *t);

#endif
