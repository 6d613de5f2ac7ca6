/* SPDX-License-Identifier: MIT */
#ifndef TESTS_BIGRAM_H
#define TESTS_BIGRAM_H

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/rng.h"
#include "grpo/comm.h"
#include "grpo/error.h"
#include "grpo/policy.h"

/*
 * A policy in plain C that really samples and learns: a table of logits,
 * next token given the last one, with SGD and momentum.  A step takes
 * microseconds, so whole runs fit in a test.  Counters and faults let a test
 * see, and disturb, what the trainer does.
 */
#define BIGRAM_V 6 /* a b c d e and the end */
#define BIGRAM_END 5

struct bigram_state {                 /* all that a checkpoint needs */
	double w[BIGRAM_V][BIGRAM_V]; /* policy */
	double reference[BIGRAM_V][BIGRAM_V];
	double momentum[BIGRAM_V][BIGRAM_V];
};

struct bigram {
	struct bigram_state s;
	double grad[BIGRAM_V][BIGRAM_V];
	double last_grad[BIGRAM_V][BIGRAM_V]; /* of the last step */
	const grpo_batch *batch;              /* kept by forward */

	/* what happened */
	int64_t n_generated, n_forwards, n_reference, n_rows, n_prompts;
	int64_t n_steps, n_syncs, n_loads, n_zeroed, most_tokens;
	double rates[256];
	int dirty; /* a gradient is there */

	/* what is to go wrong; 0: nothing */
	int nan_logp, nan_sampled, nan_norm, repeat, leave_out, too_long, deaf;
	int fail_save, fail_load, fail_gradient;
	int64_t fail_forward; /* at this forward, from 1 */
	int64_t positions;    /* of a sequence; 0: no limit */
	double inflate;       /* added to the sampler's log-probabilities */
	void (*before_generate)(void *ctx);
	void *ctx;
};

static void bigram_softmax(double p[BIGRAM_V], const double *w, double t)
{
	double top = w[0], sum = 0;
	int v;

	for (v = 1; v < BIGRAM_V; v++)
		top = fmax(top, w[v]);
	for (v = 0; v < BIGRAM_V; v++)
		sum += p[v] = exp((w[v] - top) / t);
	for (v = 0; v < BIGRAM_V; v++)
		p[v] /= sum;
}

static int bigram_draw(const double p[BIGRAM_V], double temperature, double u)
{
	int v, best = 0;

	for (v = 1; v < BIGRAM_V; v++)
		best = p[v] > p[best] ? v : best;
	if (temperature == 0)
		return best;
	for (v = 0; v < BIGRAM_V - 1; v++) {
		if (u < p[v])
			return v;
		u -= p[v];
	}
	return v;
}

static int bigram_is_stop(const grpo_sampling *o, int token)
{
	int i;

	for (i = 0; i < o->n_stops; i++)
		if (o->stops[i] == token)
			return 1;
	return 0;
}

static int bigram_one(struct bigram *b, const grpo_request *r, int64_t request,
		      int sample, const grpo_sampling *o, grpo_completion_fn fn,
		      void *ctx)
{
	double t = o->temperature > 0 ? o->temperature : 1;
	int32_t tokens[512], last = r->prompt[r->n_prompt - 1];
	float logp[512];
	grpo_completion c = {.struct_size = sizeof c,
			     .request = request,
			     .sample = sample,
			     .tokens = tokens,
			     .logp = logp,
			     .finish = GRPO_FINISH_LENGTH};
	int64_t max = o->max_new_tokens + b->too_long;

	while (c.n_tokens < max && c.n_tokens < 512) {
		double p[BIGRAM_V], u;

		u = grpo__rng_uniform(o->seed, o->step,
				      r->first_row + (uint32_t)sample,
				      (uint32_t)c.n_tokens, GRPO__RNG_SAMPLE);
		bigram_softmax(p, b->s.w[last], t);
		last = bigram_draw(p, o->temperature, u);
		tokens[c.n_tokens] = last;
		logp[c.n_tokens++] =
		    b->nan_sampled ? NAN : (float)(log(p[last]) + b->inflate);
		if (bigram_is_stop(o, last)) {
			c.finish = GRPO_FINISH_STOP;
			break;
		}
	}
	return fn(ctx, &c);
}

/* Last request first, so that nobody counts on an order. */
static int bigram_generate(void *self, const grpo_request *requests, int64_t n,
			   const grpo_sampling *o, grpo_completion_fn fn,
			   void *ctx)
{
	struct bigram *b = self;
	int64_t i;
	int j, rc;

	if (b->before_generate)
		b->before_generate(b->ctx);
	b->n_generated++;
	for (i = n - 1; i >= b->leave_out; i--)
		for (j = 0; j < requests[i].n; j++) {
			int sample = b->repeat ? 0 : j;

			rc = bigram_one(b, &requests[i], i, sample, o, fn, ctx);
			if (rc < 0)
				return rc;
		}
	return 0;
}

static int bigram_last(const grpo_batch *x, int64_t row, int64_t t)
{
	int64_t p = x->prompt_of[row];

	if (t > x->row[row])
		return x->tokens[t - 1];
	return x->prompt_tokens[x->prompt_row[p + 1] - 1];
}

static int bigram_forward(void *self, const grpo_batch *x, int32_t weights,
			  int keep, float *logp, float *entropy)
{
	struct bigram *b = self;
	int64_t i, t, tokens = x->prompt_row[x->n_prompts] + x->row[x->n_rows];
	int v;

	if (++b->n_forwards == b->fail_forward)
		return grpo__fail(GRPO_EIO, "forward fails");
	b->n_reference += weights == GRPO_WEIGHTS_REFERENCE;
	if (keep) {
		b->n_rows += x->n_rows;
		b->n_prompts += x->n_prompts;
		b->batch = x;
	}
	b->most_tokens = tokens > b->most_tokens ? tokens : b->most_tokens;
	for (i = 0; i < x->n_rows; i++)
		for (t = x->row[i]; t < x->row[i + 1]; t++) {
			int last = bigram_last(x, i, t);
			double p[BIGRAM_V];

			bigram_softmax(p,
				       weights == GRPO_WEIGHTS_REFERENCE
					   ? b->s.reference[last]
					   : b->s.w[last],
				       x->temperature);
			logp[t] =
			    b->nan_logp ? NAN : (float)log(p[x->tokens[t]]);
			for (v = 0; entropy && v < BIGRAM_V; v++)
				entropy[t] = (v ? entropy[t] : 0) -
					     (float)(p[v] * log(p[v]));
		}
	return 0;
}

/* d H / d (w[last][v] / temperature) = -p (log p + H) */
static double bigram_entropy_slope(const double p[BIGRAM_V], int v)
{
	double h = 0;
	int u;

	for (u = 0; u < BIGRAM_V; u++)
		h -= p[u] * log(p[u]);
	return -p[v] * (log(p[v]) + h);
}

/* d logp(token) / d w[last][v] = (1[v = token] - p[v]) / temperature */
static int bigram_backward(void *self, const float *dlogp,
			   const float *dentropy)
{
	struct bigram *b = self;
	const grpo_batch *x = b->batch;
	int64_t i, t;
	int v;

	if (!x)
		return GRPO_EINVAL;
	for (i = 0; i < x->n_rows && !b->deaf; i++)
		for (t = x->row[i]; t < x->row[i + 1]; t++) {
			int last = bigram_last(x, i, t);
			double p[BIGRAM_V];

			bigram_softmax(p, b->s.w[last], x->temperature);
			for (v = 0; v < BIGRAM_V; v++)
				b->grad[last][v] +=
				    dlogp[t] * ((x->tokens[t] == v) - p[v]) /
				    x->temperature;
			for (v = 0; dentropy && v < BIGRAM_V; v++)
				b->grad[last][v] += dentropy[t] *
						    bigram_entropy_slope(p, v) /
						    x->temperature;
		}
	b->batch = NULL;
	b->dirty = 1;
	return 0;
}

static double bigram_norm(const struct bigram *b)
{
	const double *g = &b->grad[0][0];
	double sum = 0;
	int i;

	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		sum += g[i] * g[i];
	return sqrt(sum);
}

static int bigram_step(void *self, double rate, double max_norm,
		       double *grad_norm)
{
	struct bigram *b = self;
	double *w = &b->s.w[0][0], *m = &b->s.momentum[0][0];
	double *g = &b->grad[0][0], norm = bigram_norm(b), shorten;
	int i;

	*grad_norm = b->nan_norm ? NAN : norm;
	if (b->nan_norm)
		return GRPO_ENUMERIC;
	shorten = max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++) {
		m[i] = 0.5 * m[i] + shorten * g[i];
		w[i] -= rate * m[i];
	}
	memcpy(b->last_grad, b->grad, sizeof b->grad);
	memset(b->grad, 0, sizeof b->grad);
	b->rates[b->n_steps++ % 256] = rate;
	b->dirty = 0;
	return 0;
}

static int bigram_zero_grad(void *self)
{
	struct bigram *b = self;

	memset(b->grad, 0, sizeof b->grad);
	b->dirty = 0;
	b->n_zeroed++;
	return 0;
}

static int bigram_sync(void *self, double alpha)
{
	struct bigram *b = self;
	double *w = &b->s.w[0][0], *r = &b->s.reference[0][0];
	int i;

	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		r[i] = (1 - alpha) * r[i] + alpha * w[i];
	b->n_syncs++;
	return 0;
}

static int bigram_load_weights(void *self)
{
	struct bigram *b = self;

	b->n_loads++;
	return b->fail_load ? grpo__fail(GRPO_EIO, "weights not sent") : 0;
}

static int64_t bigram_positions(void *self)
{
	return ((struct bigram *)self)->positions;
}

/* No stdio here: it bears some failures by itself (fault_trainer). */
static int bigram_save_state(void *self, const char *folder)
{
	struct bigram *b = self;
	char path[1024];

	snprintf(path, sizeof path, "%s/bigram", folder);
	if (!b->fail_save)
		return grpo__file_write(path, &b->s, sizeof b->s);
	grpo__file_write(path, &b->s, sizeof b->s / 2);
	return grpo__fail(GRPO_EIO, "%s: half written", path);
}

static int bigram_load_state(void *self, const char *folder)
{
	struct bigram *b = self;
	char path[1024], *data;
	size_t len;
	int rc;

	snprintf(path, sizeof path, "%s/bigram", folder);
	rc = grpo__file_read(&data, &len, path, 1 << 20);
	if (rc < 0)
		return rc;
	if (len == sizeof b->s)
		memcpy(&b->s, data, len);
	else
		rc = grpo__fail(GRPO_EFORMAT, "%s: %zu bytes", path, len);
	free(data);
	return rc;
}

static int bigram_gradient(void *self, grpo_comm_buffer *out)
{
	struct bigram *b = self;

	*out = (grpo_comm_buffer){.data = b->grad,
				  .n = (int64_t)BIGRAM_V * BIGRAM_V,
				  .type = GRPO_COMM_FLOAT64,
				  .device = GRPO_COMM_HOST};
	return b->fail_gradient ? grpo__fail(GRPO_EIO, "no gradient") : 0;
}

static void bigram_parts(struct bigram *b, grpo_sampler *sampler,
			 grpo_learner *learner)
{
	static const grpo_sampler_ops sampling = {
	    .struct_size = sizeof sampling,
	    .generate = bigram_generate,
	    .load_weights = bigram_load_weights,
	    .max_positions = bigram_positions};
	static const grpo_learner_ops learning = {
	    .struct_size = sizeof learning,
	    .forward = bigram_forward,
	    .backward = bigram_backward,
	    .step = bigram_step,
	    .zero_grad = bigram_zero_grad,
	    .sync_reference = bigram_sync,
	    .save_state = bigram_save_state,
	    .load_state = bigram_load_state,
	    .gradient = bigram_gradient};

	*sampler = (grpo_sampler){&sampling, b};
	*learner = (grpo_learner){&learning, b};
}

#endif
