/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_CONTENTS_H
#define GRPO_TRAIN_CONTENTS_H

#include <cjson/cJSON.h>
#include "train/run.h"

/**
 * What a run trains on, by contents and not by names: the rows in their order,
 * the template, the tokenizer, and each reward with its weight, parameters and
 * file.  A member for each part that the trainer has; free with cJSON_Delete.
 */
int grpo__contents_json(cJSON **out, const grpo_trainer *t);

#endif
