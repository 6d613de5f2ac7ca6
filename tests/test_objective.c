/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/objective.h"
#include "tests/objective_batch.h"
#include "tests/suite.h"

#define TOL 1e-10
#define N_LOSS_TYPES 4

/* One token; returns loss, *slope is dlogp. */
static double one_token(const grpo_objective_options *o, float logp,
			float old_logp, float advantage, float *slope,
			grpo_metrics *m)
{
	static const int64_t ends[2] = {0, 1};
	grpo_tokens s = {.struct_size = sizeof s, .n_rows = 1, .row = ends};
	grpo_plan *plan;

	s.logp = &logp;
	s.old_logp = &old_logp;
	s.advantage = &advantage;
	plan = plan_of(o, &s);
	grpo_metrics_init(m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, slope, NULL, m), 0);
	grpo_plan_free(plan);
	return m->loss;
}

/* ---------------------------------------------------------------- values */

START_TEST(defaults_are_those_of_trl)
{
	grpo_objective_options o;

	memset(&o, 0xa5, sizeof o);
	ck_assert_int_eq(grpo_objective_options_init(&o), 0);
	ck_assert_uint_eq(o.struct_size, sizeof o);
	ck_assert_int_eq(o.policy_loss, GRPO_POLICY_CLIP);
	ck_assert_int_eq(o.ratio_level, GRPO_RATIO_TOKEN);
	ck_assert_int_eq(o.reduction, GRPO_REDUCE_TOKEN_MEAN);
	ck_assert(o.epsilon == 0.2 && o.epsilon_high == 0.2 && o.beta == 0);
	ck_assert_int_eq(o.kl_estimator, GRPO_KL_K3);
	ck_assert_int_eq(o.kl_bias_correction, 0);
	ck_assert_int_eq(o.importance_sampling_correction,
			 GRPO_CORRECTION_NONE);
	ck_assert(o.importance_sampling_clip_min == 0);
	ck_assert(o.importance_sampling_clip_max == 3);
	ck_assert_int_eq(o.max_completion_length, 0);
}
END_TEST

/* The definition again, plainly: min, clip, k3 and the reduction's weight. */
static double token_loss(const struct batch *b, int k, double beta)
{
	double r = exp((double)b->logp[k] - (double)b->old_logp[k]);
	double c = r < 0.8 ? 0.8 : r > 1.2 ? 1.2 : r;
	double a = b->advantage[k];
	double d = (double)b->ref_logp[k] - (double)b->logp[k];

	return -(r * a < c * a ? r * a : c * a) + beta * (exp(d) - d - 1);
}

static double weight_of(int loss_type, int i)
{
	return loss_type == GRPO_LOSS_GRPO      ? 1 / (N_ROWS * n_in[i])
	       : loss_type == GRPO_LOSS_DR_GRPO ? 1.0 / (N_ROWS * MAX_LENGTH)
						: 1 / M;
}

START_TEST(loss_is_the_reduction_of_its_definition)
{
	grpo_objective_options o = options(_i, 0.04);
	double want = 0, policy = 0;
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_metrics m;
	int i, k;

	make_batch(&b);
	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			if (!mask[k])
				continue;
			want += weight_of(_i, i) * token_loss(&b, k, 0.04);
			policy += weight_of(_i, i) * token_loss(&b, k, 0);
		}
	m = run(&o, &b, dlogp, N_ROWS);
	ck_assert_double_eq_tol(m.loss, want, TOL);
	ck_assert_double_eq_tol(m.policy_loss, policy, TOL);
	ck_assert(fabs(want - policy) > 1e-4);
}
END_TEST

START_TEST(clip_bounds_act_by_the_sign_of_the_advantage)
{
	static const struct {
		float log_ratio, advantage;
		int low, high;
	} c[] = {{-0.5f, 1, 0, 0},  {0, 1, 0, 0},  {0.5f, 1, 0, 1},
		 {-0.5f, -1, 1, 0}, {0, -1, 0, 0}, {0.5f, -1, 0, 0}};
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	int i;

	for (i = 0; i < 6; i++) {
		double r = exp((double)c[i].log_ratio), a = c[i].advantage;
		double want = c[i].low ? 0.8 : c[i].high ? 1.2 : r;
		grpo_metrics m;
		float slope;

		ck_assert_double_eq_tol(one_token(&o, c[i].log_ratio - 2, -2,
						  c[i].advantage, &slope, &m),
					-want * a, TOL);
		ck_assert(slope ==
			  (c[i].low || c[i].high ? 0 : (float)(-r * a)));
		ck_assert(m.clip_low_mean == c[i].low);
		ck_assert(m.clip_high_mean == c[i].high);
		ck_assert(m.clip_region_mean == (c[i].low || c[i].high));
	}
}
END_TEST

START_TEST(gradient_is_zero_beyond_the_bound_and_flows_on_it)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	grpo_metrics m;
	float slope;

	o.epsilon = o.epsilon_high = 0; /* the bounds are the ratio 1 itself */
	one_token(&o, -2, -2, 1, &slope, &m);
	ck_assert(slope == -1 && m.clip_region_mean == 0);
	one_token(&o, -2, -2, -1, &slope, &m);
	ck_assert(slope == 1 && m.clip_region_mean == 0);
	one_token(&o, nextafterf(-2, 0), -2, 1, &slope, &m);
	ck_assert(slope == 0 && m.clip_high_mean == 1);
	one_token(&o, nextafterf(-2, -3), -2, -1, &slope, &m);
	ck_assert(slope == 0 && m.clip_low_mean == 1);
}
END_TEST

START_TEST(higher_upper_bound_lets_more_through)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float up = logf(1.25f), slope;
	grpo_metrics m;

	one_token(&o, up - 2, -2, 1, &slope, &m);
	ck_assert(slope == 0 && m.clip_high_mean == 1);
	o.epsilon_high = 0.28; /* DAPO's clip-higher */
	one_token(&o, up - 2, -2, 1, &slope, &m);
	ck_assert(slope < -1.2f && m.clip_high_mean == 0);
}
END_TEST

START_TEST(without_old_logp_the_gradient_is_exactly_minus_advantage)
{
	grpo_objective_options o = options(_i, 0);
	float dlogp[N_TOKENS], same[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;
	grpo_metrics m, m2;
	int i, k;

	make_batch(&b);
	memcpy(b.old_logp, b.logp, sizeof b.logp);
	m2 = run(&o, &b, same, N_ROWS);
	s = slice_of(&b, 0, N_ROWS);
	s.old_logp = NULL;
	plan = plan_of(&o, &s);
	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &m), 0);
	for (i = 0; i < N_ROWS; i++)
		for (k = (int)row[i]; k < row[i + 1]; k++) {
			double want =
			    mask[k] ? weight_of(_i, i) * -b.advantage[k] : 0;

			ck_assert(dlogp[k] == (float)want);
		}
	ck_assert(m.ratio_mean == 1 && m.ratio_max == 1);
	ck_assert_mem_eq(dlogp, same, sizeof dlogp);
	ck_assert_mem_eq(&m, &m2, sizeof m);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(zero_advantage_gives_zero_gradient_of_positive_sign)
{
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0);
	grpo_metrics m;
	float slope = 1;

	ck_assert(one_token(&o, -1, -9, 0, &slope, &m) == 0);
	ck_assert(slope == 0 && !signbit(slope));
}
END_TEST

START_TEST(kl_is_k3_and_its_slope_pulls_to_the_reference)
{
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0.5);
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_metrics m;
	double want = 0;
	int k;

	make_batch(&b);
	memset(b.advantage, 0, sizeof b.advantage);
	m = run(&o, &b, dlogp, N_ROWS);
	for (k = 0; k < N_TOKENS; k++) {
		double d = (double)b.ref_logp[k] - (double)b.logp[k];

		want += mask[k] ? exp(d) - d - 1 : 0;
		ck_assert(mask[k] && d < 0 ? dlogp[k] > 0 : dlogp[k] == 0);
	}
	ck_assert_double_eq_tol(m.kl, want / M, TOL);
	ck_assert(m.policy_loss == 0 && m.loss > 0);
}
END_TEST

START_TEST(kl_is_measured_with_beta_0_and_moves_nothing)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float with[N_TOKENS], without[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;
	grpo_metrics m, m2;

	make_batch(&b);
	m = run(&o, &b, with, N_ROWS);
	ck_assert(m.kl > 0 && m.loss == m.policy_loss);
	s = slice_of(&b, 0, N_ROWS);
	s.ref_logp = NULL;
	plan = plan_of(&o, &s);
	grpo_metrics_init(&m2);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, without, NULL, &m2), 0);
	ck_assert(m2.kl == 0 && m2.loss == m.loss);
	ck_assert_mem_eq(with, without, sizeof with);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(metrics_are_those_of_their_definition)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	double entropy = 0, ratio = 0, low = 0, high = 0, top = 0;
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_metrics m;
	int k;

	make_batch(&b);
	m = run(&o, &b, dlogp, N_ROWS);
	for (k = 0; k < N_TOKENS; k++) {
		double d = (double)b.logp[k] - (double)b.old_logp[k];

		if (!mask[k])
			continue;
		entropy += b.entropy[k];
		ratio += exp(d);
		top = fmax(top, exp(fabs(d)));
		low += exp(d) < 0.8 && b.advantage[k] < 0;
		high += exp(d) > 1.2 && b.advantage[k] > 0;
	}
	ck_assert(low > 0 && high > 0);
	ck_assert_double_eq_tol(m.entropy, entropy / M, TOL);
	ck_assert_double_eq_tol(m.ratio_mean, ratio / M, TOL);
	ck_assert_double_eq_tol(m.ratio_max, top, TOL);
	ck_assert_double_eq_tol(m.clip_low_mean, low / M, TOL);
	ck_assert_double_eq_tol(m.clip_high_mean, high / M, TOL);
	ck_assert_double_eq_tol(m.clip_region_mean, (low + high) / M, TOL);
	ck_assert_int_eq(m.n_tokens, (int)M);
	ck_assert_int_eq(m.n_rows, N_ROWS);
}
END_TEST

START_TEST(row_extremes_are_over_rows_with_tokens)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	struct batch b;
	float dlogp[N_TOKENS];
	grpo_metrics m;
	int k;

	make_batch(&b);
	for (k = 0; k < N_TOKENS; k++) {
		/* every token is clipped low, but for one of row 4's four;
		 * rows 2 and 3 have no share that could be the least */
		b.advantage[k] = -1;
		b.logp[k] = b.old_logp[k] - (k == 13 ? 0.0f : 1.0f);
	}
	m = run(&o, &b, dlogp, 1);
	ck_assert_double_eq_tol(m.clip_low_min, 0.75, TOL);
	ck_assert_double_eq_tol(m.clip_low_mean, 0.9, TOL);
	ck_assert(m.clip_high_max == 0);
	for (k = 0; k < N_TOKENS; k++) {
		b.advantage[k] = 1;
		b.logp[k] = b.old_logp[k] + (k == 13 ? 1.0f : 0.0f);
	}
	m = run(&o, &b, dlogp, 1);
	ck_assert_double_eq_tol(m.clip_high_max, 0.25, TOL);
	ck_assert(m.clip_low_min == 0);
}
END_TEST

START_TEST(ratio_that_underflows_is_zero_and_no_error)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	grpo_metrics m;
	float slope;

	ck_assert(one_token(&o, -900, -1, 1, &slope, &m) == 0);
	ck_assert(slope == 0 && m.ratio_mean == 0);
	ck_assert(m.ratio_max == DBL_MAX);
}
END_TEST

/* ---------------------------------------------------------------- slices */

static void expect_close(const grpo_metrics *a, const grpo_metrics *b)
{
#define CLOSE(f) ck_assert_double_eq_tol(a->f, b->f, 1e-14)
	CLOSE(loss);
	CLOSE(policy_loss);
	CLOSE(kl);
	CLOSE(entropy);
	CLOSE(clip_low_mean);
	CLOSE(clip_high_mean);
	CLOSE(clip_region_mean);
	CLOSE(ratio_mean);
	CLOSE(correction_mean);
#undef CLOSE
	ck_assert(a->clip_low_min == b->clip_low_min);
	ck_assert(a->clip_high_max == b->clip_high_max);
	ck_assert(a->ratio_max == b->ratio_max);
	ck_assert(a->correction_min == b->correction_min);
	ck_assert(a->correction_max == b->correction_max);
	ck_assert_int_eq(a->n_tokens, b->n_tokens);
	ck_assert_int_eq(a->n_rows, b->n_rows);
}

START_TEST(every_cut_gives_the_same_gradient_and_metrics)
{
	grpo_objective_options o = variant(_i);
	float whole[N_TOKENS], part[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;
	int size;

	make_batch(&b);
	m = run(&o, &b, whole, N_ROWS);
	for (size = 1; size < N_ROWS; size++) {
		m2 = run(&o, &b, part, size);
		ck_assert_mem_eq(whole, part, sizeof whole);
		expect_close(&m, &m2);
	}
}
END_TEST

START_TEST(slices_may_come_in_any_order)
{
	static const int order[N_ROWS] = {3, 4, 0, 2, 1};
	grpo_objective_options o = variant(_i);
	float whole[N_TOKENS], part[N_TOKENS];
	struct batch b;
	grpo_tokens step;
	grpo_plan *plan;
	grpo_metrics m, m2;
	int i;

	make_batch(&b);
	m = run(&o, &b, whole, N_ROWS);
	step = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &step);
	grpo_metrics_init(&m2);
	for (i = 0; i < N_ROWS; i++) {
		grpo_tokens s = slice_of(&b, order[i], 1);

		ck_assert_int_eq(grpo_objective(plan, &s, order[i],
						part + row[order[i]], NULL,
						&m2),
				 0);
	}
	ck_assert_mem_eq(whole, part, sizeof whole);
	expect_close(&m, &m2);
	grpo_plan_free(plan);
}
END_TEST

/* A step of its own shape, for the tests of layout. */
struct layout {
	int64_t row[N_ROWS + 1];
	float logp[1024], old_logp[1024], ref_logp[1024], rollout_logp[1024];
	float entropy[1024], advantage[1024], dlogp[1024];
	uint8_t mask[1024];
};

/* Token k of the batch at the layout's place to. */
static void copy_token(struct layout *l, int64_t to, const struct batch *b,
		       int64_t k)
{
	l->logp[to] = b->logp[k];
	l->old_logp[to] = b->old_logp[k];
	l->ref_logp[to] = b->ref_logp[k];
	l->rollout_logp[to] = b->rollout_logp[k];
	l->entropy[to] = b->entropy[k];
	l->advantage[to] = b->advantage[k];
	l->mask[to] = mask[k];
}

static grpo_metrics run_layout(struct layout *l,
			       const grpo_objective_options *o)
{
	grpo_tokens s = {.struct_size = sizeof s, .n_rows = N_ROWS};
	grpo_metrics m;
	grpo_plan *plan;

	s.row = l->row;
	s.logp = l->logp;
	s.old_logp = l->old_logp;
	s.ref_logp = l->ref_logp;
	s.rollout_logp = l->rollout_logp;
	s.entropy = l->entropy;
	s.advantage = l->advantage;
	s.mask = l->mask;
	plan = plan_of(o, &s);
	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, l->dlogp, NULL, &m), 0);
	grpo_plan_free(plan);
	return m;
}

START_TEST(rows_may_stand_in_any_order)
{
	static const int order[N_ROWS] = {4, 2, 0, 3, 1};
	grpo_objective_options o = variant(_i);
	struct layout l = {.row = {0}};
	float whole[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;
	int64_t k, n = 0;
	int i;

	make_batch(&b);
	m = run(&o, &b, whole, N_ROWS);
	for (i = 0; i < N_ROWS; i++) {
		for (k = row[order[i]]; k < row[order[i] + 1]; k++)
			copy_token(&l, n++, &b, k);
		l.row[i + 1] = n;
	}
	m2 = run_layout(&l, &o);
	expect_close(&m, &m2);
	for (i = 0; i < N_ROWS; i++)
		ck_assert_mem_eq(whole + row[order[i]], l.dlogp + l.row[i],
				 sizeof *whole *
				     (size_t)(l.row[i + 1] - l.row[i]));
}
END_TEST

START_TEST(padding_changes_nothing)
{
	grpo_objective_options o = variant(_i);
	struct layout l = {.row = {0}};
	float whole[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;
	int64_t k, n = 0;
	int i, j;

	make_batch(&b);
	m = run(&o, &b, whole, N_ROWS);
	for (i = 0; i < N_ROWS; i++) { /* 3 before, 100 after, of NaN */
		for (j = 0; j < 3; j++)
			l.logp[n++] = NAN;
		for (k = row[i]; k < row[i + 1]; k++)
			copy_token(&l, n++, &b, k);
		for (j = 0; j < 100; j++)
			l.logp[n++] = NAN;
		l.row[i + 1] = n;
	}
	m2 = run_layout(&l, &o);
	ck_assert_mem_eq(&m, &m2, sizeof m);
	for (i = 0; i < N_ROWS; i++)
		for (k = l.row[i]; k < l.row[i + 1]; k++) {
			int64_t t = k - l.row[i] - 3;
			int in = t >= 0 && t < row[i + 1] - row[i];

			ck_assert(l.dlogp[k] == (in ? whole[row[i] + t] : 0));
		}
}
END_TEST

/* dlogp of token k of the layout if it were a step of its own. */
static double slope_alone(struct layout *l, const grpo_objective_options *o,
			  int64_t k)
{
	static const int64_t ends[2] = {0, 1};
	grpo_objective_options alone = *o;
	grpo_tokens s = {.struct_size = sizeof s, .n_rows = 1, .row = ends};
	float slope;
	grpo_plan *plan;

	alone.reduction = GRPO_REDUCE_TOKEN_MEAN;
	s.logp = l->logp + k;
	s.old_logp = l->old_logp + k;
	s.ref_logp = l->ref_logp + k;
	s.rollout_logp = l->rollout_logp + k;
	s.advantage = l->advantage + k;
	plan = plan_of(&alone, &s);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, &slope, NULL, NULL), 0);
	grpo_plan_free(plan);
	return slope;
}

/* Rows are worked on in parts, whose ends must not show. */
START_TEST(a_token_gets_the_same_result_anywhere_in_a_long_row)
{
	static const int64_t ends[N_ROWS + 1] = {0, 63, 127, 192, 400, 1000};
	grpo_objective_options o = variant(_i);
	struct layout l;
	struct batch b;
	double weight;
	int64_t k, n_in = 0;

	if (o.importance_sampling_correction > GRPO_CORRECTION_TOKEN_MASK)
		o.importance_sampling_correction -= 2; /* tokens of their own */
	ck_assert_int_eq(grpo_objective_loss_type(&o, GRPO_LOSS_BNPO), 0);
	make_batch(&b);
	memcpy(l.row, ends, sizeof ends);
	for (k = 0; k < 1000; k++) {
		copy_token(&l, k, &b, k * 5 % N_TOKENS);
		l.mask[k] = k % 7 != 2;
		n_in += l.mask[k];
	}
	weight = 1 / (double)n_in;
	run_layout(&l, &o);
	for (k = 0; k < 1000; k++)
		ck_assert_double_eq_tol(
		    l.dlogp[k], l.mask[k] ? weight * slope_alone(&l, &o, k) : 0,
		    1e-9);
}
END_TEST

START_TEST(empty_row_adds_nothing_and_counts_in_the_mean_of_rows)
{
	static const int64_t ends[3] = {0, 2, 4};
	static const float logp[4] = {-1, -1, -1, -1}, a[4] = {2, 2, 2, 2};
	static const uint8_t in[4] = {1, 1, 0, 0};
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0);
	grpo_tokens s = {.struct_size = sizeof s, .n_rows = 2, .row = ends};
	float dlogp[4];
	grpo_plan *plan;
	grpo_metrics m;

	s.logp = logp;
	s.advantage = a;
	s.mask = in;
	plan = plan_of(&o, &s);
	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &m), 0);
	ck_assert(m.loss == -1); /* (-2 + 0) / 2 */
	ck_assert(dlogp[0] == -0.5f && dlogp[1] == -0.5f);
	ck_assert(dlogp[2] == 0 && dlogp[3] == 0);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(step_without_a_token_in_the_loss_is_zero)
{
	static const int64_t ends[2] = {0, 2};
	static const float logp[2] = {-1, -1}, a[2] = {2, 2};
	static const uint8_t in[2] = {0, 0};
	grpo_objective_options o = options(_i, 0);
	grpo_tokens s = {.struct_size = sizeof s, .n_rows = 1, .row = ends};
	float dlogp[2] = {7, 7};
	grpo_plan *plan;
	grpo_metrics m;

	s.logp = logp;
	s.advantage = a;
	s.mask = in;
	plan = plan_of(&o, &s);
	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, &m), 0);
	ck_assert(m.loss == 0 && m.entropy == 0 && m.ratio_mean == 0);
	ck_assert(dlogp[0] == 0 && dlogp[1] == 0);
	ck_assert_int_eq(m.n_rows, 1);
	grpo_plan_free(plan);
}
END_TEST

START_TEST(step_of_no_rows_and_slice_of_no_rows_do_nothing)
{
	grpo_tokens none = {.struct_size = sizeof none};
	grpo_plan *plan = plan_of(NULL, &none);
	grpo_metrics m;

	grpo_metrics_init(&m);
	ck_assert_int_eq(grpo_objective(plan, &none, 0, NULL, NULL, &m), 0);
	ck_assert_int_eq(m.n_rows, 0);
	ck_assert_int_eq(grpo_objective(plan, &none, 1, NULL, NULL, &m),
			 GRPO_EINVAL);
	grpo_plan_free(plan);
	grpo_plan_free(NULL);
}
END_TEST

START_TEST(values_under_the_mask_are_never_looked_at)
{
	grpo_objective_options o = variant(_i);
	float want[N_TOKENS], dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;
	int k;

	make_batch(&b);
	m = run(&o, &b, want, N_ROWS);
	for (k = 0; k < N_TOKENS; k++)
		if (!mask[k])
			b.logp[k] = b.old_logp[k] = b.ref_logp[k] =
			    b.entropy[k] = b.advantage[k] = b.rollout_logp[k] =
				NAN;
	m2 = run(&o, &b, dlogp, N_ROWS);
	ck_assert_mem_eq(want, dlogp, sizeof want);
	ck_assert_mem_eq(&m, &m2, sizeof m);
}
END_TEST

START_TEST(dentropy_is_zero_and_metrics_may_be_null)
{
	struct batch b;
	float dlogp[N_TOKENS], dentropy[N_TOKENS];
	grpo_tokens s;
	grpo_plan *plan;
	int k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(NULL, &s);
	memset(dentropy, 0xff, sizeof dentropy);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, dentropy, NULL), 0);
	for (k = 0; k < N_TOKENS; k++)
		ck_assert(dentropy[k] == 0);
	grpo_plan_free(plan);
}
END_TEST

static TCase *values(void)
{
	TCase *t = tcase_create("values");

	tcase_add_test(t, defaults_are_those_of_trl);
	tcase_add_loop_test(t, loss_is_the_reduction_of_its_definition, 0,
			    N_LOSS_TYPES);
	tcase_add_test(t, clip_bounds_act_by_the_sign_of_the_advantage);
	tcase_add_test(t, gradient_is_zero_beyond_the_bound_and_flows_on_it);
	tcase_add_test(t, higher_upper_bound_lets_more_through);
	tcase_add_loop_test(
	    t, without_old_logp_the_gradient_is_exactly_minus_advantage, 0,
	    N_LOSS_TYPES);
	tcase_add_test(t, zero_advantage_gives_zero_gradient_of_positive_sign);
	tcase_add_test(t, kl_is_k3_and_its_slope_pulls_to_the_reference);
	tcase_add_test(t, kl_is_measured_with_beta_0_and_moves_nothing);
	tcase_add_test(t, metrics_are_those_of_their_definition);
	tcase_add_test(t, row_extremes_are_over_rows_with_tokens);
	tcase_add_test(t, ratio_that_underflows_is_zero_and_no_error);
	return t;
}

/* ------------------------------------------------------ a loss of one's own */

/* The library's, as its header has it. */
static void clipped_again(void *ctx, const grpo_objective_options *o,
			  const grpo_loss_columns *c)
{
	double lowest = 1 - o->epsilon, highest = 1 + o->epsilon_high;

	++*(int *)ctx;
	ck_assert_uint_eq(c->struct_size, sizeof *c);
	for (int64_t j = 0; j < c->n; j++) {
		double a = c->advantage[j], r = c->ratio[j];
		double held = fmin(fmax(r, lowest), highest);

		c->low[j] = a < 0 && r < lowest;
		c->high[j] = a > 0 && r > highest;
		c->loss[j] = -fmin(r * a, held * a);
		c->slope[j] = c->low[j] || c->high[j] ? 0 : -r * a;
	}
}

START_TEST(the_clipped_loss_as_ones_own_gives_the_same)
{
	grpo_objective_options o = variant(_i);
	float ours[N_TOKENS], own[N_TOKENS];
	struct batch b;
	grpo_metrics m, m2;
	int calls = 0;

	make_batch(&b);
	m = run(&o, &b, ours, N_ROWS);
	o.policy_loss = GRPO_POLICY_OWN;
	o.loss = clipped_again;
	o.loss_ctx = &calls;
	m2 = run(&o, &b, own, N_ROWS);
	ck_assert_int_gt(calls, 0);
	ck_assert_mem_eq(&m, &m2, sizeof m);
	for (int k = 0; k < N_TOKENS; k++)
		ck_assert(ours[k] == own[k]);
}
END_TEST

static void broken_loss(void *ctx, const grpo_objective_options *o,
			const grpo_loss_columns *c)
{
	(void)ctx, (void)o;
	for (int64_t j = 0; j < c->n; j++) {
		c->loss[j] = 0;
		c->slope[j] = j == 1 ? NAN : 0;
	}
}

START_TEST(a_loss_of_ones_own_that_is_not_finite_is_named)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	o.policy_loss = GRPO_POLICY_OWN;
	o.loss = broken_loss;
	s = slice_of(&b, 0, N_ROWS);
	plan = plan_of(&o, &s);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, NULL),
			 GRPO_ENUMERIC);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "row 0, token 1: the gradient"));
	grpo_plan_free(plan);
}
END_TEST

/* With one advantage a row, a token gets the mean of the row's slopes, all of
 * which stand at the same ratio. */
START_TEST(a_sequence_ratio_is_that_of_the_mean)
{
	grpo_objective_options o = options(GRPO_LOSS_GRPO, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_metrics m;
	double loss = 0;

	make_batch(&b);
	o.ratio_level = GRPO_RATIO_SEQUENCE;
	m = run(&o, &b, dlogp, N_ROWS);
	for (int i = 0; i < N_ROWS; i++) {
		double d = 0, a = n_in[i] > 0 ? (double)b.advantage[row[i]] : 0;
		double r, held;
		int clipped;

		for (int64_t k = row[i]; k < row[i + 1]; k++)
			if (mask[k])
				d += (double)b.logp[k] - (double)b.old_logp[k];
		r = exp(n_in[i] > 0 ? d / n_in[i] : 0);
		held = fmin(fmax(r, 1 - o.epsilon), 1 + o.epsilon_high);
		clipped = a < 0 ? r < 1 - o.epsilon : r > 1 + o.epsilon_high;
		loss -= n_in[i] > 0 ? fmin(r * a, held * a) / N_ROWS : 0;
		for (int64_t k = row[i]; k < row[i + 1]; k++)
			if (mask[k])
				ck_assert_double_eq_tol(
				    dlogp[k],
				    clipped ? 0 : -r * a / (N_ROWS * n_in[i]),
				    1e-8);
	}
	ck_assert_double_eq_tol(m.loss, loss, 1e-12);
}
END_TEST

static TCase *slices(void)
{
	TCase *t = tcase_create("slices");

	tcase_add_loop_test(t, every_cut_gives_the_same_gradient_and_metrics, 0,
			    N_VARIANTS);
	tcase_add_loop_test(t, slices_may_come_in_any_order, 0, N_VARIANTS);
	tcase_add_loop_test(t, rows_may_stand_in_any_order, 0, N_VARIANTS);
	tcase_add_loop_test(t, padding_changes_nothing, 0, N_VARIANTS);
	tcase_add_loop_test(t, the_clipped_loss_as_ones_own_gives_the_same, 0,
			    N_VARIANTS);
	tcase_add_test(t, a_loss_of_ones_own_that_is_not_finite_is_named);
	tcase_add_test(t, a_sequence_ratio_is_that_of_the_mean);
	tcase_add_loop_test(t,
			    a_token_gets_the_same_result_anywhere_in_a_long_row,
			    0, N_VARIANTS);
	tcase_add_test(t,
		       empty_row_adds_nothing_and_counts_in_the_mean_of_rows);
	tcase_add_loop_test(t, step_without_a_token_in_the_loss_is_zero, 0,
			    N_LOSS_TYPES);
	tcase_add_test(t, step_of_no_rows_and_slice_of_no_rows_do_nothing);
	tcase_add_loop_test(t, values_under_the_mask_are_never_looked_at, 0,
			    N_VARIANTS);
	tcase_add_test(t, dentropy_is_zero_and_metrics_may_be_null);
	return t;
}

static Suite *suite(void)
{
	Suite *s = suite_create("test_objective");

	suite_add_tcase(s, values());
	suite_add_tcase(s, slices());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
