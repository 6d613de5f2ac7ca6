/* SPDX-License-Identifier: MIT */
#include "train/contents.h"

#include <stdint.h>
#include <string.h>

#include "core/fail.h"
#include "core/hash.h"
#include "core/json.h"
#include "data/dataset.h"
#include "reward/set.h"
#include "text/template.h"
#include "text/tokenizer.h"
#include "train/rows.h"

/* Takes `item` over; NULL is memory that ran out. */
static int add(cJSON *object, const char *key, cJSON *item)
{
	if (item && cJSON_AddItemToObject(object, key, item))
		return 0;
	cJSON_Delete(item);
	return grpo__fail(GRPO_ENOMEM, "out of memory");
}

static int add_number(cJSON *object, const char *key, double x)
{
	return add(object, key, cJSON_CreateNumber(x));
}

static int add_hash(cJSON *object, uint64_t hash)
{
	char hex[GRPO__HASH_HEX];

	grpo__hash_hex(hex, hash);
	return add(object, "xxh64", cJSON_CreateString(hex));
}

/* *made: an empty object that is in `all`. */
static int add_object(cJSON **made, cJSON *all, const char *key)
{
	*made = cJSON_CreateObject();
	return add(all, key, *made);
}

static int add_dataset(cJSON *all, const grpo_trainer *t)
{
	const grpo_dataset *d = t->parts.dataset;
	cJSON *o;
	int rc = 0;

	GRPO_TRY(add_object(&o, all, "dataset"));
	GRPO_TRY(add_number(o, "rows", (double)grpo_dataset_rows(d)));
	GRPO_TRY(
	    add_number(o, "dropped", (double)grpo__rows_dropped(&t->train)));
	GRPO_TRY(add_hash(o, grpo__dataset_hash(d)));
out:
	return rc;
}

static int add_template(cJSON *all, const grpo_template *t)
{
	const char *text = t->text ? t->text : t->name;
	cJSON *o;
	grpo__hash h;
	int rc = 0;

	grpo__hash_begin(&h);
	grpo__hash_part(&h, text, strlen(text));
	if (t->system)
		grpo__hash_part(&h, t->system, strlen(t->system));
	GRPO_TRY(add_object(&o, all, "template"));
	GRPO_TRY(add_hash(o, grpo__hash_value(&h)));
out:
	return rc;
}

static int add_tokenizer(cJSON *all, const grpo_tokenizer *t)
{
	cJSON *o;
	int rc = 0;

	GRPO_TRY(add_object(&o, all, "tokenizer"));
	GRPO_TRY(add_hash(o, t->hash));
	GRPO_TRY(add_number(o, "bos", t->bos));
	GRPO_TRY(
	    add(o, "stops", cJSON_CreateIntArray(t->stop, (int)t->n_stops)));
out:
	return rc;
}

static int add_reward(cJSON *rewards, const grpo_reward_set *set, int32_t k)
{
	const grpo__plugin *p = set->plugin[k];
	const char *text = grpo__plugin_params(p);
	cJSON *o, *params;
	int rc = 0;

	GRPO_TRY(add_object(&o, rewards, grpo__plugin_name(p)));
	GRPO_TRY(add_number(o, "position", k)); /* sums are in this order */
	GRPO_TRY(add_number(o, "weight", set->weight[k]));
	GRPO_TRY(grpo__json_parse(&params, text, strlen(text), "params"));
	GRPO_TRY(add(o, "params", params));
	GRPO_TRY(add_hash(o, grpo__plugin_hash(p)));
out:
	return rc;
}

static int add_rewards(cJSON *all, const grpo_reward_set *set)
{
	cJSON *rewards;
	int32_t k;
	int rc = 0;

	GRPO_TRY(add_object(&rewards, all, "rewards"));
	for (k = 0; k < set->n; k++)
		GRPO_TRY(add_reward(rewards, set, k));
out:
	return rc;
}

int grpo__contents_json(cJSON **out, const grpo_trainer *t)
{
	const grpo_trainer_parts *p = &t->parts;
	cJSON *all = cJSON_CreateObject();
	int rc = 0;

	GRPO_FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	if (p->dataset)
		GRPO_TRY(add_dataset(all, t));
	if (p->prompt_template)
		GRPO_TRY(add_template(all, p->prompt_template));
	if (p->tokenizer)
		GRPO_TRY(add_tokenizer(all, p->tokenizer));
	if (p->rewards)
		GRPO_TRY(add_rewards(all, p->rewards));
	*out = all;
	all = NULL;
out:
	cJSON_Delete(all);
	return rc;
}
