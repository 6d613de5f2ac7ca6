/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/objective.h"
#include "tests/objective_batch.h"
#include "tests/suite.h"

/* -------------------------------------------------------------- refusals */

/* Runs rows 1 to 4 with `change` made to the slice; nothing may be written, but
 * for the gradient where a number is not finite. */
static void expect_refused_with(const grpo_objective_options *o, int code,
				const char *part,
				void (*change)(grpo_tokens *, struct batch *))
{
	float dlogp[N_TOKENS], dentropy[N_TOKENS], before[N_TOKENS];
	grpo_metrics m, zero;
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(o, &s);
	s = slice_of(&b, 1, N_ROWS - 1);
	change(&s, &b);
	memset(before, 0x7e, sizeof before);
	memcpy(dlogp, before, sizeof before);
	memcpy(dentropy, before, sizeof before);
	grpo_metrics_init(&m);
	grpo_metrics_init(&zero);
	ck_assert_int_eq(grpo_objective(plan, &s, 1, dlogp, dentropy, &m),
			 code);
	expect_message(part);
	if (code != GRPO_ENUMERIC)
		ck_assert_mem_eq(dlogp, before, sizeof before);
	if (code != GRPO_ENUMERIC)
		ck_assert_mem_eq(dentropy, before, sizeof before);
	ck_assert_mem_eq(&m, &zero, sizeof m);
	grpo_plan_free(plan);
}

static void expect_refused(int code, const char *part,
			   void (*change)(grpo_tokens *, struct batch *),
			   double beta)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, beta);

	expect_refused_with(&o, code, part, change);
}

/* Token 11 of the batch is token 2 of row 4. */
static void nan_logp(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->logp[11] = NAN;
}

static void infinite_old_logp(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->old_logp[11] = -INFINITY;
}

static void nan_ref_logp(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->ref_logp[11] = NAN;
}

static void nan_entropy(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->entropy[11] = NAN;
}

static void nan_advantage(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->advantage[11] = NAN;
}

static void ratio_overflow(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->old_logp[11] = -800;
}

static void kl_overflow(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->logp[11] = b->old_logp[11] = -800;
}

static void gradient_overflow(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->advantage[11] = -FLT_MAX;
	b->old_logp[11] = b->logp[11] - 5; /* ratio 148 / M 10 > 1 */
}

START_TEST(number_that_is_not_finite_is_refused_naming_row_and_token)
{
#define AT "row 4, token 2: "
	expect_refused(GRPO_ENUMERIC, AT "logp is nan", nan_logp, 0);
	expect_refused(GRPO_ENUMERIC, AT "old_logp is -inf", infinite_old_logp,
		       0);
	expect_refused(GRPO_ENUMERIC, AT "ref_logp is nan", nan_ref_logp, 1);
	expect_refused(GRPO_ENUMERIC, AT "entropy is nan", nan_entropy, 0);
	expect_refused(GRPO_ENUMERIC, AT "advantage is nan", nan_advantage, 0);
	expect_refused(GRPO_ENUMERIC,
		       AT "the ratio, exp(logp - old_logp), is inf",
		       ratio_overflow, 0);
	expect_refused(GRPO_ENUMERIC, AT "the kl is inf", kl_overflow, 1);
	expect_refused(GRPO_ENUMERIC,
		       AT "the gradient, too large for a float, is",
		       gradient_overflow, 0);
#undef AT
}
END_TEST

static void infinite_rollout_logp(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->rollout_logp[11] = INFINITY;
}

static void weight_overflow(grpo_tokens *s, struct batch *b)
{
	(void)s;
	b->rollout_logp[11] = -800;
}

static void no_rollout_logp(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->rollout_logp = NULL;
}

START_TEST(sampling_ratio_that_cannot_be_computed_is_refused)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);

	o.importance_sampling_correction = _i;
	expect_refused_with(&o, GRPO_ENUMERIC,
			    "row 4, token 2: rollout_logp is inf",
			    infinite_rollout_logp);
	expect_refused_with(&o, GRPO_EINVAL, "grpo_tokens.rollout_logp",
			    no_rollout_logp);
	o.importance_sampling_clip_max = INFINITY;
	expect_refused_with(&o, GRPO_ENUMERIC,
			    "the importance sampling weight is inf",
			    weight_overflow);
}
END_TEST

static void no_logp(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->logp = NULL;
}

static void no_ref_logp(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->ref_logp = NULL;
}

static void no_advantage(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->advantage = NULL;
}

static void no_row(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->row = NULL;
}

static void no_mask(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->mask = NULL;
}

static void other_rows(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->row = row; /* rows 0 to 3 where 1 to 4 are due */
}

static void too_many_rows(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->n_rows = N_ROWS;
	s->row = row;
}

static void negative_rows(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->n_rows = -1;
}

static void no_size(grpo_tokens *s, struct batch *b)
{
	(void)b;
	s->struct_size = 0;
}

static void falling_rows(grpo_tokens *s, struct batch *b)
{
	static const int64_t falling[N_ROWS] = {4, 7, 6, 9, 14};

	(void)b;
	s->row = falling;
}

START_TEST(slice_that_is_not_the_plans_is_refused)
{
	expect_refused(GRPO_EINVAL, "logp is NULL", no_logp, 0);
	expect_refused(GRPO_EINVAL, "ref_logp is NULL", no_ref_logp, 0.04);
	expect_refused(GRPO_EINVAL, "advantage is NULL", no_advantage, 0);
	expect_refused(GRPO_EINVAL, "row is NULL", no_row, 0);
	expect_refused(GRPO_EINVAL, "n_rows is -1", negative_rows, 0);
	expect_refused(GRPO_EINVAL, "row[2] is 6", falling_rows, 0);
	expect_refused(GRPO_EINVAL, "the plan has 5 rows", too_many_rows, 0);
	expect_refused(GRPO_EINVAL, "row 1: 4 tokens in the slice, 3",
		       other_rows, 0);
	expect_refused(GRPO_EINVAL, "row 3: the slice's mask keeps 2", no_mask,
		       0);
	expect_refused(GRPO_EINVAL, "sizeof(grpo_tokens)", no_size, 0);
}
END_TEST

START_TEST(missing_dlogp_or_plan_is_refused)
{
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(NULL, &s);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, NULL, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("dlogp is NULL");
	ck_assert_int_eq(grpo_objective(NULL, &s, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	ck_assert_int_eq(grpo_objective(plan, NULL, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	grpo_plan_free(plan);
}
END_TEST

static void expect_no_plan(int code, const char *part,
			   const grpo_objective_options *o,
			   const grpo_tokens *step)
{
	grpo_plan *plan = (grpo_plan *)&plan;

	ck_assert_int_eq(grpo_plan_create(&plan, o, step), code);
	expect_message(part);
	ck_assert_ptr_null(plan);
}

START_TEST(every_option_is_checked_by_name)
{
	grpo_objective_options o, good = options(GRPO_LOSS_DR_GRPO, 0);
	struct batch b;
	grpo_tokens step;

	make_batch(&b);
	step = slice_of(&b, 0, N_ROWS);
#define REFUSED(field, value, part)                                            \
	do {                                                                   \
		o = good;                                                      \
		o.field = value;                                               \
		expect_no_plan(GRPO_EINVAL, part, &o, &step);                  \
	} while (0)
	REFUSED(policy_loss, 7, "policy_loss is 7");
	REFUSED(policy_loss, GRPO_POLICY_OWN, "loss is NULL");
	REFUSED(ratio_level, 4, "ratio_level is 4");
	REFUSED(ratio_level, GRPO_RATIO_GEOMETRIC, "must be GRPO_POLICY_RATIO");
	REFUSED(reduction, 5, "reduction is 5");
	REFUSED(reduction, GRPO_REDUCE_PROMPT_MEAN,
		"grpo_tokens.group is NULL");
	REFUSED(reduction, -1, "reduction is -1");
	REFUSED(epsilon, -0.1, "epsilon is -0.1");
	REFUSED(epsilon, NAN, "epsilon is");
	REFUSED(epsilon_high, INFINITY, "epsilon_high is inf");
	REFUSED(beta, -1, "beta is -1");
	REFUSED(kl_estimator, 3, "kl_estimator is 3");
	REFUSED(kl_estimator, -1, "kl_estimator is -1");
	REFUSED(kl_bias_correction, 3, "kl_bias_correction is 3");
	REFUSED(importance_sampling_correction, 6,
		"importance_sampling_correction is 6");
	REFUSED(delta, 1.2,
		"delta is 1.2, expected more than 1 + epsilon_high");
	REFUSED(delta, NAN, "delta is");
	REFUSED(sapo_temperature_pos, 0, "sapo_temperature_pos and _neg are 0");
	REFUSED(sapo_temperature_neg, NAN, "sapo_temperature_pos and _neg");
	REFUSED(squared_log_ratio, -1, "squared_log_ratio is -1");
	REFUSED(off_policy_threshold, NAN, "off_policy_threshold is");
	REFUSED(entropy_coef, INFINITY, "entropy_coef is inf");
	REFUSED(top_entropy_quantile, 0, "top_entropy_quantile is 0");
	REFUSED(importance_sampling_clip_min, -1, "clip_min is -1");
	REFUSED(importance_sampling_clip_min, 3, "clip_max is 3, expected");
	REFUSED(importance_sampling_clip_max, NAN, "clip_max is");
	REFUSED(max_completion_length, -1, "max_completion_length is -1");
	REFUSED(max_completion_length, 0, "max_completion_length is 0");
	REFUSED(struct_size, 0, "grpo_objective_options_init");
	REFUSED(struct_size, SIZE_MAX, "grpo_objective_options_init");
	/* what contradicts itself */
	good.policy_loss = GRPO_POLICY_CISPO;
	REFUSED(importance_sampling_correction, GRPO_CORRECTION_TOKEN_TRUNCATE,
		"count it twice");
	REFUSED(delta, 3, "policy_loss is not GRPO_POLICY_CLIP");
	good.policy_loss = GRPO_POLICY_CLIP;
	good.ratio_level = GRPO_RATIO_SEQUENCE;
	REFUSED(squared_log_ratio, 1e-3, "ratio_level is not GRPO_RATIO_TOKEN");
	REFUSED(policy_loss, GRPO_POLICY_DPPO, "which looks at tokens");
	good.ratio_level = GRPO_RATIO_TOKEN;
#undef REFUSED
	ck_assert_int_eq(grpo_plan_create(NULL, &good, &step), GRPO_EINVAL);
}
END_TEST

START_TEST(bad_step_makes_no_plan)
{
	struct batch b;
	grpo_tokens step;

	make_batch(&b);
	step = slice_of(&b, 0, N_ROWS);
	b.advantage[5] = INFINITY;
	expect_no_plan(GRPO_ENUMERIC, "row 1, token 1: the advantage is inf",
		       NULL, &step);
	step.advantage = NULL;
	expect_no_plan(GRPO_EINVAL, "advantage is NULL", NULL, &step);
	step.struct_size = 1;
	expect_no_plan(GRPO_EINVAL, "struct_size is 1", NULL, &step);
	expect_no_plan(GRPO_EINVAL, "grpo_tokens is NULL", NULL, NULL);
}
END_TEST

/* -------------------------------------------------------------- versions */

START_TEST(newer_structs_are_taken_unless_the_new_field_is_set)
{
	struct {
		grpo_objective_options o;
		double later;
	} o;
	struct {
		grpo_tokens t;
		const float *later;
	} t = {.later = NULL};
	struct {
		grpo_metrics m;
		double later;
	} m;
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_plan *plan;

	make_batch(&b);
	ck_assert_int_eq(grpo_objective_options_init_(&o.o, sizeof o), 0);
	ck_assert_int_eq(grpo_metrics_init_(&m.m, sizeof m), 0);
	t.t = slice_of(&b, 0, N_ROWS);
	t.t.struct_size = sizeof t;
	plan = plan_of(&o.o, &t.t);
	ck_assert_int_eq(grpo_objective(plan, &t.t, 0, dlogp, NULL, &m.m), 0);
	ck_assert_uint_eq(m.m.struct_size, sizeof m);
	ck_assert(m.m.n_rows == N_ROWS && m.later == 0);
	m.later = 1;
	ck_assert_int_eq(grpo_objective(plan, &t.t, 0, dlogp, NULL, &m.m),
			 GRPO_EABI);
	expect_message("grpo_metrics");
	t.later = dlogp;
	ck_assert_int_eq(grpo_objective(plan, &t.t, 0, dlogp, NULL, NULL),
			 GRPO_EABI);
	expect_message("grpo_tokens");
	grpo_plan_free(plan);
	o.later = 1;
	t.later = NULL;
	expect_no_plan(GRPO_EABI, "grpo_objective_options", &o.o, &t.t);
}
END_TEST

START_TEST(older_metrics_are_not_written_past_their_end)
{
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_metrics m, full;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(NULL, &s);
	grpo_metrics_init(&full);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &full), 0);
	memset(&m, 0x7e, sizeof m);
	ck_assert_int_eq(
	    grpo_metrics_init_(&m, offsetof(grpo_metrics, entropy)), 0);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &m), 0);
	ck_assert(m.loss == full.loss && m.kl == full.kl);
	ck_assert_uint_eq(m.struct_size, offsetof(grpo_metrics, entropy));
	ck_assert_mem_ne(&m.entropy, &full.entropy, sizeof m.entropy);
	ck_assert_int_eq(m.n_rows, 0x7e7e7e7e7e7e7e7e);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(options_are_copied_into_the_plan)
{
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0);
	float want[N_TOKENS], dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	run(&o, &b, want, N_ROWS);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &s);
	memset(&o, 0xff, sizeof o);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, NULL), 0);
	ck_assert_mem_eq(want, dlogp, sizeof want);
	grpo_plan_free(plan);
}
END_TEST

static TCase *refusals(void)
{
	TCase *t = tcase_create("refusals");

	tcase_add_test(
	    t, number_that_is_not_finite_is_refused_naming_row_and_token);
	tcase_add_loop_test(
	    t, sampling_ratio_that_cannot_be_computed_is_refused,
	    GRPO_CORRECTION_TOKEN_TRUNCATE, GRPO_CORRECTION_SEQUENCE_MASK + 1);
	tcase_add_test(t, slice_that_is_not_the_plans_is_refused);
	tcase_add_test(t, missing_dlogp_or_plan_is_refused);
	tcase_add_test(t, every_option_is_checked_by_name);
	tcase_add_test(t, bad_step_makes_no_plan);
	return t;
}

static TCase *versions(void)
{
	TCase *t = tcase_create("versions");

	tcase_add_test(t, newer_structs_are_taken_unless_the_new_field_is_set);
	tcase_add_test(t, older_metrics_are_not_written_past_their_end);
	tcase_add_test(t, options_are_copied_into_the_plan);
	return t;
}

static Suite *suite(void)
{
	Suite *s = suite_create("test_plan");

	suite_add_tcase(s, refusals());
	suite_add_tcase(s, versions());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
