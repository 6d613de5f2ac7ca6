/* SPDX-License-Identifier: MIT */
/* PER_GROUP: the completion's length less the mean of its group.  Fails where
 * it is given anything but one whole group, whose size is in the column
 * "size" ("3"), in ascending order of the column "row". */
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

static long number(grpo_str s)
{
	char digits[16] = "";

	memcpy(digits, s.ptr, s.len < 15 ? s.len : 15);
	return strtol(digits, NULL, 10);
}

static grpo_str cell(const grpo_reward_batch *b, const char *name, size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == strlen(name) &&
		    memcmp(b->columns[c].ptr, name, strlen(name)) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){"-1", 2};
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	double mean = 0;

	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		if (b->groups[i] != b->groups[0] ||
		    number(cell(b, "size", i)) != (long)b->n ||
		    (i > 0 && number(cell(b, "row", i)) <=
				  number(cell(b, "row", i - 1))))
			return -2;
		mean += (double)b->completions[i].len / (double)b->n;
	}
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = (double)b->completions[i].len - mean;
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE | GRPO_REWARD_PER_GROUP,
    .name = "per_group",
    .version = "1.0",
    .summary = "length relative to the group's mean",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
