/* SPDX-License-Identifier: MIT */
#include "text/bpe.h"

#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "text/byte_level.h"
#include "text/utf8.h"

static int refuse_number(const cJSON *model, const char *key)
{
	double x = 0;
	int rc = grpo__json_number_or(&x, model, key, 0, "model");

	if (rc == 0 && x != 0)
		rc = grpo__fail(GRPO_EFORMAT,
				"model: \"%s\": %g is not supported, expected "
				"null",
				key, x);
	return rc;
}

static int refuse_text(const cJSON *model, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(model, key);

	if (!item || cJSON_IsNull(item) ||
	    (cJSON_IsString(item) && !*item->valuestring))
		return 0;
	return grpo__fail(GRPO_EFORMAT,
			  "model: \"%s\" is not supported, expected null", key);
}

/* Old files have no "type"; only BPE files have merges. */
static int check_kind(const cJSON *model)
{
	const char *type = "BPE";
	int fallback = 0;
	int rc = 0;

	if (cJSON_GetObjectItemCaseSensitive(model, "type") ||
	    !cJSON_GetObjectItemCaseSensitive(model, "merges"))
		GRPO_TRY(grpo__json_string(&type, model, "type", "model"));
	GRPO_FAIL_IF(strcmp(type, "BPE") != 0, GRPO_EFORMAT,
		     "model: \"type\": \"%s\" is not supported, expected "
		     "\"BPE\" (byte-level)",
		     type);
	GRPO_TRY(
	    grpo__json_bool_or(&fallback, model, "byte_fallback", 0, "model"));
	GRPO_FAIL_IF(fallback, GRPO_EFORMAT,
		     "model: \"byte_fallback\": true is not supported: the "
		     "file is of the SentencePiece kind, expected byte-level "
		     "BPE");
	GRPO_TRY(refuse_number(model, "dropout"));
	GRPO_TRY(refuse_text(model, "continuing_subword_prefix"));
	GRPO_TRY(refuse_text(model, "end_of_word_suffix"));
out:
	return rc;
}

/* The array or object at `key`, and how many members it has. */
static int member(const cJSON **out, size_t *n, const cJSON *model,
		  const char *key, cJSON_bool (*is)(const cJSON *),
		  const char *expected)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(model, key);
	const cJSON *each;

	if (!item || !is(item))
		return grpo__fail(GRPO_EFORMAT, "model: \"%s\": expected %s",
				  key, expected);
	*n = 0;
	cJSON_ArrayForEach(each, item)
	{
		++*n;
	}
	*out = item;
	return 0;
}

static int read_tokens(grpo__bpe *b, const cJSON *vocab, size_t n)
{
	const cJSON *token;
	size_t len;
	int rc = 0;

	GRPO_FAIL_IF(n == 0, GRPO_EFORMAT, "has no tokens");
	GRPO_TRY(grpo__vocab_init(&b->vocab, n));
	cJSON_ArrayForEach(token, vocab)
	{
		len = strlen(token->string);
		GRPO_FAIL_IF(!cJSON_IsNumber(token) ||
				 token->valuedouble != token->valueint,
			     GRPO_EFORMAT, "\"%s\": expected an id",
			     token->string);
		GRPO_TRY(grpo__vocab_add(&b->vocab, token->string, len,
					 token->valueint, GRPO__TOKEN_MODEL));
		if (len > b->longest)
			b->longest = len;
	}
out:
	return rc;
}

static int read_vocab(grpo__bpe *b, const cJSON *model)
{
	const cJSON *vocab = NULL;
	size_t n = 0;
	int rc = 0;

	GRPO_TRY(member(&vocab, &n, model, "vocab", cJSON_IsObject,
			"an object of ids by token"));
	rc = read_tokens(b, vocab, n);
	if (rc < 0 && rc != GRPO_ENOMEM)
		grpo__fail_context(rc, "model.vocab");
out:
	return rc;
}

/* A merge as in the file: "a b" or ["a", "b"].  0 where it is neither. */
static int split_merge(const cJSON *merge, const char **left, size_t *n_left,
		       const char **right)
{
	const cJSON *first = merge->child;
	const char *space;

	if (cJSON_IsString(merge)) {
		space = strchr(merge->valuestring, ' ');
		if (!space || strchr(space + 1, ' '))
			return 0;
		*left = merge->valuestring;
		*n_left = (size_t)(space - *left);
		*right = space + 1;
		return 1;
	}
	if (!cJSON_IsArray(merge) || !cJSON_IsString(first) ||
	    !cJSON_IsString(first->next) || first->next->next)
		return 0;
	*left = first->valuestring;
	*n_left = strlen(*left);
	*right = first->next->valuestring;
	return 1;
}

static int token_id(int32_t *id, const grpo__bpe *b, const char *text,
		    size_t len)
{
	*id = grpo__vocab_find(&b->vocab, text, len);
	if (*id >= 0)
		return 0;
	return grpo__fail(GRPO_EFORMAT, "\"%.*s\" is not in the vocabulary",
			  (int)len, text);
}

/* A pair that appears twice has the later rank, as in Hugging Face's
 * tokenizers. */
static void put_merge(grpo__bpe *b, struct grpo__merge m)
{
	size_t i = grpo__merge_slot(m.pair) & (b->n_slots - 1);

	while (b->merge[i].pair != UINT64_MAX && b->merge[i].pair != m.pair)
		i = (i + 1) & (b->n_slots - 1);
	b->merge[i] = m;
}

static int read_merge(grpo__bpe *b, grpo__buf *joined, const cJSON *merge,
		      uint32_t rank)
{
	const char *left, *right;
	int32_t left_id, right_id, id;
	size_t n_left, n_right;
	int rc = 0;

	GRPO_FAIL_IF(!split_merge(merge, &left, &n_left, &right), GRPO_EFORMAT,
		     "expected \"a b\" or [\"a\", \"b\"]");
	n_right = strlen(right);
	joined->len = 0;
	GRPO_TRY(grpo__buf_add(joined, left, n_left));
	GRPO_TRY(grpo__buf_add(joined, right, n_right));
	GRPO_TRY(token_id(&left_id, b, left, n_left));
	GRPO_TRY(token_id(&right_id, b, right, n_right));
	GRPO_TRY(token_id(&id, b, joined->data, joined->len));
	put_merge(b,
		  (struct grpo__merge){
		      (uint64_t)left_id << 32 | (uint32_t)right_id, rank, id});
out:
	return rc;
}

/* A table at most half full. */
static int make_slots(grpo__bpe *b, size_t n_merges)
{
	b->n_slots = 64;
	while (b->n_slots < n_merges * 2)
		b->n_slots *= 2;
	b->merge = grpo__alloc(b->n_slots, sizeof *b->merge);
	if (!b->merge)
		return GRPO_ENOMEM;
	memset(b->merge, 0xff, b->n_slots * sizeof *b->merge);
	return 0;
}

/* The first line of a merges.txt, which some files contain as an entry. */
static int is_version_line(const cJSON *merge)
{
	return cJSON_IsString(merge) &&
	       strncmp(merge->valuestring, "#version", 8) == 0;
}

static int read_merges(grpo__bpe *b, const cJSON *model)
{
	const cJSON *merges = NULL, *merge;
	grpo__buf joined = {0};
	uint32_t rank = 0;
	size_t n = 0, i = 0;
	int rc = 0;

	GRPO_TRY(member(&merges, &n, model, "merges", cJSON_IsArray,
			"a list of pairs"));
	GRPO_TRY(make_slots(b, n));
	cJSON_ArrayForEach(merge, merges)
	{
		if (!is_version_line(merge) &&
		    (rc = read_merge(b, &joined, merge, rank++)) < 0) {
			if (rc != GRPO_ENOMEM)
				grpo__fail_context(rc, "model.merges[%zu]", i);
			goto out;
		}
		i++;
	}
out:
	grpo__buf_dispose(&joined);
	return rc;
}

static void find_bytes(grpo__bpe *b)
{
	char utf8[4];
	size_t n;
	int i;

	for (i = 0; i < 256; i++) {
		n = grpo__utf8_put(utf8, grpo__byte_char((unsigned char)i));
		b->byte_id[i] = grpo__vocab_find(&b->vocab, utf8, n);
	}
}

static int read_unknown(grpo__bpe *b, const cJSON *model)
{
	const cJSON *unk = cJSON_GetObjectItemCaseSensitive(model, "unk_token");
	const char *text;
	int rc = 0;

	b->unk_id = -1;
	GRPO_TRY(
	    grpo__json_bool_or(&b->fuse_unk, model, "fuse_unk", 0, "model"));
	if (!unk || cJSON_IsNull(unk))
		return 0;
	GRPO_TRY(grpo__json_string(&text, model, "unk_token", "model"));
	b->unk_id = grpo__vocab_find(&b->vocab, text, strlen(text));
	GRPO_FAIL_IF(b->unk_id < 0, GRPO_EFORMAT,
		     "model: \"unk_token\": \"%s\" is not in the vocabulary",
		     text);
out:
	return rc;
}

int grpo__bpe_read(grpo__bpe *b, const cJSON *model)
{
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsObject(model), GRPO_EFORMAT,
		     "\"model\": expected an object");
	GRPO_TRY(check_kind(model));
	GRPO_TRY(grpo__json_bool_or(&b->ignore_merges, model, "ignore_merges",
				    0, "model"));
	GRPO_TRY(read_vocab(b, model));
	GRPO_TRY(read_unknown(b, model));
	GRPO_TRY(read_merges(b, model));
	find_bytes(b);
out:
	return rc;
}

void grpo__bpe_dispose(grpo__bpe *b)
{
	grpo__vocab_dispose(&b->vocab);
	free(b->merge);
	b->merge = NULL;
}
