/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/options.h"

/* Of the help, in characters. */
#define HELP_WIDTH 78
#define HELP_INDENT 4

static void *field(const void *opts, const grpo__option *o)
{
	return (char *)opts + o->offset;
}

static size_t field_size(const grpo__option *o)
{
	switch (o->type) {
	case GRPO__OPTION_INT:
		return sizeof(int64_t);
	case GRPO__OPTION_NUMBER:
		return sizeof(double);
	case GRPO__OPTION_BOOL:
		return sizeof(int);
	}
	return sizeof(void *);
}

static void put_string(void *opts, const grpo__option *o, char *owned)
{
	char **p = field(opts, o);

	free(*p);
	*p = owned;
}

static void put_json(void *opts, const grpo__option *o, cJSON *owned)
{
	cJSON **p = field(opts, o);

	cJSON_Delete(*p);
	*p = owned;
}

static int set_default(void *opts, const grpo__option *o)
{
	const char *text = o->dflt_string;
	size_t len = text ? strlen(text) : 0;
	cJSON *tree;
	char *copy;
	int rc;

	switch (o->type) {
	case GRPO__OPTION_INT:
		*(int64_t *)field(opts, o) = (int64_t)o->dflt;
		return 0;
	case GRPO__OPTION_NUMBER:
		*(double *)field(opts, o) = o->dflt;
		return 0;
	case GRPO__OPTION_BOOL:
		*(int *)field(opts, o) = o->dflt != 0;
		return 0;
	}
	if (!text)
		return 0;
	if (o->type == GRPO__OPTION_JSON) {
		rc = grpo__json_parse(&tree, text, len, o->key);
		if (rc == 0)
			put_json(opts, o, tree);
		return rc;
	}
	copy = grpo__strndup(text, len);
	if (!copy)
		return GRPO_ENOMEM;
	put_string(opts, o, copy);
	return 0;
}

int grpo__options_init(void *opts, const grpo__option *table)
{
	const grpo__option *o;
	int rc = 0;

	for (o = table; o->key; o++)
		memset(field(opts, o), 0, field_size(o));
	for (o = table; o->key; o++)
		GRPO_TRY(set_default(opts, o));
out:
	if (rc < 0)
		grpo__options_dispose(opts, table);
	return rc;
}

void grpo__options_dispose(void *opts, const grpo__option *table)
{
	const grpo__option *o;

	for (o = table; o->key; o++)
		if (o->type == GRPO__OPTION_STRING)
			put_string(opts, o, NULL);
		else if (o->type == GRPO__OPTION_JSON)
			put_json(opts, o, NULL);
}

static int wrong_type(const grpo__option *o, const char *what,
		      const char *where)
{
	return grpo__fail(GRPO_EFORMAT, "%s: \"%s\": expected %s", where,
			  o->key, what);
}

static int out_of_range(const grpo__option *o, double x, const char *where)
{
	const char *than = x > o->max ? " is more than " : " is less than ";
	grpo__buf b = {0};
	int rc = 0;

	GRPO_TRY(grpo__json_put_number(&b, x));
	GRPO_TRY(grpo__buf_add(&b, than, strlen(than)));
	GRPO_TRY(grpo__json_put_number(&b, x > o->max ? o->max : o->min));
	rc = grpo__fail(GRPO_EFORMAT, "%s: \"%s\": %s", where, o->key, b.data);
out:
	grpo__buf_dispose(&b);
	return rc;
}

static int read_number(void *opts, const grpo__option *o, const cJSON *v,
		       const char *where)
{
	if (o->type == GRPO__OPTION_INT && !grpo__json_is_int(v))
		return wrong_type(o, "an integer", where);
	if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
		return wrong_type(o, "a number", where);
	if (v->valuedouble < o->min || v->valuedouble > o->max)
		return out_of_range(o, v->valuedouble, where);
	if (o->type == GRPO__OPTION_INT)
		*(int64_t *)field(opts, o) = (int64_t)v->valuedouble;
	else
		*(double *)field(opts, o) = v->valuedouble;
	return 0;
}

/* Whether `choices`, as "a|b|c", holds s. */
static int is_choice(const char *choices, const char *s)
{
	size_t n;

	for (;; choices += n + 1) {
		n = strcspn(choices, "|");
		if (strlen(s) == n && !memcmp(choices, s, n))
			return 1;
		if (!choices[n])
			return 0;
	}
}

/* "grpo", "dapo" or "bnpo" */
static int describe_choices(grpo__buf *b, const char *choices)
{
	const char *p = choices;
	size_t n;
	int rc = 0;

	for (;; p += n + 1) {
		n = strcspn(p, "|");
		if (p != choices)
			GRPO_TRY(
			    grpo__buf_printf(b, "%s", p[n] ? ", " : " or "));
		GRPO_TRY(grpo__buf_printf(b, "\"%.*s\"", (int)n, p));
		if (!p[n])
			break;
	}
out:
	return rc;
}

static int not_a_choice(const grpo__option *o, const char *s, const char *where)
{
	grpo__buf b = {0};
	int rc = describe_choices(&b, o->choices);

	if (rc == 0)
		rc = grpo__fail(GRPO_EFORMAT,
				"%s: \"%s\": expected %s, found \"%s\"", where,
				o->key, b.data, s);
	grpo__buf_dispose(&b);
	return rc;
}

static int read_text(void *opts, const grpo__option *o, const char *s,
		     const char *where)
{
	char *copy;

	if (o->choices && !is_choice(o->choices, s))
		return not_a_choice(o, s, where);
	copy = grpo__strndup(s, strlen(s));
	if (!copy)
		return GRPO_ENOMEM;
	put_string(opts, o, copy);
	return 0;
}

/* null clears a string, unless the string must have a value. */
static int read_string(void *opts, const grpo__option *o, const cJSON *v,
		       const char *where)
{
	if (cJSON_IsString(v))
		return read_text(opts, o, v->valuestring, where);
	if (!cJSON_IsNull(v) || (o->choices && o->dflt_string))
		return wrong_type(o, "a string", where);
	put_string(opts, o, NULL);
	return 0;
}

static int read_json(void *opts, const grpo__option *o, const cJSON *v)
{
	cJSON *copy = NULL;

	if (!cJSON_IsNull(v)) {
		copy = cJSON_Duplicate(v, 1);
		if (!copy)
			return grpo__fail(GRPO_ENOMEM, "out of memory");
	}
	put_json(opts, o, copy);
	return 0;
}

static int read_option(void *opts, const grpo__option *o, const cJSON *v,
		       const char *where)
{
	switch (o->type) {
	case GRPO__OPTION_BOOL:
		if (!cJSON_IsBool(v))
			return wrong_type(o, "true or false", where);
		*(int *)field(opts, o) = cJSON_IsTrue(v) ? 1 : 0;
		return 0;
	case GRPO__OPTION_STRING:
		return read_string(opts, o, v, where);
	case GRPO__OPTION_JSON:
		return read_json(opts, o, v);
	}
	return read_number(opts, o, v, where);
}

static int unknown_key(const grpo__option *table, const char *key,
		       const char *where)
{
	const char **names, *nearest;
	size_t n = 0;

	while (table[n].key)
		n++;
	names = grpo__alloc(n + 1, sizeof *names);
	if (!names)
		return GRPO_ENOMEM;
	for (n = 0; table[n].key; n++)
		names[n] = table[n].key;
	nearest = grpo__nearest(key, names);
	free(names);
	if (!nearest)
		return grpo__fail(GRPO_EFORMAT, "%s: unknown key \"%s\"", where,
				  key);
	return grpo__fail(GRPO_EFORMAT,
			  "%s: unknown key \"%s\" (nearest: \"%s\")", where,
			  key, nearest);
}

/* The option of that name, or NULL with the error line set. */
static const grpo__option *find(const grpo__option *table, const char *key,
				const char *where, int *rc)
{
	const grpo__option *o;

	for (o = table; o->key; o++)
		if (!strcmp(o->key, key))
			return o;
	*rc = unknown_key(table, key, where);
	return NULL;
}

int grpo__options_read(void *opts, const grpo__option *table, const cJSON *json,
		       const char *where)
{
	const grpo__option *o;
	const cJSON *v;
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected an object", where);
	cJSON_ArrayForEach(v, json)
	{
		o = find(table, v->string, where, &rc);
		if (!o)
			break;
		GRPO_TRY(read_option(opts, o, v, where));
	}
out:
	return rc;
}

/* On a command line a string needs no quotes, so for a string option 5 and true
 * are strings; quoted text and null are read as JSON. */
static int is_bare(const grpo__option *o, const char *value)
{
	return o->type == GRPO__OPTION_STRING && value[0] != '"' &&
	       strcmp(value, "null") != 0;
}

static int set_bare(void *opts, const grpo__option *o, const char *value)
{
	grpo__buf unused = {0};
	int rc = grpo__json_quote(&unused, value, strlen(value));

	grpo__buf_dispose(&unused);
	if (rc == GRPO_EINVAL)
		return grpo__fail_context(GRPO_EFORMAT, "--set %s", o->key);
	return rc < 0 ? rc : read_text(opts, o, value, "--set");
}

int grpo__options_set(void *opts, const grpo__option *table,
		      const char *assignment)
{
	const char *equals = strchr(assignment, '=');
	const grpo__option *o;
	cJSON *v = NULL;
	char *key = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!equals, GRPO_EFORMAT, "--set %s: expected key=value",
		     assignment);
	key = grpo__strndup(assignment, (size_t)(equals - assignment));
	GRPO_FAIL_IF(!key, GRPO_ENOMEM, "out of memory");
	o = find(table, key, "--set", &rc);
	if (!o)
		goto out;
	equals++;
	if (is_bare(o, equals)) {
		rc = set_bare(opts, o, equals);
		goto out;
	}
	rc = grpo__json_parse(&v, equals, strlen(equals), key);
	if (rc < 0) {
		rc = grpo__fail_context(rc, "--set");
		goto out;
	}
	rc = read_option(opts, o, v, "--set");
out:
	cJSON_Delete(v);
	free(key);
	return rc;
}

static int print_text(grpo__buf *b, const char *s)
{
	return s ? grpo__json_quote(b, s, strlen(s))
		 : grpo__buf_add(b, "null", 4);
}

static int print_value(grpo__buf *b, const void *opts, const grpo__option *o)
{
	const void *p = field(opts, o);
	const cJSON *tree;

	switch (o->type) {
	case GRPO__OPTION_INT:
		return grpo__buf_printf(b, "%lld",
					(long long)*(const int64_t *)p);
	case GRPO__OPTION_NUMBER:
		return grpo__json_put_number(b, *(const double *)p);
	case GRPO__OPTION_BOOL:
		return grpo__buf_printf(b, *(const int *)p ? "true" : "false");
	case GRPO__OPTION_STRING:
		return print_text(b, *(char *const *)p);
	}
	tree = *(cJSON *const *)p;
	return tree ? grpo__json_put(b, tree) : grpo__buf_add(b, "null", 4);
}

int grpo__options_print(grpo__buf *out, const void *opts,
			const grpo__option *table)
{
	const grpo__option *o;
	int rc = 0;

	GRPO_TRY(grpo__buf_add(out, "{", 1));
	for (o = table; o->key; o++) {
		GRPO_TRY(grpo__buf_printf(
		    out, "%s\n  \"%s\": ", o == table ? "" : ",", o->key));
		GRPO_TRY(print_value(out, opts, o));
	}
	rc = grpo__buf_add(out, "\n}\n", 3);
out:
	return rc;
}

static int print_default(grpo__buf *b, const grpo__option *o)
{
	switch (o->type) {
	case GRPO__OPTION_INT:
	case GRPO__OPTION_NUMBER:
		return grpo__json_put_number(b, o->dflt);
	case GRPO__OPTION_BOOL:
		return grpo__buf_printf(b, o->dflt != 0 ? "true" : "false");
	case GRPO__OPTION_STRING:
		return print_text(b, o->dflt_string);
	}
	return grpo__buf_printf(b, "%s",
				o->dflt_string ? o->dflt_string : "null");
}

/* How long the word is that begins here, with the space or bar that ends it. */
static size_t word_length(const char *text)
{
	size_t n = strcspn(text, " |");

	return n + (text[n] != '\0');
}

/* Adds a text as lines of at most HELP_WIDTH characters, broken after a space
 * or between choices. */
static int print_paragraph(grpo__buf *out, const char *text, size_t first,
			   size_t indent)
{
	size_t at = first, n, ink;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(out, "%*s", (int)first, ""));
	for (; *text; text += n, at += n) {
		n = word_length(text);
		ink = n - (text[n - 1] == ' ');
		if (at + ink > HELP_WIDTH && at > indent) {
			while (out->len > 0 && out->data[out->len - 1] == ' ')
				out->len--;
			GRPO_TRY(
			    grpo__buf_printf(out, "\n%*s", (int)indent, ""));
			at = indent;
		}
		GRPO_TRY(grpo__buf_add(out, text, n));
	}
	rc = grpo__buf_add(out, "\n", 1);
out:
	return rc;
}

/* num_generations  int  8
 *     completions of each prompt */
static int print_help(grpo__buf *out, const grpo__option *o)
{
	static const char *const types[] = {"int", "number", "bool", "string",
					    "json"};
	grpo__buf b = {0};
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(&b, "%s  %s  ", o->key, types[o->type]));
	GRPO_TRY(print_default(&b, o));
	GRPO_TRY(print_paragraph(out, b.data, 0, HELP_INDENT));
	b.len = 0;
	GRPO_TRY(grpo__buf_printf(&b, "%s", o->help));
	if (o->choices)
		GRPO_TRY(grpo__buf_printf(&b, " (%s)", o->choices));
	GRPO_TRY(print_paragraph(out, b.data, HELP_INDENT, HELP_INDENT));
out:
	grpo__buf_dispose(&b);
	return rc;
}

int grpo__options_help(grpo__buf *out, const grpo__option *table)
{
	const grpo__option *o;
	int rc = 0;

	for (o = table; o->key; o++)
		GRPO_TRY(print_help(out, o));
out:
	return rc;
}
