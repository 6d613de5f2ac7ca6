/* SPDX-License-Identifier: MIT */
/*
 * One reward plug-in (grpo/reward.h), whichever is linked: parameters, a
 * prompt, the row's columns as a JSON object, then completions of one group.
 * Their bytes are the token ids too; where the prompt is empty there are none.
 * Requirements R2, R4, R5 and R8, and the range that the plug-in documents.
 *
 * With FUZZ_SLOW_MS in the environment, a row that takes longer than that many
 * milliseconds of processor time breaks it too.
 */
#include "grpo/reward.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "core/json.h"
#include "core/mem.h"
#include "tests/fuzz/fuzz.h"

#define MAX_ROWS 8
#define MAX_COLUMNS 8

/* Every reward lies between the least and the largest of these numbers. */
static const struct range {
	const char *plugin;
	struct bound {
		const char *key; /* of the parameters, or NULL */
		double value;    /* where it is not given */
	} bounds[5];
	int n;
} ranges[] = {
    {"countdown", {{"score", 1}, {"format_score", 0}, {NULL, 0}}, 3},
    {"format", {{"score", 1}, {NULL, 0}}, 2},
    {"language", {{NULL, 0}, {NULL, 1}}, 2},
    {"length",
     {{"min_value_correct", 0.5},
      {"max_value_correct", 1},
      {"min_value_wrong", -1},
      {"max_value_wrong", -0.5},
      {"exceed_value", 0}},
     5},
    {"length_group", {{NULL, -0.5}, {NULL, 0.5}}, 2},
    {"math",
     {{"score", 1},
      {"wrong_score", 0},
      {"no_answer_score", 0},
      {"unparsable_score", 0},
      {"budget_score", 0}},
     5},
    {"repetition", {{"max_penalty", -1}, {NULL, 0}}, 2},
    {"template", {{"score", 1}, {NULL, 0}}, 2},
};

struct input {
	grpo_str params, prompt;
	size_t n, n_columns;
	grpo_str completions[MAX_ROWS];
	grpo_str columns[MAX_COLUMNS], cells[MAX_COLUMNS];
	double low, high;
	const int *n_errors; /* lines that the plug-in logged */
};

/* A part; no bytes have no pointer, as is allowed. */
static grpo_str next(struct fuzz_input *in)
{
	grpo_str s;
	char *p = fuzz_bytes(in, &s.len);

	if (s.len == 0) {
		free(p);
		p = NULL;
	}
	s.ptr = p;
	return s;
}

/* --------------------------------------------------------------- input */

static grpo_str copy_of(const char *p, size_t len)
{
	char *copy = grpo__memdup(p, len);

	fuzz_require(copy != NULL);
	return (grpo_str){copy, len};
}

/* The host gives cells that are sound JSON, so what is not is no column. */
static void read_columns(struct input *r, struct fuzz_input *in)
{
	grpo_str object = next(in);
	grpo__json_member *m;
	size_t n, i;

	grpo__json_members(&m, &n, object.ptr ? object.ptr : "", object.len,
			   "columns");
	for (i = 0; i < n && i < MAX_COLUMNS; i++) {
		r->columns[i] = copy_of(m[i].key, strlen(m[i].key));
		r->cells[i] = copy_of(m[i].value, m[i].value_len);
	}
	r->n_columns = i;
	grpo__json_members_free(m, n);
	free((char *)object.ptr);
}

static const struct range *find_range(const char *plugin)
{
	size_t i;

	for (i = 0; i < sizeof ranges / sizeof *ranges; i++)
		if (strcmp(ranges[i].plugin, plugin) == 0)
			return &ranges[i];
	fuzz_fail(__FILE__, __LINE__, "every plug-in has a line in ranges[]");
}

static void read_range(struct input *r, const char *plugin)
{
	cJSON *params = cJSON_ParseWithLength(r->params.ptr, r->params.len);
	const struct range *range = find_range(plugin);
	int i;

	r->low = INFINITY;
	r->high = -INFINITY;
	for (i = 0; i < range->n; i++) {
		const struct bound *b = &range->bounds[i];
		const cJSON *v =
		    b->key ? cJSON_GetObjectItemCaseSensitive(params, b->key)
			   : NULL;
		double x = v ? cJSON_GetNumberValue(v) : b->value;

		r->low = fmin(r->low, x);
		r->high = fmax(r->high, x);
	}
	cJSON_Delete(params);
}

static void read_input(struct input *r, struct fuzz_input *in)
{
	memset(r, 0, sizeof *r);
	r->params = next(in);
	if (r->params.len == 0)
		r->params = copy_of("{}", 2);
	r->prompt = next(in);
	read_columns(r, in);
	do
		r->completions[r->n++] = next(in);
	while (fuzz_more(in) && r->n < MAX_ROWS);
}

static void free_input(struct input *r)
{
	while (r->n > 0)
		free((char *)r->completions[--r->n].ptr);
	while (r->n_columns > 0) {
		free((char *)r->columns[--r->n_columns].ptr);
		free((char *)r->cells[r->n_columns].ptr);
	}
	free((char *)r->prompt.ptr);
	free((char *)r->params.ptr);
}

/* ------------------------------------------------------------- scoring */

static void take_line(void *ctx, int level, const char *text)
{
	int *n_errors = ctx;

	fuzz_require(text && *text);
	fuzz_require(level >= GRPO_REWARD_LOG_ERROR &&
		     level <= GRPO_REWARD_LOG_INFO);
	*n_errors += level == GRPO_REWARD_LOG_ERROR;
}

static void take_note(void *ctx, size_t i, const char *name, grpo_str text)
{
	const size_t *n = ctx;
	char *copy = malloc(text.len + 1);

	fuzz_require(i < *n && name && *name && copy);
	if (text.len)
		memcpy(copy, text.ptr, text.len);
	free(copy);
}

struct result {
	double *reward; /* [n] and nothing after it, for AddressSanitizer */
	uint8_t *status;
	int rc;
};

static void check_result(const struct input *r, const struct result *x,
			 size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		int s = x->status[i];

		fuzz_require(
		    (s >= GRPO_REWARD_SCORED && s <= GRPO_REWARD_BUDGET) ||
		    s == GRPO_REWARD_MISSING || s == GRPO_REWARD_FAILED);
		if (GRPO_REWARD_IS_MISSING(s))
			continue;
		fuzz_require(isfinite(x->reward[i]));
		fuzz_require(x->reward[i] >= r->low && x->reward[i] <= r->high);
	}
}

/* What the host says of rows `first` to `first + n`, or backwards. */
struct rows {
	grpo_str completions[MAX_ROWS], prompts[MAX_ROWS];
	grpo_str cells[MAX_COLUMNS * MAX_ROWS];
	uint32_t groups[MAX_ROWS];
	uint8_t finish[MAX_ROWS];
	int32_t *tokens[MAX_ROWS];
	int64_t n_tokens[MAX_ROWS];
};

static int32_t *make_tokens(grpo_str text)
{
	int32_t *ids = malloc(text.len * sizeof *ids + 1);
	size_t i;

	fuzz_require(ids != NULL);
	for (i = 0; i < text.len; i++)
		ids[i] = (unsigned char)text.ptr[i];
	return ids;
}

static void fill_rows(struct rows *w, const struct input *r, size_t first,
		      size_t n, int backwards)
{
	size_t i, c;

	memset(w, 0, sizeof *w);
	for (i = 0; i < n; i++) {
		size_t at = first + (backwards ? n - 1 - i : i);

		w->completions[i] = r->completions[at];
		w->prompts[i] = r->prompt;
		w->finish[i] = (uint8_t)(r->completions[at].len % 5 % 3);
		if (r->prompt.len) {
			w->tokens[i] = make_tokens(r->completions[at]);
			w->n_tokens[i] = (int64_t)r->completions[at].len;
		}
		for (c = 0; c < r->n_columns; c++)
			w->cells[c * n + i] = r->cells[c];
	}
}

/* A plug-in that needs tokens may fail where there are none (R8). */
static int call(const grpo_reward_plugin *p, void *state, const struct input *r,
		const grpo_reward_batch *batch, const struct result *x)
{
	int before = *r->n_errors;
	int rc = p->score(state, batch, x->reward, x->status);

	fuzz_require(rc <= 0);
	fuzz_require(rc == 0 || r->prompt.len == 0);
	fuzz_require(rc == 0 || *r->n_errors > before);
	return rc;
}

static double used_ms(void)
{
	struct timespec t;

	fuzz_require(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t) == 0);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int timed_call(const grpo_reward_plugin *p, void *state,
		      const struct input *r, const grpo_reward_batch *batch,
		      const struct result *x)
{
	const char *limit = getenv("FUZZ_SLOW_MS");
	double start = used_ms();
	int rc = call(p, state, r, batch, x);

	fuzz_require(!limit ||
		     used_ms() - start <= atof(limit) * (double)batch->n);
	return rc;
}

static struct result score(const grpo_reward_plugin *p, void *state,
			   const struct input *r, size_t first, size_t n,
			   int backwards)
{
	struct rows w;
	struct result x = {malloc(n * sizeof *x.reward), malloc(n), 0};
	grpo_reward_batch batch = {.struct_size = sizeof batch,
				   .n = n,
				   .prompts = w.prompts,
				   .completions = w.completions,
				   .groups = w.groups,
				   .finish = w.finish,
				   .n_columns = r->n_columns,
				   .columns = r->columns,
				   .cells = w.cells,
				   .tokens = (const int32_t *const *)w.tokens,
				   .n_tokens = w.n_tokens,
				   .explain = backwards ? take_note : NULL,
				   .explain_ctx = &n};
	size_t i;

	fuzz_require(x.reward && x.status);
	memset(x.status, 0xff, n);
	fill_rows(&w, r, first, n, backwards);
	x.rc = timed_call(p, state, r, &batch, &x);
	if (x.rc == 0)
		check_result(r, &x, n);
	for (i = 0; i < n; i++)
		free(w.tokens[i]);
	return x;
}

static void free_result(struct result *x)
{
	free(x->reward);
	free(x->status);
}

static void check_same(const struct result *a, size_t i, const struct result *b,
		       size_t j)
{
	if (a->rc < 0 || b->rc < 0)
		return; /* one row without tokens fails all of its call */
	fuzz_require(a->status[i] == b->status[j]);
	fuzz_require(GRPO_REWARD_IS_MISSING(a->status[i]) ||
		     a->reward[i] == b->reward[j]);
}

/* R5: in this order, backwards with explanations, and each row alone. */
static void check_scores(const grpo_reward_plugin *p, void *state,
			 const struct input *r)
{
	struct result x = score(p, state, r, 0, r->n, 0);
	struct result y = score(p, state, r, 0, r->n, 1);
	size_t i;

	fuzz_require(x.rc == y.rc);
	for (i = 0; i < r->n; i++) {
		check_same(&x, i, &y, r->n - 1 - i);
		if (!(p->flags & GRPO_REWARD_PER_GROUP)) {
			struct result one = score(p, state, r, i, 1, 0);

			check_same(&x, i, &one, 0);
			free_result(&one);
		}
	}
	free_result(&x);
	free_result(&y);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const grpo_reward_plugin *p = grpo_reward_plugin_v1();
	struct fuzz_input in = fuzz_begin(data, size);
	int n_errors = 0;
	grpo_reward_host host = {sizeof host, &n_errors, take_line};
	struct input r;
	void *state = NULL;

	read_input(&r, &in);
	r.n_errors = &n_errors;
	read_range(&r, p->name);
	if (!p->open || p->open(&state, &host, r.params) == 0) {
		check_scores(p, state, &r);
		if (p->close)
			p->close(state);
	} else {
		fuzz_require(n_errors > 0); /* R8 */
	}
	free_input(&r);
	return 0;
}
