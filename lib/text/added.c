/* SPDX-License-Identifier: MIT */
#include "text/added.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "text/nfc.h"
#include "text/utf8.h"

struct reader {
	grpo__cutter *raw, *normalized;
	grpo__vocab *vocab;
	int nfc;
	int32_t next;   /* the number of the next new token */
	char where[32]; /* "added_tokens[3]" */
};

/* The reference has every flag in every entry; false is its default. */
static int read_flags(grpo__added *a, int *special, const cJSON *json,
		      const char *where)
{
	int rc = 0;

	GRPO_TRY(
	    grpo__json_bool_or(&a->single_word, json, "single_word", 0, where));
	GRPO_TRY(grpo__json_bool_or(&a->lstrip, json, "lstrip", 0, where));
	GRPO_TRY(grpo__json_bool_or(&a->rstrip, json, "rstrip", 0, where));
	GRPO_TRY(grpo__json_bool_or(special, json, "special", 0, where));
	GRPO_TRY(grpo__json_bool_or(&a->normalized, json, "normalized",
				    !*special, where));
out:
	return rc;
}

/*
 * The id of an added token: the model's if it has one, else the next free
 * number, even if the file gives another.  Hugging Face's tokenizers loads such
 * files with a warning, and so do we.
 */
static int number(int32_t *id, struct reader *r, const char *text, size_t len,
		  const cJSON *json)
{
	int64_t said;
	int rc = 0;

	*id = grpo__vocab_find(r->vocab, text, len);
	if (*id < 0) {
		*id = r->next++;
		rc = grpo__vocab_add(r->vocab, text, len, *id, 0);
		if (rc == GRPO_EFORMAT)
			grpo__fail_context(rc, "%s", r->where);
		GRPO_TRY(rc);
	}
	GRPO_TRY(grpo__json_int_or(&said, json, "id", *id, r->where));
	if (said != *id)
		grpo__log(GRPO_LOG_WARN,
			  "%s: \"%s\" has id %" PRId64 " here, but id %" PRId32
			  " in the vocabulary",
			  r->where, text, said, *id);
out:
	return rc;
}

/* The text to search for, as a copy. */
static int pattern(grpo__added *a, const char *text, size_t len, int nfc)
{
	grpo__buf room = {0};
	int rc = 0;

	if (nfc)
		GRPO_TRY(grpo__nfc(&room, &text, &len));
	a->text = grpo__strndup(text, len);
	a->len = len;
	if (!a->text)
		rc = GRPO_ENOMEM;
out:
	grpo__buf_dispose(&room);
	return rc;
}

/* Adds a token to search for; if it appears twice, the later one counts. */
static int cutter_add(grpo__cutter *c, const grpo__added *a)
{
	if (grpo__grow(&c->token, &c->cap, c->n + 1, sizeof *c->token) < 0)
		return GRPO_ENOMEM;
	c->token[c->n++] = *a;
	return 0;
}

static void cutter_remove(grpo__cutter *c, int32_t id)
{
	size_t i, n = 0;

	for (i = 0; i < c->n; i++) {
		if (c->token[i].id == id)
			free(c->token[i].text);
		else
			c->token[n++] = c->token[i];
	}
	c->n = n;
}

static void set_flags(grpo__token *t, const grpo__added *a, int special)
{
	if (special)
		t->flags |= GRPO__TOKEN_SPECIAL;
	if (strcmp(a->text, t->text) != 0)
		t->flags |= GRPO__TOKEN_NORMALIZED;
}

static int read_token(struct reader *r, const cJSON *json)
{
	grpo__added a = {0};
	const char *text;
	int rc = 0, special;
	size_t len;

	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected an object", r->where);
	GRPO_TRY(grpo__json_string(&text, json, "content", r->where));
	len = strlen(text);
	if (len == 0)
		return 0;
	GRPO_TRY(read_flags(&a, &special, json, r->where));
	GRPO_TRY(number(&a.id, r, text, len, json));
	GRPO_TRY(pattern(&a, text, len, r->nfc && a.normalized));
	set_flags(&r->vocab->token[a.id], &a, special);
	cutter_remove(r->raw, a.id);
	cutter_remove(r->normalized, a.id);
	GRPO_TRY(cutter_add(a.normalized ? r->normalized : r->raw, &a));
	a.text = NULL;
out:
	free(a.text);
	return rc;
}

static int by_text(const void *x, const void *y)
{
	const grpo__added *a = x, *b = y;
	size_t n = a->len < b->len ? a->len : b->len;
	int order = memcmp(a->text, b->text, n);

	if (order)
		return order;
	return (a->len > b->len) - (a->len < b->len);
}

static void sort(grpo__cutter *c)
{
	size_t i;
	int byte;

	if (c->n > 0)
		qsort(c->token, c->n, sizeof *c->token, by_text);
	for (byte = 0, i = 0; byte < 256; byte++) {
		c->first[byte] = i;
		while (i < c->n && (unsigned char)c->token[i].text[0] == byte)
			i++;
	}
	c->first[256] = c->n;
}

int grpo__added_read(grpo__cutter *raw, grpo__cutter *normalized,
		     grpo__vocab *vocab, const cJSON *list, int nfc)
{
	struct reader r = {
	    raw, normalized, vocab, nfc, (int32_t)vocab->n_tokens, ""};
	const cJSON *each;
	int rc = 0, i = 0;

	if (list && !cJSON_IsNull(list)) {
		GRPO_FAIL_IF(!cJSON_IsArray(list), GRPO_EFORMAT,
			     "\"added_tokens\": expected a list");
		cJSON_ArrayForEach(each, list)
		{
			snprintf(r.where, sizeof r.where, "added_tokens[%d]",
				 i++);
			GRPO_TRY(read_token(&r, each));
		}
	}
	sort(raw);
	sort(normalized);
out:
	return rc;
}

void grpo__cutter_dispose(grpo__cutter *c)
{
	size_t i;

	for (i = 0; i < c->n; i++)
		free(c->token[i].text);
	free(c->token);
	memset(c, 0, sizeof *c);
}

/* The least index in [low, high) whose byte at `depth` is >= byte. */
static size_t lower(const grpo__cutter *c, size_t low, size_t high,
		    size_t depth, int byte)
{
	size_t middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if ((unsigned char)c->token[middle].text[depth] < byte)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest token that starts at s, or NULL. */
static const grpo__added *longest(const grpo__cutter *c, const char *s,
				  size_t len)
{
	const grpo__added *best = NULL;
	int byte = (unsigned char)s[0];
	size_t low = c->first[byte], high = c->first[byte + 1];
	size_t depth = 1;

	while (low < high) {
		/* The range starts with s[0..depth); the shortest is first. */
		while (low < high && c->token[low].len == depth)
			best = &c->token[low++];
		if (depth >= len)
			break;
		byte = (unsigned char)s[depth];
		low = lower(c, low, high, depth, byte);
		high = lower(c, low, high, depth, byte + 1);
		depth++;
	}
	return best;
}

static int stands_alone(const char *text, size_t len, size_t start, size_t end)
{
	size_t before;

	if (start > 0) {
		before = grpo__utf8_before(text, start);
		if (grpo__is_word(grpo__utf8_next(text, &before)))
			return 0;
	}
	return end == len || !grpo__is_word(grpo__utf8_next(text, &end));
}

static size_t spaces_before(const char *text, size_t start)
{
	size_t before, at;

	while (start > 0) {
		before = at = grpo__utf8_before(text, start);
		if (!grpo__is_space(grpo__utf8_next(text, &at)))
			break;
		start = before;
	}
	return start;
}

static size_t spaces_after(const char *text, size_t len, size_t end)
{
	size_t at;

	while (end < len) {
		at = end;
		if (!grpo__is_space(grpo__utf8_next(text, &at)))
			break;
		end = at;
	}
	return end;
}

static int add_part(grpo__parts *p, size_t start, size_t end, int32_t id)
{
	if (grpo__grow(&p->part, &p->cap, p->n + 1, sizeof *p->part) < 0)
		return GRPO_ENOMEM;
	p->part[p->n++] = (grpo__part){start, end, id};
	return 0;
}

/* A token found at [start, end): what is before it, then itself.  *done is
 * where the part before ended; the search for the next goes on at `end` even
 * where rstrip took more, as in the reference. */
static int take(const grpo__added *a, grpo__parts *parts, const char *text,
		size_t len, size_t start, size_t end, size_t *done)
{
	int rc = 0;

	if (a->single_word && !stands_alone(text, len, start, end))
		return 0;
	if (a->lstrip) {
		start = spaces_before(text, start);
		if (start < *done)
			start = *done;
	}
	if (a->rstrip)
		end = spaces_after(text, len, end);
	if (*done < start)
		GRPO_TRY(add_part(parts, *done, start, -1));
	GRPO_TRY(add_part(parts, start, end, a->id));
	*done = end;
out:
	return rc;
}

int grpo__cut(const grpo__cutter *c, grpo__parts *parts, const char *text,
	      size_t len)
{
	const grpo__added *a;
	size_t i = 0, done = 0;
	int rc = 0;

	parts->n = 0;
	while (c->n > 0 && i < len) {
		a = longest(c, text + i, len - i);
		if (a) {
			GRPO_TRY(
			    take(a, parts, text, len, i, i + a->len, &done));
			i += a->len;
		} else {
			i++;
		}
	}
	if (done < len)
		rc = add_part(parts, done, len, -1);
out:
	return rc;
}
