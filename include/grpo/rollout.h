/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ROLLOUT_H
#define GRPO_ROLLOUT_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "grpo/trainer.h"

/*
 * Rollouts that the trainer did not sample: completions from a file, from a
 * server, or from an agent that uses tools.  A trainer's step is "generate,
 * then update"; here the caller generates, and grpo_trainer_update does the
 * rest: advantages, micro-batches, optimizer steps, metrics, checkpoints.
 *
 *	grpo_rollout rollouts[8] = {0};
 *
 *	for (each completion i of a few prompts) {
 *		rollouts[i].struct_size = sizeof *rollouts;
 *		rollouts[i].prompt = ids;       rollouts[i].n_prompt = n_ids;
 *		rollouts[i].tokens = answer;    rollouts[i].n_tokens = n;
 *		rollouts[i].logp = logp;        // as it was sampled
 *		rollouts[i].group = prompt_number;
 *		rollouts[i].reward = reward;
 *	}
 *	grpo_trainer_update(trainer, rollouts, 8);
 *
 * A trainer that only does this needs a learner and max_steps, and none of the
 * other parts:
 *
 *	grpo_trainer_parts_init(&parts);
 *	parts.learner = &learner;
 *	grpo_trainer_create(&trainer, &config, &parts, NULL);
 *
 * examples/own_rollouts trains so from the rollouts.jsonl that a run writes
 * with "save_rollouts".
 */

/** One completion and what it earned; borrowed for the call. */
typedef struct grpo_rollout {
	size_t struct_size;    /* sizeof(grpo_rollout) */
	const int32_t *prompt; /* [n_prompt] token ids, n_prompt >= 1 */
	int64_t n_prompt;
	const int32_t *tokens; /* [n_tokens] what followed, the stop token
				  included */
	int64_t n_tokens;
	/* [n_tokens] log-probability of each under the distribution that it
	 * was drawn from; NaN where it is not known.  NULL: none is.  Needed
	 * for importance_sampling_correction and for the metrics of sampling/,
	 * looked at by nothing else. */
	const float *logp;
	/* [n_tokens] 0 where the token is not the policy's own, such as the
	 * output of a tool: it is context, and in no loss.  NULL: all are. */
	const uint8_t *mask;
	/* Completions that are compared with each other; those of a group
	 * follow each other in the list. */
	int64_t group;
	/* Optimizer steps that the policy had made when it sampled this. */
	int64_t version;
	int32_t finish; /* enum grpo_finish; for mask_truncated_completions */
	/* Total reward; NaN: there is none, and the row has no advantage. */
	double reward;
	/* [n_tokens] the caller's own advantages, finite; NULL: they are made
	 * of the group's rewards, as the settings say. */
	const float *advantage;
	/* [n_tokens] what each token is there for, enum grpo_component
	 * (grpo/objective.h); NULL: all are the policy's.  Text to imitate is
	 * a rollout of GRPO_COMPONENT_CROSS_ENTROPY, with a group of its own
	 * and a reward of NaN. */
	const uint8_t *component;
	/* [n_tokens] finite; multiplies the token's loss; NULL: 1 */
	const float *weight;
} grpo_rollout;

GRPO_BEGIN_DECLS

/**
 * One batch of the caller's: num_iterations optimizer steps, metrics, and
 * checkpoint and evaluation where they are due.  It takes no row of the
 * dataset.  The learner scores the tokens anew; with one update a batch its own
 * log-probabilities are those before the update, so that the ratio is 1.
 *
 * rollouts  in  [n] n >= 1; rows of a group follow each other
 *
 * Returns 0; GRPO_EINVAL (the message names the rollout and the field);
 * GRPO_ENUMERIC for an advantage or log-probability that is infinite; and what
 * grpo_trainer_step returns.
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_update(grpo_trainer *t, const grpo_rollout *rollouts,
				 int64_t n);

GRPO_END_DECLS

#endif
