/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_LAB_H
#define R1_ZERO_LAB_H

#include "files.h"
#include "grpo/grpo.h"
#include "grpo/torch.h"
#include "recipe.h"

/** Everything that a trainer is made of. */
struct lab {
	const struct recipe *recipe;
	grpo_dataset *dataset, *held_out;
	grpo_tokenizer *tokenizer;
	grpo_template *prompt_template;
	grpo_reward_set *rewards;
	int32_t format, accuracy; /* which reward; -1: none */
	grpo_model *model;
	grpo_sampler sampler;
	grpo_learner learner;
	grpo_trainer *trainer;
};

/** Datasets, template and rewards: what needs no model.  Generated problems
 *  go into `folder`. */
int lab_open(struct lab *l, const struct recipe *r, const char *folder);

/** The tokenizer of a model's folder. */
int lab_open_tokenizer(struct lab *l, const char *folder);

/** Model, sampler and learner of a folder; `random` for weights drawn with
 *  the run's seed instead of those in it. */
int lab_open_model(struct lab *l, const char *folder, int random,
		   const grpo_torch_learner_options *learning);

/** The model as a Hugging Face folder, with the template of its prompts:
 *  grpo_template.json for us, chat_template.jinja for others. */
int lab_save_model(const struct lab *l, const char *folder);

/** A trainer over all of it.  From here on a signal stops it. */
int lab_open_trainer(struct lab *l, const grpo_trainer_config *c,
		     const char *identity,
		     const grpo_trainer_callbacks *callbacks);

/** Frees trainer, learner, sampler and model; the rest stays. */
void lab_close_model(struct lab *l);
void lab_close(struct lab *l);

#endif
