/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/struct.h"
#include "data/safetensors.h"
#include "torch/decoder.h"
#include "torch/model.h"
#include "torch/optimizer.h"

/* A batch between forward and backward. */
struct kept {
	grpo__pack pack;
	grpo__pass pass;
	float *lse, *entropy; /* [n_scored] */
	float temperature;
	int open;
};

struct learner {
	grpo_model *m;
	grpo__optimizer *optimizer;
	grpo__tensor grad; /* flat fp32 */
	grpo__model_view dview;
	grpo__tensor reference; /* flat, empty without one */
	struct kept kept;
};

static void drop_kept(struct learner *l)
{
	grpo__pack_dispose(&l->kept.pack);
	grpo__pass_dispose(&l->kept.pass);
	free(l->kept.lse);
	free(l->kept.entropy);
	memset(&l->kept, 0, sizeof l->kept);
	grpo__workspace_back(l->m->work, (grpo__workspace_mark){0, 0, 0});
}

static int check_batch(const grpo_batch *b)
{
	int rc = 0;

	GRPO_FAIL_IF(!b || b->struct_size < sizeof *b, GRPO_EINVAL,
		     "grpo_batch.struct_size is not set");
	GRPO_FAIL_IF(b->n_rows < 0 || b->n_prompts < 0 || !b->row ||
			 b->row[0] != 0 || !b->prompt_row,
		     GRPO_EINVAL, "batch: row and prompt_row start at 0");
	GRPO_FAIL_IF(!(b->temperature > 0) || !isfinite(b->temperature),
		     GRPO_EINVAL, "batch: temperature %g is not positive",
		     b->temperature);
out:
	return rc;
}

/* The model's weights are the reference's for the length of a forward pass:
 * its views are made of the reference's flat tensor. */
static int swap_weights(struct learner *l, int32_t weights,
			grpo__model_view *saved, int *swapped)
{
	int rc = 0;

	*swapped = 0;
	if (weights == GRPO_WEIGHTS_POLICY)
		goto out;
	GRPO_FAIL_IF(!l->reference.rank, GRPO_EINVAL,
		     "the learner was made without a reference policy");
	*saved = l->m->view;
	rc = grpo__model_view_create(&l->m->view, l->m, &l->reference);
	if (rc < 0)
		l->m->view = *saved;
	*swapped = rc == 0;
out:
	return rc;
}

static int forward_pack(struct learner *l, int keep, float *logp,
			float *entropy)
{
	struct kept *k = &l->kept;
	size_t n = (size_t)k->pack.n_scored;
	int rc = 0;

	k->lse = grpo__alloc(n, sizeof *k->lse);
	k->entropy = grpo__alloc(n, sizeof *k->entropy);
	GRPO_FAIL_IF(!k->lse || !k->entropy, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(
	    grpo__decoder_forward(&k->pass, l->m, &k->pack, keep, NULL, NULL));
	GRPO_TRY(grpo__head_forward(logp, k->entropy, k->lse, l->m, &k->pack,
				    &k->pass.hidden, k->temperature));
	if (entropy)
		memcpy(entropy, k->entropy, n * sizeof *entropy);
out:
	return rc;
}

static int forward(void *self, const grpo_batch *b, int32_t weights, int keep,
		   float *logp, float *entropy)
{
	struct learner *l = self;
	grpo__model_view saved;
	int swapped = 0, rc = 0;

	drop_kept(l);
	GRPO_TRY(check_batch(b));
	GRPO_FAIL_IF(keep && weights != GRPO_WEIGHTS_POLICY, GRPO_EINVAL,
		     "only the policy's forward pass can be kept");
	GRPO_TRY(grpo__pack_batch(&l->kept.pack, b, l->m->config.vocab_size));
	l->kept.temperature = (float)b->temperature;
	GRPO_TRY(swap_weights(l, weights, &saved, &swapped));
	rc = forward_pack(l, keep, logp, entropy);
	if (swapped) {
		grpo__model_view_dispose(&l->m->view, l->m);
		l->m->view = saved;
	}
	if (rc == 0 && keep)
		l->kept.open = 1;
out:
	if (!l->kept.open)
		drop_kept(l);
	return rc;
}

static int backward(void *self, const float *dlogp, const float *dentropy)
{
	struct learner *l = self;
	struct kept *k = &l->kept;
	grpo__tensor dhidden;
	int rc = 0;

	GRPO_FAIL_IF(!k->open, GRPO_EINVAL,
		     "backward without a forward pass that was kept");
	GRPO_TRY(grpo__workspace_take(l->m->work, &dhidden, l->m->dtype,
				      k->pack.n, l->m->config.hidden_size));
	GRPO_TRY(grpo__tensor_zero(&dhidden));
	GRPO_TRY(grpo__head_backward(&dhidden, &l->dview.head, l->m, &k->pack,
				     &k->pass.hidden, dlogp, dentropy,
				     k->entropy, k->lse, k->temperature));
	GRPO_TRY(grpo__decoder_backward(&l->dview, &dhidden, l->m, &k->pack,
					&k->pass));
out:
	drop_kept(l);
	return rc;
}

static int zero_grad(void *self)
{
	struct learner *l = self;

	return grpo__tensor_zero(&l->grad);
}

static int gradient(void *self, grpo_comm_buffer *out)
{
	struct learner *l = self;

	*out = (grpo_comm_buffer){.data = grpo__tensor_memory(&l->grad),
				  .n = grpo__tensor_count(&l->grad),
				  .type = GRPO_COMM_FLOAT32,
				  .device = l->grad.device};
	return out->data ? 0
			 : grpo__fail(GRPO_ETORCH,
				      "the gradient's memory is not known");
}

/* The norm of the accumulated gradient; one that is not finite is dropped. */
static int gradient_norm(struct learner *l, double *norm)
{
	double squares;
	int rc = 0;

	GRPO_TRY(grpo__op_sum_squares(&squares, &l->grad));
	*norm = sqrt(squares);
	if (isfinite(*norm))
		goto out;
	GRPO_TRY(zero_grad(l));
	GRPO_FAIL_IF(1, GRPO_ENUMERIC,
		     "the gradient is not finite; the weights were not "
		     "changed");
out:
	return rc;
}

static int step(void *self, double learning_rate, double max_grad_norm,
		double *grad_norm)
{
	struct learner *l = self;
	double scale = 1;
	int rc = 0;

	GRPO_FAIL_IF(!(learning_rate >= 0) || !isfinite(learning_rate),
		     GRPO_EINVAL, "learning_rate: %g is not 0 or more",
		     learning_rate);
	GRPO_FAIL_IF(!(max_grad_norm >= 0), GRPO_EINVAL,
		     "max_grad_norm: %g is not 0 or more", max_grad_norm);
	GRPO_TRY(gradient_norm(l, grad_norm));
	if (max_grad_norm > 0 && *grad_norm > max_grad_norm)
		scale = max_grad_norm / (*grad_norm + 1e-6);
	rc = grpo__optimizer_step(l->optimizer, l->m, &l->grad, learning_rate,
				  scale);
	if (rc == 0 || rc == GRPO_ENUMERIC) {
		int zeroed = zero_grad(l);

		rc = rc < 0 ? rc : zeroed;
	}
out:
	return rc;
}

static int sync_reference(void *self, double alpha)
{
	struct learner *l = self;
	int rc = 0;

	GRPO_FAIL_IF(!l->reference.rank, GRPO_EINVAL,
		     "the learner was made without a reference policy");
	GRPO_TRY(grpo__op_mix(&l->reference, &l->m->flat, (float)alpha));
out:
	return rc;
}

static int save_model(void *self, const char *folder)
{
	struct learner *l = self;

	return grpo_model_save(l->m, folder, NULL);
}

/* ---------------------------------------------------------------- state */

/* One flat tensor as fp32 or bf16 bits under a name of its own. */
static int state_entry(grpo__st_tensor *t, const char *name,
		       const grpo__tensor *flat)
{
	memset(t, 0, sizeof *t);
	t->name = name;
	t->dtype = flat->dtype == GRPO__BF16 ? GRPO__ST_BF16 : GRPO__ST_F32;
	t->rank = 1;
	t->shape[0] = grpo__tensor_count(flat);
	t->n_bytes = (size_t)t->shape[0] * grpo__dtype_size(flat->dtype);
	return 0;
}

#define MAX_STATE 5

/* Every flat tensor that the next step depends on. */
static size_t state_list(struct learner *l, const char **names,
			 grpo__tensor **flats)
{
	size_t n = 0;

	names[n] = "weights", flats[n++] = &l->m->flat;
	n += grpo__optimizer_state(l->optimizer, names + n, flats + n);
	if (l->reference.rank)
		names[n] = "reference", flats[n++] = &l->reference;
	return n;
}

static int fetch_state(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	const char *names[MAX_STATE];
	grpo__tensor *flats[MAX_STATE];
	size_t n = state_list(ctx, names, flats);
	float *host = NULL;
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], t->name) != 0)
			continue;
		if (t->dtype == GRPO__ST_F32)
			return grpo__tensor_read(flats[i], buffer);
		host = grpo__alloc((size_t)t->shape[0], sizeof *host);
		GRPO_FAIL_IF(!host, GRPO_ENOMEM, "out of memory");
		GRPO_TRY(grpo__tensor_read(flats[i], host));
		grpo__f32_to_bf16(buffer, host, (size_t)t->shape[0]);
		goto out;
	}
	rc = grpo__fail(GRPO_EINVAL, "no state \"%s\"", t->name);
out:
	free(host);
	return rc;
}

static int save_state(void *self, const char *folder)
{
	struct learner *l = self;
	const char *names[MAX_STATE];
	grpo__tensor *flats[MAX_STATE];
	grpo__st_tensor entries[MAX_STATE];
	size_t n = state_list(l, names, flats);
	char *path = NULL, *steps = NULL, text[64];
	int rc = 0;

	GRPO_TRY(grpo__make_folder(folder));
	path = grpo__path_join(folder, "learner.safetensors");
	steps = grpo__path_join(folder, "learner.json");
	GRPO_FAIL_IF(!path || !steps, GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++)
		state_entry(&entries[i], names[i], flats[i]);
	GRPO_TRY(grpo__st_write(path, entries, n, fetch_state, l));
	snprintf(text, sizeof text, "{\"optimizer_steps\": %lld}\n",
		 (long long)grpo__optimizer_steps(l->optimizer));
	GRPO_TRY(grpo__file_write(steps, text, strlen(text)));
out:
	free(path);
	free(steps);
	return rc;
}

static int check_state(struct learner *l, const grpo__st_file *f,
		       const char *path)
{
	const char *names[MAX_STATE];
	grpo__tensor *flats[MAX_STATE];
	size_t n = state_list(l, names, flats);
	int rc = 0;

	for (size_t i = 0; i < n; i++) {
		const grpo__st_tensor *t = grpo__st_find(f, names[i]);
		grpo__st_tensor want;

		state_entry(&want, names[i], flats[i]);
		GRPO_FAIL_IF(!t, GRPO_EFORMAT, "%s: \"%s\" is missing", path,
			     names[i]);
		GRPO_FAIL_IF(t->dtype != want.dtype || t->rank != 1 ||
				 t->shape[0] != want.shape[0],
			     GRPO_EFORMAT,
			     "%s: \"%s\" is of another model or dtype", path,
			     names[i]);
	}
out:
	return rc;
}

static void to_f32(float *host, const grpo__st_tensor *t)
{
	if (t->dtype == GRPO__ST_F32)
		memcpy(host, t->data, t->n_bytes);
	else
		grpo__bf16_to_f32(host, t->data, (size_t)t->shape[0]);
}

/* Numbers that a step would make NaN of the weights with. */
static int check_numbers(const float *x, int64_t n, const char *name,
			 const char *path)
{
	int is_square = strcmp(name, "exp_avg_sq") == 0, rc = 0;

	for (int64_t i = 0; i < n; i++)
		GRPO_FAIL_IF(!isfinite(x[i]) || (is_square && x[i] < 0),
			     GRPO_EFORMAT,
			     "%s: \"%s\": number %lld is %g: the checkpoint is "
			     "damaged, resume from another one",
			     path, name, (long long)i, (double)x[i]);
out:
	return rc;
}

static int read_steps(int64_t *count, const char *path)
{
	cJSON *json = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&json, path, 1 << 16));
	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected an object", path);
	GRPO_TRY(grpo__json_int(count, json, "optimizer_steps", path));
	GRPO_FAIL_IF(
	    *count < 0, GRPO_EFORMAT,
	    "%s: \"optimizer_steps\": %lld is negative: the checkpoint "
	    "is damaged, resume from another one",
	    path, (long long)*count);
out:
	cJSON_Delete(json);
	return rc;
}

/* All of it is looked at before any of it is taken: a state is loaded whole
 * or not at all. */
static int apply_state(struct learner *l, const grpo__st_file *f, int64_t steps,
		       const char *path)
{
	const char *names[MAX_STATE];
	grpo__tensor *flats[MAX_STATE];
	size_t n = state_list(l, names, flats);
	int64_t count = grpo__tensor_count(&l->m->flat);
	float *host = grpo__alloc((size_t)count, sizeof *host);
	int rc = 0;

	GRPO_FAIL_IF(!host, GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < n; i++) {
		to_f32(host, grpo__st_find(f, names[i]));
		GRPO_TRY(check_numbers(host, count, names[i], path));
	}
	for (size_t i = 0; i < n; i++) {
		to_f32(host, grpo__st_find(f, names[i]));
		GRPO_TRY(grpo__tensor_write(flats[i], host));
	}
	grpo__optimizer_set_steps(l->optimizer, steps);
	GRPO_TRY(zero_grad(l));
out:
	free(host);
	return rc;
}

static int load_state(void *self, const char *folder)
{
	struct learner *l = self;
	char *path = grpo__path_join(folder, "learner.safetensors");
	char *steps = grpo__path_join(folder, "learner.json");
	grpo__st_file *f = NULL;
	int64_t count;
	int rc = 0;

	GRPO_FAIL_IF(!path || !steps, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(read_steps(&count, steps));
	GRPO_TRY(grpo__st_open(&f, path));
	GRPO_TRY(check_state(l, f, path));
	GRPO_TRY(apply_state(l, f, count, path));
out:
	grpo__st_close(f);
	free(path);
	free(steps);
	return rc;
}

/* ------------------------------------------------------------- creation */

static void learner_free(void *self)
{
	struct learner *l = self;

	if (!l)
		return;
	drop_kept(l);
	grpo__optimizer_free(l->optimizer);
	grpo__model_view_dispose(&l->dview, l->m);
	grpo__tensor_free(&l->grad);
	grpo__tensor_free(&l->reference);
	free(l);
}

static const grpo_learner_ops learner_ops = {
    sizeof learner_ops, forward,        backward,   step,
    zero_grad,          sync_reference, save_model, save_state,
    load_state,         learner_free,   gradient,
};

static const grpo_torch_learner_options defaults = {
    .adam_beta1 = 0.9,
    .adam_beta2 = 0.999,
    .adam_epsilon = 1e-8,
};

int grpo_torch_learner_options_init_(grpo_torch_learner_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_torch_learner_options");
}

static int check_options(const grpo_torch_learner_options *o)
{
	int rc = 0;

	GRPO_FAIL_IF(!(o->adam_beta1 >= 0 && o->adam_beta1 < 1), GRPO_EINVAL,
		     "adam_beta1: %g is not in [0, 1)", o->adam_beta1);
	GRPO_FAIL_IF(!(o->adam_beta2 >= 0 && o->adam_beta2 < 1), GRPO_EINVAL,
		     "adam_beta2: %g is not in [0, 1)", o->adam_beta2);
	GRPO_FAIL_IF(!(o->adam_epsilon > 0) || !isfinite(o->adam_epsilon),
		     GRPO_EINVAL, "adam_epsilon: %g is not positive",
		     o->adam_epsilon);
	GRPO_FAIL_IF(!(o->weight_decay >= 0) || !isfinite(o->weight_decay),
		     GRPO_EINVAL, "weight_decay: %g is not 0 or more",
		     o->weight_decay);
out:
	return rc;
}

int grpo_torch_learner(grpo_learner *out, grpo_model *m,
		       const grpo_torch_learner_options *o)
{
	grpo_torch_learner_options d = defaults;
	struct learner *l = NULL;
	int rc = 0;

	if (o)
		GRPO_TRY(grpo__struct_import(
		    &d, sizeof d, o, "grpo_torch_learner_options",
		    "call grpo_torch_learner_options_init"));
	GRPO_TRY(check_options(&d));
	l = grpo__alloc(1, sizeof *l);
	GRPO_FAIL_IF(!l, GRPO_ENOMEM, "out of memory");
	l->m = m;
	GRPO_TRY(grpo__optimizer_create(&l->optimizer, m, &d));
	GRPO_TRY(grpo__tensor_create(&l->grad, GRPO__F32, m->device, 1,
				     m->flat.shape));
	GRPO_TRY(grpo__model_view_create(&l->dview, m, &l->grad));
	if (d.reference) {
		GRPO_TRY(grpo__tensor_create(&l->reference, m->dtype, m->device,
					     1, m->flat.shape));
		GRPO_TRY(grpo__tensor_copy(&l->reference, &m->flat));
	}
	*out = (grpo_learner){&learner_ops, l};
	l = NULL;
out:
	learner_free(l);
	return rc;
}
