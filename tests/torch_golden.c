/* SPDX-License-Identifier: MIT */
/*
 * Tiny models made by transformers (tests/golden/make_models.py): logits,
 * greedy text, log-probabilities, entropies and gradients are those that
 * transformers computes.
 */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "data/safetensors.h"
#include "grpo/error.h"
#include "grpo/torch.h"
#include "torch_fixture.h"
#include "tests/torch_suite.h"

#define N_SEQ 3
#define N_TOK 24
#define TEMPERATURE 0.7
#define TOLERANCE 1e-4 /* fp32, other order of sums */

static const char *const names[] = {"qwen2", "llama"};

struct golden {
	char folder[256];
	grpo_model *model;
	grpo__st_file *file;
	int32_t tokens[N_SEQ * N_TOK];
};

static const void *vector(const struct golden *g, const char *name)
{
	const grpo__st_tensor *t = grpo__st_find(g->file, name);

	ck_assert_msg(t != NULL, "golden tensor %s", name);
	return t->data;
}

static float f32_at(const void *data, int64_t i)
{
	float x;

	memcpy(&x, (const char *)data + i * 4, 4);
	return x;
}

static int32_t id_at(const void *data, int64_t i)
{
	int64_t x;

	memcpy(&x, (const char *)data + i * 8, 8);
	return (int32_t)x;
}

static void open_golden(struct golden *g, int which)
{
	char path[512];
	const void *ids;

	snprintf(g->folder, sizeof g->folder, "tests/golden/models/%s",
		 names[which]);
	snprintf(path, sizeof path, "%s/golden.safetensors", g->folder);
	must(grpo_model_open(&g->model, g->folder, NULL));
	must(grpo__st_open(&g->file, path));
	ids = vector(g, "tokens");
	for (int i = 0; i < N_SEQ * N_TOK; i++)
		g->tokens[i] = id_at(ids, i);
}

static void close_golden(struct golden *g)
{
	grpo__st_close(g->file);
	grpo_model_free(g->model);
}

START_TEST(logits_equal_transformers)
{
	struct golden g;
	int64_t v;
	float *x;

	open_golden(&g, _i);
	v = grpo_model_vocab_size(g.model);
	x = calloc((size_t)(N_TOK * v), sizeof *x);
	for (int s = 0; s < N_SEQ; s++) {
		const void *want = vector(&g, "logits");

		must(
		    grpo_model_logits(g.model, x, g.tokens + s * N_TOK, N_TOK));
		for (int64_t i = 0; i < N_TOK * v; i++)
			ck_assert_float_eq_tol(
			    x[i], f32_at(want, s * N_TOK * v + i), TOLERANCE);
	}
	free(x);
	close_golden(&g);
}
END_TEST

struct greedy {
	const void *want;
	int seen;
};

static int compare_greedy(void *ctx, const grpo_completion *c)
{
	struct greedy *x = ctx;

	ck_assert_int_eq(c->n_tokens, 16);
	ck_assert_int_eq(c->finish, GRPO_FINISH_LENGTH);
	for (int t = 0; t < 16; t++)
		ck_assert_int_eq(c->tokens[t],
				 id_at(x->want, c->request * 16 + t));
	x->seen++;
	return 0;
}

START_TEST(greedy_text_equals_transformers)
{
	struct golden g;
	struct greedy x = {0};
	grpo_request requests[N_SEQ];
	grpo_sampling o;
	grpo_sampler sampler;

	open_golden(&g, _i);
	x.want = vector(&g, "greedy");
	for (int s = 0; s < N_SEQ; s++)
		requests[s] =
		    (grpo_request){g.tokens + s * N_TOK, 8, 2, (uint32_t)s * 2};
	must(grpo_sampling_init(&o));
	o.temperature = 0;
	o.max_new_tokens = 16;
	must(grpo_torch_sampler(&sampler, g.model, NULL));
	must(sampler.ops->generate(sampler.self, requests, N_SEQ, &o,
				   compare_greedy, &x));
	ck_assert_int_eq(x.seen, 2 * N_SEQ);
	grpo_sampler_free(&sampler);
	close_golden(&g);
}
END_TEST

/* The golden sequences as a batch: `prompt` tokens, then the rest. */
static void golden_batch(struct flat_batch *b, const struct golden *g,
			 int64_t prompt)
{
	flat_batch_init(b, TEMPERATURE);
	for (int s = 0; s < N_SEQ; s++) {
		flat_batch_prompt(b, g->tokens + s * N_TOK, prompt);
		flat_batch_row(b, g->tokens + s * N_TOK + prompt,
			       N_TOK - prompt);
	}
}

START_TEST(log_probabilities_and_entropies_equal_transformers)
{
	struct golden g;
	struct flat_batch b;
	grpo_learner learner;
	float logp[N_SEQ * N_TOK], entropy[N_SEQ * N_TOK];

	open_golden(&g, _i);
	golden_batch(&b, &g, 1);
	must(grpo_torch_learner(&learner, g.model, NULL));
	must(learner.ops->forward(learner.self, &b.batch, GRPO_WEIGHTS_POLICY,
				  0, logp, entropy));
	for (int i = 0; i < N_SEQ * (N_TOK - 1); i++) {
		ck_assert_float_eq_tol(logp[i], f32_at(vector(&g, "logp"), i),
				       TOLERANCE);
		ck_assert_float_eq_tol(
		    entropy[i], f32_at(vector(&g, "entropy"), i), TOLERANCE);
	}
	grpo_learner_free(&learner);
	close_golden(&g);
}
END_TEST

/* dloss/dlogp = w / 10, dloss/dentropy = 0.1 w / 10, as make_models.py. */
static void golden_gradient(struct golden *g, grpo_learner *learner)
{
	const void *w = vector(g, "loss_weights");
	float logp[N_SEQ * N_TOK], dlogp[N_SEQ * N_TOK];
	float dentropy[N_SEQ * N_TOK];
	struct flat_batch b;

	golden_batch(&b, g, 1);
	for (int s = 0; s < N_SEQ; s++)
		for (int t = 1; t < N_TOK; t++) {
			int i = s * (N_TOK - 1) + t - 1;

			dlogp[i] = f32_at(w, s * N_TOK + t) / 10;
			dentropy[i] = dlogp[i] * 0.1f;
		}
	must(learner->ops->forward(learner->self, &b.batch, GRPO_WEIGHTS_POLICY,
				   1, logp, NULL));
	must(learner->ops->backward(learner->self, dlogp, dentropy));
}

/*
 * The gradient is seen through what it does: one AdamW step's first moment is
 * (1 - beta1) times it, and save_state writes that.  The flat order is that
 * of the parameters' names in the model file's own layout, so every golden
 * gradient must be found in it as a block.
 */
START_TEST(gradient_equals_transformers)
{
	struct golden g;
	grpo_learner learner;
	grpo__st_file *state;
	const grpo__st_tensor *m;
	char folder[64] = "/tmp/grpo-golden-XXXXXX", path[128];
	double norm;
	int64_t at = 0;

	open_golden(&g, _i);
	must(grpo_torch_learner(&learner, g.model, NULL));
	golden_gradient(&g, &learner);
	must(learner.ops->step(learner.self, 0, 0, &norm));
	ck_assert_ptr_nonnull(mkdtemp(folder));
	must(learner.ops->save_state(learner.self, folder));
	snprintf(path, sizeof path, "%s/learner.safetensors", folder);
	must(grpo__st_open(&state, path));
	m = grpo__st_find(state, "exp_avg");
	ck_assert_ptr_nonnull(m);
	for (size_t i = 0; i < g.model->n_named; i++) {
		char name[128];
		const grpo__st_tensor *want;
		int64_t n = 1;

		snprintf(name, sizeof name, "grad.%s", g.model->params[i].name);
		want = grpo__st_find(g.file, name);
		ck_assert_msg(want != NULL, "%s", name);
		at = g.model->params[i].offset;
		for (int r = 0; r < want->rank; r++)
			n *= want->shape[r];
		for (int64_t j = 0; j < n; j++) {
			float got = f32_at(m->data, at + j) / 0.1f;
			float w = f32_at(want->data, j);

			ck_assert_msg(fabsf(got - w) <=
					  1e-4f + 1e-4f * fabsf(w),
				      "%s[%lld]: %g, transformers %g", name,
				      (long long)j, (double)got, (double)w);
		}
	}
	grpo__st_close(state);
	remove_folder(folder);
	grpo_learner_free(&learner);
	close_golden(&g);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch golden");
	TCase *c = tcase_create("transformers");

	tcase_add_loop_test(c, logits_equal_transformers, 0, 2);
	tcase_add_loop_test(c, greedy_text_equals_transformers, 0, 2);
	tcase_add_loop_test(
	    c, log_probabilities_and_entropies_equal_transformers, 0, 2);
	tcase_add_loop_test(c, gradient_equals_transformers, 0, 2);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
