/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_DATA_H
#define R1_ZERO_DATA_H

#include "grpo/dataset.h"
#include "recipe.h"

/**
 * What is trained on and what is held out: the recipe's files, or problems
 * that are generated into `folder` where it names none.  Prompts that both
 * have are reported as the recipe says.
 */
int data_open(grpo_dataset **train, grpo_dataset **held_out,
	      const struct recipe *r, const char *folder);

#endif
