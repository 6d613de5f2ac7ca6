/* SPDX-License-Identifier: MIT */
/*
 * Any text through sound tokenizers: the first byte says which.  The text
 * comes back, normalized and with U+FFFD for what is not UTF-8; and any ids
 * decode to UTF-8.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/tokenizer.h"
#include "tests/fuzz/fuzz.h"
#include "text/nfc.h"
#include "text/tokenizer.h"
#include "text/utf8.h"

static const struct kind {
	const char *name;
	int keeps_text; /* no added token takes the spaces around it */
} kinds[] = {
    {"qwen2", 1},   {"llama3", 1}, {"deepseek", 1}, {"gpt2", 1},
    {"smollm2", 1}, {"gpt4o", 1},  {"added", 0},    {"splits", 0},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

static const grpo_tokenizer *tokenizer(size_t i)
{
	static grpo_tokenizer *opened[N_KINDS];
	char path[128];

	snprintf(path, sizeof path, "tests/golden/tokenizer/%s", kinds[i].name);
	if (!opened[i])
		fuzz_require(grpo_tokenizer_open(&opened[i], path) == 0);
	return opened[i];
}

static void check_ids(const grpo_tokenizer *t, const int32_t *ids, int64_t n)
{
	char *text;
	size_t len;

	fuzz_require(grpo_tokenizer_decode(t, &text, &len, ids, n, 1) == 0);
	fuzz_require(grpo__utf8_valid(text, len) == len);
	free(text);
}

/* Bytes as ids. */
static void check_any_ids(const grpo_tokenizer *t, const char *p, size_t len)
{
	int32_t *ids = malloc((len + 1) * sizeof *ids);
	size_t i;

	fuzz_require(ids != NULL);
	for (i = 0; i < len; i++)
		ids[i] = (unsigned char)p[i] % grpo_tokenizer_size(t);
	check_ids(t, ids, (int64_t)len);
	free(ids);
}

static void check_text(const grpo_tokenizer *t, const char *got, size_t n_got,
		       const char *p, size_t len)
{
	grpo__buf clean = {0}, room = {0};
	const char *want;
	size_t n;

	fuzz_require(grpo__utf8_lossy(&clean, p, len) == 0);
	want = clean.data ? clean.data : "";
	n = clean.len;
	if (t->nfc)
		fuzz_require(grpo__nfc(&room, &want, &n) == 0);
	fuzz_require(n == n_got && memcmp(want, got, n) == 0);
	grpo__buf_dispose(&clean);
	grpo__buf_dispose(&room);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t kind = size ? data[0] % N_KINDS : 0, len = 0;
	const grpo_tokenizer *t = tokenizer(kind);
	const char *p = (const char *)data + (size > 0);
	int32_t *ids;
	int64_t n;
	char *text;

	size -= size > 0;
	fuzz_require(grpo_tokenizer_encode(t, &ids, &n, p, size) == 0);
	check_ids(t, ids, n);
	fuzz_require(grpo_tokenizer_decode(t, &text, &len, ids, n, 0) == 0);
	if (kinds[kind].keeps_text)
		check_text(t, text, len, p, size);
	check_any_ids(t, p, size);
	free(text);
	free(ids);
	return 0;
}
