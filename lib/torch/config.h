/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_CONFIG_H
#define GRPO_TORCH_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>

/*
 * A decoder's shape, from a Hugging Face config.json.  Both spellings of the
 * rotary settings are read (rope_theta and rope_scaling, rope_parameters).  A
 * setting that would change the computation and is not implemented is an error
 * that names the file and the key; so is an unknown key.
 */
enum grpo__rope_type {
	GRPO__ROPE_DEFAULT,
	GRPO__ROPE_LINEAR,
	GRPO__ROPE_LLAMA3
};

typedef struct grpo__config {
	int64_t vocab_size, hidden_size, intermediate_size;
	int64_t n_layers, n_heads, n_kv_heads, head_dim;
	int64_t max_positions;
	double rms_eps, initializer_range;
	int qwen2; /* else llama */
	int qkv_bias, o_bias, mlp_bias, tied;
	int rope_type; /* enum grpo__rope_type */
	double rope_theta, rope_factor;
	double rope_low_freq_factor, rope_high_freq_factor;
	int64_t rope_original_positions;
} grpo__config;

int grpo__config_read(grpo__config *out, const char *path);

/**
 * cos and sin of the first n positions, [n, head_dim/2] f32, one after the
 * other in one array that the caller frees: sin starts at n*head_dim/2.
 */
float *grpo__config_rope_table(const grpo__config *c, int64_t n);

/* --- the parts of grpo__config_read: config_check.c, rope.c --- */

/** An unknown key is an error. */
int grpo__config_check_keys(const cJSON *json, const char *path);
/** Refuses what the decoder does not support; the sizes in `c` have been read.
 */
int grpo__config_check_features(const grpo__config *c, const cJSON *json,
				const char *path);
int grpo__config_read_rope(grpo__config *c, const cJSON *json,
			   const char *path);
/** Has the key, and not null. */
int grpo__config_is_set(const cJSON *json, const char *key);
/** The value as JSON for a message, shortened to fit; returns `text`. */
const char *grpo__config_value(char *text, size_t cap, const cJSON *v);

#endif
