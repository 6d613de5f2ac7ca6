/* SPDX-License-Identifier: MIT */
/* Every policy loss, ratio level, reduction and mask, against its formula
 * written down once more, token by token. */
#include <math.h>

#include "tests/objective_batch.h"
#include "tests/suite.h"

/* Of token k: its advantage, its d = logp - old_logp, and its row. */
struct token {
	double a, d, logp, old;
	int in;
};

static struct token token_of(const struct batch *b, int k)
{
	return (struct token){.a = (double)b->advantage[k],
			      .logp = (double)b->logp[k],
			      .old = (double)b->old_logp[k],
			      .d = (double)b->logp[k] - (double)b->old_logp[k],
			      .in = mask[k]};
}

static grpo_metrics objective(const grpo_objective_options *o,
			      const grpo_tokens *s, float *dlogp,
			      float *dentropy)
{
	grpo_plan *plan = plan_of(o, s);
	grpo_metrics m;

	grpo_metrics_init(&m);
	ck_assert_msg(grpo_objective(plan, s, 0, dlogp, dentropy, &m) == 0,
		      "%s", grpo_error_message());
	grpo_plan_free(plan);
	return m;
}

static void near(double got, double want, const char *what, int k)
{
	ck_assert_msg(fabs(got - want) <= 3e-8 + 1e-7 * fabs(want),
		      "%s, token %d: %.12g, expected %.12g", what, k, got,
		      want);
}

/* ------------------------------------------------------------- the losses */

/* value and slope in logp, with a token mean to come */
typedef void (*formula)(const struct token *t, const grpo_objective_options *o,
			double *value, double *slope);

static double cut(double r, double low, double high)
{
	return r < low ? low : r > high ? high : r;
}

static void cispo(const struct token *t, const grpo_objective_options *o,
		  double *value, double *slope)
{
	double w = cut(exp(t->d), 1 - o->epsilon, 1 + o->epsilon_high);

	*slope = -w * t->a;
	*value = -w * t->a * t->logp;
}

static void sapo(const struct token *t, const grpo_objective_options *o,
		 double *value, double *slope)
{
	double tau =
	    t->a > 0 ? o->sapo_temperature_pos : o->sapo_temperature_neg;
	double r = exp(t->d), g = 1 / (1 + exp(-tau * (r - 1)));

	*value = -t->a * g * 4 / tau;
	*slope = -t->a * 4 * g * (1 - g) * r;
}

static void ratio(const struct token *t, const grpo_objective_options *o,
		  double *value, double *slope)
{
	(void)o;
	*value = *slope = -exp(t->d) * t->a;
}

static void reinforce(const struct token *t, const grpo_objective_options *o,
		      double *value, double *slope)
{
	(void)o;
	*value = -t->a * t->logp;
	*slope = -t->a;
}

static void dppo(const struct token *t, const grpo_objective_options *o,
		 double *value, double *slope)
{
	double moved = exp(t->logp) - exp(t->old);
	int keep = t->a > 0 ? moved <= o->epsilon_high : moved >= -o->epsilon;

	*value = *slope = keep ? -exp(t->d) * t->a : 0;
}

/* max(-r A, -clip(r) A); where A < 0 no more than -delta A */
static void dual_clip(const struct token *t, const grpo_objective_options *o,
		      double *value, double *slope)
{
	double r = exp(t->d),
	       held = cut(r, 1 - o->epsilon, 1 + o->epsilon_high);
	double l = fmax(-r * t->a, -held * t->a);

	*slope = l == -r * t->a ? -r * t->a : 0;
	if (t->a < 0 && l > -o->delta * t->a) {
		l = -o->delta * t->a;
		*slope = 0;
	}
	*value = l;
}

static const struct {
	const char *name;
	int32_t policy_loss;
	formula f;
	double epsilon, epsilon_high, delta;
} losses[] = {
    {"cispo", GRPO_POLICY_CISPO, cispo, 0.2, 0.28, INFINITY},
    {"cispo with TRL's cap 1.4", GRPO_POLICY_CISPO, cispo, 1, 0.4, INFINITY},
    {"sapo", GRPO_POLICY_SAPO, sapo, 0.2, 0.2, INFINITY},
    {"ratio", GRPO_POLICY_RATIO, ratio, 0.2, 0.2, INFINITY},
    {"reinforce", GRPO_POLICY_REINFORCE, reinforce, 0.2, 0.2, INFINITY},
    {"dppo", GRPO_POLICY_DPPO, dppo, 0.05, 0.03, INFINITY},
    {"dual clip", GRPO_POLICY_CLIP, dual_clip, 0.2, 0.2, 1.5},
    {"dual clip, off", GRPO_POLICY_CLIP, dual_clip, 0.2, 0.2, INFINITY},
};
#define N_LOSSES ((int)(sizeof losses / sizeof *losses))

static grpo_objective_options options_of(int i)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);

	o.policy_loss = losses[i].policy_loss;
	o.epsilon = losses[i].epsilon;
	o.epsilon_high = losses[i].epsilon_high;
	o.delta = losses[i].delta;
	return o;
}

START_TEST(value_and_slope_are_those_of_the_formula)
{
	static const double squares[] = {0, 0.125};
	grpo_objective_options o = options_of(_i);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	int q, k;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.ref_logp = NULL;
	for (q = 0; q < 2; q++) {
		double loss = 0, value, slope;
		grpo_metrics m;

		o.squared_log_ratio = squares[q];
		m = objective(&o, &s, dlogp, NULL);
		for (k = 0; k < N_TOKENS; k++) {
			struct token t = token_of(&b, k);

			losses[_i].f(&t, &o, &value, &slope);
			value += squares[q] * t.d * t.d;
			slope += 2 * squares[q] * t.d;
			near((double)dlogp[k], t.in ? slope / M : 0,
			     losses[_i].name, k);
			loss += t.in ? value / M : 0;
		}
		ck_assert_double_eq_tol(m.loss, loss, 1e-14);
		ck_assert_double_eq_tol(m.policy_loss, loss, 1e-14);
	}
}
END_TEST

/* With one update a batch the ratio is 1: all are the policy gradient. */
START_TEST(on_policy_every_loss_has_the_gradient_of_the_policy)
{
	grpo_objective_options o = options_of(_i);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.old_logp = NULL;
	o.sapo_temperature_neg = 3;
	objective(&o, &s, dlogp, NULL);
	for (int k = 0; k < N_TOKENS; k++)
		near((double)dlogp[k],
		     mask[k] ? -(double)b.advantage[k] / M : 0, losses[_i].name,
		     k);
}
END_TEST

/* ------------------------------------------------------------------ levels */

/* The mean d of a row's tokens in the loss; GMPO's clipped d where asked. */
static double row_mean(const struct batch *b, int i,
		       const grpo_objective_options *o, int clipped)
{
	double sum = 0;

	for (int k = (int)row[i]; k < row[i + 1]; k++) {
		struct token t = token_of(b, k);
		double d = t.d;

		if (clipped && t.a > 0)
			d = fmin(d, o->epsilon_high);
		if (clipped && t.a < 0)
			d = fmax(d, -o->epsilon);
		sum += t.in ? d : 0;
	}
	return n_in[i] > 0 ? sum / n_in[i] : 0;
}

/* GSPO-token: the sequence's ratio, each token's own gradient. */
START_TEST(a_sequence_ratio_may_have_the_gradient_of_tokens)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float dlogp[N_TOKENS];
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	for (int k = 0; k < N_TOKENS; k++)
		b.advantage[k] *= 1 + 0.25f * (float)(k % 3);
	s = slice_of(&b, 0, N_ROWS);
	o.ratio_level = GRPO_RATIO_SEQUENCE_TOKEN;
	objective(&o, &s, dlogp, NULL);
	for (int i = 0; i < N_ROWS; i++)
		for (int k = (int)row[i]; k < row[i + 1]; k++) {
			double r = exp(row_mean(&b, i, &o, 0));
			double a = (double)b.advantage[k];
			int clipped = a > 0 ? r > 1.2 : r < 0.8;

			near((double)dlogp[k],
			     mask[k] && !clipped ? -r * a / M : 0, "gspo-token",
			     k);
		}
}
END_TEST

/* GMPO: -A times the geometric mean of clipped ratios, for each row. */
START_TEST(a_geometric_mean_of_clipped_ratios_is_gmpo)
{
	grpo_objective_options o = options(GRPO_LOSS_GMPO, 0);
	float dlogp[N_TOKENS];
	double loss = 0;
	struct batch b;
	grpo_metrics m;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	o.epsilon = o.epsilon_high = 0.4;
	m = objective(&o, &s, dlogp, NULL);
	for (int i = 0; i < N_ROWS; i++) {
		double r = exp(row_mean(&b, i, &o, 1));

		for (int k = (int)row[i]; k < row[i + 1]; k++) {
			struct token t = token_of(&b, k);
			int held = t.a > 0 ? t.d > 0.4 : t.d < -0.4;

			near((double)dlogp[k],
			     t.in && !held ? -r * t.a / (N_ROWS * n_in[i]) : 0,
			     "gmpo", k);
		}
		if (n_in[i] > 0)
			loss -= r * (double)b.advantage[row[i]] / N_ROWS;
	}
	ck_assert_double_eq_tol(m.loss, loss, 1e-14);
	ck_assert(m.clip_region_mean > 0);
}
END_TEST

/* -------------------------------------------------------------- reductions */

/* Rows 0 and 4 answer one prompt, 1 another; 2 and 3 have nothing. */
static const int64_t group[N_ROWS] = {7, 3, 5, 5, 7};

START_TEST(prompts_or_tokens_may_be_what_is_averaged)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float mean[N_TOKENS], prompt[N_TOKENS], sum[N_TOKENS];
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.group = group;
	objective(&o, &s, mean, NULL);
	o.reduction = GRPO_REDUCE_PROMPT_MEAN;
	objective(&o, &s, prompt, NULL);
	o.reduction = GRPO_REDUCE_TOKEN_SUM;
	objective(&o, &s, sum, NULL);
	for (int k = 0; k < N_TOKENS; k++) {
		double of_prompt =
		    k >= 4 && k < 7 ? n_in[1] : n_in[0] + n_in[4];

		near((double)sum[k], M * (double)mean[k], "sum", k);
		near((double)prompt[k], M * (double)mean[k] / (2 * of_prompt),
		     "prompt mean", k);
	}
}
END_TEST

/* Ranks with other prompts add up, as with every reduction. */
START_TEST(the_prompts_of_all_ranks_are_counted)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	grpo_plan_totals t = {.struct_size = sizeof t};
	float whole[N_TOKENS], part[N_TOKENS];
	struct batch b;
	grpo_tokens s, half;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	s.group = group;
	o.reduction = GRPO_REDUCE_PROMPT_MEAN;
	objective(&o, &s, whole, NULL);
	half = slice_of(&b, 1, 1);
	half.group = group + 1;
	plan = plan_of(&o, &half);
	ck_assert_int_eq(grpo_plan_totals_get(plan, &t), 0);
	ck_assert_int_eq(t.n_prompts, 1);
	t.n_prompts = 2;
	ck_assert_int_eq(grpo_plan_totals_set(plan, &t), 0);
	ck_assert_int_eq(grpo_objective(plan, &half, 0, part, NULL, NULL), 0);
	for (int k = 4; k < 7; k++)
		ck_assert(part[k - 4] == whole[k]);
	t.n_prompts = 0;
	ck_assert_int_eq(grpo_plan_totals_set(plan, &t), GRPO_EINVAL);
	expect_message("n_prompts is 0");
	grpo_plan_free(plan);
}
END_TEST

/* ------------------------------------------------------------------- masks */

/* Sum and number of sampler's minus policy's log-probability in a row. */
static double drift(const struct batch *b, int i, const float *logp)
{
	double sum = 0;

	for (int k = (int)row[i]; k < row[i + 1]; k++)
		sum +=
		    mask[k] ? (double)logp[k] - (double)b->rollout_logp[k] : 0;
	return n_in[i] > 0 ? sum / n_in[i] : 0;
}

START_TEST(rows_that_drifted_are_masked_by_their_geometric_mean)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float all[N_TOKENS], kept[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	int n_kept = 0, n_left = 0;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	objective(&o, &s, all, NULL);
	o.importance_sampling_correction = GRPO_CORRECTION_GEOMETRIC_MASK;
	o.importance_sampling_clip_min = 0.97;
	o.importance_sampling_clip_max = 1.03;
	objective(&o, &s, kept, NULL);
	for (int i = 0; i < N_ROWS; i++) {
		double rho = exp(drift(&b, i, b.old_logp));
		int keep = rho >= 0.97 && rho <= 1.03;

		n_kept += keep && n_in[i] > 0;
		n_left += !keep;
		for (int k = (int)row[i]; k < row[i + 1]; k++)
			ck_assert(kept[k] == (keep ? all[k] : 0));
	}
	ck_assert_int_gt(n_kept, 0);
	ck_assert_int_gt(n_left, 0);
}
END_TEST

/* Bad answers that the policy would hardly give any more teach nothing. */
START_TEST(bad_rows_that_the_policy_has_left_are_masked)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0);
	float all[N_TOKENS], kept[N_TOKENS];
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	for (int k = (int)row[4]; k < row[5]; k++)
		b.rollout_logp[k] = b.logp[k] + 0.5f;
	for (int k = 0; k < (int)row[1]; k++)
		b.rollout_logp[k] = b.logp[k] + 0.5f; /* A > 0: kept */
	b.rollout_logp[9] = NAN;                      /* taken as equal */
	s = slice_of(&b, 0, N_ROWS);
	objective(&o, &s, all, NULL);
	o.off_policy_threshold = 0.37;
	objective(&o, &s, kept, NULL);
	for (int k = 0; k < N_TOKENS; k++)
		ck_assert(kept[k] == (k >= 9 ? 0 : all[k]));
	ck_assert(all[9] != 0 && all[0] != 0 && all[4] != 0);
	o.off_policy_threshold = 0.38; /* the mean is 0.375 */
	objective(&o, &s, kept, NULL);
	ck_assert_mem_eq(kept, all, sizeof all);
	s.rollout_logp = NULL;
	plan = plan_of(&o, &s);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, kept, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("off_policy_threshold needs it");
	grpo_plan_free(plan);
}
END_TEST

/* ------------------------------------------------------------ KL, entropy */

START_TEST(the_slope_of_a_kl_term_may_be_that_of_k2)
{
	grpo_objective_options o = options(GRPO_LOSS_DAPO, 0.5);
	float plain[N_TOKENS], dlogp[N_TOKENS], none[N_TOKENS];
	grpo_metrics m, p;
	struct batch b;
	grpo_tokens s;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	for (o.kl_estimator = 0; o.kl_estimator <= GRPO_KL_K3;
	     o.kl_estimator++) {
		o.beta = 0;
		o.kl_bias_correction = GRPO_KL_AS_IS;
		objective(&o, &s, none, NULL);
		o.beta = 0.5;
		p = objective(&o, &s, plain, NULL);
		o.kl_bias_correction = GRPO_KL_K2_SLOPE;
		m = objective(&o, &s, dlogp, NULL);
		ck_assert_double_eq(m.loss, p.loss);
		for (int k = 0; k < N_TOKENS; k++) {
			double x = (double)b.logp[k] - (double)b.ref_logp[k];

			near((double)dlogp[k] - (double)none[k],
			     mask[k] ? 0.5 * x / M : 0, "k2 slope", k);
		}
	}
}
END_TEST

START_TEST(entropy_is_taken_off_the_loss)
{
	grpo_objective_options o = options(_i, 0);
	float dlogp[N_TOKENS], again[N_TOKENS], dentropy[N_TOKENS];
	grpo_metrics m, with;
	double h = 0;
	struct batch b;
	grpo_tokens s;
	grpo_plan *plan;

	make_batch(&b);
	s = slice_of(&b, 0, N_ROWS);
	m = objective(&o, &s, dlogp, dentropy);
	for (int k = 0; k < N_TOKENS; k++)
		ck_assert(dentropy[k] == 0);
	o.entropy_coef = 0.25;
	with = objective(&o, &s, again, dentropy);
	ck_assert_mem_eq(again, dlogp, sizeof dlogp);
	for (int k = 0; k < N_TOKENS; k++) {
		h += mask[k] ? (double)b.entropy[k] / M : 0;
		near((double)dentropy[k], mask[k] ? -0.25 / M : 0, "dentropy",
		     k);
	}
	ck_assert_double_eq_tol(with.loss, m.loss - 0.25 * h, 1e-14);
	ck_assert_double_eq(with.policy_loss, m.policy_loss);
	plan = plan_of(&o, &s);
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, NULL, NULL),
			 GRPO_EINVAL);
	expect_message("dentropy is NULL, and entropy_coef is 0.25");
	s.entropy = NULL;
	ck_assert_int_eq(grpo_objective(plan, &s, 0, dlogp, dentropy, NULL),
			 GRPO_EINVAL);
	expect_message("entropy_coef needs it");
	grpo_plan_free(plan);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("losses");
	TCase *t = tcase_create("losses");

	tcase_add_loop_test(t, value_and_slope_are_those_of_the_formula, 0,
			    N_LOSSES);
	tcase_add_loop_test(t,
			    on_policy_every_loss_has_the_gradient_of_the_policy,
			    0, N_LOSSES);
	tcase_add_test(t, a_sequence_ratio_may_have_the_gradient_of_tokens);
	tcase_add_test(t, a_geometric_mean_of_clipped_ratios_is_gmpo);
	tcase_add_test(t, prompts_or_tokens_may_be_what_is_averaged);
	tcase_add_test(t, the_prompts_of_all_ranks_are_counted);
	tcase_add_test(t, rows_that_drifted_are_masked_by_their_geometric_mean);
	tcase_add_test(t, bad_rows_that_the_policy_has_left_are_masked);
	tcase_add_test(t, the_slope_of_a_kl_term_may_be_that_of_k2);
	tcase_add_loop_test(t, entropy_is_taken_off_the_loss, 0,
			    GRPO_LOSS_DAPO + 1);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
