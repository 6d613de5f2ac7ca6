/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "torch/config.h"

/*
 * Rotary settings: an object "rope_parameters", or the older "rope_scaling"
 * beside "rope_theta".
 */
struct kind {
	const char *name;
	int type;
	const char *keys[5]; /* that it reads besides rope_theta */
};

static const struct kind kinds[] = {
    {"default", GRPO__ROPE_DEFAULT, {NULL}},
    {"linear", GRPO__ROPE_LINEAR, {"factor", NULL}},
    {"llama3",
     GRPO__ROPE_LLAMA3,
     {"factor", "low_freq_factor", "high_freq_factor",
      "original_max_position_embeddings", NULL}},
};

/* An object of the config, and how messages call it. */
struct place {
	const cJSON *object;
	const char *key;  /* "rope_parameters" */
	const char *path; /* config.json */
	char where[512];  /* path: "key" */
};

static const struct kind *kind_of(const char *name)
{
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].name, name))
			return &kinds[i];
	return NULL;
}

static int find_kind(const struct kind **out, const struct place *p)
{
	const char *name = "default", *older = NULL;
	int rc = 0;

	if (grpo__config_is_set(p->object, "type")) {
		GRPO_TRY(
		    grpo__json_string(&older, p->object, "type", p->where));
		name = older;
	}
	if (grpo__config_is_set(p->object, "rope_type"))
		GRPO_TRY(
		    grpo__json_string(&name, p->object, "rope_type", p->where));
	GRPO_FAIL_IF(older && strcmp(older, name) != 0, GRPO_EFORMAT,
		     "%s: \"rope_type\" is %s and \"type\" is %s: remove the "
		     "wrong one",
		     p->where, name, older);
	*out = kind_of(name);
	GRPO_FAIL_IF(!*out, GRPO_EFORMAT,
		     "%s: \"rope_type\": %s is not implemented (default, "
		     "linear, llama3 are): choose a model with one of these",
		     p->where, name);
out:
	return rc;
}

/* Changes nothing: read elsewhere, or a value that is the same as none. */
static int is_idle(const struct kind *kind, const cJSON *item)
{
	static const char *const read[] = {"rope_theta", "rope_type", "type"};

	for (size_t i = 0; i < sizeof read / sizeof *read; i++)
		if (!strcmp(item->string, read[i]))
			return 1;
	for (const char *const *k = kind->keys; *k; k++)
		if (!strcmp(item->string, *k))
			return 1;
	if (!strcmp(item->string, "factor") ||
	    !strcmp(item->string, "partial_rotary_factor"))
		return cJSON_IsNumber(item) && item->valuedouble == 1;
	return cJSON_IsNull(item) ||
	       (kind->type == GRPO__ROPE_DEFAULT &&
		!strcmp(item->string, "original_max_position_embeddings"));
}

static int check_rope_keys(const struct kind *kind, const struct place *p)
{
	const cJSON *item;
	char value[48];
	int rc = 0;

	cJSON_ArrayForEach(item, p->object)
	{
		GRPO_FAIL_IF(
		    !is_idle(kind, item), GRPO_EFORMAT,
		    "%s: \"%s\": %s is not implemented with rope_type "
		    "%s, and may change the model: choose a model "
		    "without it, or remove the key if it has no effect",
		    p->where, item->string,
		    grpo__config_value(value, sizeof value, item), kind->name);
	}
out:
	return rc;
}

static int check_numbers(const grpo__config *c, const struct place *p)
{
	int rc = 0;

	GRPO_FAIL_IF(!(c->rope_factor > 0), GRPO_EFORMAT,
		     "%s: \"factor\": %g is not positive", p->where,
		     c->rope_factor);
	if (c->rope_type != GRPO__ROPE_LLAMA3)
		goto out;
	GRPO_FAIL_IF(!(c->rope_low_freq_factor > 0), GRPO_EFORMAT,
		     "%s: \"low_freq_factor\": %g is not positive", p->where,
		     c->rope_low_freq_factor);
	GRPO_FAIL_IF(
	    !(c->rope_high_freq_factor > c->rope_low_freq_factor), GRPO_EFORMAT,
	    "%s: \"high_freq_factor\": %g must be above "
	    "\"low_freq_factor\" %g",
	    p->where, c->rope_high_freq_factor, c->rope_low_freq_factor);
	GRPO_FAIL_IF(c->rope_original_positions < 1, GRPO_EFORMAT,
		     "%s: \"original_max_position_embeddings\": %lld is not "
		     "positive",
		     p->where, (long long)c->rope_original_positions);
out:
	return rc;
}

static int read_kind(grpo__config *c, const struct place *p)
{
	const struct kind *kind;
	int rc = 0;

	GRPO_TRY(grpo__json_number_or(&c->rope_theta, p->object, "rope_theta",
				      c->rope_theta, p->where));
	GRPO_TRY(find_kind(&kind, p));
	GRPO_TRY(check_rope_keys(kind, p));
	c->rope_type = kind->type;
	if (kind->type == GRPO__ROPE_DEFAULT)
		goto out;
	GRPO_TRY(
	    grpo__json_number(&c->rope_factor, p->object, "factor", p->where));
	if (kind->type == GRPO__ROPE_LLAMA3) {
		GRPO_TRY(grpo__json_number(&c->rope_low_freq_factor, p->object,
					   "low_freq_factor", p->where));
		GRPO_TRY(grpo__json_number(&c->rope_high_freq_factor, p->object,
					   "high_freq_factor", p->where));
		GRPO_TRY(grpo__json_int(&c->rope_original_positions, p->object,
					"original_max_position_embeddings",
					p->where));
	}
	GRPO_TRY(check_numbers(c, p));
out:
	return rc;
}

/* p->object is NULL where the key is missing, null or {}. */
static int find_place(struct place *p, const cJSON *json, const char *key,
		      const char *path)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, key);
	int rc = 0;

	*p = (struct place){.key = key, .path = path};
	snprintf(p->where, sizeof p->where, "%s: \"%s\"", path, key);
	if (!v || cJSON_IsNull(v))
		goto out;
	GRPO_FAIL_IF(!cJSON_IsObject(v), GRPO_EFORMAT,
		     "%s: expected an object or null", p->where);
	p->object = v->child ? v : NULL;
out:
	return rc;
}

int grpo__config_read_rope(grpo__config *c, const cJSON *json, const char *path)
{
	struct place now, older;
	int rc = 0;

	c->rope_factor = 1;
	GRPO_TRY(grpo__json_number_or(&c->rope_theta, json, "rope_theta", 1e4,
				      path));
	GRPO_TRY(find_place(&now, json, "rope_parameters", path));
	GRPO_TRY(find_place(&older, json, "rope_scaling", path));
	GRPO_FAIL_IF(now.object && older.object &&
			 !cJSON_Compare(now.object, older.object, 1),
		     GRPO_EFORMAT,
		     "%s: \"rope_parameters\" and \"rope_scaling\" differ: "
		     "remove the wrong one",
		     path);
	if (now.object)
		GRPO_TRY(read_kind(c, &now));
	else if (older.object)
		GRPO_TRY(read_kind(c, &older));
	GRPO_FAIL_IF(!(c->rope_theta > 0), GRPO_EFORMAT,
		     "%s: \"rope_theta\": %g is not positive", path,
		     c->rope_theta);
out:
	return rc;
}

/*
 * Inverse frequency of dimension pair i; the llama3 rule bends low
 * frequencies by `factor` and smooths between (transformers,
 * modeling_rope_utils.py).
 */
static double inverse_frequency(const grpo__config *c, int64_t i)
{
	double f = pow(c->rope_theta, -2.0 * (double)i / (double)c->head_dim);
	double wave = 2 * M_PI / f, old = (double)c->rope_original_positions;
	double smooth;

	if (c->rope_type == GRPO__ROPE_DEFAULT)
		return f;
	if (c->rope_type == GRPO__ROPE_LINEAR)
		return f / c->rope_factor;
	if (wave > old / c->rope_low_freq_factor)
		return f / c->rope_factor;
	if (wave < old / c->rope_high_freq_factor)
		return f;
	smooth = (old / wave - c->rope_low_freq_factor) /
		 (c->rope_high_freq_factor - c->rope_low_freq_factor);
	return (1 - smooth) * f / c->rope_factor + smooth * f;
}

float *grpo__config_rope_table(const grpo__config *c, int64_t n)
{
	int64_t half = c->head_dim / 2;
	float *table = grpo__alloc((size_t)(2 * n * half), sizeof *table);

	for (int64_t i = 0; table && i < half; i++) {
		/* fp32 as the reference computes them */
		float f = (float)inverse_frequency(c, i);

		for (int64_t p = 0; p < n; p++) {
			float angle = (float)p * f;

			table[p * half + i] = cosf(angle);
			table[(n + p) * half + i] = sinf(angle);
		}
	}
	return table;
}
