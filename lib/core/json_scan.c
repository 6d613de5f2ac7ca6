/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/json_scan.h"
#include "core/json_string.h"

/* A key of an object that is still open: the text between its quotes. */
struct key {
	uint64_t hash; /* of the decoded bytes */
	const char *start, *end;
	int escaped;
};

struct scan {
	const char *text, *p, *end, *where;
	int depth;
	size_t max_number;
	struct key *keys; /* a stack: those of the innermost object last */
	size_t n_keys, keys_cap;
	uint32_t *slots; /* hash table of one object: index + 1, 0 is free */
	size_t slots_cap;
	int want_members;
	grpo__json_member *members;
	size_t n_members, members_cap;
};

/* "file.json: line 3: ", with the line only if the text has several. */
static int fail_at(const struct scan *s, const char *at, const char *what)
{
	const char *p, *last = s->end;
	long line = 1;

	while (last > s->text && (last[-1] == '\n' || last[-1] == '\r'))
		last--;
	if (!memchr(s->text, '\n', (size_t)(last - s->text)))
		return grpo__fail(GRPO_EFORMAT, "%s: %s", s->where, what);
	for (p = s->text; p < at; p++)
		line += *p == '\n';
	return grpo__fail(GRPO_EFORMAT, "%s: line %ld: %s", s->where, line,
			  what);
}

static int expected(const struct scan *s, const char *what)
{
	grpo__buf b = {0};
	unsigned char c = s->p < s->end ? (unsigned char)*s->p : 0;
	int rc;

	if (s->p == s->end)
		rc = grpo__buf_printf(&b, "expected %s, found the end", what);
	else if (c > 0x20 && c < 0x7f)
		rc = grpo__buf_printf(&b, "expected %s, found '%c'", what, c);
	else
		rc = grpo__buf_printf(&b, "expected %s, found byte 0x%02x",
				      what, c);
	if (rc == 0)
		rc = fail_at(s, s->p, b.data);
	grpo__buf_dispose(&b);
	return rc;
}

static void skip_space(struct scan *s)
{
	while (s->p < s->end && (*s->p == ' ' || *s->p == '\t' ||
				 *s->p == '\n' || *s->p == '\r'))
		s->p++;
}

static int is_digit(const struct scan *s)
{
	return s->p < s->end && *s->p >= '0' && *s->p <= '9';
}

static int scan_digits(struct scan *s)
{
	if (!is_digit(s))
		return expected(s, "a digit");
	while (is_digit(s))
		s->p++;
	return 0;
}

static int scan_number(struct scan *s)
{
	const char *start = s->p;
	int rc = 0;

	if (*s->p == '-')
		s->p++;
	if (s->p < s->end && *s->p == '0')
		s->p++; /* nothing but . and e may follow */
	else
		GRPO_TRY(scan_digits(s));
	if (s->p < s->end && *s->p == '.') {
		s->p++;
		GRPO_TRY(scan_digits(s));
	}
	if (s->p < s->end && (*s->p == 'e' || *s->p == 'E')) {
		s->p++;
		if (s->p < s->end && (*s->p == '+' || *s->p == '-'))
			s->p++;
		GRPO_TRY(scan_digits(s));
	}
	if (s->max_number && (size_t)(s->p - start) > s->max_number)
		rc = fail_at(s, start, "a number has too many digits");
out:
	return rc;
}

static int scan_word(struct scan *s, const char *word)
{
	size_t n = strlen(word);

	if ((size_t)(s->end - s->p) < n || memcmp(s->p, word, n) != 0)
		return expected(s, "a value");
	s->p += n;
	return 0;
}

/* After "\u": p stands on the first digit. */
static int scan_unicode(struct scan *s)
{
	int low, high = grpo__hex4(s->p, s->end);

	if (high < 0)
		return fail_at(s, s->p, "expected four digits after \\u");
	if (high == 0)
		return fail_at(s, s->p, "\\u0000 is not supported");
	s->p += 4;
	if (high < 0xd800 || high > 0xdfff)
		return 0;
	low = -1;
	if (s->end - s->p >= 6 && s->p[0] == '\\' && s->p[1] == 'u')
		low = grpo__hex4(s->p + 2, s->end);
	if (high > 0xdbff || low < 0xdc00 || low > 0xdfff)
		return fail_at(s, s->p, "a lone surrogate");
	s->p += 6;
	return 0;
}

static int scan_escape(struct scan *s)
{
	s->p++;
	if (s->p < s->end && *s->p == 'u') {
		s->p++;
		return scan_unicode(s);
	}
	if (s->p == s->end || *s->p == '\0' || !strchr("\"\\/bfnrt", *s->p))
		return expected(s, "an escape such as \\n");
	s->p++;
	return 0;
}

/* From the opening quote past the closing one; k gets what is between. */
static int scan_string(struct scan *s, struct key *k)
{
	const char *open = s->p++;
	size_t n;
	int rc = 0;

	k->start = s->p;
	k->escaped = 0;
	while (s->p < s->end && *s->p != '"') {
		if ((unsigned char)*s->p < 0x20)
			return fail_at(s, s->p,
				       "a control character in a string "
				       "(write \\n, \\t, \\u00..)");
		if (*s->p == '\\') {
			k->escaped = 1;
			GRPO_TRY(scan_escape(s));
			continue;
		}
		n = grpo__utf8_length(s->p, s->end);
		if (n == 0)
			return fail_at(s, s->p, "not UTF-8");
		s->p += n;
	}
	if (s->p == s->end)
		return fail_at(s, open, "a string is not closed");
	k->end = s->p++;
out:
	return rc;
}

/* FNV-1a with a final mix, because tables use the low bits. */
static uint64_t hash_key(const struct key *k)
{
	struct grpo__unescape u = {.p = k->start, .end = k->end};
	uint64_t h = 0xcbf29ce484222325u;
	const char *p;
	int c;

	if (k->escaped)
		while ((c = grpo__unescape_next(&u)) >= 0)
			h = (h ^ (uint64_t)c) * 0x100000001b3u;
	else
		for (p = k->start; p < k->end; p++)
			h = (h ^ (unsigned char)*p) * 0x100000001b3u;
	h = (h ^ h >> 32) * 0x9e3779b97f4a7c15u;
	return h ^ h >> 29;
}

static int same_key(const struct key *a, const struct key *b)
{
	struct grpo__unescape u = {.p = a->start, .end = a->end};
	struct grpo__unescape v = {.p = b->start, .end = b->end};
	int c, d;

	if (a->hash != b->hash)
		return 0;
	do {
		c = grpo__unescape_next(&u);
		d = grpo__unescape_next(&v);
	} while (c == d && c >= 0);
	return c == d;
}

static int fail_twice(const struct scan *s, const struct key *k)
{
	grpo__buf b = {0};
	int len = k->end - k->start < 200 ? (int)(k->end - k->start) : 200;
	int rc =
	    grpo__buf_printf(&b, "key \"%.*s\" appears twice", len, k->start);

	if (rc == 0)
		rc = fail_at(s, k->start, b.data);
	grpo__buf_dispose(&b);
	return rc;
}

/* In small objects, compare every pair. */
static int refuse_twins_of_few(const struct scan *s, const struct key *k,
			       size_t n)
{
	size_t i, j;

	for (i = 1; i < n; i++)
		for (j = 0; j < i; j++)
			if (same_key(&k[i], &k[j]))
				return fail_twice(s, &k[i]);
	return 0;
}

/* For large ones (a vocabulary has 150,000 keys) a table, at most half full. */
static int refuse_twins_of_many(struct scan *s, const struct key *k, size_t n)
{
	size_t i, at, size = 32;

	while (size < 2 * n)
		size *= 2;
	if (size > UINT32_MAX)
		return fail_at(s, k->start, "too many keys");
	if (grpo__grow(&s->slots, &s->slots_cap, size, sizeof *s->slots) < 0)
		return GRPO_ENOMEM;
	memset(s->slots, 0, size * sizeof *s->slots);
	for (i = 0; i < n; i++) {
		at = k[i].hash & (size - 1);
		for (; s->slots[at]; at = (at + 1) & (size - 1))
			if (same_key(&k[i], &k[s->slots[at] - 1]))
				return fail_twice(s, &k[i]);
		s->slots[at] = (uint32_t)i + 1;
	}
	return 0;
}

static int refuse_twins(struct scan *s, size_t first)
{
	size_t n = s->n_keys - first;

	if (n <= 8)
		return refuse_twins_of_few(s, s->keys + first, n);
	return refuse_twins_of_many(s, s->keys + first, n);
}

static int scan_value(struct scan *s);

static int push_key(struct scan *s)
{
	struct key k;
	int rc = 0;

	if (s->p == s->end || *s->p != '"')
		return expected(s, "a key in quotes");
	GRPO_TRY(scan_string(s, &k));
	k.hash = hash_key(&k);
	GRPO_TRY(
	    grpo__grow(&s->keys, &s->keys_cap, s->n_keys + 1, sizeof *s->keys));
	s->keys[s->n_keys++] = k;
out:
	return rc;
}

static int add_member(struct scan *s, const struct key *k, const char *value)
{
	grpo__json_member m = {0};
	int rc = 0;

	GRPO_TRY(grpo__grow(&s->members, &s->members_cap, s->n_members + 1,
			    sizeof m));
	GRPO_TRY(grpo__json_decode(&m.key, NULL, k->start - 1,
				   (size_t)(k->end - k->start) + 2));
	m.value = value;
	m.value_len = (size_t)(s->p - value);
	s->members[s->n_members++] = m;
out:
	return rc;
}

static int scan_member(struct scan *s)
{
	const char *value;
	struct key k;
	int rc = 0;

	skip_space(s);
	GRPO_TRY(push_key(s));
	k = s->keys[s->n_keys - 1];
	skip_space(s);
	if (s->p == s->end || *s->p != ':')
		return expected(s, "':'");
	s->p++;
	skip_space(s);
	value = s->p;
	GRPO_TRY(scan_value(s));
	if (s->depth == 1 && s->want_members)
		GRPO_TRY(add_member(s, &k, value));
	skip_space(s);
out:
	return rc;
}

static int scan_object(struct scan *s)
{
	size_t first = s->n_keys;
	int rc = 0;

	s->p++;
	skip_space(s);
	if (s->p < s->end && *s->p == '}') {
		s->p++;
		return 0;
	}
	for (;;) {
		GRPO_TRY(scan_member(s));
		if (s->p == s->end || *s->p != ',')
			break;
		s->p++;
	}
	if (s->p == s->end || *s->p != '}')
		return expected(s, "',' or '}'");
	s->p++;
	GRPO_TRY(refuse_twins(s, first));
	s->n_keys = first;
out:
	return rc;
}

static int scan_array(struct scan *s)
{
	int rc = 0;

	s->p++;
	skip_space(s);
	if (s->p < s->end && *s->p == ']') {
		s->p++;
		return 0;
	}
	for (;;) {
		skip_space(s);
		GRPO_TRY(scan_value(s));
		skip_space(s);
		if (s->p == s->end || *s->p != ',')
			break;
		s->p++;
	}
	if (s->p == s->end || *s->p != ']')
		return expected(s, "',' or ']'");
	s->p++;
out:
	return rc;
}

static int scan_nested(struct scan *s)
{
	int rc;

	if (s->depth == GRPO__JSON_MAX_DEPTH)
		return fail_at(s, s->p, "nested more than 64 levels deep");
	s->depth++;
	rc = *s->p == '{' ? scan_object(s) : scan_array(s);
	s->depth--;
	return rc;
}

static int scan_value(struct scan *s)
{
	struct key ignored;

	if (s->p == s->end)
		return expected(s, "a value");
	switch (*s->p) {
	case '{':
	case '[':
		return scan_nested(s);
	case '"':
		return scan_string(s, &ignored);
	case 't':
		return scan_word(s, "true");
	case 'f':
		return scan_word(s, "false");
	case 'n':
		return scan_word(s, "null");
	case '-':
		return scan_number(s);
	}
	return is_digit(s) ? scan_number(s) : expected(s, "a value");
}

static int scan_text(struct scan *s)
{
	int rc = 0;

	if (s->end - s->p >= 3 && !memcmp(s->p, "\xef\xbb\xbf", 3))
		return fail_at(s, s->p, "starts with a byte order mark");
	skip_space(s);
	if (s->want_members && (s->p == s->end || *s->p != '{'))
		return expected(s, "an object");
	GRPO_TRY(scan_value(s));
	skip_space(s);
	if (s->p < s->end)
		rc = expected(s, "the end");
out:
	return rc;
}

void grpo__json_members_free(grpo__json_member *m, size_t n)
{
	size_t i;

	for (i = 0; m && i < n; i++)
		free(m[i].key);
	free(m);
}

int grpo__json_scan(const char *text, size_t len, const char *where,
		    size_t max_number, grpo__json_member **members, size_t *n)
{
	struct scan s = {.text = text,
			 .p = text,
			 .end = text + len,
			 .where = where ? where : "JSON",
			 .max_number = max_number,
			 .want_members = members != NULL};
	int rc;

	rc = scan_text(&s);
	free(s.keys);
	free(s.slots);
	if (rc < 0) {
		grpo__json_members_free(s.members, s.n_members);
	} else if (members) {
		*members = s.members;
		*n = s.n_members;
	}
	return rc;
}
