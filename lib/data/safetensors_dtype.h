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

/* Looks up a dtype by its name in a file (n bytes); NULL if unknown. */
const struct grpo__st_dtype_info *grpo__st_dtype_named(const char *name);

/* The position of a dtype in the reference's order, and so in a file: large
 * alignments first; NULL if it cannot be written. */
const struct grpo__st_dtype_info *grpo__st_dtype_info(int dtype);

/* Bytes of a tensor; 0, or GRPO_EFORMAT without a message where the product
 * overflows or ends within a byte. */
int grpo__st_bytes(size_t *bytes, const int64_t *shape, int rank, int bits);

#endif
