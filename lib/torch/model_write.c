/* SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "core/mem.h"
#include "data/safetensors.h"
#include "torch/model.h"

/* The other files of a model's folder, which are copied unchanged. */
static const char *const companions[] = {"tokenizer.json",
					 "tokenizer_config.json",
					 "generation_config.json",
					 "special_tokens_map.json",
					 "added_tokens.json",
					 "vocab.json",
					 "merges.txt",
					 "chat_template.jinja",
					 "grpo_template.json"};

#define MAX_COMPANION ((size_t)256 << 20)

static int copy_file(const char *from_folder, const char *to_folder,
		     const char *name)
{
	char *from = grpo__path_join(from_folder, name);
	char *to = grpo__path_join(to_folder, name), *text = NULL;
	size_t len;
	int rc = 0;

	GRPO_FAIL_IF(!from || !to, GRPO_ENOMEM, "out of memory");
	if (!grpo__file_exists(from))
		goto out;
	GRPO_TRY(grpo__file_read(&text, &len, from, MAX_COMPANION));
	GRPO_TRY(grpo__file_write(to, text, len));
out:
	free(from);
	free(to);
	free(text);
	return rc;
}

/* config.json, unchanged except for the dtype. */
static int write_config(const grpo_model *m, const char *folder,
			const char *dtype)
{
	char *from = grpo__path_join(m->folder, "config.json");
	char *to = grpo__path_join(folder, "config.json");
	cJSON *json = NULL;
	grpo__buf text = {0};
	int rc = 0;

	GRPO_FAIL_IF(!from || !to, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__json_read(&json, from, MAX_COMPANION));
	cJSON_DeleteItemFromObjectCaseSensitive(json, "torch_dtype");
	cJSON_DeleteItemFromObjectCaseSensitive(json, "dtype");
	GRPO_FAIL_IF(!cJSON_AddStringToObject(json, "dtype", dtype),
		     GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__json_put(&text, json));
	GRPO_TRY(grpo__buf_add(&text, "\n", 1));
	GRPO_TRY(grpo__file_write(to, text.data, text.len));
out:
	cJSON_Delete(json);
	grpo__buf_dispose(&text);
	free(from);
	free(to);
	return rc;
}

struct source {
	const grpo_model *m;
	const grpo__tensor *flat;
};

/* One parameter in the dtype of the file. */
static int fetch(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	const struct source *s = ctx;
	const grpo__param *p = NULL;
	grpo__tensor view = {0};
	float *host = NULL;
	int64_t n = 1, shape[2] = {0, 0};
	int rc = 0;

	for (size_t i = 0; i < s->m->n_named; i++)
		if (!strcmp(s->m->params[i].name, t->name))
			p = &s->m->params[i];
	GRPO_FAIL_IF(!p, GRPO_EINVAL, "no parameter \"%s\"", t->name);
	for (int i = 0; i < t->rank; i++)
		n *= shape[i] = t->shape[i];
	GRPO_TRY(grpo__tensor_view(&view, s->flat, p->offset, t->rank, shape));
	if (t->dtype == GRPO__ST_F32) {
		GRPO_TRY(grpo__tensor_read(&view, buffer));
		goto out;
	}
	host = grpo__alloc((size_t)n, sizeof *host);
	GRPO_FAIL_IF(!host, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__tensor_read(&view, host));
	grpo__f32_to_bf16(buffer, host, (size_t)n);
out:
	free(host);
	grpo__tensor_free(&view);
	return rc;
}

static int write_weights(const grpo_model *m, const grpo__tensor *flat,
			 const char *folder, int dtype)
{
	char *path = grpo__path_join(folder, "model.safetensors");
	grpo__st_tensor *t = grpo__alloc(m->n_named, sizeof *t);
	struct source source = {m, flat};
	int rc = 0;

	GRPO_FAIL_IF(!path || !t, GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < m->n_named; i++) {
		const grpo__param *p = &m->params[i];

		t[i].name = p->name;
		t[i].dtype = dtype;
		t[i].rank = p->columns ? 2 : 1;
		t[i].shape[0] = p->rows;
		t[i].shape[1] = p->columns;
		t[i].n_bytes = (size_t)p->rows *
			       (size_t)(p->columns ? p->columns : 1) *
			       (dtype == GRPO__ST_F32 ? 4 : 2);
	}
	GRPO_TRY(grpo__st_write(path, t, m->n_named, fetch, &source));
out:
	free(path);
	free(t);
	return rc;
}

int grpo__model_write(const grpo_model *m, const grpo__tensor *flat,
		      const char *folder, const char *dtype)
{
	int bf16, rc = 0;

	if (!dtype)
		dtype = m->dtype == GRPO__BF16 ? "bfloat16" : "float32";
	bf16 = !strcmp(dtype, "bfloat16");
	GRPO_FAIL_IF(!bf16 && strcmp(dtype, "float32") != 0, GRPO_EINVAL,
		     "dtype: \"%s\" is not float32 or bfloat16", dtype);
	GRPO_TRY(grpo__make_folder(folder));
	GRPO_TRY(write_weights(m, flat, folder,
			       bf16 ? GRPO__ST_BF16 : GRPO__ST_F32));
	GRPO_TRY(write_config(m, folder, dtype));
	for (size_t i = 0; i < sizeof companions / sizeof *companions; i++)
		GRPO_TRY(copy_file(m->folder, folder, companions[i]));
	GRPO_TRY(grpo__sync_folder(folder));
out:
	return rc;
}
