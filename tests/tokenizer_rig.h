/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_TOKENIZER_RIG_H
#define GRPO_TESTS_TOKENIZER_RIG_H

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/error.h"
#include "grpo/tokenizer.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/*
 * Small tokenizers, written from their parts into the scratch folder, and a
 * whole one.
 */
#define QWEN2 "tests/golden/tokenizer/qwen2"

/* The parts of a tokenizer.json; NULL takes the default below. */
struct parts {
	const char *model, *normalizer, *pre_tokenizer, *decoder, *added;
};

#define BYTE_LEVEL                                                             \
	"{\"type\": \"ByteLevel\", \"add_prefix_space\": false, "              \
	"\"use_regex\": false}"
#define MODEL(more)                                                            \
	"{\"type\": \"BPE\", " more "\"vocab\": {\"a\": 0, \"b\": 1, "         \
	"\"ab\": 2, \"Ġ\": 3, \"aba\": 4, \"c\": 5}, "                        \
	"\"merges\": [\"a b\", \"ab a\"]}"
#define SPLIT_AS(behavior, pattern)                                            \
	"{\"type\": \"Sequence\", \"pretokenizers\": [{\"type\": \"Split\", "  \
	"\"pattern\": {\"Regex\": \"" pattern "\"}, \"behavior\": \"" behavior \
	"\", \"invert\": false}, " BYTE_LEVEL "]}"
#define SPLIT(pattern) SPLIT_AS("Isolated", pattern)

static inline const char *part(const char *text, const char *dflt)
{
	return text ? text : dflt;
}

static inline void write_parts(const struct parts *p)
{
	char text[8192];

	snprintf(text, sizeof text,
		 "{\"version\": \"1.0\", \"truncation\": null,\n"
		 "\"added_tokens\": %s,\n\"normalizer\": %s,\n"
		 "\"pre_tokenizer\": %s,\n\"post_processor\": null,\n"
		 "\"decoder\": %s,\n\"model\": %s}\n",
		 part(p->added, "[]"), part(p->normalizer, "null"),
		 part(p->pre_tokenizer, BYTE_LEVEL),
		 part(p->decoder, "{\"type\": \"ByteLevel\"}"),
		 part(p->model, MODEL("")));
	scratch_text("tokenizer.json", text);
}

static inline grpo_tokenizer *open_path(const char *path)
{
	grpo_tokenizer *t;

	ck_assert_msg(grpo_tokenizer_open(&t, path) == 0, "%s",
		      grpo_error_message());
	return t;
}

static inline grpo_tokenizer *open_parts(const struct parts *p)
{
	write_parts(p);
	return open_path(scratch_folder);
}

static inline void expect_open_fails(int code)
{
	grpo_tokenizer *t = (grpo_tokenizer *)&t;

	ck_assert_int_eq(grpo_tokenizer_open(&t, scratch_folder), code);
	ck_assert_ptr_null(t);
}

static inline void expect_refused(const struct parts *p, const char *message)
{
	char line[512];

	write_parts(p);
	expect_open_fails(GRPO_EFORMAT);
	snprintf(line, sizeof line, "tokenizer.json: %s", message);
	assert_message_in_scratch(line);
}

/* "0 3 1" */
static inline const char *encode_text(const grpo_tokenizer *t, const char *text,
				      size_t len)
{
	static char out[4096];
	int32_t *ids;
	int64_t n, i;
	size_t at = 0;

	ck_assert_msg(grpo_tokenizer_encode(t, &ids, &n, text, len) == 0, "%s",
		      grpo_error_message());
	out[0] = 0;
	for (i = 0; i < n && at < sizeof out - 16; i++)
		at += (size_t)snprintf(out + at, sizeof out - at, "%s%d",
				       i ? " " : "", (int)ids[i]);
	free(ids);
	return out;
}

static inline void expect_ids(const grpo_tokenizer *t, const char *text,
			      const char *want)
{
	ck_assert_str_eq(encode_text(t, text, strlen(text)), want);
}

static inline void expect_ids_of(const struct parts *p, const char *text,
				 const char *want)
{
	grpo_tokenizer *t = open_parts(p);

	expect_ids(t, text, want);
	grpo_tokenizer_free(t);
}

#endif
