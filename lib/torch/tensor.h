/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_TENSOR_H
#define GRPO_TORCH_TENSOR_H

#include <stddef.h>
#include <stdint.h>

/*
 * Tensors: a thin layer over the C shim of tch.  Only tensor.c (and ext.cpp)
 * know the shim; models are written against this and ops.h.
 *
 * A tensor is dense and row-major, of at most three dimensions.  On the CPU
 * it is a pointer and a shape, and libtorch hears of it only when an operator
 * of libtorch runs on it; elsewhere the memory is libtorch's.
 *
 * Every function that can fail returns 0 or GRPO_ETORCH / GRPO_ENOMEM, with
 * libtorch's message, shortened to its first line.
 */
enum grpo__dtype { GRPO__F32 = 0, GRPO__BF16 = 1, GRPO__I64 = 2 };
enum grpo__device { GRPO__CPU = -1, GRPO__CUDA = 0 }; /* index from 0 */

typedef struct grpo__tensor {
	void *handle; /* the shim's tensor, owned; NULL until it is needed */
	void *data;   /* first element; CPU only, else NULL */
	int owned;    /* data is ours to free */
	int dtype, device, rank;
	int64_t shape[3];
} grpo__tensor;

int64_t grpo__tensor_count(const grpo__tensor *t);
size_t grpo__dtype_size(int dtype);

/** Zeroed memory of its own. */
int grpo__tensor_create(grpo__tensor *out, int dtype, int device, int rank,
			const int64_t *shape);
/** Elements offset … of `base` as a tensor of another shape; borrows. */
int grpo__tensor_view(grpo__tensor *out, const grpo__tensor *base,
		      int64_t offset, int rank, const int64_t *shape);
/** fp32 memory of the caller as a CPU tensor; borrows. */
void grpo__tensor_wrap(grpo__tensor *out, float *data, int64_t rows,
		       int64_t columns);
/** Frees what the tensor owns and zeroes it; NULL is fine. */
void grpo__tensor_free(grpo__tensor *t);

/** All elements from and to fp32 host memory. */
int grpo__tensor_write(grpo__tensor *t, const float *src);
int grpo__tensor_read(const grpo__tensor *t, float *dst);
int grpo__tensor_zero(grpo__tensor *t);
/** Its memory, on its device; NULL where libtorch does not tell. */
void *grpo__tensor_memory(const grpo__tensor *t);
/** dst = src, across dtypes and devices. */
int grpo__tensor_copy(grpo__tensor *dst, const grpo__tensor *src);

/** The first element; CPU fp32. */
static inline float *grpo__f32(const grpo__tensor *t)
{
	return t ? (float *)t->data : NULL;
}

/** 1 where the fused kernels of kernels.h can work on it. */
static inline int grpo__is_plain(const grpo__tensor *t)
{
	return t->device == GRPO__CPU && t->dtype == GRPO__F32;
}

/**
 * c = op(a) op(b), or c += …; op transposes where the flag is set.
 * a [m,k], b [k,n], c [m,n] after op.
 */
int grpo__matmul(grpo__tensor *c, const grpo__tensor *a, int transpose_a,
		 const grpo__tensor *b, int transpose_b, int accumulate);

/* -------------------------------------------------------------- scratch */

/**
 * Scratch tensors, all freed at once; on the CPU the memory is kept for the
 * next round, so that after the first few steps nothing is allocated.
 */
typedef struct grpo__workspace grpo__workspace;
int grpo__workspace_create(grpo__workspace **out, int device);
/** [rows, columns]; not zeroed; borrowed until the reset. */
int grpo__workspace_take(grpo__workspace *w, grpo__tensor *out, int dtype,
			 int64_t rows, int64_t columns);
/** A mark to go back to. */
typedef struct grpo__workspace_mark {
	size_t chunk, used, tensors;
} grpo__workspace_mark;
grpo__workspace_mark grpo__workspace_here(const grpo__workspace *w);
void grpo__workspace_back(grpo__workspace *w, grpo__workspace_mark mark);
void grpo__workspace_free(grpo__workspace *w);

/* ------------------------------------------------------ composed maths */

/*
 * For maths without a fused kernel: operators of libtorch on temporaries that a
 * scope owns.  Failures are sticky: after one, operators return NULL and do
 * nothing, and grpo__scope_close reports it.
 *
 *	grpo__scope s = {0};
 *	grpo__h x = grpo__h_from(&s, t);
 *	grpo__h y = grpo__h_mul(&s, x, x);
 *	grpo__h_store(&s, out, y);
 *	return grpo__scope_close(&s);
 */
typedef struct tch_tensor *grpo__h;
typedef struct grpo__scope {
	grpo__h *items;
	size_t n, cap;
	int rc;
} grpo__scope;
int grpo__scope_close(grpo__scope *s);

grpo__h grpo__h_from(grpo__scope *s, const grpo__tensor *t);
grpo__h grpo__h_ints(grpo__scope *s, const int64_t *x, int64_t n, int device);
grpo__h grpo__h_ids(grpo__scope *s, const int32_t *x, int64_t n, int device);
grpo__h grpo__h_floats(grpo__scope *s, const float *x, int64_t n, int device);
void grpo__h_store(grpo__scope *s, grpo__tensor *dst, grpo__h x); /* copy */
/** The same to a view, such as a narrow of h_from. */
void grpo__h_assign(grpo__scope *s, grpo__h dst, grpo__h x);
/** dst += x; as for store, any shape with as many elements. */
void grpo__h_accumulate(grpo__scope *s, grpo__tensor *dst, grpo__h x);
void grpo__h_read(grpo__scope *s, float *dst, grpo__h x, int64_t n);

grpo__h grpo__h_add(grpo__scope *s, grpo__h a, grpo__h b);
grpo__h grpo__h_sub(grpo__scope *s, grpo__h a, grpo__h b);
grpo__h grpo__h_mul(grpo__scope *s, grpo__h a, grpo__h b);
grpo__h grpo__h_div(grpo__scope *s, grpo__h a, grpo__h b);
grpo__h grpo__h_scale(grpo__scope *s, grpo__h a, double x);
grpo__h grpo__h_shift(grpo__scope *s, grpo__h a, double x);
grpo__h grpo__h_sqrt(grpo__scope *s, grpo__h a);
grpo__h grpo__h_rsqrt(grpo__scope *s, grpo__h a);
grpo__h grpo__h_exp(grpo__scope *s, grpo__h a);
grpo__h grpo__h_silu(grpo__scope *s, grpo__h a);
grpo__h grpo__h_sigmoid(grpo__scope *s, grpo__h a);
grpo__h grpo__h_logsumexp(grpo__scope *s, grpo__h a); /* last, kept */
grpo__h grpo__h_sum(grpo__scope *s, grpo__h a);       /* of all, rank 0 */
grpo__h grpo__h_sum_last(grpo__scope *s, grpo__h a);  /* kept */
grpo__h grpo__h_mean_last(grpo__scope *s, grpo__h a); /* kept */
grpo__h grpo__h_sum_rows(grpo__scope *s, grpo__h a);  /* over dim 0 */
grpo__h grpo__h_to(grpo__scope *s, grpo__h a, int dtype);
grpo__h grpo__h_reshape(grpo__scope *s, grpo__h a, int rank,
			const int64_t *shape);
grpo__h grpo__h_permute(grpo__scope *s, grpo__h a, int rank,
			const int64_t *order);
grpo__h grpo__h_narrow(grpo__scope *s, grpo__h a, int64_t dim, int64_t start,
		       int64_t n);
grpo__h grpo__h_cat(grpo__scope *s, grpo__h *a, int n, int64_t dim);
grpo__h grpo__h_index(grpo__scope *s, grpo__h a, int64_t dim, grpo__h ids);
/** a[ids] += x along dim, in place; gives a */
grpo__h grpo__h_index_add(grpo__scope *s, grpo__h a, int64_t dim, grpo__h ids,
			  grpo__h x);
grpo__h grpo__h_gather_last(grpo__scope *s, grpo__h a, grpo__h ids);
/** a[..., ids] += x, in place; gives a */
grpo__h grpo__h_scatter_add_last(grpo__scope *s, grpo__h a, grpo__h ids,
				 grpo__h x);
/** softmax(q k' scale + mask) v with q, k, v [B, heads, n, d]; fewer kv heads
 *  are shared; mask is boolean [n_q, n_k] or NULL. */
grpo__h grpo__h_attention(grpo__scope *s, grpo__h q, grpo__h k, grpo__h v,
			  grpo__h mask, double scale);
/** The mask where query i sees keys 0 ... i + n_k - n_q. */
grpo__h grpo__h_causal(grpo__scope *s, int64_t n_q, int64_t n_k, int device);
grpo__h grpo__h_bools(grpo__scope *s, const uint8_t *x, int64_t rows,
		      int64_t columns, int device);
/** A leaf for the gradient of …; then grad of sum(y * dy) with regard to
 *  leaves[n], into grads[n].  The one use of autograd. */
grpo__h grpo__h_leaf(grpo__scope *s, grpo__h a);
void grpo__h_backward(grpo__scope *s, grpo__h y, grpo__h dy, grpo__h *leaves,
		      grpo__h *grads, int n);
/** Gradients are recorded between these two, on this thread. */
int grpo__grad_enabled(int on);

#endif
