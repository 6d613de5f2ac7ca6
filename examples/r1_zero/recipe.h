/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_RECIPE_H
#define R1_ZERO_RECIPE_H

#include <stdint.h>
#include "grpo/config.h"
#include "grpo/trainer_config.h"

/*
 * All settings of a run.  Keys of a recipe are the fields' names; those of
 * the trainer stand beside them, under TRL's names (grpo/trainer_config.h).
 */
struct base_settings {
	const char *folder;   /* config.json and the tokenizer's files */
	int64_t steps;        /* most at the full rate; 0: no base */
	int64_t decay_steps;  /* after them, down to min_lr_ratio */
	double embedding_std; /* of its initial token embeddings */
	int64_t docs_per_step;
	int64_t window; /* batches that are sorted by length together */
	double learning_rate;
	int64_t warmup_steps;
	double min_lr_ratio;
	double weight_decay;
	double adam_beta1, adam_beta2, adam_epsilon;
	double max_grad_norm;
	int64_t probe_steps;   /* steps between two looks at it */
	int64_t probe_prompts; /* problems in such a look */
	double stop_skill;     /* a probe this good begins the decay */
	double need_skill;     /* a base worse than this is no base */
};

struct problem_settings {
	int32_t problems; /* enum problems */
	int64_t digits;
	int64_t train;
	int64_t held_out;
};
enum problems { SUMS, COUNTDOWN };

/** A prompt stands in dataset and in held_out. */
enum overlap { OVERLAP_WARN, OVERLAP_ERROR, OVERLAP_IGNORE };

struct recipe {
	const char *model;
	const char *dtype, *device;
	int64_t n_threads;
	int64_t max_rows;
	double weight_decay;
	double adam_beta1, adam_beta2, adam_epsilon;

	const char *dataset, *held_out, *column_map;
	int32_t overlap; /* enum overlap */
	const char *template, *system;
	const char *rewards;
	const char *format_reward, *accuracy_reward;
	int64_t reward_threads;

	double stop_accuracy;
	int64_t pass_k;
	const char *no_thought;
	const char *counted_word;
	int64_t show_steps;

	struct base_settings base;
	struct problem_settings generate;
	grpo_trainer_config trainer;
	grpo_config *config; /* owns the strings */
	const char *path;    /* of the file that it came from, or NULL */
};

/** The table of all keys, with defaults in r. */
int recipe_open(struct recipe *r);
void recipe_dispose(struct recipe *r);

/** Whether the settings make sense together; the line is in fault(). */
int recipe_check(const struct recipe *r);

/** The settings of the base as text, for a hash; the caller frees it. */
int recipe_base_text(const struct recipe *r, char **text);

/**
 * What the numbers of a run depend on besides what its trainer holds itself:
 * the settings that may not change, and the configuration of the model in this
 * folder (its weights are in each checkpoint).  No paths.  A JSON object; the
 * caller frees it.
 */
int recipe_identity(const struct recipe *r, const char *model, char **text);

#endif
