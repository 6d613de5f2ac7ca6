/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "torch/config.h"

#define MAX_CONFIG_BYTES ((size_t)4 << 20)

/* Keys that are read below, and those that change nothing here. */
static const char *const known_keys[] = {
    "architectures", "model_type", "vocab_size", "hidden_size",
    "intermediate_size", "num_hidden_layers", "num_attention_heads",
    "num_key_value_heads", "head_dim", "hidden_act", "rms_norm_eps",
    "max_position_embeddings", "rope_theta", "rope_scaling", "rope_parameters",
    "tie_word_embeddings", "attention_bias", "mlp_bias", "use_sliding_window",
    "sliding_window", "max_window_layers", "layer_types", "attention_dropout",
    "initializer_range", "quantization_config", "partial_rotary_factor",
    /* of no effect on the forward pass */
    "dtype", "torch_dtype", "bos_token_id", "eos_token_id", "pad_token_id",
    "use_cache", "transformers_version", "_name_or_path", "name_or_path",
    "pretraining_tp", "rope_interleaved", "is_llama_config", "use_mrope",
    "_attn_implementation", "_attn_implementation_autoset", "auto_map",
    "output_attentions", "output_hidden_states", "return_dict",
    "chunk_size_feed_forward", "is_encoder_decoder", "is_decoder", "id2label",
    "label2id", "problem_type", "task_specific_params", "finetuning_task",
    "prefix", "unsloth_version", "unsloth_fixed", "transformers.js_config",
    "use_bfloat16", "tokenizer_class", "cross_attention_hidden_size",
    "add_cross_attention", "tie_encoder_decoder", "sep_token_id",
    "decoder_start_token_id", "bad_words_ids", "no_repeat_ngram_size",
    "temperature", "top_k", "top_p", "do_sample", "max_length", "min_length",
    "num_beams", "repetition_penalty", "length_penalty", "typical_p",
    "model_max_length", "resid_pdrop", "embd_pdrop", "attn_pdrop",
    "hidden_dropout", "base_model_name_or_path", NULL};

static int check_keys(const cJSON *json, const char *path)
{
	const cJSON *item;
	int rc = 0;

	cJSON_ArrayForEach(item, json)
	{
		const char *const *k = known_keys;
		const char *near;

		while (*k && strcmp(*k, item->string) != 0)
			k++;
		if (*k)
			continue;
		near = grpo__nearest(item->string, known_keys);
		GRPO_FAIL_IF(1, GRPO_EFORMAT,
			     "%s: unknown key \"%s\"%s%s%s: it may change the "
			     "model, so it is not ignored",
			     path, item->string, near ? " (nearest: \"" : "",
			     near ? near : "", near ? "\")" : "");
	}
out:
	return rc;
}

static int text_is(const cJSON *json, const char *key, const char *text)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, key);

	return cJSON_IsString(v) && strcmp(v->valuestring, text) == 0;
}

static int is_set(const cJSON *json, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, key);

	return v && !cJSON_IsNull(v);
}

/* Which of the two families; Qwen2 has q, k, v biases without saying so. */
static int read_family(grpo__config *c, const cJSON *json, const char *path)
{
	const cJSON *a =
	    cJSON_GetObjectItemCaseSensitive(json, "architectures");
	const char *name = "", *type = "";
	int rc = 0, v;

	if (cJSON_IsArray(a) && cJSON_IsString(a->child))
		name = a->child->valuestring;
	if (is_set(json, "model_type"))
		GRPO_TRY(grpo__json_string(&type, json, "model_type", path));
	if (!strcmp(name, "Qwen2ForCausalLM") ||
	    (!*name && !strcmp(type, "qwen2"))) {
		c->qkv_bias = 1;
	} else if (!strcmp(name, "LlamaForCausalLM") ||
		   (!*name && !strcmp(type, "llama"))) {
		GRPO_TRY(
		    grpo__json_bool_or(&v, json, "attention_bias", 0, path));
		c->qkv_bias = c->o_bias = v;
		GRPO_TRY(grpo__json_bool_or(&c->mlp_bias, json, "mlp_bias", 0,
					    path));
	} else {
		GRPO_FAIL_IF(1, GRPO_EFORMAT,
			     "%s: \"architectures\": %s is not implemented "
			     "(Qwen2ForCausalLM, LlamaForCausalLM are)",
			     path,
			     *name   ? name
			     : *type ? type
				     : "none");
	}
out:
	return rc;
}

static int read_shape(grpo__config *c, const cJSON *j, const char *path)
{
	int rc = 0;

	GRPO_TRY(grpo__json_int(&c->vocab_size, j, "vocab_size", path));
	GRPO_TRY(grpo__json_int(&c->hidden_size, j, "hidden_size", path));
	GRPO_TRY(grpo__json_int(&c->intermediate_size, j, "intermediate_size",
				path));
	GRPO_TRY(grpo__json_int(&c->n_layers, j, "num_hidden_layers", path));
	GRPO_TRY(grpo__json_int(&c->n_heads, j, "num_attention_heads", path));
	GRPO_TRY(grpo__json_int_or(&c->n_kv_heads, j, "num_key_value_heads",
				   c->n_heads, path));
	GRPO_TRY(grpo__json_int_or(&c->max_positions, j,
				   "max_position_embeddings", 2048, path));
	GRPO_TRY(grpo__json_int_or(
	    &c->head_dim, j, "head_dim",
	    c->n_heads > 0 ? c->hidden_size / c->n_heads : 0, path));
	GRPO_TRY(
	    grpo__json_number_or(&c->rms_eps, j, "rms_norm_eps", 1e-6, path));
	GRPO_TRY(grpo__json_number_or(&c->initializer_range, j,
				      "initializer_range", 0.02, path));
	GRPO_TRY(
	    grpo__json_bool_or(&c->tied, j, "tie_word_embeddings", 0, path));
out:
	return rc;
}

static int check_shape(const grpo__config *c, const char *path)
{
	const struct {
		const char *key;
		int64_t value, max;
	} sizes[] = {{"vocab_size", c->vocab_size, 1 << 22},
		     {"hidden_size", c->hidden_size, 1 << 17},
		     {"intermediate_size", c->intermediate_size, 1 << 20},
		     {"num_hidden_layers", c->n_layers, 1024},
		     {"num_attention_heads", c->n_heads, 4096},
		     {"num_key_value_heads", c->n_kv_heads, 4096},
		     {"head_dim", c->head_dim, 4096},
		     {"max_position_embeddings", c->max_positions, 1 << 26}};
	int rc = 0;

	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++)
		GRPO_FAIL_IF(sizes[i].value < 1 ||
				 sizes[i].value > sizes[i].max,
			     GRPO_EFORMAT, "%s: \"%s\": %lld is not in 1..%lld",
			     path, sizes[i].key, (long long)sizes[i].value,
			     (long long)sizes[i].max);
	GRPO_FAIL_IF(c->n_heads % c->n_kv_heads, GRPO_EFORMAT,
		     "%s: \"num_key_value_heads\": %lld does not divide "
		     "num_attention_heads %lld",
		     path, (long long)c->n_kv_heads, (long long)c->n_heads);
	GRPO_FAIL_IF(c->head_dim % 2, GRPO_EFORMAT,
		     "%s: \"head_dim\": %lld is odd", path,
		     (long long)c->head_dim);
	GRPO_FAIL_IF(!(c->rms_eps > 0 && c->rms_eps < 1), GRPO_EFORMAT,
		     "%s: \"rms_norm_eps\": %g is not in (0, 1)", path,
		     c->rms_eps);
	GRPO_FAIL_IF(!(c->rope_theta > 0), GRPO_EFORMAT,
		     "%s: \"rope_theta\": %g is not positive", path,
		     c->rope_theta);
out:
	return rc;
}

/* What the decoder cannot do is refused rather than left out. */
static int check_features(const cJSON *j, const char *path)
{
	double number;
	int rc = 0, flag;
	const cJSON *types, *t;

	GRPO_FAIL_IF(is_set(j, "hidden_act") &&
			 !text_is(j, "hidden_act", "silu"),
		     GRPO_EFORMAT, "%s: \"hidden_act\": only silu", path);
	GRPO_FAIL_IF(is_set(j, "quantization_config"), GRPO_EFORMAT,
		     "%s: \"quantization_config\": quantised weights cannot "
		     "be trained",
		     path);
	GRPO_TRY(grpo__json_bool_or(&flag, j, "use_sliding_window", 0, path));
	GRPO_FAIL_IF(flag, GRPO_EFORMAT,
		     "%s: \"use_sliding_window\": not implemented", path);
	types = cJSON_GetObjectItemCaseSensitive(j, "layer_types");
	cJSON_ArrayForEach(t, types)
	{
		GRPO_FAIL_IF(!cJSON_IsString(t) ||
				 strcmp(t->valuestring, "full_attention"),
			     GRPO_EFORMAT,
			     "%s: \"layer_types\": only full_attention", path);
	}
	GRPO_TRY(
	    grpo__json_number_or(&number, j, "attention_dropout", 0, path));
	GRPO_FAIL_IF(number != 0, GRPO_EFORMAT,
		     "%s: \"attention_dropout\": %g, only 0", path, number);
	GRPO_TRY(
	    grpo__json_number_or(&number, j, "partial_rotary_factor", 1, path));
	GRPO_FAIL_IF(number != 1, GRPO_EFORMAT,
		     "%s: \"partial_rotary_factor\": %g, only 1", path, number);
out:
	return rc;
}

/* The settings proper: rope_parameters, or rope_scaling beside rope_theta. */
static int read_rope_kind(grpo__config *c, const cJSON *r, const char *path)
{
	const char *type = "default";
	int rc = 0;

	if (is_set(r, "rope_type"))
		GRPO_TRY(grpo__json_string(&type, r, "rope_type", path));
	else if (is_set(r, "type"))
		GRPO_TRY(grpo__json_string(&type, r, "type", path));
	if (!strcmp(type, "default"))
		goto out;
	GRPO_TRY(grpo__json_number(&c->rope_factor, r, "factor", path));
	if (!strcmp(type, "linear")) {
		c->rope_type = GRPO__ROPE_LINEAR;
		goto out;
	}
	GRPO_FAIL_IF(strcmp(type, "llama3") != 0, GRPO_EFORMAT,
		     "%s: \"rope_type\": %s is not implemented (default, "
		     "linear, llama3 are)",
		     path, type);
	c->rope_type = GRPO__ROPE_LLAMA3;
	GRPO_TRY(grpo__json_number(&c->rope_low_freq_factor, r,
				   "low_freq_factor", path));
	GRPO_TRY(grpo__json_number(&c->rope_high_freq_factor, r,
				   "high_freq_factor", path));
	GRPO_TRY(grpo__json_int(&c->rope_original_positions, r,
				"original_max_position_embeddings", path));
out:
	return rc;
}

static int read_rope(grpo__config *c, const cJSON *json, const char *path)
{
	const cJSON *p =
	    cJSON_GetObjectItemCaseSensitive(json, "rope_parameters");
	const cJSON *s = cJSON_GetObjectItemCaseSensitive(json, "rope_scaling");
	int rc = 0;

	c->rope_factor = 1;
	GRPO_TRY(grpo__json_number_or(&c->rope_theta, json, "rope_theta", 1e4,
				      path));
	if (cJSON_IsObject(p)) {
		GRPO_TRY(grpo__json_number_or(&c->rope_theta, p, "rope_theta",
					      c->rope_theta, path));
		GRPO_TRY(read_rope_kind(c, p, path));
	} else if (cJSON_IsObject(s)) {
		GRPO_TRY(read_rope_kind(c, s, path));
	}
out:
	return rc;
}

int grpo__config_read(grpo__config *out, const char *path)
{
	grpo__config c = {0};
	cJSON *json = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_read(&json, path, MAX_CONFIG_BYTES));
	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected an object", path);
	GRPO_TRY(read_family(&c, json, path));
	GRPO_TRY(check_keys(json, path));
	GRPO_TRY(read_shape(&c, json, path));
	GRPO_TRY(check_features(json, path));
	GRPO_TRY(read_rope(&c, json, path));
	GRPO_TRY(check_shape(&c, path));
	*out = c;
out:
	cJSON_Delete(json);
	return rc;
}

/*
 * Inverse frequency of dimension pair i; the llama3 rule bends low
 * frequencies by `factor` and smooths between (transformers,
 * modeling_rope_utils.py).
 */
static double inverse_frequency(const grpo__config *c, int64_t i)
{
	double f = pow(c->rope_theta, -2.0 * (double)i / (double)c->head_dim);
	double wave = 2 * M_PI / f, old = (double)c->rope_original_positions;
	double smooth;

	if (c->rope_type == GRPO__ROPE_DEFAULT)
		return f;
	if (c->rope_type == GRPO__ROPE_LINEAR)
		return f / c->rope_factor;
	if (wave > old / c->rope_low_freq_factor)
		return f / c->rope_factor;
	if (wave < old / c->rope_high_freq_factor)
		return f;
	smooth = (old / wave - c->rope_low_freq_factor) /
		 (c->rope_high_freq_factor - c->rope_low_freq_factor);
	return (1 - smooth) * f / c->rope_factor + smooth * f;
}

float *grpo__config_rope_table(const grpo__config *c, int64_t n)
{
	int64_t half = c->head_dim / 2;
	float *table = grpo__alloc((size_t)(2 * n * half), sizeof *table);

	for (int64_t i = 0; table && i < half; i++) {
		/* fp32 as the reference computes them */
		float f = (float)inverse_frequency(c, i);

		for (int64_t p = 0; p < n; p++) {
			float angle = (float)p * f;

			table[p * half + i] = cosf(angle);
			table[(n + p) * half + i] = sinf(angle);
		}
	}
	return table;
}
