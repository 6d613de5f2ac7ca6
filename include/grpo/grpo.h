/* SPDX-License-Identifier: MIT */
#ifndef GRPO_GRPO_H
#define GRPO_GRPO_H

/*
 * libgrpo: Group Relative Policy Optimization in C.  This header includes
 * all of libgrpo; the policy backend over libtorch is grpo/torch.h.
 *
 *	advantages and loss on your own arrays   advantage.h, objective.h
 *	rewards, yours and ours                  reward.h, reward_set.h
 *	tokens and prompts                       tokenizer.h, template.h
 *	data, settings                           dataset.h, config.h
 *	samplers and learners                    policy.h
 *	the training loop                        trainer.h, trainer_config.h
 *	following a run                          callbacks.h
 *	rollouts of your own                     rollout.h
 *	several ranks                            comm.h
 *	evaluating, saving and resuming          evaluation.h, checkpoint.h
 *
 * These rules hold everywhere:
 *
 *  - Functions that can fail return an int, 0 or a negative code of error.h,
 *    and leave a line of text in grpo_error_message().  Output parameters come
 *    first and are untouched on failure, except that a pointer to a new object
 *    is set to NULL.
 *  - Free what you create: grpo_noun_create goes with grpo_noun_free.  Freeing
 *    NULL does nothing.  A const pointer that you get is borrowed until the
 *    next call that changes the object it came from.  Inputs are copied unless
 *    the header says that they are kept or borrowed.
 *  - If the first field of a struct is struct_size, fill the struct with its
 *    …_init.  New fields are only added at the end, so programs built against
 *    an older header keep working.
 *  - Text is UTF-8.  Token ids are int32_t, counts of tokens and rows are
 *    int64_t, rewards and metrics are double.
 *  - The library never exits, aborts or prints.  To see its messages, use
 *    log.h.
 */
#include "grpo/advantage.h"
#include "grpo/callbacks.h"
#include "grpo/checkpoint.h"
#include "grpo/comm.h"
#include "grpo/config.h"
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "grpo/evaluation.h"
#include "grpo/export.h"
#include "grpo/kl.h"
#include "grpo/log.h"
#include "grpo/objective.h"
#include "grpo/policy.h"
#include "grpo/reward.h"
#include "grpo/reward_set.h"
#include "grpo/rollout.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"
#include "grpo/trainer.h"
#include "grpo/trainer_config.h"
#include "grpo/version.h"

#endif
