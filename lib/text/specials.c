/* SPDX-License-Identifier: MIT */
#include "text/tokenizer.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"

#define MAX_FILE_BYTES ((size_t)64 << 20)

/* A file beside tokenizer.json; *json is NULL where there is none. */
static int read_beside(cJSON **json, grpo__buf *path, const char *folder,
		       const char *name)
{
	int rc = 0;

	*json = NULL;
	path->len = 0;
	GRPO_TRY(grpo__buf_printf(path, "%s%s", folder, name));
	if (!grpo__file_exists(path->data))
		return 0;
	GRPO_TRY(grpo__json_read(json, path->data, MAX_FILE_BYTES));
	GRPO_FAIL_IF(!cJSON_IsObject(*json), GRPO_EFORMAT,
		     "%s: expected an object", path->data);
out:
	return rc;
}

static int32_t vocab_size(const grpo_tokenizer *t)
{
	return (int32_t)t->bpe.vocab.size;
}

static int add_stop(grpo_tokenizer *t, int32_t id)
{
	size_t i;

	for (i = 0; i < t->n_stops; i++)
		if (t->stop[i] == id)
			return 0;
	if (grpo__grow(&t->stop, &t->stops_cap, t->n_stops + 1,
		       sizeof *t->stop) < 0)
		return GRPO_ENOMEM;
	t->stop[t->n_stops++] = id;
	return 0;
}

static int add_number(grpo_tokenizer *t, const cJSON *id, const char *where)
{
	if (!cJSON_IsNumber(id) || id->valuedouble != id->valueint ||
	    id->valueint < 0)
		return grpo__fail(GRPO_EFORMAT,
				  "%s: \"eos_token_id\": expected an id or a "
				  "list of ids",
				  where);
	if (id->valueint >= vocab_size(t))
		return grpo__fail(GRPO_EFORMAT,
				  "%s: \"eos_token_id\": %d is not one of the "
				  "%d ids of %s: correct it, or set it to null",
				  where, id->valueint, vocab_size(t), t->path);
	return add_stop(t, id->valueint);
}

/* eos_token_id: an id, a list of them, or null. */
static int read_numbers(grpo_tokenizer *t, const cJSON *json, const char *where)
{
	const cJSON *eos =
	    cJSON_GetObjectItemCaseSensitive(json, "eos_token_id");
	const cJSON *each;
	int rc = 0;

	if (!eos || cJSON_IsNull(eos))
		return 0;
	if (!cJSON_IsArray(eos))
		return add_number(t, eos, where);
	cJSON_ArrayForEach(each, eos)
	{
		GRPO_TRY(add_number(t, each, where));
	}
out:
	return rc;
}

/* The id of a token that is written as "<s>" or {"content": "<s>", …}; -1
 * for a missing one or null. */
static int named(int32_t *id, const grpo_tokenizer *t, const cJSON *json,
		 const char *key, const char *where)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, key);

	*id = -1;
	if (cJSON_IsObject(item))
		item = cJSON_GetObjectItemCaseSensitive(item, "content");
	else if (!item || cJSON_IsNull(item))
		return 0;
	if (!cJSON_IsString(item))
		return grpo__fail(GRPO_EFORMAT, "%s: \"%s\": expected a token",
				  where, key);
	*id = grpo__vocab_find(&t->bpe.vocab, item->valuestring,
			       strlen(item->valuestring));
	if (*id < 0)
		return grpo__fail(GRPO_EFORMAT,
				  "%s: \"%s\": \"%s\" is not in %s", where, key,
				  item->valuestring, t->path);
	return 0;
}

static int read_names(grpo_tokenizer *t, const cJSON *json, const char *where)
{
	int32_t eos;
	int rc = 0;

	GRPO_TRY(named(&t->bos, t, json, "bos_token", where));
	GRPO_TRY(named(&eos, t, json, "eos_token", where));
	if (eos >= 0)
		rc = add_stop(t, eos);
out:
	return rc;
}

int grpo__specials_read(grpo_tokenizer *t, const char *folder)
{
	static const struct {
		const char *name;
		int (*read)(grpo_tokenizer *, const cJSON *, const char *);
	} files[] = {{"generation_config.json", read_numbers},
		     {"config.json", read_numbers},
		     {"tokenizer_config.json", read_names}};
	grpo__buf path = {0};
	cJSON *json = NULL;
	size_t i;
	int rc = 0, is_model = 0;

	for (i = 0; i < sizeof files / sizeof *files; i++) {
		GRPO_TRY(read_beside(&json, &path, folder, files[i].name));
		if (json)
			GRPO_TRY(files[i].read(t, json, path.data));
		is_model |= json && !strcmp(files[i].name, "config.json");
		cJSON_Delete(json);
		json = NULL;
	}
	if (is_model && t->n_stops == 0)
		grpo__log(GRPO_LOG_WARN,
			  "%sconfig.json: the model has no end token, so every "
			  "completion runs to its limit: set \"eos_token_id\" "
			  "here or in generation_config.json",
			  folder);
out:
	cJSON_Delete(json);
	grpo__buf_dispose(&path);
	return rc;
}
