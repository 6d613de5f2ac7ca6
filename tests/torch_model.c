/* SPDX-License-Identifier: MIT */
/*
 * What the policy backend promises of itself: the gradient is that of the
 * objective and does not depend on how the batch is cut; decoding with the
 * cache is the full forward pass; what was sampled has the log-probabilities
 * that were returned; the same seed is the same run; a save loads back bit
 * for bit.
 */
#include <math.h>
#include <unistd.h>
#include "core/rng.h"
#include "torch_fixture.h"
#include "tests/torch_suite.h"

#define N_ROWS 12
#define MAX_NEW 24

static const char *const names[] = {"qwen2", "llama"};

/* Three prompts of 20, 3 and 17 tokens; four rows each, one of one token. */
static void make_batch(struct flat_batch *b, double temperature)
{
	static const int64_t prompts[] = {20, 3, 17};
	grpo__rng r = {7, 0, 0, GRPO__RNG_TEST, 0};
	int32_t ids[64];

	flat_batch_init(b, temperature);
	for (int k = 0; k < 3; k++) {
		for (int i = 0; i < 64; i++)
			ids[i] = (int32_t)grpo__rng_below(&r, 96);
		flat_batch_prompt(b, ids, prompts[k]);
		for (int j = 0; j < 4; j++) {
			for (int i = 0; i < 64; i++)
				ids[i] = (int32_t)grpo__rng_below(&r, 96);
			flat_batch_row(b, ids, j == 2 ? 1 : 5 + 3 * k + j);
		}
	}
}

static void weights_of(float *d, int64_t n, float scale, uint32_t row)
{
	grpo__rng r = {11, 0, row, GRPO__RNG_TEST, 0};

	for (int64_t i = 0; i < n; i++)
		d[i] = scale * (float)grpo__rng_normal(&r);
}

/* sum(dlogp logp + dentropy entropy) of the batch. */
static double objective_of(grpo_learner *l, struct flat_batch *b,
			   const float *dlogp, const float *dentropy)
{
	float logp[512], entropy[512];
	int64_t n = b->row[b->batch.n_rows];
	double sum = 0;

	must(l->ops->forward(l->self, &b->batch, GRPO_WEIGHTS_POLICY, 0, logp,
			     entropy));
	for (int64_t i = 0; i < n; i++)
		sum += (double)dlogp[i] * (double)logp[i] +
		       (double)dentropy[i] * (double)entropy[i];
	return sum;
}

/* The accumulated gradient, as (1 - beta1) exp_avg of a step at rate 0. */
static float *take_gradient(grpo_learner *l, int64_t n)
{
	char folder[64] = "/tmp/grpo-grad-XXXXXX", path[128];
	float *g = calloc((size_t)n, sizeof *g);
	grpo__st_file *f;
	double norm;

	must(l->ops->step(l->self, 0, 0, &norm));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	must(l->ops->save_state(l->self, folder));
	snprintf(path, sizeof path, "%s/learner.safetensors", folder);
	must(grpo__st_open(&f, path));
	memcpy(g, grpo__st_find(f, "exp_avg")->data, (size_t)n * sizeof *g);
	for (int64_t i = 0; i < n; i++)
		g[i] /= 0.1f;
	grpo__st_close(f);
	remove_folder(folder);
	return g;
}

START_TEST(gradient_equals_finite_differences_through_the_whole_model)
{
	struct flat_batch b;
	grpo_model *m = open_model(names[_i]);
	grpo_learner l;
	float dlogp[512], dentropy[512], logp[512], *g, *w;
	int64_t n = grpo__tensor_count(&m->flat);
	grpo__rng r = {3, 0, 0, GRPO__RNG_TEST, 0};

	make_batch(&b, 0.8);
	weights_of(dlogp, b.row[N_ROWS], 1, 1);
	weights_of(dentropy, b.row[N_ROWS], 0.3f, 2);
	must(grpo_torch_learner(&l, m, NULL));
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 1, logp,
			    NULL));
	must(l.ops->backward(l.self, dlogp, dentropy));
	g = take_gradient(&l, n);
	w = grpo__f32(&m->flat);
	/* along random directions, each of unit length */
	for (int k = 0; k < 6; k++) {
		float *v = calloc((size_t)n, sizeof *v), *keep;
		double norm = 0, slope = 0, up, down, eps = 4e-3;

		keep = grpo__memdup(w, (size_t)n * sizeof *w);
		for (int64_t i = 0; i < n; i++) {
			v[i] = (float)grpo__rng_normal(&r);
			norm += (double)v[i] * (double)v[i];
		}
		for (int64_t i = 0; i < n; i++) {
			v[i] /= (float)sqrt(norm);
			slope += (double)v[i] * (double)g[i];
			w[i] = keep[i] + (float)eps * v[i];
		}
		up = objective_of(&l, &b, dlogp, dentropy);
		for (int64_t i = 0; i < n; i++)
			w[i] = keep[i] - (float)eps * v[i];
		down = objective_of(&l, &b, dlogp, dentropy);
		memcpy(w, keep, (size_t)n * sizeof *w);
		ck_assert_double_eq_tol((up - down) / (2 * eps), slope,
					5e-3 * (1 + fabs(slope)));
		free(v);
		free(keep);
	}
	free(g);
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

/* Rows first … last-1 of b as a batch of their own. */
static void slice(struct flat_batch *out, const struct flat_batch *b,
		  int64_t first, int64_t last)
{
	flat_batch_init(out, b->batch.temperature);
	for (int64_t i = first; i < last; i++) {
		int64_t k = b->prompt_of[i];

		if (i == first || k != b->prompt_of[i - 1])
			flat_batch_prompt(
			    out, b->prompt_tokens + b->prompt_row[k],
			    b->prompt_row[k + 1] - b->prompt_row[k]);
		flat_batch_row(out, b->tokens + b->row[i],
			       b->row[i + 1] - b->row[i]);
	}
}

static float *gradient_in_cuts(int64_t cut, const char *name)
{
	struct flat_batch b, part;
	grpo_model *m = open_model(name);
	grpo_learner l;
	float dlogp[512], logp[512], *g;

	make_batch(&b, 1);
	weights_of(dlogp, b.row[N_ROWS], 1, 1);
	must(grpo_torch_learner(&l, m, NULL));
	for (int64_t i = 0; i < N_ROWS; i += cut) {
		int64_t last = i + cut < N_ROWS ? i + cut : N_ROWS;

		slice(&part, &b, i, last);
		must(l.ops->forward(l.self, &part.batch, GRPO_WEIGHTS_POLICY, 1,
				    logp, NULL));
		must(l.ops->backward(l.self, dlogp + b.row[i], NULL));
	}
	g = take_gradient(&l, grpo__tensor_count(&m->flat));
	grpo_learner_free(&l);
	grpo_model_free(m);
	return g;
}

START_TEST(micro_batches_do_not_change_the_gradient)
{
	static const int64_t cuts[] = {1, 3, 5, 7};
	grpo_model *m = open_model(names[_i]);
	int64_t n = grpo__tensor_count(&m->flat);
	float *whole = gradient_in_cuts(N_ROWS, names[_i]), max = 0;

	for (int64_t i = 0; i < n; i++)
		max = fmaxf(max, fabsf(whole[i]));
	ck_assert_float_gt(max, 0.1f);
	for (size_t k = 0; k < sizeof cuts / sizeof *cuts; k++) {
		float *g = gradient_in_cuts(cuts[k], names[_i]);

		for (int64_t i = 0; i < n; i++)
			ck_assert_float_eq_tol(g[i], whole[i], 2e-5f * max);
		free(g);
	}
	free(whole);
	grpo_model_free(m);
}
END_TEST

/* ------------------------------------------------------------- sampling */

struct sampled {
	int32_t tokens[N_ROWS][MAX_NEW];
	float logp[N_ROWS][MAX_NEW];
	int64_t n[N_ROWS];
	int finish[N_ROWS], seen;
};

static int keep_sample(void *ctx, const grpo_completion *c)
{
	struct sampled *s = ctx;
	int64_t i = c->request * 4 + c->sample;

	s->seen++;
	s->n[i] = c->n_tokens;
	s->finish[i] = c->finish;
	memcpy(s->tokens[i], c->tokens,
	       (size_t)c->n_tokens * sizeof *c->tokens);
	memcpy(s->logp[i], c->logp, (size_t)c->n_tokens * sizeof *c->logp);
	return 0;
}

/* Four completions of each of the batch's three prompts. */
static void sample(struct sampled *out, grpo_model *m, int64_t max_rows,
		   const grpo_sampling *o)
{
	grpo_torch_sampler_options so;
	struct flat_batch b;
	grpo_request q[3];
	grpo_sampler s;

	memset(out, 0, sizeof *out);
	make_batch(&b, 1);
	for (int k = 0; k < 3; k++)
		q[k] = (grpo_request){b.prompt_tokens + b.prompt_row[k],
				      b.prompt_row[k + 1] - b.prompt_row[k], 4,
				      (uint32_t)k * 4};
	must(grpo_torch_sampler_options_init(&so));
	so.max_rows = max_rows;
	must(grpo_torch_sampler(&s, m, &so));
	must(s.ops->generate(s.self, q, 3, o, keep_sample, out));
	ck_assert_int_eq(out->seen, N_ROWS);
	grpo_sampler_free(&s);
}

static void sampling_options(grpo_sampling *o)
{
	static const int32_t stops[] = {5, 17};

	must(grpo_sampling_init(o));
	o->max_new_tokens = MAX_NEW;
	o->temperature = 0.9;
	o->seed = 42;
	o->step = 3;
	o->stops = stops;
	o->n_stops = 2;
}

/* The samples as a batch, for the learner. */
static void batch_of(struct flat_batch *b, const struct sampled *s,
		     double temperature)
{
	struct flat_batch prompts;

	make_batch(&prompts, 1);
	flat_batch_init(b, temperature);
	for (int i = 0; i < N_ROWS; i++) {
		int k = i / 4;

		if (i % 4 == 0)
			flat_batch_prompt(
			    b, prompts.prompt_tokens + prompts.prompt_row[k],
			    prompts.prompt_row[k + 1] - prompts.prompt_row[k]);
		flat_batch_row(b, s->tokens[i], s->n[i]);
	}
}

START_TEST(sampled_log_probabilities_equal_recomputed_ones)
{
	grpo_model *m = open_model(names[_i]);
	struct flat_batch b;
	struct sampled s;
	grpo_sampling o;
	grpo_learner l;
	float logp[512];

	sampling_options(&o);
	o.top_k = _i ? 20 : 0;
	o.top_p = _i ? 0.9 : 1;
	o.min_p = _i ? 0.01 : 0;
	sample(&s, m, 256, &o);
	batch_of(&b, &s, o.temperature);
	must(grpo_torch_learner(&l, m, NULL));
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 0, logp,
			    NULL));
	for (int i = 0; i < N_ROWS; i++)
		for (int64_t t = 0; t < s.n[i]; t++)
			ck_assert_float_eq_tol(s.logp[i][t], logp[b.row[i] + t],
					       2e-5f);
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

START_TEST(decoding_with_the_cache_equals_the_full_forward_pass)
{
	grpo_model *m = open_model(names[_i]);
	int64_t v = grpo_model_vocab_size(m);
	float *logits = calloc((size_t)(64 * v), sizeof *logits);
	struct flat_batch b;
	struct sampled s;
	grpo_sampling o;

	sampling_options(&o);
	o.temperature = 0;
	sample(&s, m, 256, &o);
	make_batch(&b, 1);
	for (int i = 0; i < N_ROWS; i += 4) {
		int64_t p = b.prompt_row[i / 4 + 1] - b.prompt_row[i / 4];
		int32_t ids[64];

		memcpy(ids, b.prompt_tokens + b.prompt_row[i / 4],
		       (size_t)p * sizeof *ids);
		memcpy(ids + p, s.tokens[i], (size_t)s.n[i] * sizeof *ids);
		must(grpo_model_logits(m, logits, ids, p + s.n[i]));
		for (int64_t t = 0; t < s.n[i]; t++) {
			const float *x = logits + (p + t - 1) * v;
			float best = x[0];

			for (int64_t j = 1; j < v; j++)
				best = fmaxf(best, x[j]);
			/* a tie may go either way by rounding */
			ck_assert_float_le(best - x[s.tokens[i][t]], 1e-4f);
		}
	}
	free(logits);
	grpo_model_free(m);
}
END_TEST

START_TEST(same_seed_same_samples_and_another_seed_others)
{
	grpo_model *m = open_model(names[_i]);
	struct sampled a, b;
	grpo_sampling o;

	sampling_options(&o);
	sample(&a, m, 256, &o);
	sample(&b, m, 256, &o);
	ck_assert_mem_eq(&a, &b, sizeof a);
	o.seed++;
	sample(&b, m, 256, &o);
	ck_assert_mem_ne(&a, &b, sizeof a);
	o.seed--;
	o.step++;
	sample(&b, m, 256, &o);
	ck_assert_mem_ne(&a, &b, sizeof a);
	grpo_model_free(m);
}
END_TEST

START_TEST(fewer_rows_at_a_time_give_the_same_samples)
{
	grpo_model *m = open_model(names[_i]);
	struct sampled a, b;
	grpo_sampling o;

	sampling_options(&o);
	sample(&a, m, 256, &o);
	for (int64_t rows = 1; rows <= 7; rows += 3) {
		sample(&b, m, rows, &o);
		ck_assert_mem_eq(a.n, b.n, sizeof a.n);
		ck_assert_mem_eq(a.tokens, b.tokens, sizeof a.tokens);
		ck_assert_mem_eq(a.finish, b.finish, sizeof a.finish);
	}
	grpo_model_free(m);
}
END_TEST

START_TEST(completions_end_with_a_stop_token_or_at_the_length)
{
	grpo_model *m = open_model("qwen2");
	struct sampled s;
	grpo_sampling o;
	int stopped = 0;

	sampling_options(&o);
	o.temperature = 3;
	sample(&s, m, 256, &o);
	for (int i = 0; i < N_ROWS; i++) {
		int32_t last = s.tokens[i][s.n[i] - 1];

		ck_assert_int_eq(s.finish[i] == GRPO_FINISH_STOP,
				 last == 5 || last == 17);
		ck_assert(s.finish[i] == GRPO_FINISH_STOP || s.n[i] == MAX_NEW);
		for (int64_t t = 0; t + 1 < s.n[i]; t++)
			ck_assert(s.tokens[i][t] != 5 && s.tokens[i][t] != 17);
		stopped += s.finish[i] == GRPO_FINISH_STOP;
	}
	ck_assert_int_gt(stopped, 0);
	grpo_model_free(m);
}
END_TEST

START_TEST(tokens_past_n_vocab_are_never_drawn)
{
	grpo_model *m = open_model("qwen2");
	struct sampled s;
	grpo_sampling o;

	sampling_options(&o);
	o.n_vocab = 10;
	o.n_stops = 0;
	o.temperature = 5;
	sample(&s, m, 256, &o);
	for (int i = 0; i < N_ROWS; i++)
		for (int64_t t = 0; t < s.n[i]; t++)
			ck_assert_int_lt(s.tokens[i][t], 10);
	grpo_model_free(m);
}
END_TEST

static int count_then_stop(void *ctx, const grpo_completion *c)
{
	(void)c;
	return ++*(int *)ctx == 5 ? GRPO_ECANCELED : 0;
}

START_TEST(a_callback_ends_generation)
{
	grpo_model *m = open_model("qwen2");
	int32_t prompt[] = {1, 2, 3};
	grpo_request q = {prompt, 3, 12, 0};
	grpo_sampling o;
	grpo_sampler s;
	int n = 0;

	sampling_options(&o);
	must(grpo_torch_sampler(&s, m, NULL));
	ck_assert_int_eq(
	    s.ops->generate(s.self, &q, 1, &o, count_then_stop, &n),
	    GRPO_ECANCELED);
	ck_assert_int_eq(n, 5);
	n = 100;
	must(s.ops->generate(s.self, &q, 1, &o, count_then_stop, &n));
	ck_assert_int_eq(n, 112);
	grpo_sampler_free(&s);
	grpo_model_free(m);
}
END_TEST

/* -------------------------------------------------------- saves, learning */

static void one_step(grpo_learner *l, uint32_t row)
{
	struct flat_batch b;
	float dlogp[512], logp[512];
	double norm;

	make_batch(&b, 1);
	weights_of(dlogp, b.row[N_ROWS], 0.1f, row);
	must(l->ops->forward(l->self, &b.batch, GRPO_WEIGHTS_POLICY, 1, logp,
			     NULL));
	must(l->ops->backward(l->self, dlogp, NULL));
	must(l->ops->step(l->self, 1e-3, 1, &norm));
}

START_TEST(a_saved_model_loads_back_bit_for_bit)
{
	char folder[64] = "/tmp/grpo-save-XXXXXX";
	grpo_model *m = open_model(names[_i]), *again;
	grpo_learner l;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	must(grpo_torch_learner(&l, m, NULL));
	one_step(&l, 1);
	must(l.ops->save_model(l.self, folder));
	must(grpo_model_open(&again, folder, NULL));
	ck_assert_mem_eq(m->flat.data, again->flat.data,
			 (size_t)grpo__tensor_count(&m->flat) * 4);
	grpo_model_free(again);
	remove_folder(folder);
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

START_TEST(a_resumed_learner_continues_bit_for_bit)
{
	char folder[64] = "/tmp/grpo-state-XXXXXX";
	grpo_model *a = open_model(names[_i]), *b = open_model(names[_i]);
	grpo_torch_learner_options o;
	grpo_learner x, y;

	must(grpo_torch_learner_options_init(&o));
	o.weight_decay = 0.1;
	o.reference = 1;
	ck_assert_ptr_nonnull(mkdtemp(folder));
	must(grpo_torch_learner(&x, a, &o));
	must(grpo_torch_learner(&y, b, &o));
	one_step(&x, 1);
	must(x.ops->sync_reference(x.self, 0.6));
	must(x.ops->save_state(x.self, folder));
	one_step(&x, 2);
	must(y.ops->load_state(y.self, folder));
	one_step(&y, 2);
	ck_assert_mem_eq(a->flat.data, b->flat.data,
			 (size_t)grpo__tensor_count(&a->flat) * 4);
	remove_folder(folder);
	grpo_learner_free(&x);
	grpo_learner_free(&y);
	grpo_model_free(a);
	grpo_model_free(b);
}
END_TEST

START_TEST(the_reference_stays_while_the_policy_moves)
{
	grpo_model *m = open_model("qwen2");
	grpo_torch_learner_options o;
	struct flat_batch b;
	float before[512], ref[512], after[512];
	int64_t n;
	grpo_learner l;

	must(grpo_torch_learner_options_init(&o));
	o.reference = 1;
	must(grpo_torch_learner(&l, m, &o));
	make_batch(&b, 1);
	n = b.row[N_ROWS];
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 0, before,
			    NULL));
	one_step(&l, 1);
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_REFERENCE, 0, ref,
			    NULL));
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 0, after,
			    NULL));
	ck_assert_mem_eq(before, ref, (size_t)n * sizeof *ref);
	ck_assert_mem_ne(before, after, (size_t)n * sizeof *ref);
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

/* Policy gradient by hand: reward 1 for the token 9 in first place. */
START_TEST(a_seeded_policy_gradient_learns_in_seconds)
{
	grpo_model *m = open_model(names[_i]);
	struct flat_batch b;
	struct sampled s;
	grpo_sampling o;
	grpo_learner l;
	int first = 0, last = 0;

	sampling_options(&o);
	o.max_new_tokens = 2;
	o.n_stops = 0;
	o.temperature = 1;
	must(grpo_torch_learner(&l, m, NULL));
	for (uint32_t step = 0; step < 40; step++) {
		float logp[512], d[512] = {0};
		double norm;
		int hits = 0;

		o.step = step;
		sample(&s, m, 256, &o);
		batch_of(&b, &s, 1);
		for (int i = 0; i < N_ROWS; i++)
			hits += s.tokens[i][0] % 4 == 1;
		for (int i = 0; i < N_ROWS; i++)
			d[b.row[i]] = -((float)(s.tokens[i][0] % 4 == 1) -
					(float)hits / N_ROWS) /
				      N_ROWS;
		must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 1,
				    logp, NULL));
		must(l.ops->backward(l.self, d, NULL));
		must(l.ops->step(l.self, 5e-3, 1, &norm));
		if (step < 5)
			first += hits;
		if (step >= 35)
			last += hits;
	}
	ck_assert_int_lt(first, 40);
	ck_assert_int_gt(last, 54); /* of 60 */
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

START_TEST(a_gradient_that_is_not_finite_leaves_the_weights)
{
	grpo_model *m = open_model("qwen2");
	size_t bytes = (size_t)grpo__tensor_count(&m->flat) * 4;
	float dlogp[512] = {0}, logp[512], *keep;
	struct flat_batch b;
	grpo_learner l;
	double norm;

	make_batch(&b, 1);
	dlogp[3] = NAN;
	keep = grpo__memdup(m->flat.data, bytes);
	must(grpo_torch_learner(&l, m, NULL));
	must(l.ops->forward(l.self, &b.batch, GRPO_WEIGHTS_POLICY, 1, logp,
			    NULL));
	must(l.ops->backward(l.self, dlogp, NULL));
	ck_assert_int_eq(l.ops->step(l.self, 1e-3, 1, &norm), GRPO_ENUMERIC);
	ck_assert_mem_eq(keep, m->flat.data, bytes);
	one_step(&l, 1);
	ck_assert_mem_ne(keep, m->flat.data, bytes);
	free(keep);
	grpo_learner_free(&l);
	grpo_model_free(m);
}
END_TEST

START_TEST(bfloat16_weights_compute_what_float32_does_to_their_precision)
{
	grpo_model_options o;
	grpo_model *a = open_model(names[_i]), *b;
	struct flat_batch batch;
	float x[512], y[512];
	grpo_learner l, k;
	char folder[256];

	must(grpo_model_options_init(&o));
	o.dtype = "bfloat16";
	snprintf(folder, sizeof folder, "tests/golden/models/%s", names[_i]);
	must(grpo_model_open(&b, folder, &o));
	make_batch(&batch, 1);
	must(grpo_torch_learner(&l, a, NULL));
	must(grpo_torch_learner(&k, b, NULL));
	must(l.ops->forward(l.self, &batch.batch, GRPO_WEIGHTS_POLICY, 0, x,
			    NULL));
	must(k.ops->forward(k.self, &batch.batch, GRPO_WEIGHTS_POLICY, 0, y,
			    NULL));
	for (int64_t i = 0; i < batch.row[N_ROWS]; i++)
		ck_assert_float_eq_tol(x[i], y[i], 0.25f);
	one_step(&k, 1);
	grpo_learner_free(&l);
	grpo_learner_free(&k);
	grpo_model_free(a);
	grpo_model_free(b);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch model");
	TCase *c = tcase_create("backend");

	tcase_add_loop_test(
	    c, gradient_equals_finite_differences_through_the_whole_model, 0,
	    2);
	tcase_add_loop_test(c, micro_batches_do_not_change_the_gradient, 0, 2);
	tcase_add_loop_test(c, sampled_log_probabilities_equal_recomputed_ones,
			    0, 2);
	tcase_add_loop_test(
	    c, decoding_with_the_cache_equals_the_full_forward_pass, 0, 2);
	tcase_add_loop_test(c, same_seed_same_samples_and_another_seed_others,
			    0, 2);
	tcase_add_loop_test(c, fewer_rows_at_a_time_give_the_same_samples, 0,
			    2);
	tcase_add_test(c, completions_end_with_a_stop_token_or_at_the_length);
	tcase_add_test(c, tokens_past_n_vocab_are_never_drawn);
	tcase_add_test(c, a_callback_ends_generation);
	tcase_add_loop_test(c, a_saved_model_loads_back_bit_for_bit, 0, 2);
	tcase_add_loop_test(c, a_resumed_learner_continues_bit_for_bit, 0, 2);
	tcase_add_test(c, the_reference_stays_while_the_policy_moves);
	tcase_add_loop_test(c, a_seeded_policy_gradient_learns_in_seconds, 0,
			    2);
	tcase_add_test(c, a_gradient_that_is_not_finite_leaves_the_weights);
	tcase_add_loop_test(
	    c, bfloat16_weights_compute_what_float32_does_to_their_precision, 0,
	    2);
	tcase_set_timeout(c, 120);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
