/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"
#include "data/safetensors.h"
#include "torch/tensor.h"
#include "torch/tensor_shim.h"

#define ALIGNMENT 64

int64_t grpo__tensor_count(const grpo__tensor *t)
{
	int64_t n = 1;

	for (int i = 0; i < t->rank; i++)
		n *= t->shape[i];
	return n;
}

size_t grpo__dtype_size(int dtype)
{
	static const size_t size[] = {4, 2, 8};

	return size[dtype];
}

static void describe(grpo__tensor *t, int dtype, int device, int rank,
		     const int64_t *shape)
{
	memset(t, 0, sizeof *t);
	t->dtype = dtype;
	t->device = device;
	t->rank = rank;
	memcpy(t->shape, shape, sizeof *shape * (size_t)rank);
}

/* Zeroed and aligned for the widest vectors; at least one element. */
static void *aligned_zeros(size_t n, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(n ? n : 1, size, &bytes) ||
	    __builtin_add_overflow(bytes, ALIGNMENT - 1, &bytes))
		bytes = SIZE_MAX;
	bytes -= bytes % ALIGNMENT;
	p = bytes > SIZE_MAX / 2 ? NULL : aligned_alloc(ALIGNMENT, bytes);
	if (!p) {
		grpo__fail(GRPO_ENOMEM, "out of memory: %zu bytes", bytes);
		return NULL;
	}
	return memset(p, 0, bytes);
}

int grpo__tensor_create(grpo__tensor *out, int dtype, int device, int rank,
			const int64_t *shape)
{
	struct tch_tensor *h = NULL;
	grpo__tensor t;

	describe(&t, dtype, device, rank, shape);
	if (device == GRPO__CPU) {
		t.data = aligned_zeros((size_t)grpo__tensor_count(&t),
				       grpo__dtype_size(dtype));
		if (!t.data)
			return GRPO_ENOMEM;
		t.owned = 1;
	} else {
		atg_zeros(&h, t.shape, rank, grpo__shim_dtype(dtype), device);
		if (!h)
			return grpo__shim_error("zeros");
		t.handle = h;
	}
	*out = t;
	return 0;
}

int grpo__tensor_view(grpo__tensor *out, const grpo__tensor *base,
		      int64_t offset, int rank, const int64_t *shape)
{
	struct tch_tensor *h, *flat = NULL, *part = NULL, *view = NULL;
	int64_t minus_one = -1;
	grpo__tensor t;
	int rc = 0;

	describe(&t, base->dtype, base->device, rank, shape);
	if (base->device == GRPO__CPU) {
		t.data = (char *)base->data +
			 (size_t)offset * grpo__dtype_size(base->dtype);
		*out = t;
		return 0;
	}
	GRPO_TRY(grpo__tensor_handle(base, &h));
	atg_view(&flat, h, &minus_one, 1);
	if (flat)
		atg_narrow(&part, flat, 0, offset, grpo__tensor_count(&t));
	if (part)
		atg_view(&view, part, t.shape, rank);
	if (!view)
		GRPO_TRY(grpo__shim_error("view"));
	t.handle = view;
	*out = t;
out:
	if (flat)
		at_free(flat);
	if (part)
		at_free(part);
	return rc;
}

void *grpo__tensor_memory(const grpo__tensor *t)
{
	return t->data ? t->data : t->handle ? at_data_ptr(t->handle) : NULL;
}

void grpo__tensor_wrap(grpo__tensor *out, float *data, int64_t rows,
		       int64_t columns)
{
	int64_t shape[2] = {rows, columns};

	describe(out, GRPO__F32, GRPO__CPU, 2, shape);
	out->data = data;
}

void grpo__tensor_free(grpo__tensor *t)
{
	if (!t)
		return;
	if (t->handle)
		at_free(t->handle);
	if (t->owned)
		free(t->data);
	memset(t, 0, sizeof *t);
}

int grpo__tensor_write(grpo__tensor *t, const float *src)
{
	size_t n = (size_t)grpo__tensor_count(t);
	grpo__tensor host;

	if (grpo__is_plain(t)) {
		memcpy(t->data, src, n * sizeof *src);
		return 0;
	}
	if (t->device == GRPO__CPU && t->dtype == GRPO__BF16) {
		grpo__f32_to_bf16(t->data, src, n);
		return 0;
	}
	describe(&host, GRPO__F32, GRPO__CPU, t->rank, t->shape);
	host.data = (void *)(uintptr_t)src;
	return grpo__tensor_copy(t, &host);
}

int grpo__tensor_read(const grpo__tensor *t, float *dst)
{
	size_t n = (size_t)grpo__tensor_count(t);
	grpo__tensor host;
	int rc;

	if (grpo__is_plain(t)) {
		memcpy(dst, t->data, n * sizeof *dst);
		return 0;
	}
	if (t->device == GRPO__CPU && t->dtype == GRPO__BF16) {
		grpo__bf16_to_f32(dst, t->data, n);
		return 0;
	}
	describe(&host, GRPO__F32, GRPO__CPU, t->rank, t->shape);
	host.data = dst;
	rc = grpo__tensor_copy(&host, t);
	grpo__tensor_free(&host);
	return rc;
}

int grpo__tensor_zero(grpo__tensor *t)
{
	struct tch_tensor *h, *same = NULL;
	int rc = 0;

	if (t->device == GRPO__CPU) {
		memset(t->data, 0,
		       (size_t)grpo__tensor_count(t) *
			   grpo__dtype_size(t->dtype));
		return 0;
	}
	GRPO_TRY(grpo__tensor_handle(t, &h));
	atg_zero_(&same, h);
	if (!same)
		GRPO_TRY(grpo__shim_error("zero_"));
	at_free(same);
out:
	return rc;
}

int grpo__tensor_copy(grpo__tensor *dst, const grpo__tensor *src)
{
	struct tch_tensor *d, *s;
	int rc = 0;

	if (grpo__is_plain(dst) && grpo__is_plain(src)) {
		memcpy(dst->data, src->data,
		       (size_t)grpo__tensor_count(dst) * sizeof(float));
		return 0;
	}
	GRPO_TRY(grpo__tensor_handle(dst, &d));
	GRPO_TRY(grpo__tensor_handle(src, &s));
	at_copy_(d, s);
	GRPO_TRY(grpo__shim_error("copy_"));
out:
	return rc;
}

/* op(t) as libtorch sees it: on the CPU a view with its own strides. */
static struct tch_tensor *matmul_operand(const grpo__tensor *t, int transpose)
{
	struct tch_tensor *h = NULL, *r = NULL;
	int64_t dims[2] = {t->shape[0], t->shape[1]};
	int64_t strides[2] = {t->shape[1], 1};

	if (t->device == GRPO__CPU) {
		if (transpose) {
			dims[0] = t->shape[1], dims[1] = t->shape[0];
			strides[0] = 1, strides[1] = t->shape[1];
		}
		return at_tensor_of_blob(t->data, dims, 2, strides, 2,
					 grpo__shim_dtype(t->dtype), -1);
	}
	if (grpo__tensor_handle(t, &h) < 0)
		return NULL;
	if (!transpose)
		return at_shallow_clone(h);
	atg_t(&r, h);
	return r;
}

int grpo__matmul(grpo__tensor *c, const grpo__tensor *a, int transpose_a,
		 const grpo__tensor *b, int transpose_b, int accumulate)
{
	struct tch_tensor *x, *y = NULL, *z = NULL, *same = NULL;
	int rc = 0;

	if (!c->shape[0] || !c->shape[1])
		return 0;
	x = matmul_operand(a, transpose_a);
	if (x)
		y = matmul_operand(b, transpose_b);
	if (y)
		z = matmul_operand(c, 0);
	if (z && accumulate)
		atg_addmm_out(&same, z, z, x, y);
	else if (z)
		atg_mm_out(&same, z, x, y);
	if (!same)
		rc = grpo__shim_error("matrix product");
	else
		at_free(same);
	if (z)
		at_free(z);
	if (y)
		at_free(y);
	if (x)
		at_free(x);
	return rc;
}

/* -------------------------------------------------------------- scratch */

struct chunk {
	char *data;
	size_t size;
};

struct grpo__workspace {
	int device;
	struct chunk *chunks;
	size_t n_chunks, cap_chunks;
	size_t chunk, used;    /* the chunk in use, and bytes of it */
	grpo__tensor *tensors; /* of other devices */
	size_t n_tensors, cap_tensors;
};

#define CHUNK ((size_t)1 << 24)

int grpo__workspace_create(grpo__workspace **out, int device)
{
	*out = grpo__alloc(1, sizeof **out);
	if (!*out)
		return GRPO_ENOMEM;
	(*out)->device = device;
	return 0;
}

static void free_chunks(grpo__workspace *w)
{
	for (size_t i = 0; i < w->n_chunks; i++)
		free(w->chunks[i].data);
	w->n_chunks = w->chunk = w->used = 0;
}

/* One chunk more, of at least `bytes`. */
static int add_chunk(grpo__workspace *w, size_t bytes)
{
	struct chunk *c;
	int rc = 0;

	GRPO_TRY(grpo__grow(&w->chunks, &w->cap_chunks, w->n_chunks + 1,
			    sizeof *w->chunks));
	c = &w->chunks[w->n_chunks];
	c->size = (bytes + CHUNK - 1) / CHUNK * CHUNK;
	c->data = aligned_alloc(ALIGNMENT, c->size);
	GRPO_FAIL_IF(!c->data, GRPO_ENOMEM, "out of memory: %zu bytes",
		     c->size);
	w->chunk = w->n_chunks++;
	w->used = 0;
out:
	return rc;
}

/* Room for `bytes` in the chunk in use, or in the ones after it. */
static int make_room(grpo__workspace *w, size_t bytes)
{
	while (w->chunk < w->n_chunks) {
		if (w->used + bytes <= w->chunks[w->chunk].size)
			return 0;
		w->chunk++;
		w->used = 0;
	}
	return add_chunk(w, bytes);
}

/* Where a round needed several chunks, the next finds one that holds all:
 * rounds of changing sizes would else leave more and more holes. */
static void join_chunks(grpo__workspace *w)
{
	size_t bytes = 0;

	if (w->n_chunks < 2)
		return;
	for (size_t i = 0; i < w->n_chunks; i++)
		bytes += w->chunks[i].size;
	free_chunks(w);
	/* without the memory now, the next take says so */
	if (add_chunk(w, bytes) < 0)
		free_chunks(w);
}

int grpo__workspace_take(grpo__workspace *w, grpo__tensor *out, int dtype,
			 int64_t rows, int64_t columns)
{
	int64_t shape[2] = {rows, columns};
	size_t bytes;
	int rc = 0;

	if (w->device != GRPO__CPU) {
		GRPO_TRY(grpo__grow(&w->tensors, &w->cap_tensors,
				    w->n_tensors + 1, sizeof *w->tensors));
		GRPO_TRY(grpo__tensor_create(out, dtype, w->device, 2, shape));
		w->tensors[w->n_tensors++] = *out;
		return 0;
	}
	describe(out, dtype, GRPO__CPU, 2, shape);
	bytes = (size_t)(rows * columns) * grpo__dtype_size(dtype);
	bytes = (bytes + ALIGNMENT) / ALIGNMENT * ALIGNMENT;
	GRPO_TRY(make_room(w, bytes));
	out->data = w->chunks[w->chunk].data + w->used;
	w->used += bytes;
out:
	return rc;
}

grpo__workspace_mark grpo__workspace_here(const grpo__workspace *w)
{
	return (grpo__workspace_mark){w->chunk, w->used, w->n_tensors};
}

void grpo__workspace_back(grpo__workspace *w, grpo__workspace_mark mark)
{
	w->chunk = mark.chunk;
	w->used = mark.used;
	while (w->n_tensors > mark.tensors)
		grpo__tensor_free(&w->tensors[--w->n_tensors]);
	if (mark.chunk == 0 && mark.used == 0)
		join_chunks(w);
}

void grpo__workspace_free(grpo__workspace *w)
{
	if (!w)
		return;
	grpo__workspace_back(w, (grpo__workspace_mark){0, 0, 0});
	free_chunks(w);
	free(w->chunks);
	free(w->tensors);
	free(w);
}
