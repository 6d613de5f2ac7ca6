/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/optimizer.h"

struct grpo__optimizer {
	grpo_torch_learner_options options;
	grpo__tensor m, v, master; /* flat fp32; master empty for fp32 */
	int64_t steps;
};

int grpo__optimizer_create(grpo__optimizer **out, const grpo_model *m,
			   const grpo_torch_learner_options *options)
{
	grpo__optimizer *o = grpo__alloc(1, sizeof *o);
	int rc = 0;

	GRPO_FAIL_IF(!o, GRPO_ENOMEM, "out of memory");
	o->options = *options;
	GRPO_TRY(
	    grpo__tensor_create(&o->m, GRPO__F32, m->device, 1, m->flat.shape));
	GRPO_TRY(
	    grpo__tensor_create(&o->v, GRPO__F32, m->device, 1, m->flat.shape));
	if (m->dtype != GRPO__F32) {
		GRPO_TRY(grpo__tensor_create(&o->master, GRPO__F32, m->device,
					     1, m->flat.shape));
		GRPO_TRY(grpo__tensor_copy(&o->master, &m->flat));
	}
	*out = o;
	o = NULL;
out:
	grpo__optimizer_free(o);
	return rc;
}

void grpo__optimizer_free(grpo__optimizer *o)
{
	if (!o)
		return;
	grpo__tensor_free(&o->m);
	grpo__tensor_free(&o->v);
	grpo__tensor_free(&o->master);
	free(o);
}

/* What is done with a range of every flat tensor. */
typedef int (*range_fn)(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
			const grpo__tensor *g, const grpo__adamw_args *a);

/* The elements first … first+n-1 of every flat tensor. */
static int on_range(range_fn fn, grpo__optimizer *o, grpo__tensor *weights,
		    const grpo__tensor *grad, int64_t first, int64_t n,
		    const grpo__adamw_args *a)
{
	grpo__tensor w = {0}, g = {0}, m = {0}, v = {0};
	int rc = 0;

	GRPO_TRY(grpo__tensor_view(&w, weights, first, 1, &n));
	GRPO_TRY(grpo__tensor_view(&g, grad, first, 1, &n));
	GRPO_TRY(grpo__tensor_view(&m, &o->m, first, 1, &n));
	GRPO_TRY(grpo__tensor_view(&v, &o->v, first, 1, &n));
	GRPO_TRY(fn(&w, &m, &v, &g, a));
out:
	grpo__tensor_free(&w);
	grpo__tensor_free(&g);
	grpo__tensor_free(&m);
	grpo__tensor_free(&v);
	return rc;
}

/* Neighbours that agree on weight decay go in one pass. */
static int on_all(range_fn fn, grpo__optimizer *o, grpo_model *m,
		  const grpo__tensor *grad, grpo__adamw_args *a)
{
	grpo__tensor *weights = o->master.rank ? &o->master : &m->flat;
	int64_t end = grpo__tensor_count(&m->flat);
	int rc = 0;

	for (size_t i = 0; i < m->n_named;) {
		const grpo__param *p = &m->params[i];
		int64_t stop;

		while (i < m->n_named && m->params[i].decay == p->decay)
			i++;
		stop = i < m->n_named ? m->params[i].offset : end;
		a->weight_decay =
		    p->decay ? (float)o->options.weight_decay : 0.0f;
		GRPO_TRY(on_range(fn, o, weights, grad, p->offset,
				  stop - p->offset, a));
	}
out:
	return rc;
}

static int refuse_infinite(grpo__tensor *w, grpo__tensor *m, grpo__tensor *v,
			   const grpo__tensor *g, const grpo__adamw_args *a)
{
	int finite, rc = 0;

	GRPO_TRY(grpo__op_adamw_finite(&finite, w, m, v, g, a));
	GRPO_FAIL_IF(!finite, GRPO_ENUMERIC,
		     "a step of learning rate %g would make weights or moments "
		     "that are not finite; the weights were not changed",
		     (double)a->lr);
out:
	return rc;
}

int grpo__optimizer_step(grpo__optimizer *o, grpo_model *m,
			 const grpo__tensor *grad, double learning_rate,
			 double grad_scale)
{
	double t = (double)(o->steps + 1);
	grpo__adamw_args a = {
	    .lr = (float)learning_rate,
	    .beta1 = (float)o->options.adam_beta1,
	    .beta2 = (float)o->options.adam_beta2,
	    .eps = (float)o->options.adam_epsilon,
	    .bias1 = (float)(1 - pow(o->options.adam_beta1, t)),
	    .bias2 = (float)(1 - pow(o->options.adam_beta2, t)),
	    .grad_scale = (float)grad_scale};
	int rc = 0;

	GRPO_TRY(on_all(refuse_infinite, o, m, grad, &a));
	GRPO_TRY(on_all(grpo__op_adamw, o, m, grad, &a));
	if (o->master.rank)
		GRPO_TRY(grpo__tensor_copy(&m->flat, &o->master));
	o->steps++;
out:
	return rc;
}

int64_t grpo__optimizer_steps(const grpo__optimizer *o)
{
	return o->steps;
}

void grpo__optimizer_set_steps(grpo__optimizer *o, int64_t steps)
{
	o->steps = steps;
}

size_t grpo__optimizer_state(grpo__optimizer *o, const char **names,
			     grpo__tensor **tensors)
{
	size_t n = 0;

	names[n] = "exp_avg", tensors[n++] = &o->m;
	names[n] = "exp_avg_sq", tensors[n++] = &o->v;
	if (o->master.rank)
		names[n] = "master", tensors[n++] = &o->master;
	return n;
}
