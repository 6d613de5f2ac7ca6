/* SPDX-License-Identifier: MIT */
/*
 * What a tokenizer.json may hold, and how what it may not is refused.
 */
#include "tests/tokenizer_rig.h"

START_TEST(a_folder_without_tokenizer_json_is_named)
{
	expect_open_fails(GRPO_EIO);
	assert_message_in_scratch("tokenizer.json: No such file or directory");
}
END_TEST

START_TEST(a_name_on_the_hub_is_not_downloaded)
{
	grpo_tokenizer *t;

	ck_assert_int_eq(grpo_tokenizer_open(&t, "Qwen/Qwen2.5-0.5B"),
			 GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "Qwen/Qwen2.5-0.5B: No such file or directory; "
			 "nothing is downloaded, expected a Hugging Face "
			 "folder: `hf download Qwen/Qwen2.5-0.5B --local-dir "
			 "Qwen2.5-0.5B` makes one");
	ck_assert_int_eq(grpo_tokenizer_open(&t, "/nowhere/model"), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "/nowhere/model: No such file or directory; expected "
			 "a model's Hugging Face folder");
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
     "line 7: key \"\\u0061\" appears twice"},
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

START_TEST(unsupported_parts_are_refused_by_name)
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

static Suite *suite(void)
{
	Suite *s = suite_create("tokenizer_open");
	TCase *tc = tcase_create("files");
	int n = (int)(sizeof refusals / sizeof *refusals);

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 30);
	tcase_add_test(tc, a_folder_without_tokenizer_json_is_named);
	tcase_add_test(tc, a_name_on_the_hub_is_not_downloaded);
	tcase_add_test(tc, a_file_is_opened_by_its_own_path_too);
	tcase_add_loop_test(tc, unsupported_parts_are_refused_by_name, 0, n);
	tcase_add_test(tc, patterns_that_pcre2_reads_otherwise_are_refused);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
