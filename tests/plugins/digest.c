/* SPDX-License-Identifier: MIT */
/* The reward is a hash of everything that the row brings: a byte that is lost
 * or mixed up with another row's changes it.  Columns are hashed by name, in
 * the order of their names, and absent cells are left out. */
#include <string.h>
#include "grpo/reward.h"

static uint32_t add(uint32_t h, const void *p, size_t n)
{
	const unsigned char *c = p;

	for (size_t i = 0; i < n; i++)
		h = (h ^ c[i]) * 16777619u;
	return (h ^ 0xff) * 16777619u;
}

static int compare(grpo_str a, grpo_str b)
{
	size_t n = a.len < b.len ? a.len : b.len;
	int order = memcmp(a.ptr, b.ptr, n);

	return order ? order : (a.len > b.len) - (a.len < b.len);
}

/* The least name above `after`, or n_columns. */
static size_t next_column(const grpo_reward_batch *b, const grpo_str *after)
{
	size_t best = b->n_columns;

	for (size_t c = 0; c < b->n_columns; c++) {
		if (after && compare(b->columns[c], *after) <= 0)
			continue;
		if (best == b->n_columns ||
		    compare(b->columns[c], b->columns[best]) < 0)
			best = c;
	}
	return best;
}

static uint32_t digest(const grpo_reward_batch *b, size_t i)
{
	uint32_t h = 2166136261u;
	size_t c = next_column(b, NULL);

	h = add(h, b->prompts[i].ptr, b->prompts[i].len);
	h = add(h, b->completions[i].ptr, b->completions[i].len);
	h = add(h, &b->groups[i], sizeof b->groups[i]);
	h = add(h, &b->finish[i], 1);
	for (; c < b->n_columns; c = next_column(b, &b->columns[c])) {
		grpo_str cell = b->cells[c * b->n + i];

		if (!cell.len)
			continue;
		h = add(h, b->columns[c].ptr, b->columns[c].len);
		h = add(h, cell.ptr, cell.len);
	}
	if (b->tokens[i])
		h = add(h, b->tokens[i],
			(size_t)b->n_tokens[i] * sizeof *b->tokens[i]);
	return h;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	(void)state;
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = digest(b, i);
		status[i] = GRPO_REWARD_SCORED;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "digest",
    .version = "1.0",
    .summary = "a hash of the row",
    .score = score,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
