/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "torch/tensor_shim.h"

/* c10::ScalarType */
enum {
	TCH_INT32 = 3,
	TCH_INT64 = 4,
	TCH_F32 = 6,
	TCH_BOOL = 11,
	TCH_BF16 = 15
};

#define NO_DTYPE (-1) /* keep the operand's */
#define MAX_RANK 8

/* ------------------------------------------------------ shim and errors */

int grpo__shim_dtype(int dtype)
{
	switch (dtype) {
	case GRPO__F32:
		return TCH_F32;
	case GRPO__BF16:
		return TCH_BF16;
	default:
		return TCH_INT64;
	}
}

static int is_out_of_memory(const char *text)
{
	return strstr(text, "out of memory") ||
	       strstr(text, "not enough memory") ||
	       strstr(text, "can't allocate memory");
}

int grpo__shim_error(const char *what)
{
	char *text = get_and_reset_last_err();
	int code;

	if (!text)
		return 0;
	code = is_out_of_memory(text) ? GRPO_ENOMEM : GRPO_ETORCH;
	text[strcspn(text, "\n")] = '\0';
	grpo__fail(code, "%s: %s", what, text);
	free(text);
	return code;
}

int grpo__tensor_handle(const grpo__tensor *t, struct tch_tensor **out)
{
	grpo__tensor *cache = (grpo__tensor *)t;
	int rc;

	if (!t->handle && t->device != GRPO__CPU)
		return grpo__fail(GRPO_ETORCH, "a tensor has no memory");
	if (!t->handle)
		cache->handle = at_tensor_of_blob(
		    t->data, cache->shape, (size_t)t->rank, NULL, 0,
		    grpo__shim_dtype(t->dtype), GRPO__CPU);
	if (!t->handle) {
		rc = grpo__shim_error("tensor");
		return rc ? rc : grpo__fail(GRPO_ENOMEM, "out of memory");
	}
	*out = t->handle;
	return 0;
}

/* --------------------------------------------------------------- scopes */

int grpo__scope_close(grpo__scope *s)
{
	int rc = s->rc;

	for (size_t i = 0; i < s->n; i++)
		at_free(s->items[i]);
	free(s->items);
	memset(s, 0, sizeof *s);
	return rc;
}

/* Checks an operator that writes in place. */
static void check(grpo__scope *s, const char *what)
{
	int rc = grpo__shim_error(what);

	if (rc && !s->rc)
		s->rc = rc;
}

/* The scope owns what an operator gave; NULL is its failure. */
static grpo__h keep(grpo__scope *s, grpo__h x, const char *what)
{
	if (s->rc) {
		if (x)
			at_free(x);
		return NULL;
	}
	if (!x) {
		check(s, what);
		if (!s->rc)
			s->rc = grpo__fail(GRPO_ETORCH, "%s: no result", what);
		return NULL;
	}
	s->rc = grpo__grow(&s->items, &s->cap, s->n + 1, sizeof *s->items);
	if (s->rc) {
		at_free(x);
		return NULL;
	}
	return s->items[s->n++] = x;
}

/* ----------------------------------------------------- to and from host */

grpo__h grpo__h_from(grpo__scope *s, const grpo__tensor *t)
{
	grpo__h x = NULL;

	if (!s->rc)
		s->rc = grpo__tensor_handle(t, &x);
	return x;
}

/* A copy of host memory on a device. */
static grpo__h from_host(grpo__scope *s, const void *data, int64_t rows,
			 int64_t columns, size_t size, int type, int device)
{
	int64_t shape[] = {rows, columns};
	grpo__h x = NULL, y = NULL;

	if (s->rc)
		return NULL;
	x = keep(s,
		 at_tensor_of_data(data ? (void *)data : shape, shape,
				   columns < 0 ? 1 : 2, size, type),
		 "tensor");
	if (s->rc || device == GRPO__CPU)
		return x;
	atg_to(&y, x, device);
	return keep(s, y, "to");
}

grpo__h grpo__h_ints(grpo__scope *s, const int64_t *x, int64_t n, int device)
{
	return from_host(s, x, n, -1, sizeof *x, TCH_INT64, device);
}

/* int64 on the device, for every operator takes those as an index. */
grpo__h grpo__h_ids(grpo__scope *s, const int32_t *x, int64_t n, int device)
{
	grpo__h a = from_host(s, x, n, -1, sizeof *x, TCH_INT32, device);

	return grpo__h_to(s, a, GRPO__I64);
}

grpo__h grpo__h_floats(grpo__scope *s, const float *x, int64_t n, int device)
{
	return from_host(s, x, n, -1, sizeof *x, TCH_F32, device);
}

grpo__h grpo__h_bools(grpo__scope *s, const uint8_t *x, int64_t rows,
		      int64_t columns, int device)
{
	return from_host(s, x, rows, columns, sizeof *x, TCH_BOOL, device);
}

static int64_t count(grpo__h x)
{
	int64_t shape[MAX_RANK], n = 1;
	size_t rank = at_dim(x);

	if (rank > MAX_RANK)
		return -1;
	at_shape(x, shape);
	for (size_t i = 0; i < rank; i++)
		n *= shape[i];
	return n;
}

/* x in the shape of t; libtorch would repeat it where it is too small. */
static grpo__h shaped_like(grpo__scope *s, grpo__h x, const grpo__tensor *t)
{
	int64_t n = 1;

	if (s->rc)
		return NULL;
	for (int i = 0; i < t->rank; i++)
		n *= t->shape[i];
	if (count(x) != n) {
		s->rc = grpo__fail(GRPO_ETORCH,
				   "%lld elements can't be stored as %lld",
				   (long long)count(x), (long long)n);
		return NULL;
	}
	return grpo__h_reshape(s, x, t->rank, t->shape);
}

void grpo__h_store(grpo__scope *s, grpo__tensor *dst, grpo__h x)
{
	grpo__h d = grpo__h_from(s, dst), y = shaped_like(s, x, dst);

	grpo__h_assign(s, d, y);
}

void grpo__h_assign(grpo__scope *s, grpo__h dst, grpo__h x)
{
	if (s->rc)
		return;
	at_copy_(dst, x);
	check(s, "copy");
}

void grpo__h_accumulate(grpo__scope *s, grpo__tensor *dst, grpo__h x)
{
	grpo__h d = grpo__h_from(s, dst), y = shaped_like(s, x, dst);
	grpo__h same = NULL;

	if (s->rc)
		return;
	atg_add_(&same, d, y);
	keep(s, same, "add_");
}

void grpo__h_read(grpo__scope *s, float *dst, grpo__h x, int64_t n)
{
	grpo__h y = grpo__h_to(s, x, GRPO__F32);

	if (s->rc)
		return;
	if (count(y) != n) {
		s->rc = grpo__fail(GRPO_ETORCH,
				   "%lld elements can't be read as %lld",
				   (long long)count(y), (long long)n);
		return;
	}
	at_copy_data(y, dst, (size_t)n, sizeof *dst);
	check(s, "read");
}

/* ------------------------------------------------------------ operators */

typedef void unary_op(struct tch_tensor **, struct tch_tensor *);
typedef void binary_op(struct tch_tensor **, struct tch_tensor *,
		       struct tch_tensor *);
typedef void scalar_op(struct tch_tensor **, struct tch_tensor *,
		       struct tch_scalar *);

static grpo__h unary(grpo__scope *s, unary_op *op, grpo__h a, const char *name)
{
	grpo__h y = NULL;

	if (!s->rc)
		op(&y, a);
	return keep(s, y, name);
}

static grpo__h binary(grpo__scope *s, binary_op *op, grpo__h a, grpo__h b,
		      const char *name)
{
	grpo__h y = NULL;

	if (!s->rc)
		op(&y, a, b);
	return keep(s, y, name);
}

static grpo__h with_scalar(grpo__scope *s, scalar_op *op, grpo__h a, double x,
			   const char *name)
{
	struct tch_scalar *scalar;
	grpo__h y = NULL;

	if (s->rc)
		return NULL;
	scalar = ats_float(x);
	if (scalar)
		op(&y, a, scalar);
	if (scalar)
		ats_free(scalar);
	return keep(s, y, name);
}

grpo__h grpo__h_add(grpo__scope *s, grpo__h a, grpo__h b)
{
	return binary(s, atg_add, a, b, "add");
}

grpo__h grpo__h_sub(grpo__scope *s, grpo__h a, grpo__h b)
{
	return binary(s, atg_sub, a, b, "sub");
}

grpo__h grpo__h_mul(grpo__scope *s, grpo__h a, grpo__h b)
{
	return binary(s, atg_mul, a, b, "mul");
}

grpo__h grpo__h_div(grpo__scope *s, grpo__h a, grpo__h b)
{
	return binary(s, atg_div, a, b, "div");
}

grpo__h grpo__h_scale(grpo__scope *s, grpo__h a, double x)
{
	return with_scalar(s, atg_mul_scalar, a, x, "mul");
}

grpo__h grpo__h_shift(grpo__scope *s, grpo__h a, double x)
{
	return with_scalar(s, atg_add_scalar, a, x, "add");
}

grpo__h grpo__h_sqrt(grpo__scope *s, grpo__h a)
{
	return unary(s, atg_sqrt, a, "sqrt");
}

grpo__h grpo__h_rsqrt(grpo__scope *s, grpo__h a)
{
	return unary(s, atg_rsqrt, a, "rsqrt");
}

grpo__h grpo__h_exp(grpo__scope *s, grpo__h a)
{
	return unary(s, atg_exp, a, "exp");
}

grpo__h grpo__h_silu(grpo__scope *s, grpo__h a)
{
	return unary(s, atg_silu, a, "silu");
}

grpo__h grpo__h_sigmoid(grpo__scope *s, grpo__h a)
{
	return unary(s, atg_sigmoid, a, "sigmoid");
}

grpo__h grpo__h_logsumexp(grpo__scope *s, grpo__h a)
{
	int64_t last = -1;
	grpo__h y = NULL;

	if (!s->rc)
		atg_logsumexp(&y, a, &last, 1, 1);
	return keep(s, y, "logsumexp");
}

static grpo__h sum_of(grpo__scope *s, grpo__h a, int64_t dim, int keep_dim)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_sum_dim_intlist(&y, a, &dim, 1, keep_dim, NO_DTYPE);
	return keep(s, y, "sum");
}

grpo__h grpo__h_sum(grpo__scope *s, grpo__h a)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_sum(&y, a, NO_DTYPE);
	return keep(s, y, "sum");
}

grpo__h grpo__h_sum_last(grpo__scope *s, grpo__h a)
{
	return sum_of(s, a, -1, 1);
}

grpo__h grpo__h_sum_rows(grpo__scope *s, grpo__h a)
{
	return sum_of(s, a, 0, 0);
}

grpo__h grpo__h_mean_last(grpo__scope *s, grpo__h a)
{
	int64_t last = -1;
	grpo__h y = NULL;

	if (!s->rc)
		atg_mean_dim(&y, a, &last, 1, 1, NO_DTYPE);
	return keep(s, y, "mean");
}

grpo__h grpo__h_to(grpo__scope *s, grpo__h a, int dtype)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_to_dtype(&y, a, grpo__shim_dtype(dtype), 0, 0);
	return keep(s, y, "to");
}

/* -------------------------------------------------- shapes and indexing */

grpo__h grpo__h_reshape(grpo__scope *s, grpo__h a, int rank,
			const int64_t *shape)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_reshape(&y, a, (int64_t *)shape, rank);
	return keep(s, y, "reshape");
}

grpo__h grpo__h_permute(grpo__scope *s, grpo__h a, int rank,
			const int64_t *order)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_permute(&y, a, (int64_t *)order, rank);
	return keep(s, y, "permute");
}

grpo__h grpo__h_narrow(grpo__scope *s, grpo__h a, int64_t dim, int64_t start,
		       int64_t n)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_narrow(&y, a, dim, start, n);
	return keep(s, y, "narrow");
}

grpo__h grpo__h_cat(grpo__scope *s, grpo__h *a, int n, int64_t dim)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_cat(&y, a, n, dim);
	return keep(s, y, "cat");
}

grpo__h grpo__h_index(grpo__scope *s, grpo__h a, int64_t dim, grpo__h ids)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_index_select(&y, a, dim, ids);
	return keep(s, y, "index_select");
}

grpo__h grpo__h_index_add(grpo__scope *s, grpo__h a, int64_t dim, grpo__h ids,
			  grpo__h x)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_index_add_(&y, a, dim, ids, x);
	return keep(s, y, "index_add_");
}

grpo__h grpo__h_gather_last(grpo__scope *s, grpo__h a, grpo__h ids)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_gather(&y, a, -1, ids, 0);
	return keep(s, y, "gather");
}

grpo__h grpo__h_scatter_add_last(grpo__scope *s, grpo__h a, grpo__h ids,
				 grpo__h x)
{
	grpo__h y = NULL;

	if (!s->rc)
		atg_scatter_add_(&y, a, -1, ids, x);
	return keep(s, y, "scatter_add_");
}

/* ------------------------------------------------------------ attention */

grpo__h grpo__h_causal(grpo__scope *s, int64_t n_q, int64_t n_k, int device)
{
	int64_t shape[] = {n_q, n_k};
	grpo__h x = NULL, y = NULL;

	if (!s->rc)
		atg_ones(&x, shape, 2, TCH_BOOL, device);
	x = keep(s, x, "ones");
	if (!s->rc)
		atg_tril(&y, x, n_k - n_q);
	return keep(s, y, "tril");
}

/*
 * x [B, heads, n, d] with each head `rep` times, side by side.  libtorch's
 * enable_gqa would do it too, but then refuses its faster forms with a mask.
 */
static grpo__h repeat_heads(grpo__scope *s, grpo__h x, int64_t rep)
{
	int64_t shape[MAX_RANK] = {0};
	grpo__h y = NULL;

	at_shape(x, shape);
	x = grpo__h_reshape(
	    s, x, 5, (int64_t[]){shape[0], shape[1], 1, shape[2], shape[3]});
	if (!s->rc)
		atg_expand(
		    &y, x,
		    (int64_t[]){shape[0], shape[1], rep, shape[2], shape[3]}, 5,
		    0);
	y = keep(s, y, "expand");
	return grpo__h_reshape(
	    s, y, 4, (int64_t[]){shape[0], shape[1] * rep, shape[2], shape[3]});
}

grpo__h grpo__h_attention(grpo__scope *s, grpo__h q, grpo__h k, grpo__h v,
			  grpo__h mask, double scale)
{
	int64_t of_q[MAX_RANK] = {0}, of_k[MAX_RANK] = {0};
	grpo__h y = NULL;

	if (s->rc)
		return NULL;
	if (at_dim(q) != 4 || at_dim(k) != 4 || at_dim(v) != 4) {
		s->rc = grpo__fail(GRPO_ETORCH, "attention: rank is not 4");
		return NULL;
	}
	at_shape(q, of_q);
	at_shape(k, of_k);
	if (of_q[1] != of_k[1]) {
		k = repeat_heads(s, k, of_q[1] / of_k[1]);
		v = repeat_heads(s, v, of_q[1] / of_k[1]);
	}
	if (!s->rc)
		atg_scaled_dot_product_attention(&y, q, k, v, mask, 0.0, 0,
						 scale, 0, 0);
	return keep(s, y, "attention");
}

/* ------------------------------------------------------------- autograd */

int grpo__grad_enabled(int on)
{
	return at_grad_set_enabled(on);
}

grpo__h grpo__h_leaf(grpo__scope *s, grpo__h a)
{
	grpo__h x = unary(s, atg_detach, a, "detach"), y = NULL;

	if (!s->rc)
		atg_set_requires_grad(&y, x, 1);
	return keep(s, y, "set_requires_grad");
}

/* at_run_backward takes no gradient of y: that of sum(y dy) to y is dy. */
void grpo__h_backward(grpo__scope *s, grpo__h y, grpo__h dy, grpo__h *leaves,
		      grpo__h *grads, int n)
{
	grpo__h loss = grpo__h_mul(s, y, dy);

	for (int i = 0; i < n; i++)
		grads[i] = NULL;
	loss = grpo__h_sum(s, loss);
	if (!s->rc && at_requires_grad(loss) != 1)
		s->rc = grpo__fail(GRPO_ETORCH,
				   "backward: no gradient was recorded");
	if (s->rc)
		return;
	at_run_backward(&loss, 1, leaves, n, grads, 0, 0);
	for (int i = 0; i < n; i++) {
		grads[i] = keep(s, grads[i], "backward");
		if (!s->rc && !at_defined(grads[i]))
			s->rc = grpo__fail(GRPO_ETORCH,
					   "backward: leaf %d "
					   "is not used",
					   i);
	}
}
