/* SPDX-License-Identifier: MIT */
/* Ends the process before anyone could ask it for its table. */
#include <stdlib.h>
#include "grpo/reward.h"

__attribute__((constructor)) static void crash(void)
{
	abort();
}

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return NULL;
}
