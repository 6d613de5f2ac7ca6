/* SPDX-License-Identifier: MIT */
/* The first stage: does it load and open, and what is it? */
#define _GNU_SOURCE /* dlinfo */

#include <dlfcn.h>
#include <inttypes.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "direct.h"
#include "examples/fault.h"
#include "report.h"
#include "stages.h"

#define KNOWN_FLAGS (GRPO_REWARD_THREADSAFE | GRPO_REWARD_PER_GROUP)

/* A newer header may have flags that this host does not know. */
static void report_flags(const grpo_reward_plugin *t)
{
	uint32_t unknown = t->flags & ~(uint32_t)KNOWN_FLAGS;

	if (unknown && t->abi_minor <= GRPO_REWARD_ABI_MINOR)
		report_bad("flags 0x%" PRIx32 ": unknown to ABI %d.%" PRIu32,
			   t->flags, GRPO_REWARD_ABI_MAJOR, t->abi_minor);
	else
		report_ok("flags: %s, %s%s",
			  t->flags & GRPO_REWARD_THREADSAFE
			      ? "THREADSAFE"
			      : "one call at a time",
			  t->flags & GRPO_REWARD_PER_GROUP ? "PER_GROUP"
							   : "row by row",
			  unknown ? ", and newer ones" : "");
}

static void report_table(const grpo_reward_plugin *t)
{
	report_ok("ABI %d.%" PRIu32 " (this host: %d.%d), a table of %zu bytes "
		  "(this host: %zu)",
		  GRPO_REWARD_ABI_MAJOR, t->abi_minor, GRPO_REWARD_ABI_MAJOR,
		  GRPO_REWARD_ABI_MINOR, t->struct_size, sizeof *t);
	if (!t->version || !t->summary)
		report_bad("\"%s\" has no version or no summary", t->name);
	else
		report_ok("\"%s\" version %s: %s", t->name, t->version,
			  t->summary);
	report_flags(t);
}

/* DT_NEEDED of the loaded object, from its own dynamic section. */
static void report_needs(const struct direct *d)
{
	const char *strings = NULL, *of_ours = NULL;
	struct link_map *map;
	char list[1024] = "";
	size_t len = 0;

	if (dlinfo(d->object, RTLD_DI_LINKMAP, &map) < 0)
		return;
	for (const ElfW(Dyn) *e = map->l_ld; e->d_tag != DT_NULL; e++)
		if (e->d_tag == DT_STRTAB)
			strings = (const char *)e->d_un.d_ptr;
	if ((uintptr_t)strings < map->l_addr) /* not relocated: musl */
		strings += map->l_addr;
	for (const ElfW(Dyn) *e = map->l_ld; e->d_tag != DT_NULL; e++) {
		const char *name = strings + e->d_un.d_val;

		if (e->d_tag != DT_NEEDED)
			continue;
		if (strncmp(name, "libgrpo", 7) == 0)
			of_ours = name;
		if (len < sizeof list)
			len += (size_t)snprintf(list + len, sizeof list - len,
						"%s%s", len ? ", " : "", name);
	}
	if (of_ours)
		report_bad("links %s; a reward links nothing of ours", of_ours);
	else
		report_ok("needs %s", len ? list : "no library");
}

int stage_load(const struct job *job)
{
	const grpo_reward_plugin *real;
	grpo_reward_set *set = NULL;
	struct direct d;
	int rc = 0;

	report_phase("being loaded");
	TRY(direct_load(&d, &real, job->path));
	report_phase("being opened");
	TRY(grpo_reward_set_create(&set, 1));
	TRY(grpo_reward_set_add(set, job->path, 1, job->params));
	report_table(&d.table);
	report_needs(&d);
	report_phase("being closed");
	grpo_reward_set_free(set);
	report_ok("loads, opens with %s, and closes", job->params);
	set = NULL;
out:
	grpo_reward_set_free(set);
	return rc;
}
