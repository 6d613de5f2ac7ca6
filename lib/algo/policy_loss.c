/* SPDX-License-Identifier: MIT */
/*
 * What a token of the policy loses, one function a loss, value beside slope.
 * r: the ratio, A: the advantage; sg(x): x as a constant.  The loops are
 * branch-free and of a fixed length, so that they become vector code; the
 * padding has A = 0 and r = 1.
 */
#include "algo/policy_loss.h"

#include <math.h>
#include <string.h>

#include "algo/exp.h"

/* A token counts as clipped low where its advantage is negative, and high where
 * it is positive. */
static void mark_clipped(struct grpo__block *restrict b, double lowest,
			 double highest)
{
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double from = b->advantage[j] < 0 ? lowest : -1;
		double to = b->advantage[j] > 0 ? highest : INFINITY;

		b->low[j] = b->ratio[j] < from ? 1 : 0;
		b->high[j] = b->ratio[j] > to ? 1 : 0;
	}
}

/* -min(r A, clip(r) A): arXiv:2402.03300, equation 3, inside the sums. */
static void clip(struct grpo__block *restrict b,
		 const grpo_objective_options *o)
{
	double lowest = 1 - o->epsilon, highest = 1 + o->epsilon_high;
	int j;

	for (j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], r = b->ratio[j];
		double held = r < lowest ? lowest : r;
		double from = a < 0 ? lowest : -1;
		double to = a > 0 ? highest : INFINITY;

		held = (held > highest ? highest : held) * a;
		b->low[j] = r < from ? 1 : 0;
		b->high[j] = r > to ? 1 : 0;
		b->policy[j] = -(r * a < held ? r * a : held);
		/* + 0.0: never -0 */
		b->slope[j] = -(r * a) * (1 - b->low[j] - b->high[j]) + 0.0;
	}
}

/* The same with r cut at delta where A < 0, where nothing else holds it:
 * arXiv:1912.09729, equation 5; arXiv:2505.07291 (two-sided). */
static void clip_both(struct grpo__block *restrict b,
		      const grpo_objective_options *o)
{
	double delta = o->delta;

	clip(b, o);
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j];
		int cut = a < 0 && b->ratio[j] > delta;

		b->policy[j] = cut ? -delta * a : b->policy[j];
		b->slope[j] = cut ? 0 : b->slope[j];
	}
}

/* -sg(clip(r)) A logp: every token keeps a gradient (arXiv:2506.13585,
 * equation 4). */
static void cispo(struct grpo__block *restrict b,
		  const grpo_objective_options *o)
{
	double lowest = 1 - o->epsilon, highest = 1 + o->epsilon_high;

	mark_clipped(b, lowest, highest);
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double r = b->ratio[j];

		r = r < lowest ? lowest : r > highest ? highest : r;
		b->slope[j] = -r * b->advantage[j] + 0.0;
		b->policy[j] = b->slope[j] * b->logp[j] + 0.0;
	}
}

/* -A sigmoid(tau (r - 1)) 4 / tau: a soft gate (arXiv:2511.20347, equation 5).
 */
static void sapo(struct grpo__block *restrict b,
		 const grpo_objective_options *o)
{
	double x[GRPO__BLOCK], e[GRPO__BLOCK];
	int j;

	for (j = 0; j < GRPO__BLOCK; j++)
		x[j] = (b->advantage[j] > 0 ? o->sapo_temperature_pos
					    : o->sapo_temperature_neg) *
		       (1 - b->ratio[j]);
	grpo__exp_array(e, x, GRPO__BLOCK);
	for (j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], r = b->ratio[j];
		double tau =
		    a > 0 ? o->sapo_temperature_pos : o->sapo_temperature_neg;
		double s = 1 / (1 + e[j]);

		b->policy[j] = -a * s * 4 / tau + 0.0;
		b->slope[j] = -a * 4 * s * (1 - s) * r + 0.0;
		b->low[j] = b->high[j] = 0;
	}
}

/* -r A, whatever the ratio. */
static void ratio(struct grpo__block *restrict b,
		  const grpo_objective_options *o)
{
	(void)o;
	for (int j = 0; j < GRPO__BLOCK; j++) {
		b->policy[j] = b->slope[j] =
		    -(b->ratio[j] * b->advantage[j]) + 0.0;
		b->low[j] = b->high[j] = 0;
	}
}

/* -A logp: the plain policy gradient, without a ratio (REINFORCE). */
static void reinforce(struct grpo__block *restrict b,
		      const grpo_objective_options *o)
{
	(void)o;
	for (int j = 0; j < GRPO__BLOCK; j++) {
		b->slope[j] = -b->advantage[j] + 0.0;
		b->policy[j] = b->slope[j] * b->logp[j] + 0.0;
		b->low[j] = b->high[j] = 0;
	}
}

/* -keep r A, where a token is left out that has moved in its advantage's
 * direction by more than a threshold already: with p and q the token's
 * probability now and when it was sampled, A > 0 and p - q > epsilon_high, or
 * A <= 0 and p - q < -epsilon (arXiv:2602.04879; prime-rl). */
static void dppo(struct grpo__block *restrict b,
		 const grpo_objective_options *o)
{
	double p[GRPO__BLOCK], q[GRPO__BLOCK];

	grpo__exp_array(p, b->logp, GRPO__BLOCK);
	grpo__exp_array(q, b->old_logp, GRPO__BLOCK);
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double a = b->advantage[j], moved = p[j] - q[j];

		b->low[j] = a < 0 && moved < -o->epsilon ? 1 : 0;
		b->high[j] = a > 0 && moved > o->epsilon_high ? 1 : 0;
		b->policy[j] = b->slope[j] =
		    -(b->ratio[j] * a) * (1 - b->low[j] - b->high[j]) + 0.0;
	}
}

/* The caller's.  What it leaves in the padding is nobody's. */
static void own(struct grpo__block *b, const grpo_objective_options *o)
{
	grpo_loss_columns c = {.struct_size = sizeof c,
			       .n = b->n,
			       .ratio = b->ratio,
			       .log_ratio = b->log_ratio,
			       .advantage = b->advantage,
			       .loss = b->policy,
			       .slope = b->slope,
			       .low = b->low,
			       .high = b->high,
			       .logp = b->logp,
			       .old_logp = b->old_logp};

	memset(b->low, 0, sizeof b->low);
	memset(b->high, 0, sizeof b->high);
	o->loss(o->loss_ctx, o, &c);
	for (int j = b->n; j < GRPO__BLOCK; j++)
		b->policy[j] = b->slope[j] = 0;
}

/* tau (log r)^2 on top, which keeps the policy near the one that sampled
 * (prime-rl). */
static void add_square(struct grpo__block *restrict b, double tau)
{
	for (int j = 0; j < GRPO__BLOCK; j++) {
		double d = b->log_ratio[j];

		b->policy[j] += tau * d * d;
		b->slope[j] += 2 * tau * d;
	}
}

int grpo__policy_loss_needs_logp(const grpo_objective_options *o)
{
	return o->policy_loss == GRPO_POLICY_OWN ||
	       o->policy_loss == GRPO_POLICY_CISPO ||
	       o->policy_loss == GRPO_POLICY_REINFORCE ||
	       o->policy_loss == GRPO_POLICY_DPPO;
}

void grpo__policy_loss(struct grpo__block *b, const grpo_objective_options *o)
{
	switch (o->policy_loss) {
	case GRPO_POLICY_OWN:
		own(b, o);
		break;
	case GRPO_POLICY_CISPO:
		cispo(b, o);
		break;
	case GRPO_POLICY_SAPO:
		sapo(b, o);
		break;
	case GRPO_POLICY_RATIO:
		ratio(b, o);
		break;
	case GRPO_POLICY_REINFORCE:
		reinforce(b, o);
		break;
	case GRPO_POLICY_DPPO:
		dppo(b, o);
		break;
	default:
		if (isinf(o->delta))
			clip(b, o);
		else
			clip_both(b, o);
	}
	if (o->squared_log_ratio > 0)
		add_square(b, o->squared_log_ratio);
}
