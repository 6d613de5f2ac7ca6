/* SPDX-License-Identifier: MIT */
#ifndef GRPO_OBJECTIVE_H
#define GRPO_OBJECTIVE_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * The GRPO objective and its gradient, on ragged plain arrays.  Any trainer
 * that can give log-probabilities and take dloss/dlogp can use it.
 *
 * Row i is one completion: tokens row[i] ... row[i+1]-1.  `logp` is the
 * log-probability of the sampled token under the policy's distribution at the
 * sampling temperature, before top-k, top-p or min-p.
 *
 * Two phases.  A plan is made from the whole optimizer step and holds what
 * depends on all of it (denominators, row lengths, token counts, and thresholds
 * where an option needs them: grpo_plan_needs); then any
 * slice of consecutive rows gives its share of loss and gradient.  The
 * gradient of a token does not depend on the cut, bit for bit; the shares of
 * the loss and of the metrics add up to the step's for every cut, to the
 * rounding of a sum of doubles.
 *
 *	grpo_objective_options o;
 *	grpo_objective_options_init(&o);
 *	grpo_plan_create(&plan, &o, &step);             // all rows
 *	grpo_metrics_init(&metrics);
 *	for (each slice)
 *		grpo_objective(plan, &slice, first_row, dlogp, NULL, &metrics);
 *	grpo_plan_free(plan);
 *
 * Arrays are float, all arithmetic is double.  N: rows of the step; n_i: the
 * tokens of row i with a mask other than 0; M: the sum of the n_i.
 */

/*
 * Three choices make the policy's loss: what a token loses, at which level its
 * ratio is taken, and how the tokens' losses become one number.
 */

/**
 * What a token is in the step for.  Each component has its own denominator, so
 * that a batch of rollouts and of text to imitate is one step, whose loss is
 * the sum of what each would be alone.
 *
 * POLICY         the policy loss below, and beta times the KL term
 * CROSS_ENTROPY  -logp: supervised fine-tuning on this token
 * REFERENCE_KL   the KL estimate of logp against ref_logp alone: distillation
 *		  from whoever gave ref_logp.  On the policy's own samples K2
 *has the slope of KL(policy || reference).
 */
enum grpo_component {
	GRPO_COMPONENT_POLICY = 0,
	GRPO_COMPONENT_CROSS_ENTROPY = 1,
	GRPO_COMPONENT_REFERENCE_KL = 2
};

/**
 * The loss of a token, with the ratio r and the advantage A; sg(x) is x without
 * a gradient.  clip(r) is r brought into [1 - epsilon, 1 + epsilon_high].
 */
enum grpo_policy_loss {
	/* -min(r A, clip(r) A) (arXiv:2402.03300, equation 3); where A < 0,
	 * r is cut at delta first */
	GRPO_POLICY_CLIP = 0,
	GRPO_POLICY_OWN = 1, /* the caller's function, options.loss */
	/* -sg(clip(r)) A logp (arXiv:2506.13585).  TRL's cap `epsilon_high` is
	 * epsilon_high = cap - 1 here, with epsilon = 1: no lower bound. */
	GRPO_POLICY_CISPO = 2,
	/* -A sigmoid(tau (r - 1)) 4 / tau, tau by A's sign (arXiv:2511.20347)
	 */
	GRPO_POLICY_SAPO = 3,
	GRPO_POLICY_RATIO = 4,     /* -r A: importance sampling, unclipped */
	GRPO_POLICY_REINFORCE = 5, /* -A logp: no ratio */
	/* -r A, and 0 where the token's probability has moved far enough
	 * already: by more than epsilon_high up where A > 0, by more than
	 * epsilon down where A < 0 (DPPO-TV, arXiv:2602.04879) */
	GRPO_POLICY_DPPO = 6
};

/** The ratio r of policy and sampling policy; d = logp - old_logp. */
enum grpo_ratio_level {
	GRPO_RATIO_TOKEN = 0, /* exp(d) of each token */
	/* exp(mean of d over the row's tokens in the loss), one for all of
	 * them; the gradient goes through the mean (GSPO, arXiv:2507.18071) */
	GRPO_RATIO_SEQUENCE = 1,
	/* the same number, with the gradient of each token's own logp, for
	 * advantages that differ within a row (GSPO-token, same paper) */
	GRPO_RATIO_SEQUENCE_TOKEN = 2,
	/* exp(mean of clipped d): d at most epsilon_high where A > 0, at least
	 * -epsilon where A < 0; a token that is clipped has no gradient (GMPO,
	 * arXiv:2507.20673); with GRPO_POLICY_RATIO */
	GRPO_RATIO_GEOMETRIC = 3
};

/**
 * How the token losses l of a component become one number.  N, n_i and M count
 * its rows and tokens alone.  A row with no token in the loss at all adds 0 and
 * still counts in the N of the policy.  Weights do not enter N, n_i and M.
 */
enum grpo_reduction {
	GRPO_REDUCE_ROW_MEAN = 0,   /* 1/N sum_i( 1/n_i sum_t l ) */
	GRPO_REDUCE_TOKEN_MEAN = 1, /* sum l / M */
	GRPO_REDUCE_CONSTANT = 2,   /* sum l / (N * max_completion_length) */
	/* the mean over prompts of the mean over the tokens of all rows of a
	 * prompt; needs grpo_tokens.group.  Other components: token mean. */
	GRPO_REDUCE_PROMPT_MEAN = 3,
	GRPO_REDUCE_TOKEN_SUM = 4 /* sum l */
};

/**
 * The field's names; grpo_objective_loss_type sets the three choices.  BNPO and
 * DAPO differ in TRL, where BNPO divides by the tokens of each micro-batch;
 *over a whole step, as here, they are the same.
 *
 *	GRPO       CLIP, ROW_MEAN               arXiv:2402.03300
 *	BNPO       CLIP, TOKEN_MEAN
 *	DR_GRPO    CLIP, CONSTANT               arXiv:2503.20783
 *	DAPO       CLIP, TOKEN_MEAN             arXiv:2503.14476
 *	CISPO      CISPO, TOKEN_MEAN            arXiv:2506.13585
 *	SAPO       SAPO, ROW_MEAN               arXiv:2511.20347
 *	GMPO       RATIO, GEOMETRIC, ROW_MEAN   arXiv:2507.20673
 *	REINFORCE  REINFORCE, TOKEN_MEAN
 *	DPPO       DPPO, TOKEN_MEAN             arXiv:2602.04879
 *
 * The ratio level is TOKEN where none is named.
 */
enum grpo_loss_type {
	GRPO_LOSS_GRPO = 0,
	GRPO_LOSS_BNPO = 1,
	GRPO_LOSS_DR_GRPO = 2,
	GRPO_LOSS_DAPO = 3,
	GRPO_LOSS_CISPO = 4,
	GRPO_LOSS_SAPO = 5,
	GRPO_LOSS_GMPO = 6,
	GRPO_LOSS_REINFORCE = 7,
	GRPO_LOSS_DPPO = 8
};

/**
 * Some tokens of one row, for a loss of the caller's: n tokens, one after
 * another.  Padding may follow them in memory.
 */
typedef struct grpo_loss_columns {
	size_t struct_size;
	int64_t n;
	const double *ratio;     /* [n] r, at the ratio level */
	const double *log_ratio; /* [n] log r */
	const double *advantage; /* [n] */
	double *loss;            /* [n] out: the loss of each */
	double *slope;           /* [n] out: its derivative by log r */
	double *low, *high;      /* [n] out: 1 where it counts as clipped below
				    or above, for the metrics; else 0 */
	const double *logp, *old_logp; /* [n]; without old_logp both the same */
} grpo_loss_columns;

struct grpo_objective_options;

/**
 * Fills loss and slope (and low and high, which hold 0) token by token: what a
 * token gets may depend on its own columns and the options alone.  Masks,
 * corrections, KL, reduction, metrics and checks for numbers that are not
 * finite are the library's.
 */
typedef void (*grpo_policy_loss_fn)(void *ctx,
				    const struct grpo_objective_options *o,
				    const grpo_loss_columns *columns);

/**
 * Estimators of KL(policy || reference) from one token, x = logp - ref_logp
 * (http://joschu.net/blog/kl-approx.html).  As values K1 and K3 are unbiased.
 * What counts in the loss is the slope, and the slope of an unbiased estimate
 * is no unbiased estimate of the slope (arXiv:2506.09477): on the policy's
 * own samples
 *
 * - K1 in the loss does nothing on average, whatever the reference: its slope
 *   is 1 everywhere, and E[dlogp] = 0.  It adds noise alone.  In the reward
 *   (grpo/kl.h) it is the right one.
 * - K2 has the expected slope of KL(policy || reference).
 * - K3 has that of KL(reference || policy), the other direction; near the
 *   reference the two agree.  It is what GRPO uses.
 */
enum grpo_kl_estimator {
	GRPO_KL_K1 = 0, /* x                slope 1 */
	GRPO_KL_K2 = 1, /* x^2 / 2          slope x */
	GRPO_KL_K3 = 2  /* exp(-x) - 1 + x  slope 1 - exp(-x) */
};

/**
 * The bias of a KL term in the loss, whose slope is not that of the KL.
 *
 * TIMES_RATIO: the term is multiplied by the ratio, so that K1 and K3 have the
 * slope of KL(policy || reference) on average (arXiv:2512.02556; TRL's
 * use_bias_correction_kl, which is on there).
 * K2_SLOPE: the value is the estimator's, the slope is K2's, x (verl's "+").
 */
enum grpo_kl_bias {
	GRPO_KL_AS_IS = 0,
	GRPO_KL_TIMES_RATIO = 1,
	GRPO_KL_K2_SLOPE = 2
};

/**
 * Importance sampling for a sampler whose log-probabilities are not quite the
 * learner's (another engine, another precision): the policy term of a token
 * is multiplied by w, a constant for the gradient, made of
 * rho = exp(sum of old_logp - rollout_logp) over the token, or over all
 * tokens of its row that are in the loss (SEQUENCE).
 *
 * TRUNCATE: w = rho, brought into [clip_min, clip_max]
 * MASK:     w = rho inside [clip_min, clip_max], else 0
 *
 * (TRL's vllm_importance_sampling_mode; TOKEN_TRUNCATE with clip_min 0 is
 * the TIS of https://openreview.net/forum?id=xsonlP8DRV and of verl.)
 */
enum grpo_correction {
	GRPO_CORRECTION_NONE = 0,
	GRPO_CORRECTION_TOKEN_TRUNCATE = 1,
	GRPO_CORRECTION_TOKEN_MASK = 2,
	GRPO_CORRECTION_SEQUENCE_TRUNCATE = 3,
	GRPO_CORRECTION_SEQUENCE_MASK = 4,
	/* rho = exp of the mean over the row's tokens; w = 1 inside the bounds,
	 * else 0: it masks and never weights */
	GRPO_CORRECTION_GEOMETRIC_MASK = 5
};

typedef struct grpo_objective_options {
	size_t struct_size;            /* set by grpo_objective_options_init */
	int32_t policy_loss;           /* enum grpo_policy_loss; CLIP */
	int32_t ratio_level;           /* enum grpo_ratio_level; TOKEN */
	int32_t reduction;             /* enum grpo_reduction; TOKEN_MEAN */
	int32_t kl_estimator;          /* enum grpo_kl_estimator; K3 */
	int64_t max_completion_length; /* tokens; needed by CONSTANT; 0 */
	double epsilon;                /* lower clip: 1 - epsilon; 0.2 */
	double epsilon_high;           /* upper: 1 + epsilon_high; 0.2 */
	double beta;                   /* weight of the KL term; 0 */
	int32_t kl_bias_correction;    /* enum grpo_kl_bias; AS_IS */
	int32_t importance_sampling_correction; /* enum grpo_correction; NONE */
	double importance_sampling_clip_min;    /* 0 */
	double importance_sampling_clip_max;    /* 3; INFINITY: no bound */
	grpo_policy_loss_fn loss;               /* of GRPO_POLICY_OWN; NULL */
	void *loss_ctx;                         /* its first argument; NULL */
	/* The policy loss only at this share of the step's tokens, those of
	 * the highest entropy (arXiv:2506.01939; TRL's name).  The others
	 * still count in the denominators and have their KL term.  1: all;
	 * else the plan has a first phase. */
	double top_entropy_quantile;
	double delta; /* INFINITY: off; CLIP: cut the ratio here where A < 0;
			 more than 1 + epsilon_high (TRL's delta, verl's
			 clip_ratio_c) */
	double sapo_temperature_pos, sapo_temperature_neg; /* 1, 1.05 */
	/* 0; tau: adds tau (log r)^2 to the policy loss (prime-rl, 1e-3) */
	double squared_log_ratio;
	/* INFINITY: off; rows that the policy has left behind, where the mean
	 * of rollout_logp - logp is more than this, lose nothing at tokens of
	 * A < 0 (DeepSeek-V3.2, arXiv:2512.02556, equation 9) */
	double off_policy_threshold;
	/* 0; c: subtracts c times the mean entropy of the policy's tokens from
	 * the loss, whatever the reduction */
	double entropy_coef;
} grpo_objective_options;

/**
 * Rows of a step, or a slice of them.  Absent arrays are NULL.
 *
 * `row` holds offsets into the step and may start anywhere; the token arrays
 * of a slice start at the slice's own first token.  So token t of row i is
 * element row[i] - row[0] + t, and the slice of rows a to b-1 of a step is
 *
 *	.n_rows = b - a, .row = step.row + a, .logp = logp + step.row[a], ...
 *
 * What stands under a mask of 0 is never looked at: it may be NaN.
 */
typedef struct grpo_tokens {
	size_t struct_size; /* sizeof(grpo_tokens) */
	int64_t n_rows;
	const int64_t *row;        /* [n_rows + 1] ascending, row[0] >= 0 */
	const float *logp;         /* [n_tokens] current policy; slices only */
	const float *old_logp;     /* [n_tokens] the policy that sampled, by the
				      learner; NULL: equal to logp (one update
				      a batch) */
	const float *rollout_logp; /* [n_tokens] the same, as the sampler
				      recorded it; NaN: unknown, taken as
				      equal.  Needed by a correction, looked
				      at by nothing else */
	const float *ref_logp;    /* [n_tokens] reference; needed if beta > 0 */
	const float *entropy;     /* [n_tokens] nats, metrics only */
	const float *advantage;   /* [n_tokens] */
	const uint8_t *mask;      /* [n_tokens] 0: out of loss and counts;
				     NULL: every token is in */
	const float *weight;      /* [n_tokens] finite; multiplies the token's
				     loss; NULL: 1 */
	const uint8_t *component; /* [n_tokens] enum grpo_component; NULL:
				     all POLICY */
	const int64_t *group; /* [n_rows] rows of one prompt have one number;
				 plans with PROMPT_MEAN only */
} grpo_tokens;

/**
 * Metrics; each slice adds its share, so that after all slices they are those
 * of the step.  Set to zero with grpo_metrics_init before the first slice.
 *
 * A mean over tokens is sum / max(M, 1) with the M of the whole step: a slice
 * that is left out (rows whose advantage is 0 need no forward pass where beta
 * is 0) adds nothing to loss and gradient, and is missing from the means.  A
 * row's share is its clipped tokens / n_i; rows with n_i = 0 have none.
 *
 * low:   ratio < 1 - epsilon      and advantage < 0
 * high:  ratio > 1 + epsilon_high and advantage > 0   (as TRL 1.16)
 */
typedef struct grpo_metrics {
	size_t struct_size;
	double loss;             /* the objective's value */
	double policy_loss;      /* without the KL term */
	double kl;               /* the estimator (times ratio, where the loss
				    has it so), mean over tokens; 0 without
				    ref_logp */
	double entropy;          /* mean over tokens, nats; 0 without it */
	double clip_low_mean;    /* clip_ratio/low_mean: share of tokens */
	double clip_low_min;     /* clip_ratio/low_min: least row's share */
	double clip_high_mean;   /* clip_ratio/high_mean: share of tokens */
	double clip_high_max;    /* clip_ratio/high_max: largest row's share */
	double clip_region_mean; /* clip_ratio/region_mean: low or high */
	double ratio_mean;       /* exp(logp - old_logp), mean over tokens */
	double ratio_max;        /* exp of the largest |logp - old_logp|, so
				    >= 1, at most DBL_MAX; 0: no token yet */
	/* sampling/importance_sampling_ratio/mean, min, max: w over tokens,
	 * or over rows with n_i > 0 (SEQUENCE); 0 without a correction */
	double correction_mean, correction_min, correction_max;
	int64_t n_tokens;     /* the policy's tokens in the loss so far */
	int64_t n_rows;       /* rows seen so far */
	double cross_entropy; /* the loss of that component, part of `loss` */
	double reference_kl;  /* the same of this one */
	int64_t n_cross_entropy, n_reference_kl; /* tokens so far */
} grpo_metrics;

/**
 * What the denominators and thresholds of a step are made of.  A rank of a run
 * on several adds up those of all, field by field, and sets the sums in its
 * plan: then the gradients of the ranks add up to that of one.
 */
typedef struct grpo_plan_totals {
	size_t struct_size;    /* sizeof(grpo_plan_totals) */
	int64_t n_rows[3];     /* N, of each enum grpo_component */
	int64_t n_tokens[3];   /* M */
	int64_t n_policy_rows; /* rows with a token of the policy */
	/* of top_entropy_quantile: tokens from here on are kept; no sum, but
	 * the quantile over the tokens of all ranks */
	double entropy_threshold;
	int64_t n_prompts; /* of PROMPT_MEAN: with a token of the policy */
} grpo_plan_totals;

/** What a plan has to see of all rows before the first loss; bits. */
enum grpo_needs { GRPO_NEEDS_ENTROPY = 1 };

typedef struct grpo_plan grpo_plan;

GRPO_BEGIN_DECLS

/**
 * Defaults, as written beside the fields (TRL's).
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_objective_options_init_(grpo_objective_options *o,
					  size_t size);
#define grpo_objective_options_init(o)                                         \
	grpo_objective_options_init_((o), sizeof *(o))

/**
 * Sets policy_loss, ratio_level and reduction to those of one of TRL's names.
 *
 * Returns 0, or GRPO_EINVAL for a number that is no enum grpo_loss_type.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_objective_loss_type(grpo_objective_options *o,
				      int32_t loss_type);

/** All zero.  Returns, threads, allocates and since: as above. */
GRPO_API int grpo_metrics_init_(grpo_metrics *m, size_t size);
#define grpo_metrics_init(m) grpo_metrics_init_((m), sizeof *(m))

/**
 * Adds the metrics of other rows of the same step, such as another rank's.
 *
 * Returns 0, or GRPO_EINVAL for a struct_size that no version has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_metrics_merge(grpo_metrics *to, const grpo_metrics *from);

/**
 * Prepares a step.
 *
 * out   out  free with grpo_plan_free
 * o     in   copied; NULL for defaults
 * step  in   all rows of the step: n_rows, row, mask, component, advantage
 *            are used; no array is kept
 *
 * Returns 0, GRPO_EINVAL (the message names the field), GRPO_EABI for a
 * struct of a newer version with a field set that this one lacks,
 * GRPO_ENUMERIC for an advantage that is not finite, GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_plan_create(grpo_plan **out, const grpo_objective_options *o,
			      const grpo_tokens *step);

/** Threads: any.  Since 0.1. */
GRPO_API void grpo_plan_free(grpo_plan *plan);

/**
 * A plan that has to see all rows before the first loss says so: then each
 * row's arrays are added, in slices, and the plan is finished.  The usual plan
 * needs nothing, and the three calls do nothing.
 *
 *	if (grpo_plan_needs(plan) & GRPO_NEEDS_ENTROPY) {
 *		for (each slice)        // of a forward pass without gradient
 *			grpo_plan_add(plan, &slice, first_row);
 *		grpo_plan_finish(plan);
 *	}
 *
 * needs returns bits of enum grpo_needs, 0 when the plan is ready.  add takes
 * the slices in order, each row once; it looks at the arrays that are needed.
 *
 * add and finish return 0; GRPO_EINVAL for a slice that is not the next one, an
 * array that is missing, or rows that were left out; GRPO_ENUMERIC for a number
 * that is not finite; GRPO_ENOMEM.  After an error of add, the slice was not
 * added.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int32_t grpo_plan_needs(const grpo_plan *plan);
GRPO_API int grpo_plan_add(grpo_plan *plan, const grpo_tokens *slice,
			   int64_t first_row);
GRPO_API int grpo_plan_finish(grpo_plan *plan);

/**
 * The totals of the plan's own rows until others are set; set also finishes the
 * plan.  get needs out->struct_size.
 *
 * Return 0; GRPO_EINVAL for a total below that of the plan's own rows, or a
 * struct_size that no version has; GRPO_ENUMERIC for a threshold that is not
 * finite.
 * Threads: one at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_plan_totals_get(const grpo_plan *plan, grpo_plan_totals *out);
GRPO_API int grpo_plan_totals_set(grpo_plan *plan, const grpo_plan_totals *t);

/**
 * The entropies that grpo_plan_add has kept, in ascending order once the plan
 * is finished, for a rank that looks for the quantile over all; owned by the
 * plan.  NULL and 0 where it needs none.
 *
 * n  out  how many
 *
 * Threads: one at a time.  Allocates: no.  Since 0.1.
 */
GRPO_API const double *grpo_plan_entropy(const grpo_plan *plan, int64_t *n);

/**
 * Loss and gradient of the rows first_row ... first_row + slice->n_rows - 1.
 *
 *	l        = policy(r, A) w weight + beta k(logp - ref_logp) c weight
 *	dl/dlogp = its slope, where r is by the ratio level
 *
 * with the policy loss and the correction w that the options choose, and the KL
 * estimate k; c is 1, or r with GRPO_KL_TIMES_RATIO.  Of GRPO, for example:
 *
 *	l        = -min(r A, clip(r, 1-epsilon, 1+epsilon_high) A) w + beta k
 *	dl/dlogp = -r A w, or 0 where the token is clipped (low or high)
 *		   + beta k'
 *
 * (arXiv:2402.03300, equations 3 and 4.)
 * Without old_logp the ratio is exactly 1.
 *
 * plan       in   of the step that these rows belong to
 * slice      in   consecutive rows of it, with the step's lengths and mask
 * first_row  in   their place in the step
 * dlogp      out  [n_tokens of the slice] dloss/dlogp, 0 where masked
 * dentropy   out  the same for the entropy, 0 without entropy_coef; or NULL
 * metrics    io   this slice's share is added; or NULL
 *
 * Returns 0, GRPO_EINVAL for an array that is missing or a slice that is not
 * the plan's, GRPO_EABI as above, or GRPO_ENUMERIC for a log-probability,
 * entropy, advantage, ratio, loss or gradient that is not finite (the message
 * names the step's row and its token).  After GRPO_ENUMERIC dlogp and dentropy
 * are unspecified; after any error the metrics are untouched.
 * Threads: any; a plan may be used by many.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_objective(const grpo_plan *plan, const grpo_tokens *slice,
			    int64_t first_row, float *dlogp, float *dentropy,
			    grpo_metrics *metrics);

GRPO_END_DECLS

#endif
