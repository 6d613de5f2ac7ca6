/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "text/tokenizer.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/hash.h"
#include "core/hub.h"
#include "core/json.h"

#define MAX_FILE_BYTES ((size_t)256 << 20)

/* null, NFC, or a Sequence of nothing but NFC. */
static int read_normalizer(int *nfc, const cJSON *json)
{
	const cJSON *list, *each;
	const char *type;
	int rc = 0;

	if (!json || cJSON_IsNull(json))
		return 0;
	GRPO_TRY(grpo__json_string(&type, json, "type", "normalizer"));
	list = cJSON_GetObjectItemCaseSensitive(json, "normalizers");
	if (strcmp(type, "NFC") == 0) {
		*nfc = 1;
	} else if (strcmp(type, "Sequence") == 0 && cJSON_IsArray(list)) {
		cJSON_ArrayForEach(each, list)
		{
			GRPO_TRY(read_normalizer(nfc, each));
		}
	} else {
		rc = grpo__fail(GRPO_EFORMAT,
				"normalizer: \"type\": \"%s\" is not "
				"supported, expected null, NFC or a Sequence "
				"of them",
				type);
	}
out:
	return rc;
}

/* ByteLevel, alone or as the first of a Sequence; Fuse after it changes
 * nothing, since ByteLevel gives one text. */
static int read_decoder(const cJSON *json, int *bytes)
{
	const cJSON *list, *each;
	const char *type;
	int rc = 0;

	GRPO_FAIL_IF(!json || cJSON_IsNull(json), GRPO_EFORMAT,
		     "\"decoder\" is missing, expected ByteLevel");
	GRPO_TRY(grpo__json_string(&type, json, "type", "decoder"));
	list = cJSON_GetObjectItemCaseSensitive(json, "decoders");
	if (strcmp(type, "ByteLevel") == 0 && !*bytes) {
		*bytes = 1;
	} else if (strcmp(type, "Sequence") == 0 && cJSON_IsArray(list)) {
		cJSON_ArrayForEach(each, list)
		{
			GRPO_TRY(read_decoder(each, bytes));
		}
	} else if (strcmp(type, "Fuse") != 0 || !*bytes) {
		rc = grpo__fail(GRPO_EFORMAT,
				"decoder: \"type\": \"%s\" is not supported "
				"here, expected ByteLevel",
				type);
	}
out:
	return rc;
}

static int check_version(const cJSON *json)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(json, "version");

	if (!v || (cJSON_IsString(v) && strcmp(v->valuestring, "1.0") == 0))
		return 0;
	return grpo__fail(GRPO_EFORMAT, "\"version\": expected \"1.0\"");
}

static int read_parts(grpo_tokenizer *t, const cJSON *json)
{
	int rc = 0, bytes = 0;

	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT, "expected an object");
	GRPO_TRY(check_version(json));
	GRPO_TRY(grpo__bpe_read(
	    &t->bpe, cJSON_GetObjectItemCaseSensitive(json, "model")));
	GRPO_TRY(read_normalizer(
	    &t->nfc, cJSON_GetObjectItemCaseSensitive(json, "normalizer")));
	GRPO_TRY(grpo__pretokenizer_read(
	    &t->pretokenizer,
	    cJSON_GetObjectItemCaseSensitive(json, "pre_tokenizer")));
	GRPO_TRY(read_decoder(cJSON_GetObjectItemCaseSensitive(json, "decoder"),
			      &bytes));
	GRPO_FAIL_IF(!bytes, GRPO_EFORMAT,
		     "\"decoder\" has no ByteLevel, expected byte-level BPE");
	GRPO_TRY(grpo__added_read(
	    &t->raw, &t->normalized, &t->bpe.vocab,
	    cJSON_GetObjectItemCaseSensitive(json, "added_tokens"), t->nfc));
out:
	return rc;
}

static int read_file(grpo_tokenizer *t)
{
	cJSON *json;
	int rc;

	rc = grpo__json_read(&json, t->path, MAX_FILE_BYTES);
	if (rc < 0)
		return rc;
	rc = read_parts(t, json);
	cJSON_Delete(json);
	if (rc < 0 && rc != GRPO_ENOMEM) {
		grpo__fail_context(rc, "%s", t->path);
		rc = GRPO_EFORMAT; /* also for a key that is missing */
	}
	return rc;
}

static int is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* The path of tokenizer.json, and the start of it that is the folder. */
static int find_file(grpo_tokenizer *t, char **folder, const char *path)
{
	const char *slash;

	if (!grpo__file_exists(path))
		return grpo__fail_no_model(path);
	t->path = is_folder(path) ? grpo__path_join(path, "tokenizer.json")
				  : grpo__strndup(path, strlen(path));
	if (!t->path)
		return GRPO_ENOMEM;
	slash = strrchr(t->path, '/');
	*folder =
	    grpo__strndup(t->path, slash ? (size_t)(slash - t->path) + 1 : 0);
	return *folder ? 0 : GRPO_ENOMEM;
}

int grpo_tokenizer_open(grpo_tokenizer **out, const char *folder)
{
	grpo_tokenizer *t = NULL;
	char *beside = NULL;
	int rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!folder || !*folder, GRPO_EINVAL,
		     "the tokenizer's folder is empty");
	t = grpo__alloc(1, sizeof *t);
	if (!t)
		return GRPO_ENOMEM;
	t->bos = -1;
	GRPO_TRY(find_file(t, &beside, folder));
	GRPO_TRY(read_file(t));
	GRPO_TRY(grpo__hash_file(&t->hash, NULL, t->path));
	GRPO_TRY(grpo__specials_read(t, beside));
	*out = t;
	t = NULL;
out:
	free(beside);
	grpo_tokenizer_free(t);
	return rc;
}

void grpo_tokenizer_free(grpo_tokenizer *t)
{
	if (!t)
		return;
	grpo__bpe_dispose(&t->bpe);
	grpo__cutter_dispose(&t->raw);
	grpo__cutter_dispose(&t->normalized);
	grpo__pretokenizer_dispose(&t->pretokenizer);
	free(t->stop);
	free(t->path);
	free(t);
}

int32_t grpo_tokenizer_size(const grpo_tokenizer *t)
{
	return (int32_t)t->bpe.vocab.size;
}

int32_t grpo_tokenizer_id(const grpo_tokenizer *t, const char *token)
{
	return grpo__vocab_find(&t->bpe.vocab, token, strlen(token));
}

int32_t grpo_tokenizer_bos(const grpo_tokenizer *t)
{
	return t->bos;
}

int grpo_tokenizer_stops(const grpo_tokenizer *t, const int32_t **ids)
{
	*ids = t->stop;
	return (int)t->n_stops;
}

const char *grpo_tokenizer_path(const grpo_tokenizer *t)
{
	return t->path;
}
