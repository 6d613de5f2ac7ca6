/* SPDX-License-Identifier: MIT */
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"

/* ---------------------------------------------------------------- tokens */

static int encode(const grpo_tokenizer *tokenizer, struct answer *out,
		  const char *text)
{
	int32_t *ids;
	int64_t n;
	int rc = grpo_tokenizer_encode(tokenizer, &ids, &n, text, strlen(text));

	if (rc < 0)
		return rc;
	if (n >= ANSWER_TOKENS) /* the stop token follows */
		rc = GRPO_EINVAL;
	else
		memcpy(out->tokens, ids, (size_t)n * sizeof *ids);
	out->n = n;
	free(ids);
	return rc;
}

int table_init(struct table *t, const grpo_tokenizer *tokenizer)
{
	const int32_t *stops;
	int d, rc;

	memset(t, 0, sizeof *t);
	if (grpo_tokenizer_stops(tokenizer, &stops) < 1)
		return GRPO_EINVAL;
	for (d = 0; d < DIGITS; d++) {
		struct answer *a = &t->answers[d];
		char text[32];

		snprintf(text, sizeof text, "%d", d);
		rc = encode(tokenizer, a, text);
		if (rc < 0)
			return rc;
		t->digit[d] = a->tokens[0];
		snprintf(text, sizeof text, "<answer>%d</answer>", d);
		rc = encode(tokenizer, a, text);
		if (rc < 0)
			return rc;
		a->tokens[a->n++] = stops[0];
	}
	return 0;
}

/* Which row of the table a prompt has. */
static int64_t row_of(const int32_t *prompt, int64_t n)
{
	uint64_t h = 0xcbf29ce484222325u; /* FNV-1a */
	int64_t i;

	for (i = 0; i < n; i++)
		h = (h ^ (uint32_t)prompt[i]) * 0x100000001b3u;
	return (int64_t)(h % PROMPTS);
}

/* The digit of a token, or -1 for the text around the digit. */
static int digit_of(const struct table *t, int32_t token)
{
	int d;

	for (d = 0; d < DIGITS; d++)
		if (t->digit[d] == token)
			return d;
	return -1;
}

static void softmax(double p[DIGITS], const double w[DIGITS],
		    double temperature)
{
	double top = w[0], sum = 0;
	int d;

	for (d = 1; d < DIGITS; d++)
		top = fmax(top, w[d]);
	for (d = 0; d < DIGITS; d++)
		sum += p[d] = exp((w[d] - top) / temperature);
	for (d = 0; d < DIGITS; d++)
		p[d] /= sum;
}

/* --------------------------------------------------------------- sampler */

/* A number in [0, 1) that depends on the seed, the step and the row alone:
 * whatever the batching, the same run gives the same numbers. */
static double uniform(const grpo_sampling *o, uint32_t row)
{
	uint64_t x = o->seed + ((uint64_t)o->step << 32 | row);

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u; /* splitmix64 */
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	x = (x ^ x >> 31) * 0xbf58476d1ce4e5b9u;
	return (double)(x >> 11) * 0x1p-53;
}

static int draw(const double p[DIGITS], double u)
{
	int d = 0;

	while (d < DIGITS - 1 && u >= p[d])
		u -= p[d++];
	return d;
}

static int likeliest(const double w[DIGITS])
{
	int d, best = 0;

	for (d = 1; d < DIGITS; d++)
		best = w[d] > w[best] ? d : best;
	return best;
}

/* One completion: the answer with this digit, whose probability is p. */
static int give(const struct table *t, int d, double p, int64_t max_tokens,
		grpo_completion *c, grpo_completion_fn fn, void *ctx)
{
	const struct answer *a = &t->answers[d];
	float logp[ANSWER_TOKENS] = {0};
	int64_t k;

	for (k = 0; k < a->n; k++)
		if (a->tokens[k] == t->digit[d])
			logp[k] = (float)log(p);
	c->tokens = a->tokens;
	c->logp = logp;
	c->n_tokens = a->n < max_tokens ? a->n : max_tokens;
	c->finish = a->n <= max_tokens ? GRPO_FINISH_STOP : GRPO_FINISH_LENGTH;
	return fn(ctx, c);
}

static int generate(void *self, const grpo_request *requests,
		    int64_t n_requests, const grpo_sampling *o,
		    grpo_completion_fn fn, void *ctx)
{
	const struct table *t = self;
	grpo_completion c = {.struct_size = sizeof c};

	for (c.request = 0; c.request < n_requests; c.request++) {
		const grpo_request *r = &requests[c.request];
		const double *w = t->w[row_of(r->prompt, r->n_prompt)];
		int greedy = o->temperature == 0, d, rc;
		double p[DIGITS];

		softmax(p, w, greedy ? 1 : o->temperature);
		for (c.sample = 0; c.sample < r->n; c.sample++) {
			uint32_t row = r->first_row + (uint32_t)c.sample;

			d = greedy ? likeliest(w) : draw(p, uniform(o, row));
			rc = give(t, d, p[d], o->max_new_tokens, &c, fn, ctx);
			if (rc < 0)
				return rc;
		}
	}
	return 0;
}

/* --------------------------------------------------------------- learner */

/* The table's row for row i of the batch. */
static int64_t row_in(const grpo_batch *x, int64_t i)
{
	int64_t p = x->prompt_of[i], at = x->prompt_row[p];

	return row_of(x->prompt_tokens + at, x->prompt_row[p + 1] - at);
}

static int forward(void *self, const grpo_batch *x, int32_t weights, int keep,
		   float *logp, float *entropy)
{
	struct table *t = self;
	int64_t i, k;
	int d, v;

	if (weights != GRPO_WEIGHTS_POLICY)
		return GRPO_EINVAL; /* there is no reference: beta is 0 */
	t->batch = keep ? x : NULL;
	for (i = 0; i < x->n_rows; i++) {
		double p[DIGITS], h = 0;

		softmax(p, t->w[row_in(x, i)], x->temperature);
		for (v = 0; v < DIGITS; v++)
			h -= p[v] > 0 ? p[v] * log(p[v]) : 0;
		for (k = x->row[i]; k < x->row[i + 1]; k++) {
			d = digit_of(t, x->tokens[k]);
			logp[k] = d < 0 ? 0 : (float)log(p[d]);
			if (entropy)
				entropy[k] = d < 0 ? 0 : (float)h;
		}
	}
	return 0;
}

/* d logp(d) / d w[v] = (1[v = d] - p[v]) / temperature */
static int backward(void *self, const float *dlogp, const float *dentropy)
{
	struct table *t = self;
	const grpo_batch *x = t->batch;
	int64_t i, k;
	int d, v;

	if (!x || dentropy)
		return GRPO_EINVAL;
	for (i = 0; i < x->n_rows; i++) {
		int64_t row = row_in(x, i);
		double p[DIGITS];

		softmax(p, t->w[row], x->temperature);
		for (k = x->row[i]; k < x->row[i + 1]; k++) {
			d = digit_of(t, x->tokens[k]);
			for (v = 0; d >= 0 && v < DIGITS; v++)
				t->grad[row][v] += dlogp[k] *
						   ((v == d) - p[v]) /
						   x->temperature;
		}
	}
	t->batch = NULL;
	return 0;
}

static int zero_grad(void *self)
{
	struct table *t = self;

	memset(t->grad, 0, sizeof t->grad);
	return 0;
}

static int step(void *self, double learning_rate, double max_grad_norm,
		double *grad_norm)
{
	struct table *t = self;
	double *w = &t->w[0][0], *g = &t->grad[0][0], sum = 0, scale = 1;
	int i;

	for (i = 0; i < PROMPTS * DIGITS; i++)
		sum += g[i] * g[i];
	*grad_norm = sqrt(sum);
	if (!isfinite(*grad_norm))
		return GRPO_ENUMERIC;
	if (max_grad_norm > 0 && *grad_norm > max_grad_norm)
		scale = max_grad_norm / *grad_norm;
	for (i = 0; i < PROMPTS * DIGITS; i++)
		w[i] -= learning_rate * scale * g[i];
	return zero_grad(t);
}

/* ------------------------------------------------------------ both halves */

grpo_sampler table_sampler(struct table *t)
{
	/* Both halves share one copy of the weights, so load_weights has
	 * nothing to do. */
	static const grpo_sampler_ops ops = {.struct_size = sizeof ops,
					     .generate = generate};

	return (grpo_sampler){&ops, t};
}

grpo_learner table_learner(struct table *t)
{
	/* save_state and load_state would be for output_dir, sync_reference
	 * for sync_ref_model. */
	static const grpo_learner_ops ops = {.struct_size = sizeof ops,
					     .forward = forward,
					     .backward = backward,
					     .step = step,
					     .zero_grad = zero_grad};

	return (grpo_learner){&ops, t};
}
