/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/decoder.h"

int grpo__acts_take(grpo__acts *a, grpo_model *m, int64_t n)
{
	const grpo__config *c = &m->config;
	int64_t h = c->hidden_size, f = c->intermediate_size;
	int64_t q = c->n_heads * c->head_dim;
	int64_t kv = c->n_kv_heads * c->head_dim;
	struct {
		grpo__tensor *t;
		int dtype;
		int64_t columns;
	} plan[] = {{&a->x, m->dtype, h},   {&a->rstd1, GRPO__F32, 1},
		    {&a->xn1, m->dtype, h}, {&a->qkv, m->dtype, q + 2 * kv},
		    {&a->att, m->dtype, q}, {&a->lse, GRPO__F32, c->n_heads},
		    {&a->x2, m->dtype, h},  {&a->rstd2, GRPO__F32, 1},
		    {&a->xn2, m->dtype, h}, {&a->gu, m->dtype, 2 * f},
		    {&a->act, m->dtype, f}};
	int rc = 0;

	for (size_t i = 0; i < sizeof plan / sizeof *plan; i++)
		GRPO_TRY(grpo__workspace_take(m->work, plan[i].t, plan[i].dtype,
					      n, plan[i].columns));
out:
	return rc;
}

/* ------------------------------------------------- one layer, forwards */

int grpo__layer_before(grpo__acts *a, grpo_model *m, int layer,
		       const int32_t *position)
{
	grpo__layer_view *w = &m->view.layers[layer];
	float eps = (float)m->config.rms_eps;
	int rc = 0;

	GRPO_TRY(grpo__op_rmsnorm(&a->xn1, &a->rstd1, &a->x, &w->norm1, eps));
	GRPO_TRY(grpo__op_linear(&a->qkv, &a->xn1, &w->qkv,
				 grpo__maybe(&w->qkv_bias), 0));
	GRPO_TRY(grpo__op_rope(&a->qkv, &m->rope, position, &m->heads, 0));
out:
	return rc;
}

int grpo__layer_after(grpo__tensor *y, grpo__acts *a, grpo_model *m, int layer)
{
	grpo__layer_view *w = &m->view.layers[layer];
	float eps = (float)m->config.rms_eps;
	int rc = 0;

	GRPO_TRY(grpo__tensor_copy(&a->x2, &a->x));
	GRPO_TRY(grpo__op_linear(&a->x2, &a->att, &w->o,
				 grpo__maybe(&w->o_bias), 1));
	GRPO_TRY(grpo__op_rmsnorm(&a->xn2, &a->rstd2, &a->x2, &w->norm2, eps));
	GRPO_TRY(grpo__op_linear(&a->gu, &a->xn2, &w->gate_up,
				 grpo__maybe(&w->gate_up_bias), 0));
	GRPO_TRY(grpo__op_swiglu(&a->act, &a->gu));
	GRPO_TRY(grpo__tensor_copy(y, &a->x2));
	GRPO_TRY(grpo__op_linear(y, &a->act, &w->down,
				 grpo__maybe(&w->down_bias), 1));
out:
	return rc;
}

/* ------------------------------------------------ one layer, backwards */

/* Gradients of one layer's acts, taken once and used by every layer. */
struct grads {
	grpo__tensor act, gu, h, att, qkv;
};

static int grads_take(struct grads *g, grpo_model *m, int64_t n)
{
	const grpo__config *c = &m->config;
	int64_t q = c->n_heads * c->head_dim;
	int64_t kv = c->n_kv_heads * c->head_dim, f = c->intermediate_size;
	grpo__workspace *w = m->work;
	int rc = 0;

	GRPO_TRY(grpo__workspace_take(w, &g->act, m->dtype, n, f));
	GRPO_TRY(grpo__workspace_take(w, &g->gu, m->dtype, n, 2 * f));
	GRPO_TRY(grpo__workspace_take(w, &g->h, m->dtype, n, c->hidden_size));
	GRPO_TRY(grpo__workspace_take(w, &g->att, m->dtype, n, q));
	GRPO_TRY(grpo__workspace_take(w, &g->qkv, m->dtype, n, q + 2 * kv));
out:
	return rc;
}

/* y = x2 + down(swiglu(gate_up(norm2(x2)))); dx goes from y to x2 */
static int mlp_backward(grpo__layer_view *d, grpo__tensor *dx, struct grads *g,
			grpo_model *m, int layer, const grpo__acts *a)
{
	grpo__layer_view *w = &m->view.layers[layer];
	int rc = 0;

	GRPO_TRY(grpo__op_linear_backward(&g->act, &d->down,
					  grpo__maybe(&d->down_bias), dx,
					  &a->act, &w->down));
	GRPO_TRY(grpo__op_swiglu_backward(&g->gu, &g->act, &a->gu));
	GRPO_TRY(grpo__op_linear_backward(&g->h, &d->gate_up,
					  grpo__maybe(&d->gate_up_bias), &g->gu,
					  &a->xn2, &w->gate_up));
	GRPO_TRY(grpo__op_rmsnorm_backward(dx, &d->norm2, &g->h, &a->x2,
					   &w->norm2, &a->rstd2));
out:
	return rc;
}

/* x2 = x + o(attention(rope(qkv(norm1(x))))); dx goes from x2 to x */
static int attention_backward(grpo__layer_view *d, grpo__tensor *dx,
			      struct grads *g, grpo_model *m, int layer,
			      const grpo__pack *p, const grpo__acts *a)
{
	grpo__layer_view *w = &m->view.layers[layer];
	int rc = 0;

	GRPO_TRY(grpo__op_linear_backward(
	    &g->att, &d->o, grpo__maybe(&d->o_bias), dx, &a->att, &w->o));
	GRPO_TRY(grpo__op_attention_backward(&g->qkv, &g->att, &a->att, &a->lse,
					     &a->qkv, &p->segments, &m->heads));
	GRPO_TRY(grpo__op_rope(&g->qkv, &m->rope, p->position, &m->heads, 1));
	GRPO_TRY(grpo__op_linear_backward(&g->h, &d->qkv,
					  grpo__maybe(&d->qkv_bias), &g->qkv,
					  &a->xn1, &w->qkv));
	GRPO_TRY(grpo__op_rmsnorm_backward(dx, &d->norm1, &g->h, &a->x,
					   &w->norm1, &a->rstd1));
out:
	return rc;
}

/* ---------------------------------------------------------- the decoder */

void grpo__pass_dispose(grpo__pass *pass)
{
	free(pass->layers);
	memset(pass, 0, sizeof *pass);
}

static int run_layer(grpo__tensor *y, grpo__acts *a, grpo_model *m, int layer,
		     const grpo__pack *p, grpo__kv_sink sink, void *ctx)
{
	int rc = 0;

	GRPO_TRY(grpo__layer_before(a, m, layer, p->position));
	if (sink)
		GRPO_TRY(sink(ctx, layer, &a->qkv));
	GRPO_TRY(grpo__op_attention(&a->att, &a->lse, &a->qkv, &p->segments,
				    &m->heads));
	GRPO_TRY(grpo__layer_after(y, a, m, layer));
out:
	return rc;
}

int grpo__decoder_forward(grpo__pass *pass, grpo_model *m, const grpo__pack *p,
			  int keep, grpo__kv_sink sink, void *ctx)
{
	int n_layers = (int)m->config.n_layers;
	int64_t h = m->config.hidden_size;
	grpo__acts *a;
	int rc = 0;

	pass->keep = keep;
	pass->layers =
	    grpo__alloc(keep ? (size_t)n_layers + 1 : 1, sizeof *pass->layers);
	GRPO_FAIL_IF(!pass->layers, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__model_reserve_positions(m, p->max_position + 1));
	a = pass->layers;
	GRPO_TRY(grpo__acts_take(a, m, p->n));
	GRPO_TRY(grpo__op_embed(&a->x, &m->view.embed, p->ids));
	for (int l = 0; l < n_layers; l++) {
		grpo__acts *next = keep ? a + 1 : a;

		if (keep && l + 1 < n_layers)
			GRPO_TRY(grpo__acts_take(next, m, p->n));
		else if (keep)
			GRPO_TRY(grpo__workspace_take(m->work, &next->x,
						      m->dtype, p->n, h));
		GRPO_TRY(run_layer(&next->x, a, m, l, p, sink, ctx));
		a = next;
	}
	GRPO_TRY(
	    grpo__workspace_take(m->work, &pass->rstd, GRPO__F32, p->n, 1));
	GRPO_TRY(
	    grpo__workspace_take(m->work, &pass->hidden, m->dtype, p->n, h));
	GRPO_TRY(grpo__op_rmsnorm(&pass->hidden, &pass->rstd, &a->x,
				  &m->view.norm, (float)m->config.rms_eps));
out:
	return rc;
}

int grpo__decoder_backward(grpo__model_view *grad, grpo__tensor *dhidden,
			   grpo_model *m, const grpo__pack *p,
			   const grpo__pass *pass)
{
	int n_layers = (int)m->config.n_layers;
	grpo__workspace_mark mark = grpo__workspace_here(m->work);
	struct grads g;
	grpo__tensor dx;
	int rc = 0;

	GRPO_TRY(grads_take(&g, m, p->n));
	GRPO_TRY(grpo__workspace_take(m->work, &dx, m->dtype, p->n,
				      m->config.hidden_size));
	GRPO_TRY(grpo__tensor_zero(&dx));
	GRPO_TRY(grpo__op_rmsnorm_backward(&dx, &grad->norm, dhidden,
					   &pass->layers[n_layers].x,
					   &m->view.norm, &pass->rstd));
	for (int l = n_layers - 1; l >= 0; l--) {
		const grpo__acts *a = &pass->layers[l];

		GRPO_TRY(mlp_backward(&grad->layers[l], &dx, &g, m, l, a));
		GRPO_TRY(
		    attention_backward(&grad->layers[l], &dx, &g, m, l, p, a));
	}
	GRPO_TRY(grpo__op_embed_backward(&grad->embed, &dx, p->ids));
out:
	grpo__workspace_back(m->work, mark);
	return rc;
}
