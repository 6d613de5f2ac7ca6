/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* Parses a copy of exactly len bytes, so that a read past them shows. */
static int parse_bytes(cJSON **v, const char *text, size_t len)
{
	char *copy = grpo__memdup(text, len);
	int rc = grpo__json_parse(v, copy, len, "f.json");

	free(copy);
	return rc;
}

static const char *const sound[] = {
    "null",
    "true",
    "false",
    "0",
    "-0",
    "12",
    "-1.5e+10",
    "1E5",
    "0.25e-3",
    "\"\"",
    "\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
    "\"\\ud83d\\ude00\"",
    "\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80 \x7f\"",
    "\"\xef\xbf\xbf \xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80\"",
    "[]",
    " [ 1 , [ ] , { } ] \r\n\t",
    "{}",
    "{\"a\":{\"a\":[{\"a\":1},{\"a\":2}]},\"A\":2}",
    "{\"\":1}",
};

START_TEST(sound_text_is_taken)
{
	cJSON *v;

	ck_assert_int_eq(parse_bytes(&v, sound[_i], strlen(sound[_i])), 0);
	ck_assert_ptr_nonnull(v);
	cJSON_Delete(v);
}
END_TEST

START_TEST(no_prefix_of_a_sound_object_is_taken)
{
	static const char text[] =
	    "{\"a\": [1.5e3, \"\\u00e9\\ud83d\\ude00\xc3\xa9\"], "
	    "\"b\": {\"c\": null, \"d\": true}}";
	cJSON *v;
	size_t n;

	for (n = 0; n < sizeof text - 1; n++) {
		ck_assert_int_eq(parse_bytes(&v, text, n), GRPO_EFORMAT);
		ck_assert_ptr_null(v);
	}
	ck_assert_int_eq(parse_bytes(&v, text, n), 0);
	cJSON_Delete(v);
}
END_TEST

static const struct {
	const char *text, *message;
} broken[] = {
    {"", "expected a value, found the end"},
    {"  ", "expected a value, found the end"},
    {"nul", "expected a value, found 'n'"},
    {"True", "expected a value, found 'T'"},
    {"NaN", "expected a value, found 'N'"},
    {"Infinity", "expected a value, found 'I'"},
    {"-", "expected a digit, found the end"},
    {"-a", "expected a digit, found 'a'"},
    {"01", "expected the end, found '1'"},
    {"1.", "expected a digit, found the end"},
    {".5", "expected a value, found '.'"},
    {"1e", "expected a digit, found the end"},
    {"1e+", "expected a digit, found the end"},
    {"+1", "expected a value, found '+'"},
    {"0x10", "expected the end, found 'x'"},
    {"1 2", "expected the end, found '2'"},
    {"{} x", "expected the end, found 'x'"},
    {"[1,]", "expected a value, found ']'"},
    {"[1 2]", "expected ',' or ']', found '2'"},
    {"[1", "expected ',' or ']', found the end"},
    {"{\"a\":1,}", "expected a key in quotes, found '}'"},
    {"{a:1}", "expected a key in quotes, found 'a'"},
    {"{\"a\" 1}", "expected ':', found '1'"},
    {"{\"a\":}", "expected a value, found '}'"},
    {"{\"a\":1 \"b\":2}", "expected ',' or '}', found '\"'"},
    {"{\"a\":1]", "expected ',' or '}', found ']'"},
    {"'a'", "expected a value, found '''"},
    {"\"abc", "a string is not closed"},
    {"\"abc\\", "expected an escape such as \\n, found the end"},
    {"\"\\x41\"", "expected an escape such as \\n, found 'x'"},
    {"\"\\u12g4\"", "expected four digits after \\u"},
    {"\"\\u12", "expected four digits after \\u"},
    {"\"a\tb\"", "a control character in a string (write \\n, \\t, \\u00..)"},
    {"\"\\u0000\"", "\\u0000 is not supported"},
    {"\"\\ud83d\"", "a lone surrogate"},
    {"\"\\ud83dx\"", "a lone surrogate"},
    {"\"\\ud83d\\n\"", "a lone surrogate"},
    {"\"\\ud83d\\ud83d\"", "a lone surrogate"},
    {"\"\\ude00\"", "a lone surrogate"},
    {"\"\x80\"", "not UTF-8"},
    {"\"\xc3\"", "not UTF-8"},
    {"\"\xc0\xaf\"", "not UTF-8"},
    {"\"\xe0\x80\xaf\"", "not UTF-8"},
    {"\"\xed\xa0\x80\"", "not UTF-8"},
    {"\"\xf0\x80\x80\xaf\"", "not UTF-8"},
    {"\"\xf4\x90\x80\x80\"", "not UTF-8"},
    {"\"\xf8\x88\x80\x80\x80\"", "not UTF-8"},
    {"\"\xe2\x82\"", "not UTF-8"},
    {"\xc3\xa9", "expected a value, found byte 0xc3"},
    {"\xef\xbb\xbf{}", "starts with a byte order mark"},
    {"[1] // no", "expected the end, found '/'"},
    {"{\"a\":1,\"b\":2,\"a\":3}", "key \"a\" appears twice"},
    {"{\"a\":1,\"\\u0061\":3}", "key \"\\u0061\" appears twice"},
    {"{\"x\":{\"\":1,\"\":3}}", "key \"\" appears twice"},
    {"{\"a\":1,\"b\":1,\"c\":1,\"d\":1,\"e\":1,\"f\":1,\"g\":1,\"h\":1,"
     "\"i\":1,\"j\":1,\"\\u0064\":1}",
     "key \"\\u0064\" appears twice"},
    {"123456789012345678901234567890123456789012345678901234567890.1234",
     "a number has too many digits"},
};
#define N_BROKEN (int)(sizeof broken / sizeof broken[0])

START_TEST(broken_text_is_refused_in_clear_words)
{
	const char *text = broken[_i].text;
	char want[256];
	cJSON *v;

	ck_assert_int_eq(parse_bytes(&v, text, strlen(text)), GRPO_EFORMAT);
	snprintf(want, sizeof want, "f.json: %s", broken[_i].message);
	ck_assert_str_eq(grpo_error_message(), want);
	ck_assert_ptr_null(v);
}
END_TEST

START_TEST(a_nul_byte_is_refused_wherever_it_stands)
{
	cJSON *v;

	ck_assert_int_eq(parse_bytes(&v, "1\0", 2), GRPO_EFORMAT);
	ck_assert_int_eq(parse_bytes(&v, "\"a\0b\"", 5), GRPO_EFORMAT);
	ck_assert_int_eq(parse_bytes(&v, "\"\\\0\"", 4), GRPO_EFORMAT);
	ck_assert_int_eq(parse_bytes(&v, "{}\0{}", 5), GRPO_EFORMAT);
}
END_TEST

START_TEST(an_error_in_a_long_text_names_the_line)
{
	cJSON *v;

	ck_assert_int_eq(parse_bytes(&v, "{\n\"a\": 1,\n\"b\" 2\n}\n", 18),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(),
			 "f.json: line 3: expected ':', found '2'");
	ck_assert_int_eq(parse_bytes(&v, "{\"b\" 2}\r\n", 9), GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(),
			 "f.json: expected ':', found '2'");
	ck_assert_int_eq(parse_bytes(&v, "{\"a\":1,\n\n\"a\":2}", 15),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(),
			 "f.json: line 3: key \"a\" appears twice");
}
END_TEST

START_TEST(sixty_four_levels_are_taken_and_one_more_is_not)
{
	char text[200];
	cJSON *v;
	int n;

	for (n = 64; n <= 65; n++) {
		memset(text, '[', (size_t)n);
		memset(text + n, ']', (size_t)n);
		ck_assert_int_eq(parse_bytes(&v, text, 2 * (size_t)n),
				 n == 64 ? 0 : GRPO_EFORMAT);
		cJSON_Delete(v);
	}
	ck_assert_str_eq(grpo_error_message(),
			 "f.json: nested more than 64 levels deep");
}
END_TEST

START_TEST(a_million_brackets_do_not_reach_the_stack)
{
	size_t n = 1000000;
	char *text = malloc(n);
	cJSON *v;

	memset(text, '[', n);
	ck_assert_int_eq(grpo__json_parse(&v, text, n, "f"), GRPO_EFORMAT);
	free(text);
}
END_TEST

static void put_vocabulary(grpo__buf *b, int n, const char *last)
{
	int i;

	ck_assert_int_eq(grpo__buf_add(b, "{", 1), 0);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(
		    grpo__buf_printf(b, "\"\xc4\xa0tok%d\": %d,\n", i, i), 0);
	ck_assert_int_eq(grpo__buf_printf(b, "\"%s\": 1}", last), 0);
}

/* To compare every pair of keys would take minutes, past the timeout. */
START_TEST(a_vocabulary_is_checked_in_linear_time)
{
	grpo__json_member *m;
	grpo__buf b = {0};
	cJSON *v;
	size_t n;

	put_vocabulary(&b, 150000, "last");
	ck_assert_int_eq(grpo__json_parse(&v, b.data, b.len, "f"), 0);
	cJSON_Delete(v);
	ck_assert_int_eq(grpo__json_members(&m, &n, b.data, b.len, "f"), 0);
	ck_assert_uint_eq(n, 150001);
	ck_assert_str_eq(m[149999].key, "\xc4\xa0tok149999");
	grpo__json_members_free(m, n);
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(one_twin_among_150000_keys_is_found)
{
	grpo__buf b = {0};
	cJSON *v;

	put_vocabulary(&b, 150000, "\xc4\xa0\\u0074ok77");
	ck_assert_int_eq(grpo__json_parse(&v, b.data, b.len, "f"),
			 GRPO_EFORMAT);
	ck_assert_str_eq(
	    grpo_error_message(),
	    "f: line 150001: key \"\xc4\xa0\\u0074ok77\" appears twice");
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(strings_are_decoded_as_unicode)
{
	static const char text[] =
	    "\"\\u0041\\u00e9\\u20ac\\ud83d\\ude00\\b\\f\\n\\r\\t\\/\\\\"
	    "\\\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\xc3\xa9\"";
	static const char want[] =
	    "A\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\b\f\n\r\t/\\\""
	    "\x01\x7f\xc2\x80\xdf\xbf\xe0\xa0\x80\xef\xbf\xbf\xc3\xa9";
	char *s;
	size_t n;
	cJSON *v;

	ck_assert_int_eq(grpo__json_decode(&s, &n, text, sizeof text - 1), 0);
	ck_assert_str_eq(s, want);
	ck_assert_uint_eq(n, sizeof want - 1);
	free(s);
	ck_assert_int_eq(parse_bytes(&v, text, sizeof text - 1), 0);
	ck_assert_str_eq(v->valuestring, want);
	cJSON_Delete(v);
	ck_assert_int_eq(grpo__json_decode(&s, &n, "12", 2), GRPO_EFORMAT);
	ck_assert_int_eq(grpo__json_decode(&s, &n, "\"", 1), GRPO_EFORMAT);
}
END_TEST

START_TEST(members_are_slices_that_keep_every_digit)
{
	static const char text[] =
	    " {\"answer\" : 123456789012345678901234567890.10 ,\n"
	    "  \"a\\u0062\":[1, {\"x\": 2}], \"s\":\"\\u00e9\", "
	    "\"o\":{\"p\":{}},\"n\":null}\r\n";
	static const char *const want[][2] = {
	    {"answer", "123456789012345678901234567890.10"},
	    {"ab", "[1, {\"x\": 2}]"},
	    {"s", "\"\\u00e9\""},
	    {"o", "{\"p\":{}}"},
	    {"n", "null"}};
	grpo__json_member *m;
	size_t n, i;

	ck_assert_int_eq(grpo__json_members(&m, &n, text, sizeof text - 1, "f"),
			 0);
	ck_assert_uint_eq(n, 5);
	for (i = 0; i < n; i++) {
		ck_assert_str_eq(m[i].key, want[i][0]);
		ck_assert_uint_eq(m[i].value_len, strlen(want[i][1]));
		ck_assert_int_eq(memcmp(m[i].value, want[i][1], m[i].value_len),
				 0);
	}
	grpo__json_members_free(m, n);
}
END_TEST

START_TEST(members_of_an_empty_object_are_none_and_of_a_list_an_error)
{
	grpo__json_member *m;
	size_t n = 9;

	ck_assert_int_eq(grpo__json_members(&m, &n, "{}", 2, "f"), 0);
	ck_assert_uint_eq(n, 0);
	grpo__json_members_free(m, n);
	ck_assert_int_eq(grpo__json_members(&m, &n, "[{}]", 4, "f"),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(),
			 "f: expected an object, found '['");
	ck_assert_int_eq(
	    grpo__json_members(&m, &n, "{\"a\":1,\"a\":1}", 13, "f"),
	    GRPO_EFORMAT);
	ck_assert_ptr_null(m);
	ck_assert_uint_eq(n, 0);
}
END_TEST

static cJSON *parse(const char *text)
{
	cJSON *v;

	ck_assert_int_eq(grpo__json_parse(&v, text, strlen(text), "f"), 0);
	return v;
}

START_TEST(integers_are_exact_or_refused)
{
	cJSON *v = parse("{\"a\": 9007199254740991, \"b\": 9007199254740993, "
			 "\"c\": 1.5, \"d\": -3, \"e\": 1e6, \"f\": \"7\", "
			 "\"g\": null, \"h\": 1e999}");
	const char *bad = "bcfgh";
	char key[2] = "";
	int64_t x = 5;

	ck_assert_int_eq(grpo__json_int(&x, v, "a", "w"), 0);
	ck_assert_int_eq(x, 9007199254740991);
	ck_assert_int_eq(grpo__json_int(&x, v, "d", "w"), 0);
	ck_assert_int_eq(x, -3);
	ck_assert_int_eq(grpo__json_int(&x, v, "e", "w"), 0);
	ck_assert_int_eq(x, 1000000);
	for (; *bad; bad++) {
		key[0] = *bad;
		ck_assert_int_eq(grpo__json_int(&x, v, key, "w"), GRPO_EFORMAT);
		ck_assert_int_eq(x, 1000000);
	}
	ck_assert_str_eq(grpo_error_message(), "w: \"h\": expected an integer");
	ck_assert_int_eq(grpo__json_int(&x, v, "A", "w"), GRPO_ENOTFOUND);
	ck_assert_str_eq(grpo_error_message(), "w: \"A\" is missing");
	ck_assert_int_eq(grpo__json_int_or(&x, v, "A", 8, "w"), 0);
	ck_assert_int_eq(x, 8);
	ck_assert_int_eq(grpo__json_int_or(&x, v, "g", 9, "w"), 0);
	ck_assert_int_eq(x, 9);
	ck_assert_int_eq(grpo__json_int_or(&x, v, "f", 9, "w"), GRPO_EFORMAT);
	cJSON_Delete(v);
}
END_TEST

START_TEST(numbers_bools_and_strings_are_read_by_type)
{
	cJSON *v = parse("{\"x\": 0.1, \"t\": true, \"f\": false, "
			 "\"s\": \"hi\", \"inf\": -1e999, \"n\": null}");
	const char *s = NULL;
	double x = 7;
	int b = 7;

	ck_assert_int_eq(grpo__json_number(&x, v, "x", "w"), 0);
	ck_assert(x == 0.1);
	ck_assert_int_eq(grpo__json_number(&x, v, "inf", "w"), GRPO_EFORMAT);
	ck_assert_int_eq(grpo__json_number(&x, v, "s", "w"), GRPO_EFORMAT);
	ck_assert_int_eq(grpo__json_number_or(&x, v, "n", 2.5, "w"), 0);
	ck_assert(x == 2.5);
	ck_assert_int_eq(grpo__json_bool(&b, v, "t", "w"), 0);
	ck_assert_int_eq(b, 1);
	ck_assert_int_eq(grpo__json_bool(&b, v, "f", "w"), 0);
	ck_assert_int_eq(b, 0);
	ck_assert_int_eq(grpo__json_bool(&b, v, "x", "w"), GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(),
			 "w: \"x\": expected true or false");
	ck_assert_int_eq(grpo__json_bool_or(&b, v, "no", 1, "w"), 0);
	ck_assert_int_eq(b, 1);
	ck_assert_int_eq(grpo__json_string(&s, v, "s", "w"), 0);
	ck_assert_str_eq(s, "hi");
	ck_assert_int_eq(grpo__json_string(&s, v, "x", "w"), GRPO_EFORMAT);
	ck_assert_int_eq(grpo__json_string(&s, v->child, "x", "w"),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(), "w: expected an object");
	ck_assert_int_eq(grpo__json_int_or(NULL, v->child, "x", 1, "w"),
			 GRPO_EFORMAT);
	cJSON_Delete(v);
}
END_TEST

START_TEST(a_file_is_named_in_its_errors)
{
	const char *path;
	cJSON *v;

	ck_assert_int_eq(grpo__json_read(&v, scratch_path("no.json"), 99),
			 GRPO_EIO);
	assert_message_in_scratch("no.json: No such file or directory");
	path = scratch_text("a.json", "{\n1}\n");
	ck_assert_int_eq(grpo__json_read(&v, path, 99), GRPO_EFORMAT);
	assert_message_in_scratch(
	    "a.json: line 2: expected a key in quotes, found '1'");
	path = scratch_text("b.json", "{\"k\":1}");
	ck_assert_int_eq(grpo__json_read(&v, path, 99), 0);
	ck_assert_ptr_nonnull(cJSON_GetObjectItemCaseSensitive(v, "k"));
	cJSON_Delete(v);
}
END_TEST

static const char *put_number(grpo__buf *b, double x)
{
	grpo__buf_dispose(b);
	ck_assert_int_eq(grpo__json_put_number(b, x), 0);
	return b->data;
}

START_TEST(numbers_are_written_short_and_read_back_the_same)
{
	static const struct {
		double x;
		const char *text;
	} cases[] = {{0, "0"},
		     {-0.0, "-0"},
		     {1e-6, "1e-06"},
		     {0.1, "0.1"},
		     {1.0 / 3, "0.3333333333333333"},
		     {0.1 + 0.2, "0.30000000000000004"},
		     {1e15, "1000000000000000"},
		     {9007199254740991.0, "9007199254740991"},
		     {1e300, "1e+300"},
		     {-2.5, "-2.5"},
		     {NAN, "null"},
		     {INFINITY, "null"}};
	const double edges[] = {
	    DBL_MIN, DBL_MAX, DBL_EPSILON, 0x1p-1074, 0x1.fffffffffffffp-1,
	    0x1p53,  -0x1p63};
	grpo__buf b = {0};
	size_t i;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++)
		ck_assert_str_eq(put_number(&b, cases[i].x), cases[i].text);
	for (i = 0; i < sizeof edges / sizeof edges[0]; i++)
		ck_assert(strtod(put_number(&b, edges[i]), NULL) == edges[i]);
	grpo__buf_dispose(&b);
}
END_TEST

/* The first locale of these that is there and writes 0,5. */
static int set_comma_locale(void)
{
	static const char *const names[] = {"de_DE.UTF-8", "fr_FR.UTF-8",
					    "de_DE.utf8",  "fr_FR.utf8",
					    "de_DE",       "ps_AF.UTF-8"};
	size_t i;

	for (i = 0; i < sizeof names / sizeof names[0]; i++)
		if (setlocale(LC_ALL, names[i]) &&
		    strcmp(localeconv()->decimal_point, ".") != 0)
			return 1;
	return 0;
}

START_TEST(no_locale_changes_a_number)
{
	grpo__buf b = {0};
	cJSON *v;

	if (!set_comma_locale()) {
		fputs("no locale with a decimal comma: skipped\n", stderr);
		return;
	}
	v = parse("[0.5, 1.25e-3]");
	ck_assert(v->child->valuedouble == 0.5);
	ck_assert_int_eq(grpo__json_put(&b, v), 0);
	ck_assert_str_eq(b.data, "[0.5, 0.00125]");
	cJSON_Delete(v);
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(a_tree_is_written_on_one_line)
{
	static const char text[] =
	    "{\"a\": [1, 0.30000000000000004, true, false, null], "
	    "\"b\\n\": {}, \"c\": \"\\u0001\xc3\xa9\\\"\", \"d\": []}";
	cJSON *v = parse(text);
	grpo__buf b = {0};

	ck_assert_int_eq(grpo__json_put(&b, v), 0);
	ck_assert_str_eq(b.data, text);
	cJSON_Delete(v);
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(a_quoted_string_escapes_what_must_be)
{
	grpo__buf b = {0};

	ck_assert_int_eq(
	    grpo__json_quote(&b, "a\"\\\b\f\n\r\t\x1f\0z/\x7f", 13), 0);
	ck_assert_str_eq(b.data, "\"a\\\"\\\\\\b\\f\\n\\r\\t\\u001f\\u0000z/"
				 "\x7f\"");
	ck_assert_int_eq(grpo__json_quote(&b, "", 0), 0);
	ck_assert_uint_eq(b.len, strlen(b.data));
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(text_that_is_not_utf8_is_not_quoted_and_nothing_is_added)
{
	grpo__buf b = {0};

	ck_assert_int_eq(grpo__json_quote(&b, "ab\xff", 3), GRPO_EINVAL);
	ck_assert_str_eq(grpo_error_message(), "text is not UTF-8 (byte 2)");
	ck_assert_uint_eq(b.len, 0);
	ck_assert_int_eq(grpo__buf_add(&b, "x", 1), 0);
	ck_assert_int_eq(grpo__json_quote(&b, "\n\xe2\x82", 3), GRPO_EINVAL);
	ck_assert_str_eq(b.data, "x");
	grpo__buf_dispose(&b);
}
END_TEST

START_TEST(the_nearest_name_is_found)
{
	static const char *const names[] = {"num_generations", "beta",
					    "epsilon", "epsilon_high", NULL};
	static const char *const none[] = {NULL};
	char longer[500];

	ck_assert_str_eq(grpo__nearest("num_generation", names),
			 "num_generations");
	ck_assert_str_eq(grpo__nearest("bate", names), "beta");
	ck_assert_str_eq(grpo__nearest("epsilonhigh", names), "epsilon_high");
	ck_assert_str_eq(grpo__nearest("epsilon", names), "epsilon");
	ck_assert_ptr_null(grpo__nearest("", names));
	ck_assert_ptr_null(grpo__nearest("x", none));
	memset(longer, 'x', sizeof longer - 1);
	longer[sizeof longer - 1] = '\0';
	ck_assert_ptr_null(grpo__nearest(longer, names));
}
END_TEST

/* What people write, and what they meant; NULL: nothing that we have. */
START_TEST(a_name_is_suggested_only_if_it_is_near)
{
	static const char *const names[] = {"model",
					    "device",
					    "dtype",
					    "n_threads",
					    "weight_decay",
					    "adam_beta1",
					    "adam_beta2",
					    "dataset",
					    "held_out",
					    "column_map",
					    "template",
					    "system",
					    "rewards",
					    "reward_threads",
					    "accuracy_reward",
					    "pass_k",
					    "seed",
					    "max_steps",
					    "beta",
					    "learning_rate",
					    "lr_scheduler_type",
					    "warmup_steps",
					    "num_generations",
					    "num_iterations",
					    "max_completion_length",
					    "temperature",
					    "top_p",
					    "top_k",
					    "epsilon",
					    "epsilon_high",
					    "loss_type",
					    "scale_rewards",
					    "max_grad_norm",
					    "eval_steps",
					    "save_steps",
					    "base.steps",
					    "generate.train",
					    NULL};
	static const struct {
		const char *word, *meant;
	} pairs[] = {
	    {"num_generation", "num_generations"},
	    {"learing_rate", "learning_rate"},
	    {"lerning_rat", "learning_rate"},
	    {"temprature", "temperature"},
	    {"epislon", "epsilon"},
	    {"eplison_high", "epsilon_high"},
	    {"bate", "beta"},
	    {"Seed", "seed"},
	    {"modle", "model"},
	    {"topk", "top_k"},
	    {"max_step", "max_steps"},
	    {"learning", "learning_rate"},
	    {"warmup", "warmup_steps"},
	    {"completion_length", "max_completion_length"},
	    {"model_name_or_path", "model"},
	    {"dataset_name", "dataset"},
	    {"reward", "rewards"},
	    {"max_gradient_norm", "max_grad_norm"},
	    {"base.step", "base.steps"},
	    {"use_vllm", NULL},
	    {"report_to", NULL},
	    {"fp16", NULL},
	    {"gradient_checkpointing", NULL},
	    {"vllm_mode", NULL},
	    {"push_to_hub", NULL},
	    {"lr", NULL},
	    {"x", NULL},
	};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		const char *got = grpo__nearest(pairs[i].word, names);
		const char *meant = pairs[i].meant;

		if (got != meant && (!got || !meant || strcmp(got, meant) != 0))
			ck_abort_msg("%s: %s, not %s", pairs[i].word,
				     got ? got : "nothing",
				     meant ? meant : "nothing");
	}
}
END_TEST

static TCase *reading(void)
{
	TCase *tc = tcase_create("reading");

	tcase_set_timeout(tc, 60);
	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_loop_test(tc, sound_text_is_taken, 0,
			    (int)(sizeof sound / sizeof sound[0]));
	tcase_add_loop_test(tc, broken_text_is_refused_in_clear_words, 0,
			    N_BROKEN);
	tcase_add_test(tc, no_prefix_of_a_sound_object_is_taken);
	tcase_add_test(tc, a_nul_byte_is_refused_wherever_it_stands);
	tcase_add_test(tc, an_error_in_a_long_text_names_the_line);
	tcase_add_test(tc, sixty_four_levels_are_taken_and_one_more_is_not);
	tcase_add_test(tc, a_million_brackets_do_not_reach_the_stack);
	tcase_add_test(tc, a_vocabulary_is_checked_in_linear_time);
	tcase_add_test(tc, one_twin_among_150000_keys_is_found);
	tcase_add_test(tc, strings_are_decoded_as_unicode);
	tcase_add_test(tc, members_are_slices_that_keep_every_digit);
	tcase_add_test(
	    tc, members_of_an_empty_object_are_none_and_of_a_list_an_error);
	tcase_add_test(tc, integers_are_exact_or_refused);
	tcase_add_test(tc, numbers_bools_and_strings_are_read_by_type);
	tcase_add_test(tc, a_file_is_named_in_its_errors);
	return tc;
}

static TCase *writing(void)
{
	TCase *tc = tcase_create("writing");

	tcase_add_test(tc, numbers_are_written_short_and_read_back_the_same);
	tcase_add_test(tc, no_locale_changes_a_number);
	tcase_add_test(tc, a_tree_is_written_on_one_line);
	tcase_add_test(tc, a_quoted_string_escapes_what_must_be);
	tcase_add_test(
	    tc, text_that_is_not_utf8_is_not_quoted_and_nothing_is_added);
	tcase_add_test(tc, the_nearest_name_is_found);
	tcase_add_test(tc, a_name_is_suggested_only_if_it_is_near);
	return tc;
}

static Suite *suite(void)
{
	Suite *s = suite_create("json");

	suite_add_tcase(s, reading());
	suite_add_tcase(s, writing());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
