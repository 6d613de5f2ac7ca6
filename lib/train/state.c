/* SPDX-License-Identifier: MIT */
#include "train/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "train/settings.h"

#define FORMAT 1 /* of state.json */
#define MAX_STATE_BYTES (64u << 20)

/* The numbers of a state, once for both directions. */
#define INTEGERS(X)                                                            \
	X("steps", progress.steps)                                             \
	X("batches", progress.batches)                                         \
	X("num_tokens", progress.num_tokens)                                   \
	X("evaluated", progress.evaluated)                                     \
	X("best_step", progress.best_step)                                     \
	X("completions", progress.totals.completions)                          \
	X("tokens_sampled", progress.totals.tokens_sampled)                    \
	X("tokens_trained", progress.totals.tokens_trained)                    \
	X("metrics_bytes", metrics_bytes)                                      \
	X("samples_bytes", samples_bytes)                                      \
	X("rollouts_bytes", rollouts_bytes)
#define NUMBERS(X)                                                             \
	X("best_value", progress.best_value)                                   \
	X("sampling_s", progress.totals.sampling_s)                            \
	X("rewards_s", progress.totals.rewards_s)                              \
	X("training_s", progress.totals.training_s)                            \
	X("eval_s", progress.totals.eval_s)                                    \
	X("total_s", progress.totals.total_s)

/* What the run's numbers depend on: {"settings": …, "identity": …, …} */
static int dependencies(cJSON **out, const grpo_trainer *t)
{
	cJSON *all = cJSON_CreateObject(), *part = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__settings_json(&part, &t->config, t->max_steps));
	GRPO_FAIL_IF(!cJSON_AddItemToObject(all, "settings", part), GRPO_ENOMEM,
		     "out of memory");
	part = NULL;
	if (t->identity) {
		GRPO_TRY(grpo__json_parse(
		    &part, t->identity, strlen(t->identity), "parts.identity"));
		GRPO_FAIL_IF(!cJSON_IsObject(part), GRPO_EFORMAT,
			     "parts.identity: expected an object");
		GRPO_FAIL_IF(!cJSON_AddItemToObject(all, "identity", part),
			     GRPO_ENOMEM, "out of memory");
		part = NULL;
	}
	GRPO_FAIL_IF(!cJSON_AddNumberToObject(
			 all, "dataset_rows",
			 t->parts.dataset
			     ? (double)grpo_dataset_rows(t->parts.dataset)
			     : 0),
		     GRPO_ENOMEM, "out of memory");
	*out = all;
	return 0;
out:
	cJSON_Delete(part);
	cJSON_Delete(all);
	return rc;
}

static int print_numbers(grpo__buf *out, const grpo__state *s)
{
	int rc = 0;

#define X(name, field)                                                         \
	GRPO_TRY(grpo__buf_printf(out, "  \"%s\": %" PRId64 ",\n", name,       \
				  s->field));
	INTEGERS(X)
#undef X
#define X(name, field)                                                         \
	GRPO_TRY(grpo__buf_printf(out, "  \"%s\": ", name));                   \
	GRPO_TRY(grpo__json_put_number(out, s->field));                        \
	GRPO_TRY(grpo__buf_printf(out, ",\n"));
	NUMBERS(X)
#undef X
out:
	return rc;
}

int grpo__state_print(grpo__buf *out, const grpo_trainer *t)
{
	grpo__state s = {.progress = t->progress,
			 .metrics_bytes = t->metrics.bytes,
			 .samples_bytes = t->samples.bytes,
			 .rollouts_bytes = t->rollouts.bytes};
	cJSON *depends = NULL;
	int rc = 0;

	GRPO_TRY(dependencies(&depends, t));
	GRPO_TRY(grpo__buf_printf(out,
				  "{\n  \"format\": %d,\n"
				  "  \"best_only\": %s,\n"
				  "  \"best_metric\": ",
				  FORMAT,
				  s.progress.best_only ? "true" : "false"));
	GRPO_TRY(grpo__json_quote(out, t->metric, strlen(t->metric)));
	GRPO_TRY(grpo__buf_printf(out, ",\n"));
	GRPO_TRY(print_numbers(out, &s));
	GRPO_TRY(grpo__buf_printf(out, "  \"depends_on\": "));
	GRPO_TRY(grpo__json_put(out, depends));
	GRPO_TRY(grpo__buf_printf(out, "\n}\n"));
out:
	cJSON_Delete(depends);
	return rc;
}

/* ----------------------------------------------------------------- read */

static const char *shown(grpo__buf *b, const cJSON *value)
{
	if (!value)
		return "not set";
	return grpo__json_put(b, value) < 0 ? "another value" : b->data;
}

static int differs(const char *key, const cJSON *was, const cJSON *is)
{
	grpo__buf before = {0}, now = {0};
	const char *a = shown(&before, was), *b = shown(&now, is);
	int rc = grpo__fail(GRPO_EINVAL,
			    "\"%s\" was %s and is now %s: it changes the "
			    "numbers of the run",
			    key, a, b);

	grpo__buf_dispose(&before);
	grpo__buf_dispose(&now);
	return rc;
}

static int same(const cJSON *was, const cJSON *is, const char *key);

/* Every key of `of` is the same in `was` and `is`. */
static int same_members(const cJSON *of, const cJSON *was, const cJSON *is)
{
	const cJSON *m;
	int rc = 0;

	cJSON_ArrayForEach(m, of)
	{
		GRPO_TRY(same(cJSON_GetObjectItemCaseSensitive(was, m->string),
			      cJSON_GetObjectItemCaseSensitive(is, m->string),
			      m->string));
	}
out:
	return rc;
}

/* Descends into objects, so that the message names the innermost key. */
static int same(const cJSON *was, const cJSON *is, const char *key)
{
	int rc = 0;

	if (!was || !is)
		return differs(key, was, is);
	if (!cJSON_IsObject(was) || !cJSON_IsObject(is))
		return cJSON_Compare(was, is, 1) ? 0 : differs(key, was, is);
	GRPO_TRY(same_members(was, was, is));
	GRPO_TRY(same_members(is, was, is));
out:
	return rc;
}

static int read_numbers(grpo__state *s, const cJSON *root, const char *path)
{
	int rc = 0;

#define X(name, field)                                                         \
	GRPO_TRY(grpo__json_int(&s->field, root, name, path));                 \
	GRPO_FAIL_IF(s->field < 0, GRPO_EFORMAT, "%s: \"%s\" is negative",     \
		     path, name);
	INTEGERS(X)
#undef X
#define X(name, field) GRPO_TRY(grpo__json_number(&s->field, root, name, path));
	NUMBERS(X)
#undef X
	GRPO_TRY(
	    grpo__json_bool(&s->progress.best_only, root, "best_only", path));
out:
	return rc;
}

/* The best evaluation by another metric need not be the best by this one. */
static int read_best(grpo__state *s, const grpo_trainer *t, const cJSON *root,
		     const char *path)
{
	const char *metric;
	int rc = 0;

	GRPO_TRY(grpo__json_string(&metric, root, "best_metric", path));
	if (strcmp(metric, t->metric) != 0)
		s->progress.best_step = 0;
out:
	return rc;
}

/* A key that is missing is no missing checkpoint: a caller who takes it for one
 * would start from the beginning. */
static int damaged(void)
{
	char line[1024];

	snprintf(line, sizeof line, "%s", grpo_error_message());
	return grpo__fail(GRPO_EFORMAT, "%s", line);
}

int grpo__state_read(grpo__state *out, const grpo_trainer *t, const char *path)
{
	cJSON *root = NULL, *now = NULL;
	const cJSON *was;
	int64_t format;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&root, path, MAX_STATE_BYTES));
	GRPO_TRY(grpo__json_int(&format, root, "format", path));
	GRPO_FAIL_IF(format != FORMAT, GRPO_EABI,
		     "%s: format %" PRId64 ", expected %d", path, format,
		     FORMAT);
	GRPO_TRY(read_numbers(out, root, path));
	GRPO_TRY(read_best(out, t, root, path));
	GRPO_TRY(dependencies(&now, t));
	was = cJSON_GetObjectItemCaseSensitive(root, "depends_on");
	GRPO_TRY(same(was, now, "depends_on"));
out:
	cJSON_Delete(now);
	cJSON_Delete(root);
	return rc == GRPO_ENOTFOUND ? damaged() : rc;
}
