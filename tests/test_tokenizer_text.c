/* SPDX-License-Identifier: MIT */
/*
 * Bytes that are no text, ids that form none, a tokenizer that many threads
 * use.
 */
#include <pthread.h>
#include "tests/tokenizer_rig.h"

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
	char first[4096];

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

static Suite *suite(void)
{
	Suite *s = suite_create("tokenizer_text");
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
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
