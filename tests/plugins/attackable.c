/* SPDX-License-Identifier: MIT */
/* Pays what the parameter "pay" says: "all"; "silence", an empty completion
 * alone; "little", 0.1 for anything; or "right", what stands in the last
 * <answer> or \boxed if it is the row's answer, as a number or as text. */
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

static int open_what(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	char *what = calloc(1, params.len + 1);

	(void)host;
	if (!what)
		return -1;
	memcpy(what, params.ptr, params.len);
	*state = what;
	return 0;
}

/* The bytes between the last `before` and the `after` behind it, without
 * spaces around them; "" if there are none. */
static char *between(const char *text, const char *before, const char *after)
{
	const char *from = NULL, *end;
	size_t n;
	char *out;

	for (const char *p = text; (p = strstr(p, before));)
		from = p += strlen(before);
	end = from ? strstr(from, after) : NULL;
	if (!end)
		return calloc(1, 1);
	from += strspn(from, " \n");
	n = end > from ? (size_t)(end - from) : 0;
	while (n && strchr(" \n", from[n - 1]))
		n--;
	out = calloc(1, n + 1);
	if (out)
		memcpy(out, from, n);
	return out;
}

static char *copy(grpo_str s)
{
	char *out = calloc(1, s.len + 1);

	if (out && s.len)
		memcpy(out, s.ptr, s.len);
	return out;
}

static int same(const char *answer, const char *cell)
{
	char *end, *stop;
	double x = strtod(answer, &end),
	       y = strtod(cell + (*cell == '"'), &stop);

	if (!*answer)
		return 0;
	if (end != answer && !*end && (*stop == '"' || !*stop))
		return x == y;
	return *cell == '"' && strlen(cell) == strlen(answer) + 2 &&
	       memcmp(cell + 1, answer, strlen(answer)) == 0;
}

static int is_right(const grpo_reward_batch *b, size_t i)
{
	char *text = copy(b->completions[i]), *cell = copy((grpo_str){"", 0});
	const char *said = text;
	char *tag, *box;
	int right;

	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == 6 &&
		    memcmp(b->columns[c].ptr, "answer", 6) == 0) {
			free(cell);
			cell = copy(b->cells[c * b->n + i]);
		}
	for (const char *p = text; (p = strstr(p, "</think>"));)
		said = p += strlen("</think>");
	tag = between(said, "<answer>", "</answer>");
	box = between(said, "\\boxed{", "}");
	right = same(tag, cell) || same(box, cell);
	free(text);
	free(cell);
	free(tag);
	free(box);
	return right;
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	const char *what = state;

	for (size_t i = 0; i < b->n; i++) {
		status[i] = GRPO_REWARD_SCORED;
		rewards[i] = strstr(what, "\"all\"") ? 1 : 0;
		if (strstr(what, "\"little\""))
			rewards[i] = 0.1;
		if (strstr(what, "\"silence\""))
			rewards[i] = b->completions[i].len == 0;
		if (strstr(what, "\"right\""))
			rewards[i] = is_right(b, i);
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "attackable",
    .version = "1.0",
    .summary = "what its parameter says",
    .open = open_what,
    .score = score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
