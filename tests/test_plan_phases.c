/* SPDX-License-Identifier: MIT */
/* Plans that see all rows first, and plans of which each rank has a part. */
#include <math.h>

#include "tests/objective_batch.h"
#include "tests/suite.h"

/* Of the tokens in the loss, in order: 0, .25, .75, 1, 1.25, 1.5, 2.25, 2.75,
 * 3, 3.25: make_batch has entropy k / 4. */

static grpo_plan *finished(const grpo_objective_options *o,
			   const struct batch *b, int size)
{
	grpo_tokens step = slice_of(b, 0, N_ROWS);
	grpo_plan *plan = plan_of(o, &step);
	int i, n;

	ck_assert_int_eq(grpo_plan_needs(plan), GRPO_NEEDS_ENTROPY);
	for (i = 0; i < N_ROWS; i += n) {
		grpo_tokens s;

		n = size < N_ROWS - i ? size : N_ROWS - i;
		s = slice_of(b, i, n);
		s.logp = NULL; /* not looked at */
		ck_assert_msg(grpo_plan_add(plan, &s, i) == 0, "%s",
			      grpo_error_message());
	}
	ck_assert_int_eq(grpo_plan_finish(plan), 0);
	ck_assert_int_eq(grpo_plan_needs(plan), 0);
	return plan;
}

/* torch.quantile(entropy, 1 - share), its default interpolation. */
START_TEST(the_threshold_is_torchs_quantile)
{
	static const struct {
		double share, threshold;
	} v[] = {{0.2, 2.8}, {0.5, 1.375}, {0.01, 3.2275}, {0.999, 0.00225}};
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	grpo_plan_totals t = {.struct_size = sizeof t};
	struct batch b;
	size_t i;
	int size;

	make_batch(&b);
	for (i = 0; i < sizeof v / sizeof *v; i++)
		for (size = 1; size <= N_ROWS; size += 2) {
			grpo_plan *plan;

			o.top_entropy_quantile = v[i].share;
			plan = finished(&o, &b, size);
			ck_assert_int_eq(grpo_plan_totals_get(plan, &t), 0);
			ck_assert_double_eq_tol(t.entropy_threshold,
						v[i].threshold, 1e-12);
			grpo_plan_free(plan);
		}
}
END_TEST

START_TEST(tokens_of_low_entropy_have_no_policy_loss)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float all[N_TOKENS], top[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	grpo_tokens s;
	grpo_plan *plan;
	int k;

	make_batch(&b);
	run(&o, &b, all, N_ROWS);
	o.top_entropy_quantile = 0.5;
	plan = finished(&o, &b, 2);
	s = slice_of(&b, 0, N_ROWS);
	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, top, NULL, &m), 0);
	for (k = 0; k < N_TOKENS; k++)
		ck_assert(top[k] ==
			  ((double)b.entropy[k] >= 1.375 ? all[k] : 0));
	ck_assert(all[0] != 0 && all[12] != 0);
	ck_assert_int_eq(m.n_tokens, (int64_t)M);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(the_kl_term_is_at_all_tokens)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0.5);
	float top[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	o.top_entropy_quantile = 0.1;
	o.kl_estimator = GRPO_KL_K2;
	plan = finished(&o, &b, N_ROWS);
	s = slice_of(&b, 0, N_ROWS);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, top, NULL, NULL), 0);
	ck_assert_double_eq_tol(
	    (double)top[1],
	    0.5 * ((double)b.logp[1] - (double)b.ref_logp[1]) / M, 1e-8);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(a_plan_that_is_not_ready_refuses)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s, step;
	grpo_plan *plan;

	make_batch(&b);
	o.top_entropy_quantile = 0.2;
	step = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &step);
	ck_assert_int_eq(grpo_objective(plan, &step, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("grpo_plan_add");
	ck_assert_int_eq(grpo_plan_finish(plan), GRPO_EINVAL);
	expect_message("0 rows of 5");
	s = slice_of(&b, 1, 2);
	ck_assert_int_eq(grpo_plan_add(plan, &s, 1), GRPO_EINVAL);
	expect_message("begins at row 1, expected row 0");
	s = slice_of(&b, 0, 2);
	s.entropy = NULL;
	ck_assert_int_eq(grpo_plan_add(plan, &s, 0), GRPO_EINVAL);
	expect_message("entropy is NULL");
	b.entropy[5] = NAN;
	s = slice_of(&b, 0, 2);
	ck_assert_int_eq(grpo_plan_add(plan, &s, 0), GRPO_ENUMERIC);
	expect_message("row 1, token 1: entropy is nan");
	b.entropy[5] = 1.25f;
	ck_assert_int_eq(grpo_plan_add(plan, &step, 0), 0); /* none was kept */
	ck_assert_int_eq(grpo_plan_finish(plan), 0);
	step.entropy = NULL;
	ck_assert_int_eq(grpo_objective(plan, &step, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("top_entropy_quantile needs it");
	grpo_plan_free(plan);
}
END_TEST

START_TEST(a_plan_without_phases_needs_nothing)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;
	int64_t n;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &s);
	ck_assert_int_eq(grpo_plan_needs(plan), 0);
	ck_assert_int_eq(grpo_plan_add(plan, &s, 3), 0);
	ck_assert_int_eq(grpo_plan_finish(plan), 0);
	ck_assert_ptr_null(grpo_plan_entropy(plan, &n));
	ck_assert_int_eq(n, 0);
	grpo_plan_free(plan);
}
END_TEST

/* ---------------------------------------------------------------- ranks */

/* Rows first … first + n - 1, as a plan and a step of their own. */
struct rank {
	int first, n;
	grpo_plan *plan;
	grpo_plan_totals totals;
	grpo_metrics metrics;
	float dlogp[N_TOKENS];
};

static void begin(struct rank *r, const grpo_objective_options *o,
		  const struct batch *b, const uint8_t *component)
{
	grpo_tokens s = slice_of(b, r->first, r->n);

	s.component = component ? component + row[r->first] : NULL;
	r->plan = plan_of(o, &s);
	if (grpo_plan_needs(r->plan)) {
		ck_assert_int_eq(grpo_plan_add(r->plan, &s, 0), 0);
		ck_assert_int_eq(grpo_plan_finish(r->plan), 0);
	}
	r->totals.struct_size = sizeof r->totals;
	ck_assert_int_eq(grpo_plan_totals_get(r->plan, &r->totals), 0);
}

static void add(grpo_plan_totals *to, const grpo_plan_totals *from)
{
	for (int c = 0; c < 3; c++) {
		to->n_rows[c] += from->n_rows[c];
		to->n_tokens[c] += from->n_tokens[c];
	}
	to->n_policy_rows += from->n_policy_rows;
}

static void end(struct rank *r, const struct batch *b,
		const grpo_plan_totals *sum, const uint8_t *component)
{
	grpo_tokens s = slice_of(b, r->first, r->n);

	s.component = component ? component + row[r->first] : NULL;
	ck_assert_msg(grpo_plan_totals_set(r->plan, sum) == 0, "%s",
		      grpo_error_message());
	grpo_metrics_init(&r->metrics);
	ck_assert_int_eq(
	    grpo_objective(r->plan, &s, 0, r->dlogp, NULL, &r->metrics), 0);
	grpo_plan_free(r->plan);
}

static void compare_metrics(const grpo_metrics *a, const grpo_metrics *b)
{
	const double *x = &a->loss, *y = &b->loss;
	size_t n = (size_t)(&a->correction_max - &a->loss) + 1, i;

	for (i = 0; i < n; i++)
		ck_assert_msg(fabs(x[i] - y[i]) <= 1e-14 * fmax(1, fabs(y[i])),
			      "metric %zu: %.17g, %.17g", i, x[i], y[i]);
	ck_assert_int_eq(a->n_tokens, b->n_tokens);
	ck_assert_int_eq(a->n_rows, b->n_rows);
	ck_assert_double_eq_tol(a->cross_entropy, b->cross_entropy, 1e-15);
	ck_assert_int_eq(a->n_cross_entropy, b->n_cross_entropy);
}

/* Wherever the rows are cut, the ranks' gradients are those of one. */
static void compare_ranks(const grpo_objective_options *o, int cut,
			  const uint8_t *component)
{
	struct rank one = {.n = N_ROWS}, two[2] = {{.n = cut}};
	grpo_plan_totals sum;
	struct batch b;
	int k;

	make_batch(&b);
	two[1].first = cut;
	two[1].n = N_ROWS - cut;
	begin(&one, o, &b, component);
	end(&one, &b, &one.totals, component);
	for (k = 0; k < 2; k++)
		begin(&two[k], o, &b, component);
	sum = two[0].totals;
	add(&sum, &two[1].totals);
	sum.entropy_threshold = one.totals.entropy_threshold;
	for (k = 0; k < 2; k++)
		end(&two[k], &b, &sum, component);
	for (k = 0; k < N_TOKENS; k++) {
		const struct rank *r = &two[k >= row[cut]];

		ck_assert(one.dlogp[k] == r->dlogp[k - row[r->first]]);
	}
	ck_assert_int_eq(grpo_metrics_merge(&two[0].metrics, &two[1].metrics),
			 0);
	compare_metrics(&two[0].metrics, &one.metrics);
}

START_TEST(two_ranks_have_the_gradient_of_one)
{
	static const uint8_t component[N_TOKENS] = {0, 0, 0, 0, 1, 1, 1,
						    0, 0, 1, 1, 0, 2, 2};
	grpo_objective_options o = variant(_i);
	int cut;

	for (cut = 0; cut <= N_ROWS; cut++) {
		compare_ranks(&o, cut, NULL);
		compare_ranks(&o, cut, component);
		o.top_entropy_quantile = 0.4;
		compare_ranks(&o, cut, component);
		o.top_entropy_quantile = 1;
	}
}
END_TEST

START_TEST(totals_below_the_plans_own_are_refused)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	grpo_plan_totals t = {.struct_size = sizeof t};
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &s);
	ck_assert_int_eq(grpo_plan_totals_get(plan, &t), 0);
	ck_assert_int_eq(t.n_rows[0], N_ROWS);
	ck_assert_int_eq(t.n_tokens[0], (int64_t)M);
	ck_assert_int_eq(t.n_policy_rows, 3);
	t.n_tokens[0]--;
	ck_assert_int_eq(grpo_plan_totals_set(plan, &t), GRPO_EINVAL);
	expect_message("grpo_plan_totals.n_tokens[0] is 9, less than the "
		       "plan's own 10");
	t.n_tokens[0]++;
	t.entropy_threshold = NAN;
	ck_assert_int_eq(grpo_plan_totals_set(plan, &t), GRPO_ENUMERIC);
	t.struct_size = 0;
	ck_assert_int_eq(grpo_plan_totals_get(plan, &t), GRPO_EINVAL);
	expect_message("grpo_plan_totals");
	grpo_plan_free(plan);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("plan phases");
	TCase *t = tcase_create("phases");

	tcase_add_test(t, the_threshold_is_torchs_quantile);
	tcase_add_test(t, tokens_of_low_entropy_have_no_policy_loss);
	tcase_add_test(t, the_kl_term_is_at_all_tokens);
	tcase_add_test(t, a_plan_that_is_not_ready_refuses);
	tcase_add_test(t, a_plan_without_phases_needs_nothing);
	tcase_add_loop_test(t, two_ranks_have_the_gradient_of_one, 0,
			    N_VARIANTS);
	tcase_add_test(t, totals_below_the_plans_own_are_refused);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
