/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_CHECKPOINT_H
#define GRPO_TRAIN_CHECKPOINT_H

#include "train/run.h"

/** GRPO_EINVAL where output_dir holds a checkpoint. */
int grpo__checkpoint_none(const grpo_trainer *t);
/** The folder of the checkpoint of that step in output_dir, where it is
 *  there; else *out is NULL. */
int grpo__checkpoint_find(char **out, const grpo_trainer *t, int64_t step);
int grpo__checkpoint_remove(const grpo_trainer *t, int64_t step);
/** Takes the weights, and the rest of the learner's state, from a checkpoint.
 */
int grpo__checkpoint_load(grpo_trainer *t, const char *path);
/** Weights, progress and files as they were; `folder` NULL: the newest one of
 *  output_dir. */
int grpo__checkpoint_resume(grpo_trainer *t, const char *folder);

#endif
