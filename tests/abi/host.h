/* SPDX-License-Identifier: MIT */
/*
 * A host of any version of the ABI, as small as one can be: include a version
 * of reward.h, then this.  It keeps to R1: the table is copied up to the
 * smaller size, and what it lacks is zero.
 */
#include <string.h>

/* Two rows with the plug-in of this entry point; the two rewards. */
GRPO_PLUGIN_EXPORT int abi_score_two(const void *table, double *rewards);

static void abi_log(void *ctx, int level, const char *text)
{
	(void)ctx, (void)level, (void)text;
}

#if GRPO_REWARD_ABI_MINOR >= 2
static double abi_base(void *ctx)
{
	(void)ctx;
	return 1;
}
#endif

static void abi_explain(void *ctx, size_t i, const char *name, grpo_str text)
{
	(void)ctx, (void)i, (void)name, (void)text;
}

#if GRPO_REWARD_ABI_MINOR >= 1
static void abi_measure(void *ctx, size_t i, const char *name, double value)
{
	(void)ctx, (void)i, (void)name, (void)value;
}
#endif

static grpo_reward_batch abi_batch(void)
{
	static const grpo_str text[2] = {{"a", 1}, {"b", 1}};
	static const uint32_t groups[2];
	static const uint8_t finish[2];
	static const int32_t *const tokens[2];
	static const int64_t n_tokens[2];
#if GRPO_REWARD_ABI_MINOR >= 2
	static const double hardness[2] = {1, 1};
#endif
	grpo_reward_batch b = {
		.struct_size = sizeof b,
		.n = 2,
		.prompts = text,
		.completions = text,
		.groups = groups,
		.finish = finish,
		.tokens = tokens,
		.n_tokens = n_tokens,
		.explain = abi_explain,
#if GRPO_REWARD_ABI_MINOR >= 1
		.measure = abi_measure,
#endif
#if GRPO_REWARD_ABI_MINOR >= 2
		.hardness = hardness,
#endif
	};

	return b;
}

static int abi_score_with(const grpo_reward_plugin *p, void *state,
			  double *rewards)
{
	grpo_reward_batch b = abi_batch();
	uint8_t status[2];
	int rc = 0;

#if GRPO_REWARD_ABI_MINOR >= 2
	if (p->step)
		rc = p->step(state);
#endif
	return rc ? rc : p->score(state, &b, rewards, status);
}

int abi_score_two(const void *table, double *rewards)
{
	const grpo_reward_plugin *theirs = table;
	size_t size = theirs->struct_size;
	grpo_reward_plugin p = {0};
	grpo_reward_host host = {
		.struct_size = sizeof host,
		.log = abi_log,
#if GRPO_REWARD_ABI_MINOR >= 2
		.base = abi_base
#endif
	};
	void *state = NULL;
	int rc;

	memcpy(&p, theirs, size < sizeof p ? size : sizeof p);
	rc = p.open(&state, &host, (grpo_str){"{}", 2});
	return rc ? rc : abi_score_with(&p, state, rewards);
}
