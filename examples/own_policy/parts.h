/* SPDX-License-Identifier: MIT */
#ifndef OWN_POLICY_PARTS_H
#define OWN_POLICY_PARTS_H

#include "grpo/grpo.h"
#include "table.h"

/*
 * What a trainer of the table needs besides the table, and a run of it.
 * ../own_loss is linked with these files too.
 */
struct parts {
	struct table table;
	grpo_sampler sampler;
	grpo_learner learner;
	grpo_dataset *dataset;
	grpo_tokenizer *tokenizer;
	grpo_template *prompt_template;
	grpo_reward_set *rewards;
};

/** Settings with which the table learns 25 sums in 100 steps. */
int parts_settings(grpo_trainer_config *config);

/** Measures, trains and measures again, with what is printed in between. */
int parts_train(struct parts *p, const grpo_trainer_config *config);

/** A program: [TOKENIZER_FOLDER [DATASET.jsonl]] or --help; `train` gets the
 *  open parts.  Returns the exit status. */
int parts_main(int argc, char **argv, const char *usage,
	       int (*train)(struct parts *p));

#endif
