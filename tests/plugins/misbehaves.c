/* SPDX-License-Identifier: MIT */
/* Does what no plug-in may, as the parameter "do" says: {"do": "leak"}; or
 * while it is loaded, where the environment's MISBEHAVES is "load". */
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

static void misbehave(void *state, const grpo_reward_batch *b, double *rewards,
		      uint8_t *status)
{
	if (wants(state, "\"crash\""))
		crash();
	if (wants(state, "\"exit\""))
		exit(3);
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
	misbehave(state, b, rewards, status);
	for (size_t i = 0; i < b->n; i++) {
		rewards[i] = (double)b->completions[i].len;
		status[i] = GRPO_REWARD_SCORED;
		if (wants(state, "\"read behind\""))
			rewards[i] += byte_behind(b->completions[i]);
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
