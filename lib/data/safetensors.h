/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_SAFETENSORS_H
#define GRPO_DATA_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * safetensors: 8 bytes little-endian header length, a JSON header, the data.
 * The reader maps the file and refuses everything that the reference reader
 * refuses, and duplicate names (github.com/huggingface/safetensors,
 * safetensors/src/tensor.rs).
 */
enum grpo__st_dtype {
	GRPO__ST_F32,
	GRPO__ST_F16,
	GRPO__ST_BF16,
	GRPO__ST_F64,
	GRPO__ST_I64,
	GRPO__ST_I32,
	GRPO__ST_U8,
	GRPO__ST_OTHER /* part of the format, but not used here */
};
#define GRPO__ST_MAX_RANK 8

typedef struct grpo__st_tensor {
	const char *name; /* NUL-terminated */
	int dtype;
	int rank;
	int64_t shape[GRPO__ST_MAX_RANK];
	const void *data; /* into the map, read-only; may be unaligned */
	size_t n_bytes;
} grpo__st_tensor;

typedef struct grpo__st_file grpo__st_file;

/** Maps and checks a file.  Errors name it and the tensor. */
GRPO_API int grpo__st_open(grpo__st_file **out, const char *path);
GRPO_API size_t grpo__st_count(const grpo__st_file *f);
GRPO_API const grpo__st_tensor *grpo__st_at(const grpo__st_file *f, size_t i);
/** NULL if there is no tensor of that name. */
GRPO_API const grpo__st_tensor *grpo__st_find(const grpo__st_file *f,
					      const char *name);
GRPO_API void grpo__st_close(grpo__st_file *f);

/**
 * The folder of a model: model.safetensors, or the shards that
 * model.safetensors.index.json names, as one.  Same accessors by name.
 */
typedef struct grpo__st_folder grpo__st_folder;
GRPO_API int grpo__st_folder_open(grpo__st_folder **out, const char *folder);
GRPO_API const grpo__st_tensor *grpo__st_folder_find(const grpo__st_folder *f,
						     const char *name);
GRPO_API size_t grpo__st_folder_count(const grpo__st_folder *f);
GRPO_API const grpo__st_tensor *grpo__st_folder_at(const grpo__st_folder *f,
						   size_t i);
GRPO_API void grpo__st_folder_close(grpo__st_folder *f);

/**
 * Writes tensors[n] to path, beside it first, synced, then renamed; header
 * with __metadata__ {"format": "pt"}, sorted as the reference does.
 * tensors[i].data is n_bytes of the dtype, or NULL where `fetch` gives it:
 * called once a tensor, in file order, to fill `buffer` of n_bytes.
 */
typedef int (*grpo__st_fetch)(void *ctx, const grpo__st_tensor *t,
			      void *buffer);
GRPO_API int grpo__st_write(const char *path, const grpo__st_tensor *tensors,
			    size_t n, grpo__st_fetch fetch, void *ctx);

/* Conversions of [n] values; src may be unaligned. */
GRPO_API void grpo__bf16_to_f32(float *dst, const void *src, size_t n);
GRPO_API void grpo__f16_to_f32(float *dst, const void *src, size_t n);
GRPO_API void grpo__f32_to_bf16(void *dst, const float *src,
				size_t n); /* nearest even, NaN kept */

#endif
