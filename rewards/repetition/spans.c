/* SPDX-License-Identifier: MIT */
#include "spans.h"

#include <stdlib.h>
#include <string.h>

int spans_create(struct spans *s, size_t most, uint64_t key)
{
	size_t n_slots = 16;

	/* At most half full: a search ends. */
	while (n_slots / 2 < most)
		n_slots *= 2;
	*s = (struct spans){.mask = n_slots - 1, .key = key};
	s->at = malloc((most ? most : 1) * sizeof *s->at);
	s->slot = calloc(n_slots, sizeof *s->slot);
	return s->at && s->slot ? 0 : -1;
}

void spans_free(struct spans *s)
{
	free(s->at);
	free(s->slot);
}

/* The finaliser of splitmix64: every bit of h moves half of the others. */
static uint64_t mix(uint64_t h)
{
	h = (h ^ h >> 30) * 0xbf58476d1ce4e5b9u;
	h = (h ^ h >> 27) * 0x94d049bb133111ebu;
	return h ^ h >> 31;
}

static uint64_t hash(const void *ptr, size_t len, uint64_t key)
{
	const unsigned char *p = ptr;
	uint64_t h = mix(key ^ len), word;

	for (; len >= sizeof word; p += sizeof word, len -= sizeof word) {
		memcpy(&word, p, sizeof word);
		h = mix(h ^ word) + key;
	}
	word = 0;
	memcpy(&word, p, len);
	return mix(h ^ word);
}

uint32_t spans_add(struct spans *s, const void *ptr, size_t len)
{
	size_t slot = hash(ptr, len, s->key) & s->mask;

	for (; s->slot[slot]; slot = (slot + 1) & s->mask) {
		struct span *have = &s->at[s->slot[slot] - 1];

		if (have->len == len && memcmp(have->ptr, ptr, len) == 0) {
			have->count++;
			return s->slot[slot] - 1;
		}
	}
	s->at[s->n] = (struct span){ptr, (uint32_t)len, 1};
	s->slot[slot] = ++s->n;
	return s->n - 1;
}

int spans_grow(void *array, size_t *cap, size_t need, size_t size)
{
	size_t more = *cap ? *cap : 64;
	void *old, *grown;

	if (need <= *cap)
		return 0;
	while (more < need)
		more *= 2;
	memcpy(&old, array, sizeof old);
	grown = realloc(old, more * size);
	if (!grown)
		return -1;
	memcpy(array, &grown, sizeof grown);
	*cap = more;
	return 0;
}
