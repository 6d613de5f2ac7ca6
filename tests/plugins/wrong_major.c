/* SPDX-License-Identifier: MIT */
/* A plug-in of another major version, which has another symbol. */
#include "grpo/reward.h"

GRPO_PLUGIN_EXPORT const void *grpo_reward_plugin_v2(void);

const void *grpo_reward_plugin_v2(void)
{
	return NULL;
}
