/* SPDX-License-Identifier: MIT */
/*
 * A model's folder in shards (data/safetensors.h): the input is its index,
 * the shards "a" and "b" hold two tensors each.
 */
#include "data/safetensors.h"

#include <string.h>

#include "tests/fuzz/fuzz.h"

static void write_shard(const char *name, const char *first, const char *second)
{
	static const unsigned char data[8];
	const grpo__st_tensor t[] = {{.name = first,
				      .dtype = GRPO__ST_F32,
				      .rank = 1,
				      .shape = {2},
				      .data = data,
				      .n_bytes = 8},
				     {.name = second,
				      .dtype = GRPO__ST_U8,
				      .rank = 0,
				      .data = data,
				      .n_bytes = 1}};

	fuzz_require(grpo__st_write(fuzz_file(name, "", 0), t, 2, NULL, NULL) ==
		     0);
}

static void check_tensors(const grpo__st_folder *f)
{
	size_t i, n = grpo__st_folder_count(f);

	for (i = 0; i < n; i++) {
		const grpo__st_tensor *t = grpo__st_folder_at(f, i);

		fuzz_require(grpo__st_folder_find(f, t->name) == t);
	}
	fuzz_require(grpo__st_folder_at(f, n) == NULL);
	fuzz_require(grpo__st_folder_find(f, "none") == NULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static int ready;
	grpo__st_folder *f;
	int rc;

	if (!ready++) {
		write_shard("a", "embed", "x");
		write_shard("b", "head", "y");
	}
	fuzz_file("model.safetensors.index.json", data, size);
	rc = grpo__st_folder_open(&f, fuzz_folder());
	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (f != NULL));
	if (f)
		check_tensors(f);
	grpo__st_folder_close(f);
	return 0;
}
