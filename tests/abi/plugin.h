/* SPDX-License-Identifier: MIT */
/*
 * One plug-in for any version of the ABI: include a version of reward.h, then
 * this.  The reward says what it saw of its host:
 *
 *	1	always
 *	2	the batch had somebody to explain to
 *	4	the batch had the field that came with 1.2
 *	8	the host had the function that came with 1.2
 *	32	the batch had somebody to measure for, which came with 1.1
 *
 * A table of 1.2 has a function `step`; whether it was called is seen in the
 * next reward:
 *
 *	16	the host called step
 */
static const grpo_reward_host *abi_host;
static int abi_steps;

static int abi_open(void **state, const grpo_reward_host *host, grpo_str params)
{
	(void)params;
	*state = &abi_host;
	abi_host = host;
	return 0;
}

static double abi_new_in_batch(const grpo_reward_batch *b, size_t i)
{
#if GRPO_REWARD_ABI_MINOR >= 2
	if (GRPO_HAS(b, grpo_reward_batch, hardness) && b->hardness)
		return b->hardness[i];
#endif
	(void)b, (void)i;
	return 0;
}

static double abi_measures(const grpo_reward_batch *b)
{
#if GRPO_REWARD_ABI_MINOR >= 1
	if (GRPO_HAS(b, grpo_reward_batch, measure) && b->measure)
		return 1;
#endif
	(void)b;
	return 0;
}

static double abi_new_in_host(void)
{
#if GRPO_REWARD_ABI_MINOR >= 2
	if (GRPO_HAS(abi_host, grpo_reward_host, base))
		return abi_host->base(abi_host->ctx);
#endif
	return 0;
}

static int abi_score(void *state, const grpo_reward_batch *b, double *rewards,
		     uint8_t *status)
{
	size_t i;

	if (state != &abi_host)
		return -1;
	for (i = 0; i < b->n; i++) {
		rewards[i] = 1 + 2 * (b->explain != NULL) +
			     4 * abi_new_in_batch(b, i) +
			     8 * abi_new_in_host() + 16 * (abi_steps > 0) +
			     32 * abi_measures(b);
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

#if GRPO_REWARD_ABI_MINOR >= 2
static int abi_step(void *state)
{
	(void)state;
	abi_steps++;
	return 0;
}
#endif

static const grpo_reward_plugin abi_plugin = {
    .struct_size = sizeof abi_plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "abi",
    .version = "1.0",
    .summary = "what it saw of its host",
    .open = abi_open,
    .score = abi_score,
#if GRPO_REWARD_ABI_MINOR >= 2
    .step = abi_step,
#endif
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &abi_plugin;
}
