/* SPDX-License-Identifier: MIT */
/*
 * Advantages, loss, gradient and metrics against TRL's, recorded in float64
 * by tests/golden/make_algo.py.  Inputs are multiples of 2^-10, the same in
 * float as in double; what remains is the order of sums (1e-12), the float of
 * dlogp (6e-8 of its size) and of TRL's clip shares (6e-8).
 */
#include <check.h>
#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/advantage.h"
#include "grpo/error.h"
#include "grpo/kl.h"
#include "grpo/objective.h"
#include "tests/suite.h"

#define VECTORS "tests/golden/algo.json"
#define MAX_TOKENS 64
#define MAX_ROWS 64
#define TOL_DOUBLE 1e-10
#define TOL_FLOAT 1e-6

static cJSON *vectors;

static void open_vectors(void)
{
	FILE *f = fopen(VECTORS, "rb");
	char *text = malloc(1 << 20);
	size_t n;

	ck_assert_msg(f != NULL, "%s: run from the repository's root", VECTORS);
	n = fread(text, 1, (1 << 20) - 1, f);
	fclose(f);
	text[n] = 0;
	vectors = cJSON_Parse(text);
	ck_assert_msg(vectors != NULL, "%s: not JSON", VECTORS);
	free(text);
}

static void close_vectors(void)
{
	cJSON_Delete(vectors);
}

static cJSON *get(const cJSON *o, const char *key)
{
	cJSON *x = cJSON_GetObjectItemCaseSensitive(o, key);

	ck_assert_msg(x != NULL, "%s: no \"%s\"", VECTORS, key);
	return x;
}

static double number(const cJSON *o, const char *key)
{
	return get(o, key)->valuedouble;
}

/* null is NaN: a missing reward */
static int numbers(double *x, const cJSON *list, int max)
{
	const cJSON *e;
	int n = 0;

	cJSON_ArrayForEach(e, list)
	{
		ck_assert_int_lt(n, max);
		x[n++] = cJSON_IsNull(e) ? NAN : e->valuedouble;
	}
	return n;
}

static double largest(double a, double b)
{
	return isnan(b) || b > a ? b : a;
}

/* ------------------------------------------------------------ advantages */

static int scale_named(const char *name)
{
	return strcmp(name, "group") == 0   ? GRPO_SCALE_GROUP
	       : strcmp(name, "batch") == 0 ? GRPO_SCALE_BATCH
					    : GRPO_SCALE_NONE;
}

static int read_rewards(double *rewards, const cJSON *list, int n_rewards)
{
	const cJSON *e;
	int n_rows = 0;

	cJSON_ArrayForEach(e, list)
	{
		ck_assert_int_lt(n_rows, MAX_ROWS);
		numbers(rewards + n_rows++ * n_rewards, e, n_rewards);
	}
	return n_rows;
}

/* Largest difference of any total or advantage of the case. */
static double advantage_case(const cJSON *c)
{
	double rewards[MAX_ROWS * 4], weights[4], want[MAX_ROWS];
	double total[MAX_ROWS], adv[MAX_ROWS], worst = 0;
	int64_t group[MAX_ROWS + 1];
	int size = get(c, "group_size")->valueint;
	int k = numbers(weights, get(c, "weights"), 4);
	int n = read_rewards(rewards, get(c, "rewards"), k);
	int i;
	grpo_advantage_options o;

	for (i = 0; i <= n / size; i++)
		group[i] = i * size;
	grpo_advantage_options_init(&o);
	o.scale = scale_named(get(c, "scale")->valuestring);
	o.ddof = get(c, "ddof")->valueint;
	ck_assert_int_eq(grpo_reward_totals(total, rewards, weights, n, k), 0);
	ck_assert_int_eq(numbers(want, get(c, "total"), n), n);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(!!isnan(total[i]), !!isnan(want[i]));
		if (!isnan(want[i]))
			worst = largest(worst, fabs(total[i] - want[i]));
	}
	ck_assert_int_eq(grpo_advantages(adv, NULL, total, group, n / size, &o),
			 0);
	ck_assert_int_eq(numbers(want, get(c, "advantage"), n), n);
	for (i = 0; i < n; i++)
		worst = largest(worst, fabs(adv[i] - want[i]));
	return worst;
}

START_TEST(totals_and_advantages_are_those_of_trl)
{
	const cJSON *c, *list = get(vectors, "advantages");
	double worst = 0;

	ck_assert_int_ge(cJSON_GetArraySize(list), 30);
	cJSON_ArrayForEach(c, list) worst = largest(worst, advantage_case(c));
	printf("advantages: %d cases, largest difference %.1e\n",
	       cJSON_GetArraySize(list), worst);
	ck_assert_double_le(worst, TOL_DOUBLE);
}
END_TEST

/* ------------------------------------------------------------- objective */

struct batch {
	int64_t row[MAX_ROWS + 1];
	float logp[MAX_TOKENS], old_logp[MAX_TOKENS], ref_logp[MAX_TOKENS];
	float rollout_logp[MAX_TOKENS];
	float entropy[MAX_TOKENS], advantage[MAX_TOKENS];
	uint8_t mask[MAX_TOKENS];
	int n_rows, n_tokens;
};

static void floats(float *x, const cJSON *o, const char *key)
{
	double v[MAX_TOKENS];
	int i, n = numbers(v, get(o, key), MAX_TOKENS);

	for (i = 0; i < n; i++) {
		x[i] = (float)v[i];
		ck_assert(x[i] == v[i] || isnan(v[i])); /* nothing lost */
	}
}

static void read_batch(struct batch *b, const cJSON *o)
{
	double v[MAX_TOKENS];
	int i;

	b->n_rows = numbers(v, get(o, "row"), MAX_ROWS) - 1;
	for (i = 0; i <= b->n_rows; i++)
		b->row[i] = (int64_t)v[i];
	b->n_tokens = numbers(v, get(o, "mask"), MAX_TOKENS);
	for (i = 0; i < b->n_tokens; i++)
		b->mask[i] = (uint8_t)v[i];
	floats(b->logp, o, "logp");
	floats(b->old_logp, o, "old_logp");
	floats(b->ref_logp, o, "ref_logp");
	floats(b->rollout_logp, o, "rollout_logp");
	floats(b->entropy, o, "entropy");
	floats(b->advantage, o, "advantage");
}

/* The place of a case's word in a list of them. */
static int choice(const cJSON *c, const char *key, const char *const *names)
{
	const char *name = get(c, key)->valuestring;
	int i;

	for (i = 0; names[i]; i++)
		if (strcmp(name, names[i]) == 0)
			return i;
	ck_abort_msg("%s \"%s\" is unknown", key, name);
	return -1;
}

/* null: without this bound */
static double bound(const cJSON *c, const char *key, double none)
{
	return cJSON_IsNull(get(c, key)) ? none : number(c, key);
}

static void set_options(grpo_objective_options *o, const cJSON *c)
{
	static const char *const losses[] = {"grpo", "bnpo", "dr_grpo", "dapo",
					     NULL};
	static const char *const estimators[] = {"k1", "k2", "k3", NULL};
	static const char *const corrections[] = {
	    "none",          "token_truncate",
	    "token_mask",    "sequence_truncate",
	    "sequence_mask", NULL};

	grpo_objective_options_init(o);
	ck_assert_int_eq(
	    grpo_objective_loss_type(o, choice(c, "loss_type", losses)), 0);
	o->kl_estimator = choice(c, "kl_estimator", estimators);
	o->kl_bias_correction = cJSON_IsTrue(get(c, "kl_bias_correction"));
	o->importance_sampling_correction =
	    choice(c, "correction", corrections);
	o->importance_sampling_clip_min = bound(c, "clip_min", 0);
	o->importance_sampling_clip_max = bound(c, "clip_max", INFINITY);
	o->epsilon = number(c, "epsilon");
	o->epsilon_high = number(c, "epsilon_high");
	o->beta = number(c, "beta");
	o->max_completion_length =
	    (int64_t)number(vectors, "max_completion_length");
}

/* Rows first to first + n - 1 as a slice of the batch. */
static grpo_tokens slice_of(const struct batch *b, const cJSON *c, int first,
			    int n)
{
	int64_t k = b->row[first];
	grpo_tokens s = {.struct_size = sizeof s};

	s.n_rows = n;
	s.row = b->row + first;
	s.logp = b->logp + k;
	s.rollout_logp = b->rollout_logp + k;
	s.entropy = b->entropy + k;
	s.advantage = b->advantage + k;
	s.mask = b->mask + k;
	if (cJSON_IsTrue(get(c, "old_logp")))
		s.old_logp = b->old_logp + k;
	if (number(c, "beta") > 0)
		s.ref_logp = b->ref_logp + k;
	return s;
}

static void run_case(float *dlogp, grpo_metrics *m, const struct batch *b,
		     const cJSON *c)
{
	int i, size = b->n_rows / get(c, "micro_batches")->valueint;
	grpo_objective_options o;
	grpo_plan *plan;
	grpo_tokens step = slice_of(b, c, 0, b->n_rows);

	set_options(&o, c);
	ck_assert_int_eq(grpo_plan_create(&plan, &o, &step), 0);
	grpo_metrics_init(m);
	for (i = 0; i < b->n_rows; i += size) {
		grpo_tokens s = slice_of(b, c, i, size);

		ck_assert_int_eq(
		    grpo_objective(plan, &s, i, dlogp + b->row[i], NULL, m), 0);
	}
	grpo_plan_free(plan);
}

struct worst {
	double loss;    /* relative */
	double dlogp;   /* of its own size, or of 1e-3 if that is larger */
	double mean;    /* kl, entropy, importance sampling ratio */
	double clipped; /* clip_ratio/… */
};

static void compare_metrics(struct worst *w, const grpo_metrics *m,
			    const cJSON *want)
{
	w->mean = largest(w->mean, fabs(m->entropy - number(want, "entropy")));
	if (cJSON_HasObjectItem(want, "kl"))
		w->mean = largest(w->mean, fabs(m->kl - number(want, "kl")));
#define MEAN(name)                                                             \
	w->mean = largest(w->mean, fabs(m->name - number(want, #name)))
	if (cJSON_HasObjectItem(want, "correction_mean")) {
		MEAN(correction_mean);
		MEAN(correction_min);
		MEAN(correction_max);
	}
#undef MEAN
#define CLIPPED(name)                                                          \
	w->clipped = largest(w->clipped, fabs(m->name - number(want, #name)))
	CLIPPED(clip_low_mean);
	CLIPPED(clip_low_min);
	CLIPPED(clip_high_mean);
	CLIPPED(clip_high_max);
	CLIPPED(clip_region_mean);
#undef CLIPPED
}

static void objective_case(struct worst *w, const cJSON *c)
{
	double want[MAX_TOKENS], loss = number(c, "loss");
	float dlogp[MAX_TOKENS];
	struct batch b;
	grpo_metrics m;
	int i;

	read_batch(&b, cJSON_GetArrayItem(get(vectors, "batches"),
					  get(c, "batch")->valueint));
	run_case(dlogp, &m, &b, c);
	w->loss = largest(w->loss, fabs(m.loss - loss) / fabs(loss));
	ck_assert_int_eq(numbers(want, get(c, "dlogp"), MAX_TOKENS),
			 b.n_tokens);
	for (i = 0; i < b.n_tokens; i++)
		w->dlogp = largest(w->dlogp, fabs((double)dlogp[i] - want[i]) /
						 fmax(fabs(want[i]), 1e-3));
	if (cJSON_HasObjectItem(c, "metrics"))
		compare_metrics(w, &m, get(c, "metrics"));
}

START_TEST(loss_gradient_and_metrics_are_those_of_trl)
{
	const cJSON *c, *list = get(vectors, "objective");
	struct worst w = {0};

	ck_assert_int_ge(cJSON_GetArraySize(list), 250);
	cJSON_ArrayForEach(c, list) objective_case(&w, c);
	printf("objective: %d cases, largest difference: loss %.1e, dlogp "
	       "%.1e, kl, entropy and sampling ratio %.1e, clip shares %.1e\n",
	       cJSON_GetArraySize(list), w.loss, w.dlogp, w.mean, w.clipped);
	ck_assert_double_le(w.loss, TOL_DOUBLE);
	ck_assert_double_le(w.dlogp, TOL_FLOAT);
	ck_assert_double_le(w.mean, TOL_DOUBLE);
	ck_assert_double_le(w.clipped, TOL_FLOAT);
}
END_TEST

/* ---------------------------------------------------------- kl in reward */

static double rloo_case(const cJSON *c)
{
	double total[MAX_ROWS], want[MAX_ROWS], adv[MAX_ROWS], worst = 0;
	int64_t group[MAX_ROWS + 1];
	int i, n, size = get(c, "group_size")->valueint;
	grpo_advantage_options o;
	grpo_tokens rows;
	struct batch b;

	read_batch(&b, cJSON_GetArrayItem(get(vectors, "batches"),
					  get(c, "batch")->valueint));
	rows = (grpo_tokens){.struct_size = sizeof rows,
			     .n_rows = b.n_rows,
			     .row = b.row,
			     .old_logp = b.old_logp,
			     .ref_logp = b.ref_logp,
			     .mask = b.mask};
	n = numbers(total, get(c, "reward"), MAX_ROWS);
	ck_assert_int_eq(n, b.n_rows);
	ck_assert_int_eq(
	    grpo_kl_penalize(total, NULL, &rows, GRPO_KL_K1, number(c, "beta")),
	    0);
	numbers(want, get(c, "total"), n);
	for (i = 0; i < n; i++) {
		ck_assert_int_eq(!!isnan(total[i]), !!isnan(want[i]));
		if (!isnan(want[i]))
			worst = largest(worst, fabs(total[i] - want[i]));
	}
	for (i = 0; i <= n / size; i++)
		group[i] = i * size;
	grpo_advantage_options_init(&o);
	o.baseline = GRPO_BASELINE_LEAVE_ONE_OUT;
	o.scale = GRPO_SCALE_NONE;
	ck_assert_int_eq(grpo_advantages(adv, NULL, total, group, n / size, &o),
			 0);
	numbers(want, get(c, "advantage"), n);
	for (i = 0; i < n; i++)
		worst = largest(worst, fabs(adv[i] - want[i]));
	return worst;
}

START_TEST(kl_in_the_reward_gives_the_advantages_of_trls_rloo)
{
	const cJSON *c, *list = get(vectors, "rloo");
	double worst = 0;

	ck_assert_int_ge(cJSON_GetArraySize(list), 18);
	cJSON_ArrayForEach(c, list) worst = largest(worst, rloo_case(c));
	printf("rloo: %d cases, largest difference %.1e\n",
	       cJSON_GetArraySize(list), worst);
	ck_assert_double_le(worst, TOL_DOUBLE);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("golden_algo");
	TCase *t = tcase_create("trl");

	tcase_add_checked_fixture(t, open_vectors, close_vectors);
	tcase_add_test(t, totals_and_advantages_are_those_of_trl);
	tcase_add_test(t, loss_gradient_and_metrics_are_those_of_trl);
	tcase_add_test(t, kl_in_the_reward_gives_the_advantages_of_trls_rloo);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
