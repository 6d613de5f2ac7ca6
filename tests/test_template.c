/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/template.h"
#include "tests/suite.h"

static grpo_template *make(const char *name, const char *system)
{
	grpo_template *t;

	ck_assert_msg(grpo_template_create(&t, name, system) == 0, "%s",
		      grpo_error_message());
	return t;
}

static void expect_render(const char *name, const char *system,
			  const char *prompt, const char *want)
{
	grpo_template *t = make(name, system);
	char *text;
	size_t len;

	ck_assert_int_eq(
	    grpo_template_render(t, &text, &len, prompt, strlen(prompt)), 0);
	ck_assert_str_eq(text, want);
	ck_assert_uint_eq(len, strlen(want));
	free(text);
	grpo_template_free(t);
}

static void expect_refused(const char *name, const char *system,
			   const char *message)
{
	grpo_template *t = (grpo_template *)&t;

	ck_assert_int_eq(grpo_template_create(&t, name, system), GRPO_EINVAL);
	ck_assert_ptr_null(t);
	ck_assert_str_eq(grpo_error_message(), message);
}

static int render_messages(const char *name, const char *system, char **text,
			   const grpo_message *m, size_t n)
{
	grpo_template *t = make(name, system);
	size_t len = 0;
	int rc = grpo_template_render_messages(t, text, &len, m, n);

	if (rc == 0)
		ck_assert_uint_eq(len, strlen(*text));
	else
		ck_assert_ptr_null(*text);
	grpo_template_free(t);
	return rc;
}

/* ----------------------------------------------------------------- built in */

START_TEST(r1_zero_is_the_prompt_of_the_paper)
{
	expect_render(
	    "r1-zero", NULL, "What is 2 + 2?",
	    "A conversation between User and Assistant. The user asks a "
	    "question, and the Assistant solves it. The assistant first "
	    "thinks about the reasoning process in the mind and then "
	    "provides the user with the answer. The reasoning process and "
	    "answer are enclosed within <think> </think> and <answer> "
	    "</answer> tags, respectively, i.e., <think> reasoning "
	    "process here </think> <answer> answer here </answer>.\n"
	    "User: What is 2 + 2?\nAssistant: <think>");
}
END_TEST

START_TEST(r1_zero_takes_another_system_message)
{
	expect_render("r1-zero", "Be brief.", "Hi",
		      "Be brief.\nUser: Hi\nAssistant: <think>");
}
END_TEST

START_TEST(chatml_has_a_system_block_only_if_one_is_given)
{
	expect_render("chatml", NULL, "Hi",
		      "<|im_start|>user\nHi<|im_end|>\n"
		      "<|im_start|>assistant\n");
	expect_render("chatml", "S", "Hi",
		      "<|im_start|>system\nS<|im_end|>\n"
		      "<|im_start|>user\nHi<|im_end|>\n"
		      "<|im_start|>assistant\n");
}
END_TEST

START_TEST(plain_is_the_prompt_itself)
{
	expect_render("plain", NULL, "a {prompt} {b}", "a {prompt} {b}");
	expect_render("plain", NULL, "", "");
}
END_TEST

START_TEST(a_prompt_may_hold_a_zero_byte)
{
	grpo_template *t = make("Q: {prompt}!", NULL);
	char *text;
	size_t len;

	ck_assert_int_eq(grpo_template_render(t, &text, &len, "a\0b", 3), 0);
	ck_assert_uint_eq(len, 7);
	ck_assert_int_eq(memcmp(text, "Q: a\0b!", 8), 0);
	free(text);
	grpo_template_free(t);
}
END_TEST

/* ---------------------------------------------------------------- custom text
 */

START_TEST(names_in_braces_are_replaced_wherever_they_are)
{
	expect_render("{system}|{prompt}|{prompt}", "S", "P", "S|P|P");
	expect_render("{prompt}", NULL, "P", "P");
	expect_render("[{system}]{prompt}", NULL, "P", "[]P");
}
END_TEST

START_TEST(inserted_text_is_not_expanded_again)
{
	expect_render("{system} {prompt}", "{prompt}", "{system}",
		      "{prompt} {system}");
}
END_TEST

START_TEST(other_braces_stay)
{
	expect_render("{ {} {1} {a b} } {a-b} \\boxed{2x} {prompt} {", NULL,
		      "P", "{ {} {1} {a b} } {a-b} \\boxed{2x} P {");
}
END_TEST

START_TEST(doubled_braces_stay_as_they_are)
{
	expect_render("{{prompt}} {{x}} {prompt} {{{prompt}", NULL, "P",
		      "{{prompt}} {{x}} P {{P");
}
END_TEST

START_TEST(another_name_in_braces_is_refused)
{
	expect_refused("{question} {prompt}", NULL,
		       "template: {question} is not known, expected {prompt} "
		       "or {system}");
	expect_refused("{prompt} {Prompt_}", NULL,
		       "template: {Prompt_} is not known, expected {prompt} "
		       "or {system}");
}
END_TEST

START_TEST(a_text_without_prompt_is_refused)
{
	expect_refused("r1zero", NULL,
		       "template \"r1zero\": not a known name (nearest: "
		       "\"r1-zero\"), and not a template text, which must "
		       "contain {prompt}");
	expect_refused("{{prompt}}", NULL,
		       "template \"{{prompt}}\": not a known name, and not a "
		       "template text, which must contain {prompt}");
	expect_refused(NULL, NULL, "the template is missing");
}
END_TEST

START_TEST(a_system_message_that_has_no_place_is_refused)
{
	expect_refused("plain", "S",
		       "plain: a system message is given, but the template "
		       "has no {system}");
	expect_refused("Q: {prompt}", "S",
		       "template: a system message is given, but the template "
		       "has no {system}");
}
END_TEST

START_TEST(prefill_is_the_think_tag_at_the_end)
{
	static const char *const cases[][2] = {
	    {"r1-zero", "<think>"},
	    {"chatml", ""},
	    {"plain", ""},
	    {"{prompt}<think>", "<think>"},
	    {"{prompt}<think>\n", "<think>\n"},
	    {"{prompt}<think>\n\n", ""},
	    {"{prompt}<think> ", ""},
	    {"<think>{prompt}", ""},
	};
	grpo_template *t;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		t = make(cases[i][0], NULL);
		ck_assert_str_eq(grpo_template_prefill(t), cases[i][1]);
		grpo_template_free(t);
	}
}
END_TEST

/* ------------------------------------------------------------- conversations
 */

START_TEST(chatml_renders_every_message)
{
	static const grpo_message m[] = {
	    {"system", "S"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}};
	char *text;

	ck_assert_int_eq(render_messages("chatml", "other", &text, m, 4), 0);
	ck_assert_str_eq(text, "<|im_start|>system\nS<|im_end|>\n"
			       "<|im_start|>user\na<|im_end|>\n"
			       "<|im_start|>assistant\nb<|im_end|>\n"
			       "<|im_start|>user\nc<|im_end|>\n"
			       "<|im_start|>assistant\n");
	free(text);
	ck_assert_int_eq(render_messages("chatml", "T", &text, m + 3, 1), 0);
	ck_assert_str_eq(text, "<|im_start|>system\nT<|im_end|>\n"
			       "<|im_start|>user\nc<|im_end|>\n"
			       "<|im_start|>assistant\n");
	free(text);
}
END_TEST

START_TEST(a_text_takes_one_user_message_and_its_system)
{
	static const grpo_message m[] = {{"system", "S"}, {"user", "a"}};
	char *text;

	ck_assert_int_eq(render_messages("r1-zero", "T", &text, m, 2), 0);
	ck_assert_str_eq(text, "S\nUser: a\nAssistant: <think>");
	free(text);
	ck_assert_int_eq(render_messages("plain", NULL, &text, m + 1, 1), 0);
	ck_assert_str_eq(text, "a");
	free(text);
}
END_TEST

START_TEST(conversations_that_do_not_fit_are_refused)
{
	static const grpo_message four[] = {
	    {"system", "S"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}};
	static const struct {
		const char *name;
		grpo_message m[2];
		size_t n;
		const char *message;
	} cases[] = {
	    {"chatml",
	     {{NULL, NULL}},
	     0,
	     "the last message must be the user's"},
	    {"chatml",
	     {{"user", "a"}, {"assistant", "b"}},
	     2,
	     "the last message must be the user's"},
	    {"chatml",
	     {{"tool", "a"}},
	     1,
	     "message 1: role \"tool\" is not known, expected \"system\", "
	     "\"user\" or \"assistant\""},
	    {"chatml",
	     {{"user", "a"}, {"system", "b"}},
	     2,
	     "message 2: a system message must be the first"},
	    {"chatml", {{NULL, "a"}}, 1, "message 1 has no role"},
	    {"chatml", {{"user", NULL}}, 1, "message 1 has no content"},
	    {"plain",
	     {{"system", "S"}, {"user", "a"}},
	     2,
	     "plain: the conversation has a system message, but the "
	     "template has no {system}"},
	    {"r1-zero",
	     {{"user", "a"}, {"user", "b"}},
	     2,
	     "r1-zero takes one user message, the conversation has 2 "
	     "messages (use \"chatml\")"},
	};
	char *text;
	size_t i;

	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		ck_assert_int_eq(render_messages(cases[i].name, NULL, &text,
						 cases[i].m, cases[i].n),
				 GRPO_EINVAL);
		ck_assert_str_eq(grpo_error_message(), cases[i].message);
	}
	ck_assert_int_eq(render_messages("r1-zero", NULL, &text, four, 4),
			 GRPO_EINVAL);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("template");
	TCase *tc = tcase_create("template");

	tcase_add_test(tc, r1_zero_is_the_prompt_of_the_paper);
	tcase_add_test(tc, r1_zero_takes_another_system_message);
	tcase_add_test(tc, chatml_has_a_system_block_only_if_one_is_given);
	tcase_add_test(tc, plain_is_the_prompt_itself);
	tcase_add_test(tc, a_prompt_may_hold_a_zero_byte);
	tcase_add_test(tc, names_in_braces_are_replaced_wherever_they_are);
	tcase_add_test(tc, inserted_text_is_not_expanded_again);
	tcase_add_test(tc, other_braces_stay);
	tcase_add_test(tc, doubled_braces_stay_as_they_are);
	tcase_add_test(tc, another_name_in_braces_is_refused);
	tcase_add_test(tc, a_text_without_prompt_is_refused);
	tcase_add_test(tc, a_system_message_that_has_no_place_is_refused);
	tcase_add_test(tc, prefill_is_the_think_tag_at_the_end);
	tcase_add_test(tc, chatml_renders_every_message);
	tcase_add_test(tc, a_text_takes_one_user_message_and_its_system);
	tcase_add_test(tc, conversations_that_do_not_fit_are_refused);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
