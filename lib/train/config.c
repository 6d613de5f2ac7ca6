/* SPDX-License-Identifier: MIT */
/*
 * grpo_config: several public tables over one private one (core/options.h).
 *
 * Values live in slots of our own, so that strings have one owner; after each
 * success they are copied out to the structs of the tables.  A key of a
 * section is "section.key" inside, and an object of that name in files.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/options.h"
#include "grpo/config.h"

#define MAX_CONFIG_BYTES (16u << 20)

union slot { /* what core/options.h writes, by type */
	int64_t integer;
	double number;
	int boolean;
	char *string;
	cJSON *json;
};

struct entry {
	grpo_option option; /* its key without the section */
	void *value;        /* in the struct of the table */
	char *text;         /* what a JSON value points to there */
};

struct section {
	const char *title, *name; /* name NULL: keys at the top */
	size_t first, n;
};

struct grpo_config {
	grpo__arena *arena; /* names */
	struct section *sections;
	size_t n_sections, cap_sections;
	size_t n; /* keys in all; the arrays below are [n] */
	struct entry *entries;
	grpo__option *options; /* [n + 1], the last one ends the table */
	union slot *slots;
	size_t cap_entries, cap_options, cap_slots;
};

int grpo_config_create(grpo_config **out)
{
	grpo_config *c = NULL;
	int rc = 0;

	*out = NULL;
	c = grpo__alloc(1, sizeof *c);
	if (!c)
		return GRPO_ENOMEM;
	GRPO_TRY(grpo__arena_create(&c->arena));
	*out = c;
	c = NULL;
out:
	grpo_config_free(c);
	return rc;
}

void grpo_config_free(grpo_config *c)
{
	size_t i;

	if (!c)
		return;
	if (c->n > 0)
		grpo__options_dispose(c->slots, c->options);
	for (i = 0; i < c->n; i++)
		free(c->entries[i].text);
	free(c->entries);
	free(c->options);
	free(c->slots);
	free(c->sections);
	grpo__arena_free(c->arena);
	free(c);
}

/* --------------------------------------------------------------- tables */

/* `len` bytes of the arena's own */
static char *keep(grpo_config *c, const char *s, size_t len)
{
	char *copy = grpo__arena_alloc(c->arena, len + 1, 1);

	if (copy)
		memcpy(copy, s, len);
	return copy;
}

/* "section.key" */
static char *full_key(grpo_config *c, const char *section, const char *key)
{
	size_t head = section ? strlen(section) + 1 : 0, tail = strlen(key);
	char *name = grpo__arena_alloc(c->arena, head + tail + 1, 1);

	if (!name)
		return NULL;
	if (section) {
		memcpy(name, section, head - 1);
		name[head - 1] = '.';
	}
	memcpy(name + head, key, tail);
	return name;
}

/* The `index`-th of "a|b|c": where it begins, and its length. */
static const char *choice_at(const char *choices, int64_t index, size_t *len)
{
	for (; index > 0 && choices; index--) {
		choices = strchr(choices, '|');
		choices = choices ? choices + 1 : NULL;
	}
	*len = choices ? strcspn(choices, "|") : 0;
	return choices;
}

static int32_t choice_index(const char *choices, const char *name)
{
	const char *at;
	size_t len;
	int32_t i;

	for (i = 0; name && (at = choice_at(choices, i, &len)); i++)
		if (strlen(name) == len && memcmp(at, name, len) == 0)
			return i;
	return 0;
}

static int inner_type(int32_t type)
{
	switch (type) {
	case GRPO_OPTION_INT:
		return GRPO__OPTION_INT;
	case GRPO_OPTION_NUMBER:
		return GRPO__OPTION_NUMBER;
	case GRPO_OPTION_BOOL:
		return GRPO__OPTION_BOOL;
	case GRPO_OPTION_CHOICE:
	case GRPO_OPTION_STRING:
		return GRPO__OPTION_STRING;
	default:
		return GRPO__OPTION_JSON;
	}
}

static int inner_option(grpo_config *c, grpo__option *in, const grpo_option *o,
			const char *section, size_t slot)
{
	const char *at;
	size_t len;

	*in = (grpo__option){.type = inner_type(o->type),
			     .offset = slot * sizeof(union slot),
			     .dflt = o->dflt,
			     .dflt_string = o->dflt_text,
			     .min = o->min,
			     .max = o->max,
			     .choices = o->choices,
			     .help = o->help};
	in->key = full_key(c, section, o->key);
	if (!in->key)
		return GRPO_ENOMEM;
	if (o->type != GRPO_OPTION_CHOICE)
		return 0;
	at = choice_at(o->choices, (int64_t)o->dflt, &len);
	if (!at)
		return grpo__fail(GRPO_EINVAL,
				  "option \"%s\": default %g of \"%s\"", o->key,
				  o->dflt, o->choices);
	in->dflt_string = keep(c, at, len);
	return in->dflt_string ? 0 : GRPO_ENOMEM;
}

/* Whether one of the first n keys is this one. */
static int known(const grpo_config *c, size_t n, const char *key)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(c->options[i].key, key) == 0)
			return 1;
	return 0;
}

static int make_room(grpo_config *c, size_t n)
{
	int rc = 0;

	GRPO_TRY(grpo__grow(&c->sections, &c->cap_sections, c->n_sections + 1,
			    sizeof *c->sections));
	GRPO_TRY(grpo__grow(&c->entries, &c->cap_entries, c->n + n,
			    sizeof *c->entries));
	GRPO_TRY(grpo__grow(&c->options, &c->cap_options, c->n + n + 1,
			    sizeof *c->options));
	GRPO_TRY(
	    grpo__grow(&c->slots, &c->cap_slots, c->n + n, sizeof *c->slots));
out:
	return rc;
}

/* Option i of a table whose elements are `size` bytes, as ours. */
static grpo_option table_at(const grpo_option *table, size_t size, size_t i)
{
	grpo_option o = {0};

	memcpy(&o, (const char *)table + i * size,
	       size < sizeof o ? size : sizeof o);
	return o;
}

/* Copies slot i to where its table wants it. */
static void publish_one(grpo_config *c, size_t i)
{
	struct entry *e = &c->entries[i];
	const union slot *s = &c->slots[i];

	switch (e->option.type) {
	case GRPO_OPTION_INT:
		*(int64_t *)e->value = s->integer;
		break;
	case GRPO_OPTION_NUMBER:
		*(double *)e->value = s->number;
		break;
	case GRPO_OPTION_BOOL:
		*(int32_t *)e->value = s->boolean;
		break;
	case GRPO_OPTION_CHOICE:
		*(int32_t *)e->value =
		    choice_index(e->option.choices, s->string);
		break;
	case GRPO_OPTION_STRING:
		*(const char **)e->value = s->string;
		break;
	default:
		*(const char **)e->value = e->text;
	}
}

/* cJSON's own print rounds numbers; this one does not. */
static int json_text(char **out, const cJSON *tree)
{
	grpo__buf b = {0};
	int rc = grpo__json_put(&b, tree);

	if (rc < 0)
		grpo__buf_dispose(&b);
	*out = b.data;
	return rc;
}

/* The text of JSON values first, since it needs memory. */
static int publish(grpo_config *c)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < c->n; i++) {
		struct entry *e = &c->entries[i];
		char *text = NULL;

		if (e->option.type != GRPO_OPTION_JSON)
			continue;
		if (c->slots[i].json)
			GRPO_TRY(json_text(&text, c->slots[i].json));
		free(e->text);
		e->text = text;
	}
	for (i = 0; i < c->n; i++)
		publish_one(c, i);
out:
	return rc;
}

int grpo_config_add_(grpo_config *c, const char *title, const char *section,
		     const grpo_option *table, size_t option_size, void *values)
{
	size_t n = 0, i;
	int rc = 0;

	while (table_at(table, option_size, n).type != GRPO_OPTION_END)
		n++;
	GRPO_TRY(make_room(c, n));
	for (i = 0; i < n; i++) {
		grpo_option o = table_at(table, option_size, i);
		size_t slot = c->n + i;

		GRPO_TRY(inner_option(c, &c->options[slot], &o, section, slot));
		GRPO_FAIL_IF(known(c, slot, c->options[slot].key), GRPO_EINVAL,
			     "option \"%s\" is there already",
			     c->options[slot].key);
		c->entries[slot] = (struct entry){
		    .option = o, .value = (char *)values + o.offset};
		memset(&c->slots[slot], 0, sizeof c->slots[slot]);
	}
	memset(&c->options[c->n + n], 0, sizeof *c->options);
	GRPO_TRY(grpo__options_init(c->slots, c->options + c->n));
	c->sections[c->n_sections++] = (struct section){
	    .title = title, .name = section, .first = c->n, .n = n};
	c->n += n;
	GRPO_TRY(publish(c));
out:
	if (rc < 0 && c->cap_options > c->n) /* the table ends as before */
		memset(&c->options[c->n], 0, sizeof *c->options);
	return rc;
}

/* -------------------------------------------------------------- reading */

static int is_section(const grpo_config *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->n_sections; i++)
		if (c->sections[i].name &&
		    strcmp(c->sections[i].name, name) == 0)
			return 1;
	return 0;
}

static int move_item(cJSON *to, cJSON *from, cJSON *item, const char *key)
{
	cJSON_DetachItemViaPointer(from, item);
	if (cJSON_AddItemToObject(to, key, item))
		return 0;
	cJSON_Delete(item);
	return grpo__fail(GRPO_ENOMEM, "out of memory");
}

/* A null in place of a number is TRL's None: the value stays. */
static int is_none(const grpo_config *c, const char *key, const cJSON *item)
{
	size_t i;

	for (i = 0; cJSON_IsNull(item) && i < c->n; i++)
		if (strcmp(c->options[i].key, key) == 0)
			return c->entries[i].option.type <= GRPO_OPTION_BOOL;
	return 0;
}

static int take_item(grpo_config *c, cJSON *flat, cJSON *from,
		     const char *section)
{
	cJSON *item = from->child;
	char *key = full_key(c, section, item->string);

	if (!key)
		return GRPO_ENOMEM;
	if (!is_none(c, key, item))
		return move_item(flat, from, item, key);
	cJSON_DetachItemViaPointer(from, item);
	cJSON_Delete(item);
	return 0;
}

/* {"base": {"steps": 3}} becomes {"base.steps": 3} */
static int flatten(grpo_config *c, cJSON *flat, cJSON *root, const char *where)
{
	cJSON *item;
	int rc = 0;

	while ((item = root->child)) {
		if (!is_section(c, item->string)) {
			GRPO_TRY(take_item(c, flat, root, NULL));
			continue;
		}
		GRPO_FAIL_IF(!cJSON_IsObject(item), GRPO_EFORMAT,
			     "%s: \"%s\": expected an object", where,
			     item->string);
		while (item->child)
			GRPO_TRY(take_item(c, flat, item, item->string));
		cJSON_DetachItemViaPointer(root, item);
		cJSON_Delete(item);
	}
out:
	return rc;
}

int grpo_config_read(grpo_config *c, const char *path)
{
	cJSON *root = NULL, *flat = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&root, path, MAX_CONFIG_BYTES));
	GRPO_FAIL_IF(!cJSON_IsObject(root), GRPO_EFORMAT,
		     "%s: expected an object", path);
	flat = cJSON_CreateObject();
	GRPO_FAIL_IF(!flat, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(flatten(c, flat, root, path));
	GRPO_TRY(grpo__options_read(c->slots, c->options, flat, path));
	GRPO_TRY(publish(c));
out:
	cJSON_Delete(flat);
	cJSON_Delete(root);
	return rc;
}

int grpo_config_set(grpo_config *c, const char *assignment)
{
	int rc = 0;

	GRPO_TRY(grpo__options_set(c->slots, c->options, assignment));
	GRPO_TRY(publish(c));
out:
	return rc;
}

/* -------------------------------------------------------------- writing */

struct writer {
	grpo__buf text;
	uint32_t flags;
	int is_first; /* no comma yet at this level */
};

static int write_key(struct writer *w, const char *key, const char *indent)
{
	const char *comma = w->is_first ? "" : ",";

	w->is_first = 0;
	return grpo__buf_printf(&w->text, "%s\n%s\"%s\": ", comma, indent, key);
}

static int write_string(grpo__buf *b, const char *s)
{
	return s ? grpo__json_quote(b, s, strlen(s))
		 : grpo__buf_add(b, "null", 4);
}

static int write_choice(grpo__buf *b, const char *choices, int32_t index)
{
	size_t len;
	const char *at = choice_at(choices, index, &len);

	return at ? grpo__json_quote(b, at, len)
		  : grpo__fail(GRPO_EINVAL, "choice %d of \"%s\"", (int)index,
			       choices);
}

/* The current value in the struct. */
static int write_value(grpo__buf *b, const struct entry *e)
{
	const char *text;

	switch (e->option.type) {
	case GRPO_OPTION_INT:
		return grpo__buf_printf(b, "%" PRId64,
					*(const int64_t *)e->value);
	case GRPO_OPTION_NUMBER:
		return grpo__json_put_number(b, *(const double *)e->value);
	case GRPO_OPTION_BOOL:
		return grpo__buf_printf(
		    b, *(const int32_t *)e->value ? "true" : "false");
	case GRPO_OPTION_CHOICE:
		return write_choice(b, e->option.choices,
				    *(const int32_t *)e->value);
	case GRPO_OPTION_STRING:
		return write_string(b, *(const char *const *)e->value);
	default:
		text = *(const char *const *)e->value;
		return grpo__buf_printf(b, "%s", text ? text : "null");
	}
}

static int write_members(struct writer *w, const grpo_config *c,
			 const struct section *s, const char *indent)
{
	size_t i;
	int rc = 0;

	for (i = s->first; i < s->first + s->n; i++) {
		const struct entry *e = &c->entries[i];

		if ((w->flags & GRPO_CONFIG_NUMBERS) &&
		    (e->option.flags & GRPO_OPTION_FREE))
			continue;
		GRPO_TRY(write_key(w, e->option.key, indent));
		GRPO_TRY(write_value(&w->text, e));
	}
out:
	return rc;
}

static int write_section(struct writer *w, const grpo_config *c,
			 const struct section *s)
{
	int rc = 0;

	if (!s->name)
		return write_members(w, c, s, "  ");
	GRPO_TRY(write_key(w, s->name, "  "));
	GRPO_TRY(grpo__buf_printf(&w->text, "{"));
	w->is_first = 1;
	GRPO_TRY(write_members(w, c, s, "    "));
	w->is_first = 0;
	GRPO_TRY(grpo__buf_printf(&w->text, "\n  }"));
out:
	return rc;
}

int grpo_config_text(const grpo_config *c, char **text, uint32_t flags)
{
	struct writer w = {.flags = flags, .is_first = 1};
	size_t i;
	int rc = 0;

	*text = NULL;
	GRPO_TRY(grpo__buf_printf(&w.text, "{"));
	for (i = 0; i < c->n_sections; i++)
		GRPO_TRY(write_section(&w, c, &c->sections[i]));
	GRPO_TRY(grpo__buf_printf(&w.text, "\n}\n"));
	*text = w.text.data;
	w.text.data = NULL;
out:
	grpo__buf_dispose(&w.text);
	return rc;
}

static int section_help(grpo__buf *b, const grpo_config *c,
			const struct section *s)
{
	grpo__option *table = grpo__alloc(s->n + 1, sizeof *table);
	int rc = 0;

	if (!table)
		return GRPO_ENOMEM;
	memcpy(table, c->options + s->first, s->n * sizeof *table);
	GRPO_TRY(grpo__buf_printf(b, "%s%s:\n", b->len ? "\n" : "", s->title));
	GRPO_TRY(grpo__options_help(b, table));
out:
	free(table);
	return rc;
}

int grpo_config_help(const grpo_config *c, char **text)
{
	grpo__buf b = {0};
	size_t i;
	int rc = 0;

	*text = NULL;
	for (i = 0; i < c->n_sections; i++)
		GRPO_TRY(section_help(&b, c, &c->sections[i]));
	GRPO_TRY(grpo__buf_add(&b, "", 0));
	*text = b.data;
	return 0;
out:
	grpo__buf_dispose(&b);
	return rc;
}

/* -------------------------------------------------------------- rewards */

static int check_reward_keys(const cJSON *item, const char *where)
{
	static const char *const keys[] = {"name", "weight", "params", NULL};
	const cJSON *m;

	if (!cJSON_IsObject(item))
		return grpo__fail(GRPO_EFORMAT,
				  "%s: expected {\"name\": …, \"weight\": …}",
				  where);
	cJSON_ArrayForEach(m, item)
	{
		const char *near;

		if (strcmp(m->string, "name") == 0 ||
		    strcmp(m->string, "weight") == 0 ||
		    strcmp(m->string, "params") == 0)
			continue;
		near = grpo__nearest(m->string, keys);
		return grpo__fail(GRPO_EFORMAT, "%s: unknown key \"%s\"%s%s%s",
				  where, m->string, near ? " (nearest: \"" : "",
				  near ? near : "", near ? "\")" : "");
	}
	return 0;
}

static int add_reward(grpo_reward_set *set, const cJSON *item,
		      const char *where)
{
	const cJSON *params;
	const char *name;
	char *text = NULL;
	double weight;
	int rc = 0;

	GRPO_TRY(check_reward_keys(item, where));
	GRPO_TRY(grpo__json_string(&name, item, "name", where));
	GRPO_TRY(grpo__json_number_or(&weight, item, "weight", 1, where));
	params = cJSON_GetObjectItemCaseSensitive(item, "params");
	GRPO_FAIL_IF(params && !cJSON_IsObject(params), GRPO_EFORMAT,
		     "%s: \"params\": expected an object", where);
	if (params)
		GRPO_TRY(json_text(&text, params));
	GRPO_TRY(grpo_reward_set_add(set, name, weight, text));
out:
	free(text);
	return rc;
}

int grpo_config_rewards(grpo_reward_set *set, const char *json,
			const char *where)
{
	cJSON *list = NULL;
	const cJSON *item;
	int rc = 0;

	GRPO_FAIL_IF(!json, GRPO_EFORMAT, "%s: is missing", where);
	GRPO_TRY(grpo__json_parse(&list, json, strlen(json), where));
	GRPO_FAIL_IF(!cJSON_IsArray(list) || !list->child, GRPO_EFORMAT,
		     "%s: expected a list of rewards", where);
	cJSON_ArrayForEach(item, list)
	{
		GRPO_TRY(add_reward(set, item, where));
	}
out:
	cJSON_Delete(list);
	return rc;
}
