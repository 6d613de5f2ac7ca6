/* SPDX-License-Identifier: MIT */
/* Does what no plug-in may, as the parameter "do" says: {"do": "leak"}, with
 * "at": "bad" only where a completion is "bad"; or while it is loaded, if the
 * environment's MISBEHAVES is "load". */
#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "grpo/reward.h"

/* What keeps the compiler from seeing through it. */
static void *volatile kept;
static volatile int never, calls;

static int wants(void *state, const char *what)
{
	return strstr(state, what) != NULL;
}

/* Not raise(): workers of a host have their signals blocked. */
static void crash(void)
{
	char *page =
	    mmap(NULL, 1, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	*(volatile char *)page = 1;
}

__attribute__((constructor)) static void load(void)
{
	const char *when = getenv("MISBEHAVES");

	if (when && strcmp(when, "load") == 0)
		crash();
}

static int open_what(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	char *what = calloc(1, params.len + 1);

	(void)host;
	if (!what)
		return -1;
	memcpy(what, params.ptr, params.len);
	*state = what;
	if (wants(what, "\"crash in open\""))
		crash();
	if (wants(what, "\"leak in open\""))
		kept = malloc(100);
	return 0;
}

static double byte_behind(grpo_str s)
{
	return s.ptr ? ((const volatile char *)s.ptr)[s.len] : 0;
}

/* More stack than there is; the compiler is to make no loop of it. */
static int overflow(int depth)
{
	volatile char frame[4096];

	frame[0] = (char)depth;
	return never ? 0 : overflow(depth + 1) + frame[0];
}

static int is_wanted_here(void *state, const grpo_reward_batch *b)
{
	if (!wants(state, "\"at\""))
		return 1;
	for (size_t i = 0; i < b->n; i++)
		if (b->completions[i].len == 3 &&
		    memcmp(b->completions[i].ptr, "bad", 3) == 0)
			return 1;
	return 0;
}

static void end(void *state)
{
	if (wants(state, "\"exit\""))
		exit(3);
	if (wants(state, "\"exit 0\""))
		exit(0);
	if (wants(state, "\"quick_exit\""))
		quick_exit(0);
	if (wants(state, "\"overflow\""))
		calls = overflow(0);
	if (wants(state, "\"print\""))
		puts("scoring now");
	if (wants(state, "\"print an error\""))
		fputs("no verifier\n", stderr);
}

static void misbehave(void *state, const grpo_reward_batch *b, double *rewards,
		      uint8_t *status)
{
	if (wants(state, "\"crash\""))
		crash();
	end(state);
	if (wants(state, "\"hang\""))
		while (!never)
			pause();
	if (wants(state, "\"leak\""))
		kept = malloc(100);
	if (wants(state, "\"write behind\""))
		rewards[b->n] = 0;
	if (wants(state, "\"write before\""))
		status[-1] = 0;
	if (wants(state, "\"abort\"")) {
		fputs("terminate called: no verifier\n", stderr);
		abort();
	}
}

static int score(void *state, const grpo_reward_batch *b, double *rewards,
		 uint8_t *status)
{
	if (is_wanted_here(state, b))
		misbehave(state, b, rewards, status);
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = (double)b->completions[i].len;
		status[i] = GRPO_REWARD_SCORED;
		if (wants(state, "\"read behind\""))
			rewards[i] += byte_behind(b->completions[i]);
		if (wants(state, "\"status 17\""))
			status[i] = 17;
		if (wants(state, "\"count\""))
			rewards[i] = calls++;
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .name = "misbehaves",
    .version = "1.0",
    .summary = "length of the completion, with side effects",
    .open = open_what,
    .score = score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
