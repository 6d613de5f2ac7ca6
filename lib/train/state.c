/* SPDX-License-Identifier: MIT */
#include "train/state.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "grpo/version.h"
#include "train/contents.h"
#include "train/settings.h"

#define FORMAT 2 /* of state.json */
#define MAX_STATE_BYTES (64u << 20)
#define MAX_KEY 512 /* of a key with the names of its objects */

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

/* Takes `part` over. */
static int add_part(cJSON *all, const char *key, cJSON *part)
{
	if (cJSON_AddItemToObject(all, key, part))
		return 0;
	cJSON_Delete(part);
	return grpo__fail(GRPO_ENOMEM, "out of memory");
}

static int add_identity(cJSON *all, const char *text)
{
	cJSON *identity = NULL;
	int rc = 0;

	if (!text)
		return 0;
	GRPO_TRY(
	    grpo__json_parse(&identity, text, strlen(text), "parts.identity"));
	if (cJSON_IsObject(identity))
		return add_part(all, "identity", identity);
	rc = grpo__fail(GRPO_EFORMAT, "parts.identity: expected an object");
	cJSON_Delete(identity);
out:
	return rc;
}

/* What the run's numbers depend on: the groups that are compared. */
static int dependencies(cJSON **out, const grpo_trainer *t)
{
	cJSON *all = cJSON_CreateObject(), *part;
	int rc = 0;

	GRPO_FAIL_IF(!all, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__settings_json(&part, &t->config, t->max_steps));
	GRPO_TRY(add_part(all, "settings", part));
	GRPO_TRY(grpo__contents_json(&part, t));
	GRPO_TRY(add_part(all, "contents", part));
	GRPO_TRY(add_identity(all, t->identity));
	*out = all;
	return 0;
out:
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
				  "  \"libgrpo\": \"%s\",\n"
				  "  \"tokens_per_micro_batch\": %" PRId64 ",\n"
				  "  \"best_only\": %s,\n"
				  "  \"best_metric\": ",
				  FORMAT, grpo_version(),
				  t->config.tokens_per_micro_batch,
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
			    "numbers of the run; bring back what was, or begin "
			    "a new run in another \"output_dir\"",
			    key, a, b);

	grpo__buf_dispose(&before);
	grpo__buf_dispose(&now);
	return rc;
}

static int same(const cJSON *was, const cJSON *is, const char *key);

/* Every key of `of` is the same in `was` and `is`, which are called `path`. */
static int same_members(const cJSON *of, const cJSON *was, const cJSON *is,
			const char *path)
{
	char key[MAX_KEY];
	const cJSON *m;
	int rc = 0;

	cJSON_ArrayForEach(m, of)
	{
		(void)snprintf(key, sizeof key, "%s%s%s", path,
			       path[0] ? "." : "", m->string);
		GRPO_TRY(same(cJSON_GetObjectItemCaseSensitive(was, m->string),
			      cJSON_GetObjectItemCaseSensitive(is, m->string),
			      key));
	}
out:
	return rc;
}

static int same_objects(const cJSON *was, const cJSON *is, const char *path)
{
	int rc = 0;

	GRPO_TRY(same_members(was, was, is, path));
	GRPO_TRY(same_members(is, was, is, path));
out:
	return rc;
}

/* Descends into objects, so that the message names the innermost key. */
static int same(const cJSON *was, const cJSON *is, const char *key)
{
	if (!was || !is)
		return differs(key, was, is);
	if (cJSON_IsObject(was) && cJSON_IsObject(is))
		return same_objects(was, is, key);
	return cJSON_Compare(was, is, 1) ? 0 : differs(key, was, is);
}

/* Keys are named as the caller knows them: without their group. */
static int same_dependencies(const cJSON *was, const cJSON *is)
{
	static const char *const groups[] = {"settings", "contents",
					     "identity"};
	size_t g;
	int rc = 0;

	for (g = 0; g < sizeof groups / sizeof *groups; g++) {
		const cJSON *a =
		    cJSON_GetObjectItemCaseSensitive(was, groups[g]);
		const cJSON *b =
		    cJSON_GetObjectItemCaseSensitive(is, groups[g]);

		if (cJSON_IsObject(a) && cJSON_IsObject(b))
			GRPO_TRY(same_objects(a, b, ""));
		else if (a || b)
			GRPO_TRY(differs(groups[g], a, b));
	}
out:
	return rc;
}

/* --------------------------------------------- what may differ, and is told */

static void warn_version(const cJSON *root)
{
	const cJSON *was = cJSON_GetObjectItemCaseSensitive(root, "libgrpo");

	if (!cJSON_IsString(was) ||
	    strcmp(was->valuestring, grpo_version()) == 0)
		return;
	grpo__log(GRPO_LOG_WARN,
		  "the checkpoint is of libgrpo %s, and this is %s: the run "
		  "may go on otherwise than it would have",
		  was->valuestring, grpo_version());
}

static void warn_sums(const grpo_trainer *t, int64_t was)
{
	if (was == t->config.tokens_per_micro_batch)
		return;
	grpo__log(GRPO_LOG_WARN,
		  "\"tokens_per_micro_batch\" was %" PRId64 " and is now "
		  "%" PRId64 ": sums are taken in another order, so numbers "
		  "differ in their last digits",
		  was, t->config.tokens_per_micro_batch);
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

/* What it was saved with, and what may not differ from now. */
static int read_dependencies(const grpo_trainer *t, const cJSON *root,
			     const char *path)
{
	int64_t micro_batch;
	cJSON *now = NULL;
	int rc = 0;

	GRPO_TRY(
	    grpo__json_int(&micro_batch, root, "tokens_per_micro_batch", path));
	GRPO_TRY(dependencies(&now, t));
	GRPO_TRY(same_dependencies(
	    cJSON_GetObjectItemCaseSensitive(root, "depends_on"), now));
	warn_version(root);
	warn_sums(t, micro_batch);
out:
	cJSON_Delete(now);
	return rc;
}

int grpo__state_read(grpo__state *out, const grpo_trainer *t, const char *path)
{
	cJSON *root = NULL;
	int64_t format;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&root, path, MAX_STATE_BYTES));
	GRPO_TRY(grpo__json_int(&format, root, "format", path));
	GRPO_FAIL_IF(format != FORMAT, GRPO_EABI,
		     "%s: format %" PRId64 ", expected %d", path, format,
		     FORMAT);
	GRPO_TRY(read_numbers(out, root, path));
	GRPO_TRY(read_best(out, t, root, path));
	GRPO_TRY(read_dependencies(t, root, path));
out:
	cJSON_Delete(root);
	/* A key that is missing is no missing checkpoint: a caller who takes it
	 * for one would start from the beginning. */
	return rc == GRPO_ENOTFOUND ? GRPO_EFORMAT : rc;
}
