/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "data/safetensors_dtype.h"

static int check_tensor(const grpo__st_tensor *t, int has_fetch,
			const char *path)
{
	const struct grpo__st_dtype_info *info = grpo__st_dtype_info(t->dtype);
	size_t bytes = 0;
	int rc = 0;

	GRPO_FAIL_IF(!t->name || !strcmp(t->name, "__metadata__"), GRPO_EINVAL,
		     "%s: a tensor needs a name other than __metadata__", path);
	GRPO_FAIL_IF(!info, GRPO_EINVAL,
		     "%s: tensor \"%s\": cannot write this dtype", path,
		     t->name);
	GRPO_FAIL_IF(
	    t->rank < 0 || t->rank > GRPO__ST_MAX_RANK ||
		grpo__st_bytes(&bytes, t->shape, t->rank, info->bits) < 0,
	    GRPO_EINVAL, "%s: tensor \"%s\": not a shape", path, t->name);
	GRPO_FAIL_IF(bytes != t->n_bytes, GRPO_EINVAL,
		     "%s: tensor \"%s\": shape and dtype need %zu bytes, "
		     "n_bytes is %zu",
		     path, t->name, bytes, t->n_bytes);
	GRPO_FAIL_IF(!t->data && !has_fetch && bytes, GRPO_EINVAL,
		     "%s: tensor \"%s\": no data", path, t->name);
out:
	return rc;
}

/* The reference's order: its dtypes from the last, then names. */
static int file_order(const void *a, const void *b)
{
	const grpo__st_tensor *const *x = a, *const *y = b;
	const struct grpo__st_dtype_info *d, *e;

	d = grpo__st_dtype_info((*x)->dtype);
	e = grpo__st_dtype_info((*y)->dtype);
	if (d != e)
		return d > e ? -1 : 1; /* both in one table */
	return strcmp((*x)->name, (*y)->name);
}

static int by_name(const void *a, const void *b)
{
	const grpo__st_tensor *const *x = a, *const *y = b;

	return strcmp((*x)->name, (*y)->name);
}

/* Checks all, and leaves them in the order of the file. */
static int sort_tensors(const grpo__st_tensor **sorted,
			const grpo__st_tensor *tensors, size_t n, int has_fetch,
			const char *path)
{
	size_t i;
	int rc = 0;

	for (i = 0; i < n; i++) {
		GRPO_TRY(check_tensor(&tensors[i], has_fetch, path));
		sorted[i] = &tensors[i];
	}
	qsort(sorted, n, sizeof *sorted, by_name);
	for (i = 1; i < n; i++)
		GRPO_FAIL_IF(!strcmp(sorted[i - 1]->name, sorted[i]->name),
			     GRPO_EINVAL, "%s: tensor \"%s\" appears twice",
			     path, sorted[i]->name);
	qsort(sorted, n, sizeof *sorted, file_order);
out:
	return rc;
}

static int put_entry(grpo__buf *b, const grpo__st_tensor *t, uint64_t begin)
{
	int i, rc = 0;

	GRPO_TRY(grpo__json_quote(b, t->name, strlen(t->name)));
	GRPO_TRY(grpo__buf_printf(b, ":{\"dtype\":\"%s\",\"shape\":[",
				  grpo__st_dtype_info(t->dtype)->name));
	for (i = 0; i < t->rank; i++)
		GRPO_TRY(grpo__buf_printf(b, "%s%" PRId64, i ? "," : "",
					  t->shape[i]));
	rc =
	    grpo__buf_printf(b, "],\"data_offsets\":[%" PRIu64 ",%" PRIu64 "]}",
			     begin, begin + t->n_bytes);
out:
	return rc;
}

/* Padded with spaces, so that the data starts at a multiple of 8. */
static int put_header(grpo__buf *b, const grpo__st_tensor **t, size_t n,
		      const char *path)
{
	uint64_t begin = 0;
	size_t i;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(b, "{\"__metadata__\":{\"format\":\"pt\"}"));
	for (i = 0; i < n; i++) {
		GRPO_TRY(grpo__buf_add(b, ",", 1));
		GRPO_TRY(put_entry(b, t[i], begin));
		begin += t[i]->n_bytes;
	}
	GRPO_TRY(grpo__buf_add(b, "}", 1));
	while (b->len % 8)
		GRPO_TRY(grpo__buf_add(b, " ", 1));
	GRPO_FAIL_IF(b->len > GRPO__ST_MAX_HEADER, GRPO_EINVAL,
		     "%s: the header for %zu tensors is too large", path, n);
out:
	return rc;
}

static int write_header(grpo__new_file *f, const grpo__buf *header)
{
	unsigned char length[8];
	int i, rc = 0;

	for (i = 0; i < 8; i++)
		length[i] = (unsigned char)((uint64_t)header->len >> 8 * i);
	GRPO_TRY(grpo__new_file_write(f, length, sizeof length));
	rc = grpo__new_file_write(f, header->data, header->len);
out:
	return rc;
}

static size_t largest_fetched(const grpo__st_tensor **t, size_t n)
{
	size_t i, bytes = 0;

	for (i = 0; i < n; i++)
		if (!t[i]->data && t[i]->n_bytes > bytes)
			bytes = t[i]->n_bytes;
	return bytes;
}

/* All fetched tensors share one buffer, so the model need not fit in memory
 * twice. */
static int write_data(grpo__new_file *f, const grpo__st_tensor **t, size_t n,
		      grpo__st_fetch fetch, void *ctx)
{
	const void *data;
	void *buffer;
	size_t i;
	int rc = 0;

	buffer = grpo__alloc(largest_fetched(t, n), 1);
	if (!buffer)
		return GRPO_ENOMEM;
	for (i = 0; i < n; i++) {
		data = t[i]->data;
		if (!data && t[i]->n_bytes) {
			/* NOLINTNEXTLINE: sort_tensors asked for fetch */
			GRPO_TRY(fetch(ctx, t[i], buffer));
			data = buffer;
		}
		GRPO_TRY(grpo__new_file_write(f, data, t[i]->n_bytes));
	}
out:
	free(buffer);
	return rc;
}

int grpo__st_write(const char *path, const grpo__st_tensor *tensors, size_t n,
		   grpo__st_fetch fetch, void *ctx)
{
	const grpo__st_tensor **sorted;
	grpo__new_file f = {.fd = -1};
	grpo__buf header = {0};
	int rc = 0;

	sorted = grpo__alloc(n, sizeof *sorted);
	if (!sorted)
		return GRPO_ENOMEM;
	GRPO_TRY(sort_tensors(sorted, tensors, n, fetch != NULL, path));
	GRPO_TRY(put_header(&header, sorted, n, path));
	GRPO_TRY(grpo__new_file_create(&f, path));
	GRPO_TRY(write_header(&f, &header));
	GRPO_TRY(write_data(&f, sorted, n, fetch, ctx));
	rc = grpo__new_file_commit(&f);
out:
	grpo__new_file_discard(&f);
	grpo__buf_dispose(&header);
	free(sorted);
	return rc;
}
