/* SPDX-License-Identifier: MIT */
/*
 * safetensors (data/safetensors.h): the tensors of a file that opens are all
 * of its data, and those that we write come back as they were.
 */
#include "data/safetensors.h"

#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "tests/fuzz/fuzz.h"

/* Where the data begins in the file: after its header's length and header. */
static size_t data_start(const uint8_t *data)
{
	uint64_t n = 0;
	int i;

	for (i = 7; i >= 0; i--)
		n = n << 8 | data[i];
	return 8 + (size_t)n;
}

/* Each tensor's bytes are the file's, and the last one ends with it. */
static void check_data(const grpo__st_file *f, const uint8_t *data, size_t size)
{
	size_t i, at = data_start(data), total = at;
	const char *start = NULL;

	for (i = 0; i < grpo__st_count(f); i++) {
		const grpo__st_tensor *t = grpo__st_at(f, i);

		if (!start || (const char *)t->data < start)
			start = t->data;
		total += t->n_bytes;
	}
	fuzz_require(total == size);
	for (i = 0; i < grpo__st_count(f); i++) {
		const grpo__st_tensor *t = grpo__st_at(f, i);
		size_t offset = (size_t)((const char *)t->data - start);

		fuzz_require(offset <= size - at &&
			     t->n_bytes <= size - at - offset);
		fuzz_require(t->n_bytes == 0 ||
			     memcmp(t->data, data + at + offset, t->n_bytes) ==
				 0);
	}
}

static void convert(const grpo__st_tensor *t)
{
	size_t n = t->n_bytes / 2;
	float *x = malloc((n + 1) * sizeof *x);

	fuzz_require(x != NULL);
	if (t->dtype == GRPO__ST_BF16)
		grpo__bf16_to_f32(x, t->data, n);
	else if (t->dtype == GRPO__ST_F16)
		grpo__f16_to_f32(x, t->data, n);
	free(x);
}

static void check_shape(const grpo__st_tensor *t)
{
	static const size_t size[] = {4, 2, 2, 8, 8, 4, 1};
	size_t n = 1;
	int i;

	fuzz_require(t->rank >= 0 && t->rank <= GRPO__ST_MAX_RANK);
	if (t->dtype == GRPO__ST_OTHER)
		return;
	for (i = 0; i < t->rank; i++)
		n *= (size_t)t->shape[i];
	fuzz_require(n * size[t->dtype] == t->n_bytes);
}

static int same(const grpo__st_tensor *a, const grpo__st_tensor *b)
{
	return b && strcmp(a->name, b->name) == 0 && a->dtype == b->dtype &&
	       a->rank == b->rank && a->n_bytes == b->n_bytes &&
	       memcmp(a->shape, b->shape, (size_t)a->rank * sizeof *a->shape) ==
		   0 &&
	       (a->n_bytes == 0 || memcmp(a->data, b->data, a->n_bytes) == 0);
}

static void check_written(const grpo__st_tensor *list, size_t n)
{
	const char *path = fuzz_file("written.safetensors", "", 0);
	grpo__st_file *f;
	size_t i;

	fuzz_require(grpo__st_write(path, list, n, NULL, NULL) == 0);
	fuzz_require(grpo__st_open(&f, path) == 0);
	fuzz_require(grpo__st_count(f) == n);
	for (i = 0; i < n; i++)
		fuzz_require(same(&list[i], grpo__st_find(f, list[i].name)));
	grpo__st_close(f);
}

/* Of those that can be written, a copy into list; returns how many. */
static size_t check_tensors(const grpo__st_file *f, grpo__st_tensor *list)
{
	size_t i, n = 0;

	for (i = 0; i < grpo__st_count(f); i++) {
		const grpo__st_tensor *t = grpo__st_at(f, i);

		fuzz_require(grpo__st_find(f, t->name) == t);
		check_shape(t);
		convert(t);
		if (t->dtype != GRPO__ST_OTHER)
			list[n++] = *t;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *path = fuzz_file("one.safetensors", data, size);
	grpo__st_tensor *list;
	grpo__st_file *f;
	int rc = grpo__st_open(&f, path);

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (f != NULL));
	if (!f)
		return 0;
	list = malloc((grpo__st_count(f) + 1) * sizeof *list);
	fuzz_require(list != NULL);
	check_data(f, data, size);
	check_written(list, check_tensors(f, list));
	free(list);
	grpo__st_close(f);
	return 0;
}
