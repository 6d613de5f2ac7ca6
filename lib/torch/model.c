/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/hub.h"
#include "core/mem.h"
#include "core/rng.h"
#include "core/struct.h"
#include "torch/model.h"
#include "torch/runtime.h"

/* Elements that a group of parameters starts on: a cache line of floats. */
#define GROUP_ALIGN 16

/* --------------------------------------------------------------- layout */

struct layout {
	grpo__param *params;
	size_t n, cap;
	int64_t end;
};

static int add(struct layout *l, int64_t rows, int64_t columns, const char *fmt,
	       ...) GRPO_PRINTF(4, 5);

static int add(struct layout *l, int64_t rows, int64_t columns, const char *fmt,
	       ...)
{
	grpo__param *p;
	va_list ap;
	int rc = 0;

	GRPO_TRY(grpo__grow(&l->params, &l->cap, l->n + 1, sizeof *l->params));
	p = &l->params[l->n++];
	memset(p, 0, sizeof *p);
	va_start(ap, fmt);
	vsnprintf(p->name, sizeof p->name, fmt, ap);
	va_end(ap);
	p->offset = l->end;
	p->rows = rows;
	p->columns = columns;
	p->decay = columns > 0;
	l->end += rows * (columns ? columns : 1);
out:
	return rc;
}

static void align(struct layout *l)
{
	l->end = (l->end + GROUP_ALIGN - 1) / GROUP_ALIGN * GROUP_ALIGN;
}

/* A weight [rows, columns] and, where asked for, its bias. */
static int add_qkv(struct layout *l, const grpo__config *c, int i, int bias)
{
	static const char *const part[] = {"q", "k", "v"};
	int64_t q = c->n_heads * c->head_dim, kv = c->n_kv_heads * c->head_dim;
	int rc = 0;

	align(l);
	for (int j = 0; j < 3; j++)
		GRPO_TRY(add(l, j ? kv : q, bias ? 0 : c->hidden_size,
			     "model.layers.%d.self_attn.%s_proj.%s", i, part[j],
			     bias ? "bias" : "weight"));
out:
	return rc;
}

static int add_mlp(struct layout *l, const grpo__config *c, int i, int bias)
{
	const char *kind = bias ? "bias" : "weight";
	int64_t f = c->intermediate_size, h = c->hidden_size;
	int rc = 0;

	align(l);
	GRPO_TRY(add(l, f, bias ? 0 : h, "model.layers.%d.mlp.gate_proj.%s", i,
		     kind));
	GRPO_TRY(
	    add(l, f, bias ? 0 : h, "model.layers.%d.mlp.up_proj.%s", i, kind));
	align(l);
	GRPO_TRY(add(l, h, bias ? 0 : f, "model.layers.%d.mlp.down_proj.%s", i,
		     kind));
out:
	return rc;
}

static int add_layer(struct layout *l, const grpo__config *c, int i)
{
	int64_t h = c->hidden_size, q = c->n_heads * c->head_dim;
	int rc = 0;

	align(l);
	GRPO_TRY(add(l, h, 0, "model.layers.%d.input_layernorm.weight", i));
	GRPO_TRY(add_qkv(l, c, i, 0));
	if (c->qkv_bias)
		GRPO_TRY(add_qkv(l, c, i, 1));
	align(l);
	GRPO_TRY(add(l, h, q, "model.layers.%d.self_attn.o_proj.weight", i));
	align(l);
	if (c->o_bias)
		GRPO_TRY(
		    add(l, h, 0, "model.layers.%d.self_attn.o_proj.bias", i));
	align(l);
	GRPO_TRY(
	    add(l, h, 0, "model.layers.%d.post_attention_layernorm.weight", i));
	GRPO_TRY(add_mlp(l, c, i, 0));
	if (c->mlp_bias)
		GRPO_TRY(add_mlp(l, c, i, 1));
out:
	return rc;
}

static int make_layout(grpo_model *m)
{
	const grpo__config *c = &m->config;
	struct layout l = {0};
	int rc = 0;

	GRPO_TRY(add(&l, c->vocab_size, c->hidden_size,
		     "model.embed_tokens.weight"));
	for (int i = 0; i < c->n_layers; i++)
		GRPO_TRY(add_layer(&l, c, i));
	align(&l);
	GRPO_TRY(add(&l, c->hidden_size, 0, "model.norm.weight"));
	align(&l);
	if (!c->tied)
		GRPO_TRY(
		    add(&l, c->vocab_size, c->hidden_size, "lm_head.weight"));
	align(&l);
	m->params = l.params;
	m->n_named = l.n;
	l.params = NULL;
	for (size_t i = 0; i < m->n_named; i++)
		m->n_params += grpo__param_count(&m->params[i]);
	GRPO_TRY(grpo__tensor_create(&m->flat, m->dtype, m->device, 1, &l.end));
out:
	free(l.params);
	return rc;
}

/* The view of `n` parameters from index *at on as one block of rows. */
static int take(grpo__tensor *out, const grpo_model *m,
		const grpo__tensor *flat, size_t *at, int n)
{
	const grpo__param *p = &m->params[*at];
	int64_t shape[2] = {0, p->columns};

	for (int i = 0; i < n; i++)
		shape[0] += p[i].rows;
	*at += (size_t)n;
	return grpo__tensor_view(out, flat, p->offset, p->columns ? 2 : 1,
				 shape);
}

static int take_layer(grpo__layer_view *v, const grpo_model *m,
		      const grpo__tensor *flat, size_t *at)
{
	const grpo__config *c = &m->config;
	int rc = 0;

	GRPO_TRY(take(&v->norm1, m, flat, at, 1));
	GRPO_TRY(take(&v->qkv, m, flat, at, 3));
	if (c->qkv_bias)
		GRPO_TRY(take(&v->qkv_bias, m, flat, at, 3));
	GRPO_TRY(take(&v->o, m, flat, at, 1));
	if (c->o_bias)
		GRPO_TRY(take(&v->o_bias, m, flat, at, 1));
	GRPO_TRY(take(&v->norm2, m, flat, at, 1));
	GRPO_TRY(take(&v->gate_up, m, flat, at, 2));
	GRPO_TRY(take(&v->down, m, flat, at, 1));
	if (c->mlp_bias) {
		GRPO_TRY(take(&v->gate_up_bias, m, flat, at, 2));
		GRPO_TRY(take(&v->down_bias, m, flat, at, 1));
	}
out:
	return rc;
}

int grpo__model_view_create(grpo__model_view *out, const grpo_model *m,
			    const grpo__tensor *flat)
{
	const grpo__config *c = &m->config;
	grpo__model_view v = {0};
	size_t at = 0, embed = 0;
	int rc = 0;

	v.layers = grpo__alloc((size_t)c->n_layers, sizeof *v.layers);
	GRPO_FAIL_IF(!v.layers, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(take(&v.embed, m, flat, &at, 1));
	for (int i = 0; i < c->n_layers; i++)
		GRPO_TRY(take_layer(&v.layers[i], m, flat, &at));
	GRPO_TRY(take(&v.norm, m, flat, &at, 1));
	GRPO_TRY(take(&v.head, m, flat, c->tied ? &embed : &at, 1));
	*out = v;
	memset(&v, 0, sizeof v);
out:
	grpo__model_view_dispose(&v, m);
	return rc;
}

void grpo__model_view_dispose(grpo__model_view *v, const grpo_model *m)
{
	for (int i = 0; v->layers && i < m->config.n_layers; i++) {
		grpo__layer_view *l = &v->layers[i];
		grpo__tensor *t[] = {
		    &l->norm1,  &l->qkv,      &l->qkv_bias, &l->o,
		    &l->o_bias, &l->norm2,    &l->gate_up,  &l->gate_up_bias,
		    &l->down,   &l->down_bias};

		for (size_t j = 0; j < sizeof t / sizeof *t; j++)
			grpo__tensor_free(t[j]);
	}
	grpo__tensor_free(&v->embed);
	grpo__tensor_free(&v->norm);
	grpo__tensor_free(&v->head);
	free(v->layers);
	memset(v, 0, sizeof *v);
}

/* ------------------------------------------------------- random weights */

/* Standard deviation that a parameter starts with; < 0: it is all ones. */
static double initial_std(const grpo_model *m, const grpo__param *p,
			  double embedding_std)
{
	if (strstr(p->name, "norm"))
		return -1;
	if (!p->decay)
		return 0;
	if (embedding_std > 0 && !strcmp(p->name, "model.embed_tokens.weight"))
		return embedding_std;
	return m->config.initializer_range;
}

static int random_weights(grpo_model *m, uint64_t seed, double embedding_std)
{
	int rc = 0;

	for (size_t i = 0; i < m->n_named && rc == 0; i++) {
		const grpo__param *p = &m->params[i];
		int64_t n = grpo__param_count(p);
		float *host = grpo__alloc((size_t)n, sizeof *host);
		grpo__rng r = {seed, 0, (uint32_t)i, GRPO__RNG_INIT, 0};
		grpo__tensor view = {0};
		double std = initial_std(m, p, embedding_std);

		GRPO_FAIL_IF(!host, GRPO_ENOMEM, "out of memory");
		for (int64_t j = 0; j < n; j++)
			host[j] = std < 0 ? 1.0f
				  : std > 0
				      ? (float)(grpo__rng_normal(&r) * std)
				      : 0.0f;
		rc = grpo__param_view(&view, &m->flat, p);
		if (rc == 0)
			rc = grpo__tensor_write(&view, host);
		grpo__tensor_free(&view);
		free(host);
	}
out:
	return rc;
}

/* ------------------------------------------------------------- creation */

static const grpo_model_options defaults = {.dtype = "float32",
					    .device = "cpu"};

int grpo_model_options_init_(grpo_model_options *o, size_t size)
{
	return grpo__struct_init(o, size, &defaults, sizeof defaults,
				 "grpo_model_options");
}

static int import_options(grpo_model_options *o,
			  const grpo_model_options *theirs)
{
	int rc = 0;

	*o = defaults;
	if (theirs)
		GRPO_TRY(grpo__struct_import(o, sizeof *o, theirs,
					     "grpo_model_options",
					     "call grpo_model_options_init"));
	GRPO_FAIL_IF(!(o->embedding_std >= 0 && o->embedding_std < 100),
		     GRPO_EINVAL, "embedding_std: %g is not in [0, 100)",
		     o->embedding_std);
	if (!o->dtype)
		o->dtype = defaults.dtype;
	if (!o->device)
		o->device = defaults.device;
out:
	return rc;
}

static int use_options(grpo_model *m, const grpo_model_options *o)
{
	int bf16 = strcmp(o->dtype, "bfloat16") == 0;
	int cuda = strcmp(o->device, "cuda") == 0;
	int rc = 0;

	GRPO_FAIL_IF(!bf16 && strcmp(o->dtype, "float32") != 0, GRPO_EINVAL,
		     "dtype: \"%s\" is not float32 or bfloat16", o->dtype);
	GRPO_FAIL_IF(!cuda && strcmp(o->device, "cpu") != 0, GRPO_EINVAL,
		     "device: \"%s\" is not cpu or cuda", o->device);
	m->dtype = bf16 ? GRPO__BF16 : GRPO__F32;
	m->device = cuda ? GRPO__CUDA : GRPO__CPU;
	GRPO_TRY(grpo__runtime_start(m->device, o->n_threads));
out:
	return rc;
}

static int model_create(grpo_model **out, const char *folder,
			const grpo_model_options *o)
{
	grpo_model *m = NULL;
	const grpo__config *c;
	char *path = NULL;
	int rc = 0;

	*out = NULL;
	if (!grpo__file_exists(folder))
		return grpo__fail_no_model(folder);
	m = grpo__alloc(1, sizeof *m);
	GRPO_FAIL_IF(!m, GRPO_ENOMEM, "out of memory");
	m->folder = grpo__strndup(folder, strlen(folder));
	path = grpo__path_join(folder, "config.json");
	GRPO_FAIL_IF(!m->folder || !path, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__config_read(&m->config, path));
	GRPO_TRY(use_options(m, o));
	c = &m->config;
	m->heads = (grpo__heads){(int32_t)c->n_heads, (int32_t)c->n_kv_heads,
				 (int32_t)c->head_dim,
				 1.0f / sqrtf((float)c->head_dim)};
	GRPO_TRY(make_layout(m));
	GRPO_TRY(grpo__model_view_create(&m->view, m, &m->flat));
	GRPO_TRY(grpo__workspace_create(&m->work, m->device));
	GRPO_TRY(grpo__model_reserve_positions(m, 1));
	*out = m;
	m = NULL;
out:
	free(path);
	grpo_model_free(m);
	return rc;
}

int grpo_model_open(grpo_model **out, const char *folder,
		    const grpo_model_options *theirs)
{
	grpo_model_options o;
	int rc = 0;

	*out = NULL;
	GRPO_TRY(import_options(&o, theirs));
	GRPO_TRY(model_create(out, folder, &o));
	rc = grpo__model_read(*out);
	if (rc < 0) {
		grpo_model_free(*out);
		*out = NULL;
	}
out:
	return rc;
}

int grpo_model_random(grpo_model **out, const char *folder, uint64_t seed,
		      const grpo_model_options *theirs)
{
	grpo_model_options o;
	int rc = 0;

	*out = NULL;
	GRPO_TRY(import_options(&o, theirs));
	GRPO_TRY(model_create(out, folder, &o));
	rc = random_weights(*out, seed, o.embedding_std);
	if (rc < 0) {
		grpo_model_free(*out);
		*out = NULL;
	}
out:
	return rc;
}

void grpo_model_free(grpo_model *m)
{
	if (!m)
		return;
	grpo__model_view_dispose(&m->view, m);
	grpo__tensor_free(&m->flat);
	grpo__workspace_free(m->work);
	free(m->params);
	free(m->rope_table);
	free(m->folder);
	free(m);
}

int grpo__model_reserve_positions(grpo_model *m, int64_t n)
{
	int64_t size = m->rope.n_positions ? m->rope.n_positions : 256;
	float *table;
	int rc = 0;

	GRPO_FAIL_IF(n > m->config.max_positions, GRPO_EINVAL,
		     "%s: a sequence of %lld tokens, the model takes %lld "
		     "(max_position_embeddings)",
		     m->folder, (long long)n,
		     (long long)m->config.max_positions);
	if (n <= m->rope.n_positions)
		goto out;
	while (size < n)
		size *= 2;
	table = grpo__config_rope_table(&m->config, size);
	if (!table)
		return GRPO_ENOMEM;
	free(m->rope_table);
	m->rope_table = table;
	m->rope =
	    (grpo__rope){table, table + size * (m->config.head_dim / 2), size};
out:
	return rc;
}

int64_t grpo_model_parameters(const grpo_model *m)
{
	return m->n_params;
}

int64_t grpo_model_vocab_size(const grpo_model *m)
{
	return m->config.vocab_size;
}

int64_t grpo_model_max_positions(const grpo_model *m)
{
	return m->config.max_positions;
}

int grpo_model_save(grpo_model *m, const char *folder, const char *dtype)
{
	return grpo__model_write(m, &m->flat, folder, dtype);
}
