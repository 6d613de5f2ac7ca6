/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_MODEL_H
#define GRPO_TORCH_MODEL_H

#include "grpo/torch.h"
#include "torch/config.h"
#include "torch/ops.h"
#include "torch/tensor.h"

/*
 * A decoder's weights: one flat tensor, every parameter a view of it, so that
 * the optimizer is one pass over one array and gradients have the same
 * layout.  q, k and v lie together as one matrix, gate and up as another; the
 * names of the files are row blocks of them.
 */
typedef struct grpo__param {
	char name[96];         /* as in the file */
	int64_t offset;        /* elements into the flat tensor */
	int64_t rows, columns; /* columns 0: a vector of `rows` */
	int decay;             /* weight decay applies: matrices */
} grpo__param;

/** Views of one flat tensor: the weights, or their gradient. */
typedef struct grpo__layer_view {
	grpo__tensor norm1, qkv, qkv_bias, o, o_bias;
	grpo__tensor norm2, gate_up, gate_up_bias, down, down_bias;
} grpo__layer_view;

typedef struct grpo__model_view {
	grpo__tensor embed, norm, head; /* head is embed where tied */
	grpo__layer_view *layers;
} grpo__model_view;

struct grpo_model {
	grpo__config config;
	grpo__heads heads;
	char *folder; /* where it came from */
	int dtype, device;
	int64_t n_params;
	grpo__param *params;
	size_t n_named;
	grpo__tensor flat;
	grpo__model_view view;
	grpo__rope rope;
	float *rope_table;
	grpo__workspace *work;
};

/** Views of a flat tensor of this model's layout (weights or gradient). */
int grpo__model_view_create(grpo__model_view *out, const grpo_model *m,
			    const grpo__tensor *flat);
void grpo__model_view_dispose(grpo__model_view *v, const grpo_model *m);

static inline int64_t grpo__param_count(const grpo__param *p)
{
	return p->rows * (p->columns ? p->columns : 1);
}

/** The part of a flat tensor that is this parameter. */
static inline int grpo__param_view(grpo__tensor *out, const grpo__tensor *flat,
				   const grpo__param *p)
{
	int64_t shape[2] = {p->rows, p->columns};

	return grpo__tensor_view(out, flat, p->offset, p->columns ? 2 : 1,
				 shape);
}

/** Grows the rotary table so that positions < n are in it. */
int grpo__model_reserve_positions(grpo_model *m, int64_t n);

/** NULL, or the tensor itself where it is there: an absent bias is empty. */
static inline grpo__tensor *grpo__maybe(grpo__tensor *t)
{
	return t->rank ? t : NULL;
}

/** The weights from the model's folder into m->flat. */
int grpo__model_read(grpo_model *m);

/** Writes `flat` (weights of this layout) as a Hugging Face folder. */
int grpo__model_write(const grpo_model *m, const grpo__tensor *flat,
		      const char *folder, const char *dtype);

#endif
