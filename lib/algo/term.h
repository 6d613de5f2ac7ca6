/* SPDX-License-Identifier: MIT */
#ifndef GRPO_ALGO_TERM_H
#define GRPO_ALGO_TERM_H

#include "algo/correction.h"
#include "algo/estimator.h"

/*
 * The objective at one token: its value and its slope.  In a header for the
 * sake of the loops over tokens, which have it inline.
 */
struct grpo__term {
	double log_ratio; /* logp - old_logp; 0 without old_logp */
	double ratio;
	double correction; /* w; 1 without one */
	double policy;     /* -min(ratio A, clip(ratio) A) w */
	double kl;         /* k, or k ratio; 0 without ref_logp */
	double loss;       /* policy + beta kl */
	double slope;      /* d loss / d logp */
	int low, high;     /* clipped */
};

static inline double grpo__clamp(double x, double low, double high)
{
	return x < low ? low : x > high ? high : x;
}

/* eq. 3 of arXiv:2402.03300, the term inside the sums */
static inline void grpo__policy_term(struct grpo__term *e,
				     const grpo_objective_options *o,
				     const grpo_tokens *s, int64_t k)
{
	double low = 1 - o->epsilon, high = 1 + o->epsilon_high;
	double a = s->advantage[k], free, held;

	e->ratio = 1;
	if (s->old_logp) {
		e->log_ratio = (double)s->logp[k] - (double)s->old_logp[k];
		e->ratio = exp(e->log_ratio);
	}
	e->low = a < 0 && e->ratio < low;
	e->high = a > 0 && e->ratio > high;
	free = e->ratio * a;
	held = grpo__clamp(e->ratio, low, high) * a;
	e->policy = -(free < held ? free : held);
	if (!e->low && !e->high)
		e->slope = 0 - free; /* +0 where a is 0 */
}

static inline void grpo__correct(struct grpo__term *e, double w)
{
	e->correction = w;
	e->policy *= w;
	e->slope *= w;
}

static inline void grpo__kl_term(struct grpo__term *e,
				 const grpo_objective_options *o,
				 const grpo_tokens *s, int64_t k)
{
	struct grpo__kl kl = grpo__kl_estimate(
	    o->kl_estimator, (double)s->logp[k] - (double)s->ref_logp[k]);

	if (o->kl_bias_correction) {
		kl.slope = e->ratio * (kl.value + kl.slope);
		kl.value *= e->ratio;
	}
	e->kl = kl.value;
	if (o->beta > 0) {
		e->loss += o->beta * kl.value;
		e->slope += o->beta * kl.slope;
	}
}

/** Token k of the slice; row_weight is its row's grpo__row_weight. */
static inline struct grpo__term grpo__term_at(const grpo_objective_options *o,
					      const grpo_tokens *s, int64_t k,
					      double row_weight)
{
	struct grpo__term e = {.correction = 1};

	grpo__policy_term(&e, o, s, k);
	if (grpo__corrects_tokens(o))
		grpo__correct(&e, grpo__weight_of(o, grpo__log_rho(s, k)));
	else if (grpo__corrects_rows(o))
		grpo__correct(&e, row_weight);
	e.loss = e.policy;
	if (s->ref_logp)
		grpo__kl_term(&e, o, s, k);
	return e;
}

#endif
