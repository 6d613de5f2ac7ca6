/* SPDX-License-Identifier: MIT */
#include "text/vocab.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"

/* Larger than any vocabulary, small enough for an array over the ids. */
#define MAX_ID ((1 << 24) - 1)

static uint64_t hash(const char *s, size_t len)
{
	uint64_t h = 0xcbf29ce484222325; /* FNV-1a, 64 bits */
	size_t i;

	for (i = 0; i < len; i++)
		h = (h ^ (unsigned char)s[i]) * 0x100000001b3;
	return h ^ h >> 32;
}

/* The slot of a text: where it is, or where it would go. */
static size_t probe(const grpo__vocab *v, const char *text, size_t len)
{
	size_t i = hash(text, len) & (v->n_slots - 1);
	const grpo__token *t;

	while (v->slot[i] >= 0) {
		t = &v->token[v->slot[i]];
		if (t->len == len && memcmp(t->text, text, len) == 0)
			break;
		i = (i + 1) & (v->n_slots - 1);
	}
	return i;
}

/* A table at most half full for n tokens, filled again. */
static int make_slots(grpo__vocab *v, size_t n)
{
	size_t n_slots = 64, i;
	int32_t *slot;

	while (n_slots < n * 2)
		n_slots *= 2;
	slot = grpo__alloc(n_slots, sizeof *slot);
	if (!slot)
		return GRPO_ENOMEM;
	memset(slot, 0xff, n_slots * sizeof *slot);
	free(v->slot);
	v->slot = slot;
	v->n_slots = n_slots;
	for (i = 0; i < v->size; i++)
		if (v->token[i].text)
			slot[probe(v, v->token[i].text, v->token[i].len)] =
			    (int32_t)i;
	return 0;
}

int grpo__vocab_init(grpo__vocab *v, size_t n_tokens)
{
	int rc = 0;

	GRPO_FAIL_IF(n_tokens > MAX_ID, GRPO_EFORMAT,
		     "%zu tokens, expected at most %d", n_tokens, MAX_ID);
	GRPO_TRY(grpo__arena_create(&v->strings));
	GRPO_TRY(make_slots(v, n_tokens));
	GRPO_TRY(grpo__grow(&v->token, &v->cap, n_tokens, sizeof *v->token));
out:
	return rc;
}

void grpo__vocab_dispose(grpo__vocab *v)
{
	free(v->token);
	free(v->slot);
	grpo__arena_free(v->strings);
	memset(v, 0, sizeof *v);
}

/* Room for an id; ids in between are there without a text. */
static int reach(grpo__vocab *v, int32_t id)
{
	size_t size = (size_t)id + 1;

	if (size <= v->size)
		return 0;
	if (grpo__grow(&v->token, &v->cap, size, sizeof *v->token) < 0)
		return GRPO_ENOMEM;
	memset(v->token + v->size, 0, (size - v->size) * sizeof *v->token);
	v->size = size;
	return 0;
}

int grpo__vocab_add(grpo__vocab *v, const char *text, size_t len, int32_t id,
		    uint32_t flags)
{
	grpo__token *t;
	int rc = 0;
	char *copy;

	GRPO_FAIL_IF(id < 0 || id > MAX_ID, GRPO_EFORMAT,
		     "\"%s\": id %" PRId32 ", expected 0 to %d", text, id,
		     MAX_ID);
	GRPO_FAIL_IF(grpo__vocab_find(v, text, len) >= 0, GRPO_EFORMAT,
		     "\"%s\" appears twice", text);
	GRPO_TRY(reach(v, id));
	t = &v->token[id];
	GRPO_FAIL_IF(t->text, GRPO_EFORMAT,
		     "\"%s\" and \"%s\" have the same id %" PRId32, t->text,
		     text, id);
	if ((v->n_tokens + 1) * 2 > v->n_slots)
		GRPO_TRY(make_slots(v, v->n_tokens * 2));
	copy = grpo__arena_alloc(v->strings, len + 1, 1);
	if (!copy)
		return GRPO_ENOMEM;
	memcpy(copy, text, len);
	v->slot[probe(v, text, len)] = id;
	*t = (grpo__token){copy, (uint32_t)len, flags};
	v->n_tokens++;
out:
	return rc;
}

int32_t grpo__vocab_find(const grpo__vocab *v, const char *text, size_t len)
{
	return v->n_slots ? v->slot[probe(v, text, len)] : -1;
}

const grpo__token *grpo__vocab_at(const grpo__vocab *v, int32_t id)
{
	if (id < 0 || (size_t)id >= v->size || !v->token[id].text)
		return NULL;
	return &v->token[id];
}
