/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_OPTIMIZER_H
#define GRPO_TORCH_OPTIMIZER_H

#include "torch/model.h"

/*
 * AdamW over a model's flat tensor, with fp32 moments and, where the weights
 * are bf16, an fp32 master copy of them.
 */
typedef struct grpo__optimizer grpo__optimizer;

int grpo__optimizer_create(grpo__optimizer **out, const grpo_model *m,
			   const grpo_torch_learner_options *o);
void grpo__optimizer_free(grpo__optimizer *o);

/**
 * One step with gradient grad * grad_scale; writes m->flat.  A step whose
 * weights or moments would not be finite is GRPO_ENUMERIC, and nothing is
 * written.
 */
int grpo__optimizer_step(grpo__optimizer *o, grpo_model *m,
			 const grpo__tensor *grad, double learning_rate,
			 double grad_scale);

int64_t grpo__optimizer_steps(const grpo__optimizer *o);
void grpo__optimizer_set_steps(grpo__optimizer *o, int64_t steps);

/** Its tensors with their names for a checkpoint; returns how many (<= 3). */
size_t grpo__optimizer_state(grpo__optimizer *o, const char **names,
			     grpo__tensor **tensors);

#endif
