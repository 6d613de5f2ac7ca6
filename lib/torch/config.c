/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/fail.h"
#include "core/json.h"
#include "torch/config.h"

#define MAX_CONFIG_BYTES ((size_t)4 << 20)

/* Architecture and type say the same; one of them may be missing. */
static int find_family(int *qwen2, const cJSON *json, const char *path)
{
	const cJSON *a =
	    cJSON_GetObjectItemCaseSensitive(json, "architectures");
	const char *name = "", *type = "", *said;
	int rc = 0, llama;

	if (cJSON_IsArray(a) && cJSON_IsString(a->child))
		name = a->child->valuestring;
	if (grpo__config_is_set(json, "model_type"))
		GRPO_TRY(grpo__json_string(&type, json, "model_type", path));
	said = *name ? name : type;
	*qwen2 = !strcmp(said, *name ? "Qwen2ForCausalLM" : "qwen2");
	llama = !strcmp(said, *name ? "LlamaForCausalLM" : "llama");
	GRPO_FAIL_IF(!*qwen2 && !llama, GRPO_EFORMAT,
		     "%s: \"architectures\": %s is not implemented "
		     "(Qwen2ForCausalLM, LlamaForCausalLM are)",
		     path, *said ? said : "none");
	GRPO_FAIL_IF(
	    *type && strcmp(type, *qwen2 ? "qwen2" : "llama") != 0,
	    GRPO_EFORMAT,
	    "%s: \"model_type\" %s and \"architectures\" %s are not of "
	    "one family: correct the wrong one",
	    path, type, name);
out:
	return rc;
}

/* Qwen2 has q, k, v biases without saying so. */
static int read_family(grpo__config *c, const cJSON *json, const char *path)
{
	int rc = 0, bias;

	GRPO_TRY(find_family(&c->qwen2, json, path));
	c->qkv_bias = c->qwen2;
	if (c->qwen2)
		goto out;
	GRPO_TRY(grpo__json_bool_or(&bias, json, "attention_bias", 0, path));
	c->qkv_bias = c->o_bias = bias;
	GRPO_TRY(grpo__json_bool_or(&c->mlp_bias, json, "mlp_bias", 0, path));
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
				   "max_position_embeddings",
				   c->qwen2 ? 32768 : 2048, path));
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

static int check_shape(const grpo__config *c, int own_head_dim,
		       const char *path)
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
	GRPO_FAIL_IF(!own_head_dim && c->hidden_size % c->n_heads, GRPO_EFORMAT,
		     "%s: \"num_attention_heads\": %lld does not divide "
		     "hidden_size %lld; without \"head_dim\" it must",
		     path, (long long)c->n_heads, (long long)c->hidden_size);
	GRPO_FAIL_IF(c->head_dim % 2, GRPO_EFORMAT,
		     "%s: \"head_dim\": %lld is odd", path,
		     (long long)c->head_dim);
	GRPO_FAIL_IF(!(c->rms_eps > 0 && c->rms_eps < 1), GRPO_EFORMAT,
		     "%s: \"rms_norm_eps\": %g is not in (0, 1)", path,
		     c->rms_eps);
	GRPO_FAIL_IF(!(c->initializer_range >= 0 && c->initializer_range <= 1),
		     GRPO_EFORMAT,
		     "%s: \"initializer_range\": %g is not in [0, 1]", path,
		     c->initializer_range);
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
	GRPO_TRY(grpo__config_check_keys(json, path));
	GRPO_TRY(read_shape(&c, json, path));
	GRPO_TRY(check_shape(&c, grpo__config_is_set(json, "head_dim"), path));
	GRPO_TRY(grpo__config_check_features(&c, json, path));
	GRPO_TRY(grpo__config_read_rope(&c, json, path));
	*out = c;
out:
	cJSON_Delete(json);
	return rc;
}
