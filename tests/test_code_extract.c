/* SPDX-License-Identifier: MIT */
/* The program in a completion. */
#include <string.h>

#include "rewards/code/extract.h"
#include "rewards/code/shared/names.h"
#include "tests/suite.h"

struct a_case {
	const char *completion;
	int language;
	const char *program; /* NULL: none, for `why` */
	enum extract_result why;
};

static const struct a_case cases[] = {
    /* fences */
    {"```python\na\n```", CODE_PYTHON, "a\n", 0},
    {"```\na\n```", CODE_PYTHON, "a\n", 0},
    {"~~~python\na\n~~~", CODE_PYTHON, "a\n", 0},
    {"````python\n```\na\n```\n````", CODE_PYTHON, "```\na\n```\n", 0},
    {"```python\na\n````", CODE_PYTHON, "a\n", 0},
    {"```python\n```", CODE_PYTHON, "", 0},
    {"```python\na\n~~~\n```", CODE_PYTHON, "a\n~~~\n", 0},
    {"```python\na\n``` and more\n```", CODE_PYTHON, "a\n``` and more\n", 0},
    {"text ```python\na\n``` text", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"```python a```", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    {"``python\na\n``", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    {"`a`", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    {"", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    {"print(1)", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    /* lines */
    {"```python\r\na\r\n\tb\r\n```\r\n", CODE_PYTHON, "a\n\tb\n", 0},
    {"1. so:\n   ```python\n   a\n     b\n\n  c\n   ```\n", CODE_PYTHON,
     "a\n  b\n\nc\n", 0},
    {"```python\n  a\n```", CODE_PYTHON, "  a\n", 0},
    {"```python\na\n```   \n", CODE_PYTHON, "a\n", 0},
    {"```python\na\n```<|im_end|>\n", CODE_PYTHON, "a\n", 0},
    {"```python\na\n```</s>", CODE_PYTHON, "a\n", 0},
    /* tags */
    {"```Python3 title=\"x\"\na\n```", CODE_PYTHON, "a\n", 0},
    {"```{.python}\na\n```", CODE_PYTHON, "a\n", 0},
    {"``` py\na\n```", CODE_PYTHON, "a\n", 0},
    {"```c++\na\n```", CODE_CPP, "a\n", 0},
    {"```CPP\na\n```", CODE_CPP, "a\n", 0},
    {"```c\na\n```", CODE_C, "a\n", 0},
    {"```c\na\n```", CODE_CPP, NULL, EXTRACT_NO_BLOCK},
    {"```pythonic\na\n```", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    {"```text\na\n```", CODE_PYTHON, NULL, EXTRACT_NO_BLOCK},
    /* the last one */
    {"```python\na\n```\n```python\nb\n```", CODE_PYTHON, "b\n", 0},
    {"```python\na\n```\n```\nb\n```", CODE_PYTHON, "b\n", 0},
    {"```python\na\n```\n```text\nb\n```", CODE_PYTHON, "a\n", 0},
    {"```python\na\n```\n```cpp\nb\n```", CODE_CPP, "b\n", 0},
    {"```cpp\na\n```\n```python\nb\n```", CODE_CPP, "a\n", 0},
    /* open */
    {"```python\na\n", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"```python", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"```python\na\n``", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"````python\na\n```", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"```python\na\n```\n```python\nb", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    {"```python\na\n```\n```text\nb", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
    /* the thought */
    {"<think>\n```python\na\n```\n</think>\n```python\nb\n```", CODE_PYTHON,
     "b\n", 0},
    {"<think>```\na</think>\n```python\nb\n```", CODE_PYTHON, "b\n", 0},
    {"a thought</think>```python\nb\n```", CODE_PYTHON, "b\n", 0},
    {"<think>\n```python\na\n```\n</think>\n", CODE_PYTHON, NULL,
     EXTRACT_NO_BLOCK},
    {"<think>\n```python\na\n```\n", CODE_PYTHON, NULL, EXTRACT_THINKING},
    {"<think></think>```python\na\n```<think>", CODE_PYTHON, NULL,
     EXTRACT_THINKING},
    {"</think></think>```\na\n```", CODE_PYTHON, "a\n", 0},
    {"<think>```\na", CODE_PYTHON, NULL, EXTRACT_THINKING},
    /* programs that print tags */
    {"a</think>\n```python\nprint('</think>')\n```", CODE_PYTHON,
     "print('</think>')\n", 0},
    {"a</think>\n```python\nprint('<think>')\n```", CODE_PYTHON,
     "print('<think>')\n", 0},
    {"<think>a</think>\n```\n'<think>'\n```\n", CODE_PYTHON, "'<think>'\n", 0},
    {"```python\n'<think>'\n```", CODE_PYTHON, "'<think>'\n", 0},
    {"```python\n'</think>'\n```", CODE_PYTHON, "'</think>'\n", 0},
    {"<think>\n```\n'</think>'\n```\nso</think>\n```\nb\n```", CODE_PYTHON,
     "b\n", 0},
    {"<think>\n```\n'</think>'\n```\n", CODE_PYTHON, NULL, EXTRACT_NOT_CLOSED},
};
#define N_CASES (sizeof cases / sizeof *cases)

START_TEST(a_program_is_found_or_not)
{
	const struct a_case *c = &cases[_i];
	grpo_str text = {c->completion, strlen(c->completion)};
	struct code_bytes out = {0};
	enum extract_result r;

	ck_assert_int_eq(code_bytes_add(&out, "before", 6), 0);
	r = extract_program(&out, text, c->language);
	if (!c->program) {
		if (r != c->why || out.len != 6)
			ck_abort_msg("%s: %s, expected %s", c->completion,
				     extract_why(r), extract_why(c->why));
	} else if (r != EXTRACT_FOUND || out.len != 6 + strlen(c->program) ||
		   memcmp(out.ptr + 6, c->program, out.len - 6) != 0) {
		ck_abort_msg("%s: %s, \"%.*s\"", c->completion, extract_why(r),
			     (int)out.len, out.ptr);
	}
	code_bytes_free(&out);
}
END_TEST

/* Cut anywhere, a completion has its program or none, never a part of it. */
START_TEST(no_part_of_a_block_is_a_program)
{
	static const char whole[] = "so:\n```python\nx = 1\nprint(x)\n```\nend";
	const char *end = strstr(whole, "```\nend") + 3;

	for (size_t n = 0; n < sizeof whole; n++) {
		struct code_bytes out = {0};
		enum extract_result r =
		    extract_program(&out, (grpo_str){whole, n}, CODE_PYTHON);

		if (whole + n < end)
			ck_assert_int_ne(r, EXTRACT_FOUND);
		else
			ck_assert_mem_eq(out.ptr, "x = 1\nprint(x)\n", 15);
		code_bytes_free(&out);
	}
}
END_TEST

START_TEST(bytes_that_are_no_text_are_kept)
{
	static const char text[] = "```\n\0\xff\n```";
	struct code_bytes out = {0};

	ck_assert_int_eq(extract_program(&out,
					 (grpo_str){text, sizeof text - 1},
					 CODE_PYTHON),
			 EXTRACT_FOUND);
	ck_assert_uint_eq(out.len, 3);
	ck_assert_mem_eq(out.ptr, "\0\xff\n", 3);
	code_bytes_free(&out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("code extract");
	TCase *c = tcase_create("extract");

	tcase_add_loop_test(c, a_program_is_found_or_not, 0, N_CASES);
	tcase_add_test(c, no_part_of_a_block_is_a_program);
	tcase_add_test(c, bytes_that_are_no_text_are_kept);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
