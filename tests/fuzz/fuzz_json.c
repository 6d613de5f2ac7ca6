/* SPDX-License-Identifier: MIT */
/*
 * Checked JSON (core/json.h): what is taken is UTF-8 and survives being
 * written and read again; members and decode agree with the tree; cJSON
 * agrees wherever it is not known to be lax.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "core/json.h"
#include "grpo/error.h"
#include "tests/fuzz/fuzz.h"

/* 1e999 is read as infinity and written as null. */
static int same_number(const cJSON *a, const cJSON *b)
{
	if (cJSON_IsNull(b))
		return !isfinite(a->valuedouble);
	return cJSON_IsNumber(b) && a->valuedouble == b->valuedouble;
}

static int same(const cJSON *a, const cJSON *b)
{
	const cJSON *x = a->child, *y = b->child;

	if (cJSON_IsNumber(a))
		return same_number(a, b);
	if (a->type != b->type)
		return 0;
	if (cJSON_IsString(a))
		return strcmp(a->valuestring, b->valuestring) == 0;
	for (; x && y; x = x->next, y = y->next)
		if ((x->string && strcmp(x->string, y->string) != 0) ||
		    !same(x, y))
			return 0;
	return !x && !y;
}

static void check_written(const cJSON *v)
{
	grpo__buf b = {0};
	cJSON *again;

	fuzz_require(grpo__json_put(&b, v) == 0);
	fuzz_require(grpo__json_parse(&again, b.data, b.len, "again") == 0);
	fuzz_require(same(v, again));
	cJSON_Delete(again);
	grpo__buf_dispose(&b);
}

static void check_member(const grpo__json_member *m, const cJSON *v)
{
	size_t len = 0;
	char *text;
	cJSON *own;

	fuzz_require(strcmp(m->key, v->string) == 0);
	fuzz_require(grpo__json_parse(&own, m->value, m->value_len, "m") == 0);
	fuzz_require(same(v, own));
	cJSON_Delete(own);
	if (!cJSON_IsString(v))
		return;
	fuzz_require(grpo__json_decode(&text, &len, m->value, m->value_len) ==
		     0);
	fuzz_require(len == strlen(text));
	fuzz_require(strcmp(text, v->valuestring) == 0);
	free(text);
}

static void check_members(const cJSON *v, const char *text, size_t size)
{
	const cJSON *item = v->child;
	grpo__json_member *m;
	size_t n, i;
	int rc = grpo__json_members(&m, &n, text, size, "members");

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == cJSON_IsObject(v));
	for (i = 0; i < n; i++, item = item->next) {
		fuzz_require(item != NULL);
		check_member(&m[i], item);
	}
	fuzz_require(rc < 0 || item == NULL);
	grpo__json_members_free(m, n);
}

static void check_utf8(const char *text, size_t size)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)text;
	utf8proc_ssize_t n, left = (utf8proc_ssize_t)size;
	utf8proc_int32_t c;

	for (; left > 0; p += n, left -= n) {
		n = utf8proc_iterate(p, left, &c);
		fuzz_require(n > 0);
	}
}

/* The members of an object by key: each getter takes what is of its type. */
static void check_getters(const cJSON *v, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(v, key);
	const char *text;
	double number;
	int64_t integer;
	int truth;
	int is_number = cJSON_IsNumber(item) && isfinite(item->valuedouble);

	fuzz_require((grpo__json_int(&integer, v, key, "v") == 0) ==
		     grpo__json_is_int(item));
	fuzz_require(!grpo__json_is_int(item) ||
		     (double)integer == item->valuedouble);
	fuzz_require((grpo__json_number(&number, v, key, "v") == 0) ==
		     is_number);
	fuzz_require((grpo__json_bool(&truth, v, key, "v") == 0) ==
		     cJSON_IsBool(item));
	fuzz_require((grpo__json_string(&text, v, key, "v") == 0) ==
		     cJSON_IsString(item));
	fuzz_require(
	    (grpo__json_number_or(&number, v, key, 7, "v") == 0) ==
	    (cJSON_IsObject(v) && (!item || cJSON_IsNull(item) || is_number)));
}

/* What cJSON takes and RFC 8259 or json.h does not: bytes outside ASCII,
 * control characters, odd numbers, \u with anything behind it, depth, the
 * same key twice. */
static int may_differ(const char *text, size_t size)
{
	size_t i, open = 0;

	for (i = 0; i < size; i++) {
		if (text[i] < ' ' || text[i] > '~' ||
		    (text[i] >= '0' && text[i] <= '9'))
			return 1;
		if (text[i] == 'u' && i > 0 && text[i - 1] == '\\')
			return 1;
		open += text[i] == '[' || text[i] == '{';
	}
	return open > 64 || strstr(grpo_error_message(), "appears twice");
}

static void check_refused(const char *text, size_t size)
{
	const char *end = text;
	cJSON *lax;

	if (may_differ(text, size))
		return;
	lax = cJSON_ParseWithLengthOpts(text, size, &end, 0);
	while (end < text + size && *end == ' ')
		end++;
	fuzz_require(!lax || end < text + size);
	cJSON_Delete(lax);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	cJSON *v;
	int rc = grpo__json_parse(&v, text, size, "text");

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (v != NULL));
	if (v) {
		check_utf8(text, size);
		check_written(v);
		check_members(v, text, size);
		check_getters(v, "a");
	} else {
		check_refused(text, size);
	}
	cJSON_Delete(v);
	return 0;
}
