/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_SAFETENSORS_DTYPE_H
#define GRPO_DATA_SAFETENSORS_DTYPE_H

#include "data/safetensors.h"

/* The reference refuses larger headers, in reading and in writing. */
#define GRPO__ST_MAX_HEADER 100000000

struct grpo__st_dtype_info {
	const char *name;
	int bits;  /* of one value */
	int dtype; /* enum grpo__st_dtype */
};

/* Of a dtype's name as in a file (n bytes), or NULL for no dtype. */
const struct grpo__st_dtype_info *grpo__st_dtype_named(const char *name);

/* The place of a dtype in the order of the reference, and so in a file: large
 * alignments first; NULL for one that can't be written. */
const struct grpo__st_dtype_info *grpo__st_dtype_info(int dtype);

/* Bytes of a tensor; 0, or GRPO_EFORMAT without a message where the product
 * overflows or ends within a byte. */
int grpo__st_bytes(size_t *bytes, const int64_t *shape, int rank, int bits);

#endif
