/* SPDX-License-Identifier: MIT */
/* A good plug-in: 1 where the completion holds the parameter "text", else 0.
 * A row whose column "skip" is there does not apply.
 *
 * With the environment variable CONTAINS_INTERRUPT=FILE it sends SIGINT, or
 * the signal of the number CONTAINS_SIGNAL, to its process once FILE, such as
 * the metrics.jsonl of a run, has two lines. */
#include "grpo/reward.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int open_text(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	const char *colon = memchr(params.ptr, ':', params.len);
	const char *end = params.ptr + params.len, *first, *last;
	char *text;

	(void)host;
	first = colon ? memchr(colon, '"', (size_t)(end - colon)) : NULL;
	last = first ? memchr(first + 1, '"', (size_t)(end - first - 1)) : NULL;
	if (!last)
		return -1;
	text = calloc(1, (size_t)(last - first));
	if (!text)
		return -1;
	memcpy(text, first + 1, (size_t)(last - first - 1));
	*state = text;
	return 0;
}

static int holds(grpo_str s, const char *text)
{
	size_t n = strlen(text), i;

	for (i = 0; i + n <= s.len; i++)
		if (memcmp(s.ptr + i, text, n) == 0)
			return 1;
	return 0;
}

static int has_two_lines(const char *path)
{
	FILE *f = fopen(path, "r");
	int c, lines = 0;

	if (!f)
		return 0;
	while ((c = getc(f)) != EOF)
		lines += c == '\n';
	fclose(f);
	return lines >= 2;
}

static void interrupt_once(void)
{
	const char *path = getenv("CONTAINS_INTERRUPT");
	const char *number = getenv("CONTAINS_SIGNAL");
	static atomic_flag done = ATOMIC_FLAG_INIT;

	if (path && has_two_lines(path) && !atomic_flag_test_and_set(&done))
		kill(getpid(), number ? atoi(number) : SIGINT);
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	size_t i, c;

	interrupt_once();
	for (i = 0; i < b->n; i++) {
		rewards[i] = holds(b->completions[i], state);
		status[i] = GRPO_REWARD_SCORED;
		for (c = 0; c < b->n_columns; c++)
			if (b->columns[c].len == 4 &&
			    memcmp(b->columns[c].ptr, "skip", 4) == 0 &&
			    b->cells[c * b->n + i].len > 0)
				status[i] = GRPO_REWARD_MISSING;
	}
	return 0;
}

static void close_text(void *state)
{
	free(state);
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "contains",
    .version = "1.0",
    .summary = "1 where a text is in the completion, else 0",
    .open = open_text,
    .score = score,
    .close = close_text,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
