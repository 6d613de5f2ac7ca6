/* SPDX-License-Identifier: MIT */
#include "keys.h"

#include <stdlib.h>

#include "examples/fault.h"

/* FNV-1a; never 0. */
static uint64_t hash_of(const char *key, size_t len)
{
	uint64_t hash = 0xcbf29ce484222325u;

	for (size_t i = 0; i < len; i++)
		hash = (hash ^ (unsigned char)key[i]) * 0x100000001b3u;
	return hash ? hash : 1;
}

/* Where the hash stands, or the free slot where it belongs. */
static uint64_t *find(const struct keys *k, uint64_t hash)
{
	size_t at = hash & (k->n_slots - 1);

	while (k->slots[at] && k->slots[at] != hash)
		at = (at + 1) & (k->n_slots - 1);
	return &k->slots[at];
}

/* At most half full, so that a search ends. */
static int make_room(struct keys *k)
{
	struct keys larger = *k;

	if (2 * (k->n + 1) <= k->n_slots)
		return 0;
	larger.n_slots = k->n_slots ? 2 * k->n_slots : 1024;
	larger.slots = calloc(larger.n_slots, sizeof *larger.slots);
	if (!larger.slots)
		return fail(GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < k->n_slots; i++)
		if (k->slots[i])
			*find(&larger, k->slots[i]) = k->slots[i];
	free(k->slots);
	*k = larger;
	return 0;
}

int keys_next(struct keys *k, const char *key, size_t len)
{
	uint64_t hash = hash_of(key, len), *slot;
	int rc = make_room(k);

	if (rc < 0)
		return rc;
	if (hash == k->last)
		return 1;
	slot = find(k, hash);
	if (*slot)
		return 0;
	*slot = hash;
	k->n++;
	k->last = hash;
	return 1;
}

void keys_dispose(struct keys *k)
{
	free(k->slots);
}
