/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "torch/config.h"

/* Keys that are read elsewhere, and keys without effect. */
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

int grpo__config_check_keys(const cJSON *json, const char *path)
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

int grpo__config_is_set(const cJSON *json, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, key);

	return v && !cJSON_IsNull(v);
}

const char *grpo__config_value(char *text, size_t cap, const cJSON *v)
{
	grpo__buf b = {0};

	if (grpo__json_put(&b, v) < 0)
		snprintf(text, cap, "its value");
	else if (b.len < cap)
		snprintf(text, cap, "%s", b.data);
	else /* cut in the middle of what is too long to show */
		snprintf(text, cap, "%.*s...", (int)cap - 4, b.data);
	grpo__buf_dispose(&b);
	return text;
}

/* Settings with one value that is implemented; missing and null mean it. */
enum only { FALSE, TRUE, ZERO, ONE };

struct fixed {
	const char *key, *remedy;
	enum only only;
};

#define ANOTHER_MODEL "choose a model without it"
#define NO_DROPOUT "set it to 0"

static const struct fixed for_all[] = {
    {"rope_interleaved", ANOTHER_MODEL, FALSE},
    {"use_mrope", ANOTHER_MODEL, FALSE},
    {"use_sliding_window", ANOTHER_MODEL, FALSE},
    {"is_encoder_decoder", ANOTHER_MODEL, FALSE},
    {"add_cross_attention", ANOTHER_MODEL, FALSE},
    {"partial_rotary_factor", ANOTHER_MODEL, ONE},
    {"attention_dropout", NO_DROPOUT, ZERO},
    {"attn_pdrop", NO_DROPOUT, ZERO},
    {"embd_pdrop", NO_DROPOUT, ZERO},
    {"resid_pdrop", NO_DROPOUT, ZERO},
    {"hidden_dropout", NO_DROPOUT, ZERO},
    {NULL, NULL, FALSE}};

/* Qwen2 has biases at q, k and v, whatever its config says, and no others. */
static const struct fixed for_qwen2[] = {
    {"attention_bias", ANOTHER_MODEL, TRUE},
    {"mlp_bias", ANOTHER_MODEL, FALSE},
    {NULL, NULL, FALSE}};

static int agrees(const cJSON *v, enum only only)
{
	if (only == FALSE || only == TRUE)
		return only == TRUE ? cJSON_IsTrue(v) : cJSON_IsFalse(v);
	return cJSON_IsNumber(v) && v->valuedouble == (only == ONE);
}

static int check_fixed(const cJSON *j, const struct fixed *f, const char *path)
{
	static const char *const values[] = {"false", "true", "0", "1"};
	char value[48];
	int rc = 0;

	for (; f->key; f++) {
		const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, f->key);

		GRPO_FAIL_IF(
		    v && !cJSON_IsNull(v) && !agrees(v, f->only), GRPO_EFORMAT,
		    "%s: \"%s\": %s is not implemented, only %s is: %s", path,
		    f->key, grpo__config_value(value, sizeof value, v),
		    values[f->only], f->remedy);
	}
out:
	return rc;
}

/* Qwen2 needs use_sliding_window beside it, others go by the number alone. */
static int check_window(const cJSON *j, int qwen2, const char *path)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, "sliding_window");
	char value[48];
	int rc = 0;

	GRPO_FAIL_IF(v && !cJSON_IsNull(v) && !qwen2 &&
			 !grpo__config_is_set(j, "use_sliding_window"),
		     GRPO_EFORMAT,
		     "%s: \"sliding_window\": %s is not implemented, only "
		     "null is: " ANOTHER_MODEL ", or add "
		     "\"use_sliding_window\": false if it was made without",
		     path, grpo__config_value(value, sizeof value, v));
out:
	return rc;
}

static int check_layer_types(const cJSON *j, int64_t n_layers, const char *path)
{
	const cJSON *types = cJSON_GetObjectItemCaseSensitive(j, "layer_types");
	const cJSON *t;
	char value[48];
	int rc = 0;

	if (!types || cJSON_IsNull(types))
		goto out;
	GRPO_FAIL_IF(!cJSON_IsArray(types) ||
			 cJSON_GetArraySize(types) != n_layers,
		     GRPO_EFORMAT,
		     "%s: \"layer_types\": expected an array of "
		     "\"num_hidden_layers\" %lld names",
		     path, (long long)n_layers);
	cJSON_ArrayForEach(t, types)
	{
		GRPO_FAIL_IF(!cJSON_IsString(t) ||
				 strcmp(t->valuestring, "full_attention") != 0,
			     GRPO_EFORMAT,
			     "%s: \"layer_types\": %s is not implemented, only "
			     "\"full_attention\" is: " ANOTHER_MODEL,
			     path, grpo__config_value(value, sizeof value, t));
	}
out:
	return rc;
}

/* "swish" is another name of silu. */
static int check_activation(const cJSON *j, const char *path)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(j, "hidden_act");
	char value[48];
	int rc = 0;

	if (!v || cJSON_IsNull(v))
		goto out;
	GRPO_FAIL_IF(!cJSON_IsString(v) ||
			 (strcmp(v->valuestring, "silu") != 0 &&
			  strcmp(v->valuestring, "swish") != 0),
		     GRPO_EFORMAT,
		     "%s: \"hidden_act\": %s is not implemented, only \"silu\" "
		     "is: " ANOTHER_MODEL,
		     path, grpo__config_value(value, sizeof value, v));
out:
	return rc;
}

/* An id, or a list of them. */
static int check_end_tokens(const cJSON *j, int64_t vocab, const char *path)
{
	const cJSON *eos = cJSON_GetObjectItemCaseSensitive(j, "eos_token_id");
	const cJSON *id = cJSON_IsArray(eos) ? eos->child : eos;
	char value[48];
	int rc = 0;

	if (!eos || cJSON_IsNull(eos))
		goto out;
	for (; id; id = cJSON_IsArray(eos) ? id->next : NULL)
		GRPO_FAIL_IF(!grpo__json_is_int(id) || id->valuedouble < 0 ||
				 id->valuedouble >= (double)vocab,
			     GRPO_EFORMAT,
			     "%s: \"eos_token_id\": %s is not an id below "
			     "\"vocab_size\" %lld: correct the id, or set it "
			     "to null",
			     path, grpo__config_value(value, sizeof value, id),
			     (long long)vocab);
out:
	return rc;
}

int grpo__config_check_features(const grpo__config *c, const cJSON *j,
				const char *path)
{
	int rc = 0;

	GRPO_TRY(check_fixed(j, for_all, path));
	if (c->qwen2)
		GRPO_TRY(check_fixed(j, for_qwen2, path));
	GRPO_TRY(check_window(j, c->qwen2, path));
	GRPO_TRY(check_layer_types(j, c->n_layers, path));
	GRPO_TRY(check_activation(j, path));
	GRPO_TRY(check_end_tokens(j, c->vocab_size, path));
	GRPO_FAIL_IF(grpo__config_is_set(j, "quantization_config"),
		     GRPO_EFORMAT,
		     "%s: \"quantization_config\": quantised weights cannot "
		     "be trained: choose the model's original weights",
		     path);
	if (grpo__config_is_set(j, "auto_map"))
		grpo__log(GRPO_LOG_WARN,
			  "%s: \"auto_map\" names Python code of the model's "
			  "own, which is not used here",
			  path);
out:
	return rc;
}
