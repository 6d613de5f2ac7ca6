/* SPDX-License-Identifier: MIT */
/*
 * Tokenizers (grpo/tokenizer.h) of any file: tokenizer.json, a text, then
 * tokenizer_config.json, generation_config.json and config.json.  Ids of the
 * text are in the vocabulary, and decode to UTF-8.
 */
#include "grpo/tokenizer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "text/utf8.h"

static void put_file(const char *name, struct fuzz_input *in)
{
	size_t len;
	char *file = fuzz_bytes(in, &len);
	const char *path = fuzz_file(name, file, len);

	if (len == 0)
		remove(path);
	free(file);
}

static void check_decoded(const grpo_tokenizer *t, const int32_t *ids,
			  int64_t n, int skip_special)
{
	char *text;
	size_t len;

	fuzz_require(
	    grpo_tokenizer_decode(t, &text, &len, ids, n, skip_special) == 0);
	fuzz_require(grpo__utf8_valid(text, len) == len);
	fuzz_require(text[len] == '\0');
	free(text);
}

static void check_encoded(const grpo_tokenizer *t, const char *text, size_t len)
{
	int32_t *ids;
	int64_t n, i;
	int rc = grpo_tokenizer_encode(t, &ids, &n, text, len);

	fuzz_check_code(rc);
	if (rc < 0)
		return;
	for (i = 0; i < n; i++)
		fuzz_require(ids[i] >= 0 && ids[i] < grpo_tokenizer_size(t));
	check_decoded(t, ids, n, 0);
	check_decoded(t, ids, n, 1);
	free(ids);
}

static void check_specials(const grpo_tokenizer *t)
{
	int32_t size = grpo_tokenizer_size(t);
	const int32_t *ids;
	int i, n = grpo_tokenizer_stops(t, &ids);

	fuzz_require(grpo_tokenizer_bos(t) >= -1);
	fuzz_require(grpo_tokenizer_bos(t) < size);
	for (i = 0; i < n; i++)
		fuzz_require(ids[i] >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	grpo_tokenizer *t;
	size_t len;
	char *text;
	int rc;

	put_file("tokenizer.json", &in);
	text = fuzz_bytes(&in, &len);
	put_file("tokenizer_config.json", &in);
	put_file("generation_config.json", &in);
	put_file("config.json", &in);
	rc = grpo_tokenizer_open(&t, fuzz_folder());
	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (t != NULL));
	if (t) {
		check_specials(t);
		check_encoded(t, text, len);
	}
	grpo_tokenizer_free(t);
	free(text);
	return 0;
}
