/* SPDX-License-Identifier: MIT */
/*
 * What golden_tokenizer.c, which compares with Hugging Face's library, does
 * not see: refusals, special tokens, bytes that are no text, threads, limits.
 */
#include <check.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/tokenizer.h"
#include "tests/scratch.h"
#include "tests/suite.h"

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

static const char *part(const char *text, const char *dflt)
{
	return text ? text : dflt;
}

static void write_parts(const struct parts *p)
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

static grpo_tokenizer *open_path(const char *path)
{
	grpo_tokenizer *t;

	ck_assert_msg(grpo_tokenizer_open(&t, path) == 0, "%s",
		      grpo_error_message());
	return t;
}

static grpo_tokenizer *open_parts(const struct parts *p)
{
	write_parts(p);
	return open_path(scratch_folder);
}

static void expect_open_fails(int code)
{
	grpo_tokenizer *t = (grpo_tokenizer *)&t;

	ck_assert_int_eq(grpo_tokenizer_open(&t, scratch_folder), code);
	ck_assert_ptr_null(t);
}

static void expect_refused(const struct parts *p, const char *message)
{
	char line[512];

	write_parts(p);
	expect_open_fails(GRPO_EFORMAT);
	snprintf(line, sizeof line, "tokenizer.json: %s", message);
	assert_message_in_scratch(line);
}

/* "0 3 1" */
static const char *encode_text(const grpo_tokenizer *t, const char *text,
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

static void expect_ids(const grpo_tokenizer *t, const char *text,
		       const char *want)
{
	ck_assert_str_eq(encode_text(t, text, strlen(text)), want);
}

static void expect_ids_of(const struct parts *p, const char *text,
			  const char *want)
{
	grpo_tokenizer *t = open_parts(p);

	expect_ids(t, text, want);
	grpo_tokenizer_free(t);
}

/* ------------------------------------------------------------------- opening
 */

START_TEST(a_folder_without_tokenizer_json_is_named)
{
	expect_open_fails(GRPO_EIO);
	assert_message_in_scratch("tokenizer.json: No such file or directory");
}
END_TEST

START_TEST(a_file_is_opened_by_its_own_path_too)
{
	grpo_tokenizer *t = open_path(QWEN2 "/tokenizer.json");

	ck_assert_str_eq(grpo_tokenizer_path(t), QWEN2 "/tokenizer.json");
	ck_assert_int_eq(grpo_tokenizer_size(t), 485);
	grpo_tokenizer_free(t);
	t = open_path(QWEN2);
	ck_assert_str_eq(grpo_tokenizer_path(t), QWEN2 "/tokenizer.json");
	grpo_tokenizer_free(t);
	grpo_tokenizer_free(NULL);
}
END_TEST

static const struct refusal {
	struct parts p;
	const char *message;
} refusals[] = {
    {{.model = "{\"type\": \"WordPiece\", \"vocab\": {}}"},
     "model: \"type\": \"WordPiece\" is not supported, expected \"BPE\" "
     "(byte-level)"},
    {{.model = "{\"type\": \"Unigram\", \"vocab\": [[\"a\", -1.5]]}"},
     "model: \"type\": \"Unigram\" is not supported, expected \"BPE\" "
     "(byte-level)"},
    {{.model = "{\"vocab\": [[\"a\", -1.5]], \"unk_id\": 0}"},
     "model: \"type\" is missing"},
    {{.model = "null"}, "\"model\": expected an object"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {}, \"merges\": []}"},
     "model.vocab: has no tokens"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 16777216}, "
	       "\"merges\": []}"},
     "model.vocab: \"a\": id 16777216, expected 0 to 16777215"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 3000000000}, "
	       "\"merges\": []}"},
     "model.vocab: \"a\": expected an id"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, "
	       "\"merges\": [[\"a\"]]}"},
     "model.merges[0]: expected \"a b\" or [\"a\", \"b\"]"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"aa\": 1}, "
	       "\"merges\": [\"a a\", 7]}"},
     "model.merges[1]: expected \"a b\" or [\"a\", \"b\"]"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"\\u0061\": 1}, "
	       "\"merges\": []}"},
     "line 7: key \"\\u0061\" is there twice"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [}"},
     "line 7: expected a value, found '}'"},
    {{.model = MODEL("\"byte_fallback\": true, ")},
     "model: \"byte_fallback\": true is not supported: the file is of the "
     "SentencePiece kind, expected byte-level BPE"},
    {{.model = MODEL("\"dropout\": 0.1, ")},
     "model: \"dropout\": 0.1 is not supported, expected null"},
    {{.model = MODEL("\"end_of_word_suffix\": \"</w>\", ")},
     "model: \"end_of_word_suffix\" is not supported, expected null"},
    {{.model = MODEL("\"unk_token\": \"<unk>\", ")},
     "model: \"unk_token\": \"<unk>\" is not in the vocabulary"},
    {{.model = "{\"type\": \"BPE\", \"merges\": []}"},
     "model: \"vocab\": expected an object of ids by token"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}}"},
     "model: \"merges\": expected a list of pairs"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 1.5}, "
	       "\"merges\": []}"},
     "model.vocab: \"a\": expected an id"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": -1}, "
	       "\"merges\": []}"},
     "model.vocab: \"a\": id -1, expected 0 to 16777215"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 7, \"b\": 7}, "
	       "\"merges\": []}"},
     "model.vocab: \"a\" and \"b\" have the same id 7"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, "
	       "\"merges\": [\"a x\"]}"},
     "model.merges[0]: \"x\" is not in the vocabulary"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, "
	       "\"merges\": [[\"a\", \"a\"]]}"},
     "model.merges[0]: \"aa\" is not in the vocabulary"},
    {{.model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, "
	       "\"merges\": [\"a a a\"]}"},
     "model.merges[0]: expected \"a b\" or [\"a\", \"b\"]"},
    {{.normalizer = "{\"type\": \"Lowercase\"}"},
     "normalizer: \"type\": \"Lowercase\" is not supported, expected "
     "null, NFC or a Sequence of them"},
    {{.normalizer = "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": "
		    "\"NFC\"}, {\"type\": \"NFKC\"}]}"},
     "normalizer: \"type\": \"NFKC\" is not supported, expected null, NFC "
     "or a Sequence of them"},
    {{.pre_tokenizer = "null"},
     "\"pre_tokenizer\" is missing, expected ByteLevel or a Sequence with "
     "it"},
    {{.pre_tokenizer = "{\"type\": \"Metaspace\"}"},
     "pre_tokenizer: \"type\": \"Metaspace\" is not supported, expected "
     "ByteLevel, Split, Digits or a Sequence of them"},
    {{.pre_tokenizer = "{\"type\": \"Digits\"}"},
     "\"pre_tokenizer\" has no ByteLevel, expected byte-level BPE"},
    {{.pre_tokenizer = "{\"type\": \"Sequence\", \"pretokenizers\": "
		       "[" BYTE_LEVEL ", {\"type\": \"Digits\"}]}"},
     "pre_tokenizer.pretokenizers[1]: expected nothing after ByteLevel"},
    {{.pre_tokenizer = "{\"type\": \"Sequence\", \"pretokenizers\": "
		       "[{\"type\": \"Split\", \"pattern\": {\"String\": "
		       "\"a\"}, \"behavior\": \"Merged\"}]}"},
     "pre_tokenizer.pretokenizers[0]: \"behavior\": \"Merged\" is not "
     "supported"},
    {{.pre_tokenizer = SPLIT("a(")},
     "pre_tokenizer.pretokenizers[0].pattern: \"a(\": missing closing "
     "parenthesis"},
    {{.decoder = "null"}, "\"decoder\" is missing, expected ByteLevel"},
    {{.decoder = "{\"type\": \"Metaspace\"}"},
     "decoder: \"type\": \"Metaspace\" is not supported here, expected "
     "ByteLevel"},
    {{.decoder = "{\"type\": \"Sequence\", \"decoders\": [{\"type\": "
		 "\"Fuse\"}, {\"type\": \"ByteLevel\"}]}"},
     "decoder: \"type\": \"Fuse\" is not supported here, expected "
     "ByteLevel"},
    {{.added = "{}"}, "\"added_tokens\": expected a list"},
    {{.added = "[7]"}, "added_tokens[0]: expected an object"},
    {{.added = "[{\"id\": 1e300, \"content\": \"<x>\"}]"},
     "added_tokens[0]: \"id\": expected an integer"},
    {{.added = "[{\"id\": 6, \"content\": \"<x>\"}]",
      .model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 1}, "
	       "\"merges\": []}"},
     "added_tokens[0]: \"a\" and \"<x>\" have the same id 1"},
    {{.added = "[{\"id\": 6}]"}, "added_tokens[0]: \"content\" is missing"},
};

START_TEST(what_is_not_understood_is_refused_by_name)
{
	expect_refused(&refusals[_i].p, refusals[_i].message);
}
END_TEST

START_TEST(patterns_that_pcre2_reads_otherwise_are_refused)
{
	static const struct {
		const char *pre_tokenizer, *message;
	} cases[] = {
	    {SPLIT("a\\\\b"), "at byte 1, \"\\b\": this escape is not "
			      "supported"},
	    {SPLIT("(a)\\\\1"), "at byte 3, \"\\1\": this escape is not "
				"supported"},
	    {SPLIT("[\\\\W]"), "at byte 1, \"\\W]\": this escape is not "
			       "supported"},
	    {SPLIT("[a[b]]"), "at byte 2, \"[b]]\": a class inside a "
			      "class is not supported"},
	    {SPLIT("[a&&b]"), "at byte 2, \"&&b]\": an intersection of "
			      "classes is not supported"},
	    {SPLIT("a(?m:b)"), "at byte 1, \"(?m:b)\": this kind of group "
			       "is not supported"},
	    {SPLIT("a(?i)b"), "at byte 1, \"(?i)b\": this kind of group "
			      "is not supported"},
	    {SPLIT("a{1,2}+"), "at byte 1, \"{1,2}+\": a second "
			       "quantifier is not supported"},
	    {SPLIT("a{2}?"), "at byte 1, \"{2}?\": a second quantifier is "
			     "not supported"},
	    {SPLIT("a{"), "at byte 1, \"{\": write a brace as \\{"},
	    {SPLIT("[]a]"), "at byte 0, \"[]a]\": an empty class is not "
			    "supported"},
	    {SPLIT("\\\\pL"), "at byte 0, \"\\pL\": expected \\p{Name}"},
	    {SPLIT("\\\\u12"), "at byte 0, \"\\u12\": expected a "
			       "hexadecimal code point"},
	    {SPLIT("é\\\\"), "at byte 2, \"\\\": a lone backslash"},
	};
	char want[256];
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		snprintf(want, sizeof want,
			 "pre_tokenizer.pretokenizers[0].pattern: %s",
			 cases[i].message);
		expect_refused(
		    &(struct parts){.pre_tokenizer = cases[i].pre_tokenizer},
		    want);
	}
}
END_TEST

/* --------------------------------------------------------------------- model
 */

START_TEST(merges_are_read_in_both_layouts)
{
	static const char *const models[] = {
	    MODEL(""),
	    "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"aba\": 4}, "
	    "\"merges\": [[\"a\", \"b\"], [\"ab\", \"a\"]]}",
	    "{\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"aba\": 4}, "
	    "\"merges\": [\"#version: 0.2\", \"a b\", \"ab a\"]}"};
	size_t i;

	for (i = 0; i < 3; i++)
		expect_ids_of(&(struct parts){.model = models[i]}, "ababaab",
			      "2 4 2");
}
END_TEST

START_TEST(a_byte_without_a_token_is_dropped_or_unknown)
{
	expect_ids_of(&(struct parts){0}, "a!b!!a", "4");
	expect_ids_of(&(struct parts){.model = MODEL("\"unk_token\": \"c\", ")},
		      "a!b!!a", "0 5 1 5 5 0");
	expect_ids_of(&(struct parts){.model = MODEL("\"unk_token\": \"c\", "
						     "\"fuse_unk\": true, ")},
		      "a!b!!a!", "0 5 1 5 0 5");
}
END_TEST

START_TEST(a_word_of_a_megabyte_takes_no_quadratic_time)
{
	grpo_tokenizer *t = open_parts(&(struct parts){0});
	size_t len = 1000000, i;
	char *text = malloc(len);
	int32_t *ids;
	int64_t n;

	for (i = 0; i < len; i++)
		text[i] = i % 2 ? 'b' : 'a';
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, len), 0);
	ck_assert_int_eq(n, 500000);
	for (i = 0; i < 500000; i++)
		ck_assert_int_eq(ids[i], 2);
	free(ids);
	free(text);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(an_empty_pattern_splits_every_character)
{
	expect_ids_of(&(struct parts){0}, "ab", "2");
	expect_ids_of(&(struct parts){.pre_tokenizer = SPLIT("")}, "ab", "0 1");
}
END_TEST

START_TEST(a_text_that_is_removed_whole_has_no_ids)
{
	struct parts p = {.pre_tokenizer = SPLIT_AS("Removed", "a*")};

	expect_ids_of(&p, "aa", "");
	expect_ids_of(&p, "aba", "1");
}
END_TEST

START_TEST(a_regular_expression_that_explodes_is_an_error)
{
	grpo_tokenizer *t =
	    open_parts(&(struct parts){.pre_tokenizer = SPLIT("(?:a+|b)+c")});
	const char *text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaad c";
	int32_t *ids = (int32_t *)&t;
	int64_t n = 7;

	expect_ids(t, "aaac", "0 0 0 5");
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, 33),
			 GRPO_EFORMAT);
	ck_assert_ptr_null(ids);
	ck_assert_int_eq(n, 7);
	ck_assert_str_eq(grpo_error_message(),
			 "the pre-tokenizer's regular expression gave up on a "
			 "text of 33 bytes: match limit exceeded");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(a_deep_match_does_not_run_over_the_stack)
{
	grpo_tokenizer *t =
	    open_parts(&(struct parts){.pre_tokenizer = SPLIT("(?:a|b)+c")});
	size_t len = 4000000;
	char *text = malloc(len);
	int32_t *ids = NULL;
	int64_t n = 0;

	memset(text, 'a', len);
	text[99999] = 'c'; /* more than the machine's stack, less than ours */
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, text, 100000), 0);
	ck_assert_int_eq(n, 100000);
	free(ids);
	memset(text, 'a', len);
	text[len - 1] = 'c';
	if (grpo_tokenizer_encode(t, &ids, &n, text, len) < 0)
		ck_assert_ptr_nonnull(strstr(grpo_error_message(), "gave up"));
	free(ids);
	free(text);
	grpo_tokenizer_free(t);
}
END_TEST

/* -------------------------------------------------------------- added tokens
 */

#define ADDED(content, more)                                                   \
	"{\"content\": \"" content "\", \"single_word\": false, "              \
	"\"lstrip\": false, \"rstrip\": false, \"special\": false, "           \
	"\"normalized\": false" more "}"

START_TEST(added_tokens_are_numbered_as_tokenizers_does)
{
	struct parts p = {
	    .added = "[" ADDED("<x>", ", \"id\": 9") ", " ADDED(
		"ab", ", \"id\": 2") ", " ADDED("<y>", ", \"id\": 7") "]"};
	grpo_tokenizer *t = open_parts(&p);

	ck_assert_int_eq(grpo_tokenizer_id(t, "<x>"), 6);
	ck_assert_int_eq(grpo_tokenizer_id(t, "ab"), 2);
	ck_assert_int_eq(grpo_tokenizer_id(t, "<y>"), 7);
	ck_assert_int_eq(grpo_tokenizer_id(t, "<z>"), -1);
	ck_assert_int_eq(grpo_tokenizer_id(t, ""), -1);
	ck_assert_int_eq(grpo_tokenizer_size(t), 8);
	expect_ids(t, "a<y>b<x>aba", "0 7 1 6 2 0");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(the_leftmost_then_longest_added_token_is_taken)
{
	struct parts p = {
	    .added = "[" ADDED("aa", "") ", " ADDED("aab", "") ", " ADDED(
		"abbb", "") ", " ADDED("b<", "") "]"};
	grpo_tokenizer *t = open_parts(&p);

	expect_ids(t, "aaa", "6 0");
	expect_ids(t, "aabbb", "7 1 1");
	expect_ids(t, "abbb<", "8");
	expect_ids(t, "ab<", "0 9");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(an_added_token_is_no_whole_word_of_ignore_merges)
{
	struct parts p = {
	    .model = MODEL("\"ignore_merges\": true, "),
	    .pre_tokenizer = SPLIT("b"),
	    .added = "[{\"content\": \"ca\", \"single_word\": true, "
		     "\"lstrip\": false, \"rstrip\": false, \"special\": "
		     "false, \"normalized\": true}]"};

	expect_ids_of(&p, "cab ca", "5 0 1 3 6");
}
END_TEST

/* ---------------------------------------------------------- texts and bytes */

START_TEST(an_empty_text_has_no_ids)
{
	grpo_tokenizer *t = open_path(QWEN2);
	int32_t *ids = NULL;
	int64_t n = 7;
	char *text;
	size_t len;

	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, "", 0), 0);
	ck_assert_ptr_nonnull(ids);
	ck_assert_int_eq(n, 0);
	ck_assert_int_eq(grpo_tokenizer_decode(t, &text, &len, ids, 0, 0), 0);
	ck_assert_str_eq(text, "");
	ck_assert_uint_eq(len, 0);
	free(text);
	free(ids);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(a_zero_byte_is_a_byte_like_others)
{
	grpo_tokenizer *t = open_path(QWEN2);
	int32_t *ids, want = grpo_tokenizer_id(t, "Ā");
	char *text;
	size_t len;
	int64_t n;

	ck_assert_int_ge(want, 0);
	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, "\0!\0", 3), 0);
	ck_assert_int_eq(ids[0], want);
	ck_assert_int_eq(ids[n - 1], want);
	ck_assert_int_eq(grpo_tokenizer_decode(t, &text, &len, ids, n, 0), 0);
	ck_assert_uint_eq(len, 3);
	ck_assert_int_eq(memcmp(text, "\0!\0", 4), 0);
	free(text);
	free(ids);
	grpo_tokenizer_free(t);
}
END_TEST

#define R "\xef\xbf\xbd"

/* Unicode 15, section 3.9, tables 3-8 to 3-11. */
static const char *const ill_formed[][2] = {
    {"\xc0\xaf\xe0\x80\xbf\xf0\x81\x82"
     "A",
     R R R R R R R R "A"},
    {"\xed\xa0\x80\xed\xbf\xbf\xed\xaf"
     "A",
     R R R R R R R R "A"},
    {"\xf4\x91\x92\x93\xff"
     "A\x80\xbf"
     "B",
     R R R R R "A" R R "B"},
    {"\xe1\x80\xe2\xf0\x91\x92\xf1\xbf"
     "A",
     R R R R "A"},
    {"\xf0\x9f\x99\x82\xf0\x9f\x99", "\xf0\x9f\x99\x82" R},
};

START_TEST(ill_formed_text_is_encoded_as_replacement_characters)
{
	grpo_tokenizer *t = open_path(QWEN2);
	char first[256];

	snprintf(first, sizeof first, "%s",
		 encode_text(t, ill_formed[_i][0], strlen(ill_formed[_i][0])));
	expect_ids(t, ill_formed[_i][1], first);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(ids_that_form_no_text_decode_to_replacement_characters)
{
	grpo_tokenizer *t = open_path(QWEN2);
	const char *s = ill_formed[_i][0];
	int32_t ids[32];
	char token[3], *text;
	int n;
	size_t len;

	for (n = 0; s[n]; n++) { /* a token a byte, by GPT-2's alphabet */
		int c = (unsigned char)s[n];

		if (c > 126 && c < 161)
			c += 256 + 33 - 127;
		else if (c == 173)
			c = 256 + 67;
		snprintf(token, sizeof token, c < 128 ? "%c" : "%c%c",
			 c < 128 ? c : 0xc0 | c >> 6, 0x80 | (c & 0x3f));
		ids[n] = grpo_tokenizer_id(t, token);
		ck_assert_int_ge(ids[n], 0);
	}
	ck_assert_int_eq(grpo_tokenizer_decode(t, &text, &len, ids, n, 0), 0);
	ck_assert_str_eq(text, ill_formed[_i][1]);
	ck_assert_uint_eq(len, strlen(text));
	free(text);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(an_id_outside_the_vocabulary_is_refused)
{
	static const int32_t bad[] = {-1, 485, INT32_MAX, INT32_MIN};
	grpo_tokenizer *t = open_path(QWEN2);
	int32_t ids[2] = {0};
	size_t len = 7, i;
	char *text;

	for (i = 0; i < 4; i++) {
		text = (char *)&text;
		ids[1] = bad[i];
		ck_assert_int_eq(
		    grpo_tokenizer_decode(t, &text, &len, ids, 2, 1),
		    GRPO_EINVAL);
		ck_assert_ptr_null(text);
		ck_assert_uint_eq(len, 7);
	}
	ck_assert_str_eq(grpo_error_message(),
			 "id -2147483648 is not in the vocabulary of " QWEN2
			 "/tokenizer.json (485 ids)");
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(special_tokens_are_left_out_and_others_stay)
{
	grpo_tokenizer *t = open_path(QWEN2);
	const char *s = "<|im_start|>a<think>b</think>c<|im_end|>";
	int32_t *ids;
	int64_t n;
	char *text;
	size_t len;

	ck_assert_int_eq(grpo_tokenizer_encode(t, &ids, &n, s, strlen(s)), 0);
	ck_assert_int_eq(n, 7);
	ck_assert_int_eq(grpo_tokenizer_decode(t, &text, &len, ids, n, 0), 0);
	ck_assert_str_eq(text, s);
	free(text);
	ck_assert_int_eq(grpo_tokenizer_decode(t, &text, &len, ids, n, 1), 0);
	ck_assert_str_eq(text, "a<think>b</think>c");
	free(text);
	free(ids);
	grpo_tokenizer_free(t);
}
END_TEST

/* ------------------------------------------------------------- special tokens
 */

static void expect_stops(const grpo_tokenizer *t, int n, const int32_t *want)
{
	const int32_t *ids;
	int i;

	ck_assert_int_eq(grpo_tokenizer_stops(t, &ids), n);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(ids[i], want[i]);
}

START_TEST(without_other_files_nothing_ends_a_completion)
{
	grpo_tokenizer *t = open_parts(&(struct parts){0});

	expect_stops(t, 0, NULL);
	ck_assert_int_eq(grpo_tokenizer_bos(t), -1);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(stops_are_the_union_of_the_three_files)
{
	grpo_tokenizer *t;

	scratch_text("generation_config.json", "{\"eos_token_id\": [4, 2]}");
	scratch_text("config.json", "{\"eos_token_id\": 2}");
	scratch_text("tokenizer_config.json",
		     "{\"bos_token\": \"a\", \"eos_token\": {\"content\": "
		     "\"c\", \"lstrip\": false}}");
	t = open_parts(&(struct parts){0});
	expect_stops(t, 3, (const int32_t[]){4, 2, 5});
	ck_assert_int_eq(grpo_tokenizer_bos(t), 0);
	grpo_tokenizer_free(t);
	/* Also by the path of the file, and with nothing to say. */
	scratch_text("generation_config.json", "{\"eos_token_id\": null}");
	scratch_text("tokenizer_config.json",
		     "{\"bos_token\": null, \"eos_token\": \"b\"}");
	t = open_path(scratch_path("tokenizer.json"));
	expect_stops(t, 2, (const int32_t[]){2, 1});
	ck_assert_int_eq(grpo_tokenizer_bos(t), -1);
	grpo_tokenizer_free(t);
}
END_TEST

START_TEST(special_tokens_that_make_no_sense_are_refused)
{
	static const struct {
		const char *file, *text, *message;
	} cases[] = {
	    {"config.json", "{\"eos_token_id\": -1}",
	     "config.json: \"eos_token_id\": expected an id or a list of "
	     "ids"},
	    {"config.json", "{\"eos_token_id\": \"2\"}",
	     "config.json: \"eos_token_id\": expected an id or a list of "
	     "ids"},
	    {"generation_config.json", "{\"eos_token_id\": [1, 2.5]}",
	     "generation_config.json: \"eos_token_id\": expected an id or "
	     "a list of ids"},
	    {"tokenizer_config.json", "{\"eos_token\": 2}",
	     "tokenizer_config.json: \"eos_token\": expected a token"},
	    {"tokenizer_config.json", "{\"bos_token\": {}}",
	     "tokenizer_config.json: \"bos_token\": expected a token"},
	    {"tokenizer_config.json", "[]",
	     "tokenizer_config.json: expected an object"},
	};
	size_t i;

	write_parts(&(struct parts){0});
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		scratch_text(cases[i].file, cases[i].text);
		expect_open_fails(GRPO_EFORMAT);
		assert_message_in_scratch(cases[i].message);
		scratch_text(cases[i].file, "{}");
	}
}
END_TEST

START_TEST(a_special_token_that_does_not_exist_is_refused)
{
	char line[512];

	write_parts(&(struct parts){0});
	scratch_text("tokenizer_config.json", "{\"eos_token\": \"</s>\"}");
	expect_open_fails(GRPO_EFORMAT);
	snprintf(line, sizeof line,
		 "tokenizer_config.json: \"eos_token\": \"</s>\" is not in "
		 "%s/tokenizer.json",
		 scratch_folder);
	assert_message_in_scratch(line);
}
END_TEST

/* ------------------------------------------------------------------- threads
 */

#define MIXED                                                                  \
	"I'm here, e\xcc\x81t\xc3\xa9 \xe6\xbc\xa2\xe5\xad\x97 123 "           \
	"<|im_start|>x<|im_end|>\n\n  end"

static void *encode_often(void *arg)
{
	const grpo_tokenizer *t = arg;
	int32_t *ids, *want;
	int64_t n, n_want;
	int i, wrong = 0;

	if (grpo_tokenizer_encode(t, &want, &n_want, MIXED, strlen(MIXED)) < 0)
		return arg;
	for (i = 0; i < 300; i++) {
		if (grpo_tokenizer_encode(t, &ids, &n, MIXED, strlen(MIXED)) <
		    0)
			return arg;
		wrong |= n != n_want || memcmp(ids, want, (size_t)n * 4) != 0;
		free(ids);
	}
	free(want);
	return wrong ? arg : NULL;
}

START_TEST(one_tokenizer_serves_many_threads)
{
	grpo_tokenizer *t = open_path(QWEN2);
	pthread_t thread[8];
	void *wrong;
	int i;

	for (i = 0; i < 8; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, encode_often, t), 0);
	for (i = 0; i < 8; i++) {
		ck_assert_int_eq(pthread_join(thread[i], &wrong), 0);
		ck_assert_ptr_null(wrong);
	}
	grpo_tokenizer_free(t);
}
END_TEST

static TCase *texts(void)
{
	TCase *tc = tcase_create("texts");
	int n = (int)(sizeof ill_formed / sizeof *ill_formed);

	tcase_add_test(tc, an_empty_text_has_no_ids);
	tcase_add_test(tc, a_zero_byte_is_a_byte_like_others);
	tcase_add_loop_test(
	    tc, ill_formed_text_is_encoded_as_replacement_characters, 0, n);
	tcase_add_loop_test(
	    tc, ids_that_form_no_text_decode_to_replacement_characters, 0, n);
	tcase_add_test(tc, an_id_outside_the_vocabulary_is_refused);
	tcase_add_test(tc, special_tokens_are_left_out_and_others_stay);
	tcase_add_test(tc, one_tokenizer_serves_many_threads);
	return tc;
}

static TCase *files(void)
{
	TCase *tc = tcase_create("files");
	int n = (int)(sizeof refusals / sizeof *refusals);

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_folder_without_tokenizer_json_is_named);
	tcase_add_test(tc, a_file_is_opened_by_its_own_path_too);
	tcase_add_loop_test(tc, what_is_not_understood_is_refused_by_name, 0,
			    n);
	tcase_add_test(tc, patterns_that_pcre2_reads_otherwise_are_refused);
	tcase_add_test(tc, merges_are_read_in_both_layouts);
	tcase_add_test(tc, a_byte_without_a_token_is_dropped_or_unknown);
	tcase_add_test(tc, a_word_of_a_megabyte_takes_no_quadratic_time);
	tcase_add_test(tc, an_empty_pattern_splits_every_character);
	tcase_add_test(tc, a_text_that_is_removed_whole_has_no_ids);
	tcase_add_test(tc, a_regular_expression_that_explodes_is_an_error);
	tcase_add_test(tc, a_deep_match_does_not_run_over_the_stack);
	tcase_add_test(tc, added_tokens_are_numbered_as_tokenizers_does);
	tcase_add_test(tc, the_leftmost_then_longest_added_token_is_taken);
	tcase_add_test(tc, an_added_token_is_no_whole_word_of_ignore_merges);
	tcase_add_test(tc, without_other_files_nothing_ends_a_completion);
	tcase_add_test(tc, stops_are_the_union_of_the_three_files);
	tcase_add_test(tc, special_tokens_that_make_no_sense_are_refused);
	tcase_add_test(tc, a_special_token_that_does_not_exist_is_refused);
	return tc;
}

static Suite *suite(void)
{
	Suite *s = suite_create("tokenizer");

	suite_add_tcase(s, files());
	suite_add_tcase(s, texts());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
