/* SPDX-License-Identifier: MIT */
/* Templates that are saved beside a model. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "core/json.h"
#include "grpo/error.h"
#include "grpo/log.h"
#include "grpo/template.h"
#include "tests/program.h"
#include "tests/scratch.h"
#include "tests/suite.h"

static grpo_template *make(const char *name, const char *system)
{
	grpo_template *t;

	ck_assert_msg(grpo_template_create(&t, name, system) == 0, "%s",
		      grpo_error_message());
	return t;
}

static void save(const char *name, const char *system, int add_bos)
{
	grpo_template *t = make(name, system);

	ck_assert_msg(grpo_template_save(t, scratch_folder, add_bos) == 0, "%s",
		      grpo_error_message());
	grpo_template_free(t);
}

static void expect_file(const char *name, const char *want)
{
	char *got = program_wrote(name);

	ck_assert_str_eq(got, want);
	free(got);
}

static char *render(const grpo_template *t, const char *prompt)
{
	char *text;
	size_t len;

	ck_assert_int_eq(
	    grpo_template_render(t, &text, &len, prompt, strlen(prompt)), 0);
	return text;
}

/* ------------------------------------------------------- save and open */

static void expect_return(const char *name, const char *system, int add_bos)
{
	grpo_template *was = make(name, system), *is;
	char *before = render(was, "1 + 1?"), *after;
	int bos = -1;

	save(name, system, add_bos);
	ck_assert_msg(grpo_template_open_folder(&is, &bos, scratch_folder) == 0,
		      "%s", grpo_error_message());
	after = render(is, "1 + 1?");
	ck_assert_str_eq(after, before);
	ck_assert_str_eq(grpo_template_prefill(is), grpo_template_prefill(was));
	ck_assert_int_eq(bos, add_bos);
	free(before);
	free(after);
	grpo_template_free(was);
	grpo_template_free(is);
}

START_TEST(a_saved_template_opens_as_the_same)
{
	expect_return("r1-zero", NULL, 1);
	expect_return("r1-zero", "Be \"brief\".\n", 0);
	expect_return("chatml", NULL, 1);
	expect_return("chatml", "You count.", 1);
	expect_return("plain", NULL, 0);
	expect_return("{system} \\ {{x}}\t{prompt}: <think>\n", "é\"", 1);
}
END_TEST

START_TEST(a_folder_without_a_template_is_not_found)
{
	grpo_template *t = (grpo_template *)&t;

	ck_assert_int_eq(grpo_template_open_folder(&t, NULL, scratch_folder),
			 GRPO_ENOTFOUND);
	ck_assert_ptr_null(t);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), ": there is no grpo_template.json"));
}
END_TEST

static void expect_bad_record(const char *json, int code, const char *message)
{
	grpo_template *t;

	scratch_text("grpo_template.json", json);
	ck_assert_int_eq(grpo_template_open_folder(&t, NULL, scratch_folder),
			 code);
	assert_message_in_scratch(message);
}

START_TEST(a_record_that_makes_no_sense_is_refused)
{
	expect_bad_record("{}", GRPO_EFORMAT,
			  "grpo_template.json: \"template\" is missing");
	expect_bad_record("{\"template\": 1}", GRPO_EFORMAT,
			  "grpo_template.json: \"template\": expected a "
			  "string");
	expect_bad_record("{\"template\": \"x{y}\"}", GRPO_EINVAL,
			  "grpo_template.json: template: {y} is not known, "
			  "expected {prompt} or {system}");
}
END_TEST

START_TEST(a_template_that_is_not_utf8_is_not_saved)
{
	grpo_template *t = make("\xff{prompt}", NULL);

	ck_assert_int_eq(grpo_template_save(t, scratch_folder, 0), GRPO_EINVAL);
	ck_assert_str_eq(grpo_error_message(),
			 "the template is not UTF-8: it cannot be saved");
	grpo_template_free(t);
}
END_TEST

/* ------------------------------------------- a chat template of its own */

#define OWN_JINJA "{{ messages[0].content }}"
#define SETTINGS                                                               \
	"{\"model_max_length\": 1000000000000000019884624838656,\n"            \
	" \"chat_template\": %s,\n \"bos_token\": null}\n"

static void expect_settings(const char *chat_template)
{
	char want[8192];

	snprintf(want, sizeof want, SETTINGS, chat_template);
	expect_file("tokenizer_config.json", want);
}

static void write_settings(const char *chat_template)
{
	char text[256];

	snprintf(text, sizeof text, SETTINGS, chat_template);
	scratch_text("tokenizer_config.json", text);
}

START_TEST(chatml_and_plain_keep_the_models_own_chat_template)
{
	scratch_text("chat_template.jinja", OWN_JINJA);
	save("chatml", NULL, 1);
	save("plain", NULL, 1);
	expect_file("chat_template.jinja", OWN_JINJA);
	ck_assert_int_eq(remove(scratch_path("chat_template.jinja")), 0);
	write_settings("\"" OWN_JINJA "\"");
	save("chatml", NULL, 1);
	expect_settings("\"" OWN_JINJA "\"");
	ck_assert(!grpo__file_exists(scratch_path("chat_template.jinja")));
}
END_TEST

START_TEST(another_template_takes_its_place_in_both_files)
{
	char *jinja;
	grpo__buf quoted = {0};

	scratch_text("chat_template.jinja", OWN_JINJA);
	write_settings("\"" OWN_JINJA "\"");
	save("Q: {prompt}\nA:", NULL, 0);
	jinja = program_wrote("chat_template.jinja");
	ck_assert_ptr_nonnull(strstr(jinja, "\"Q: \" + turns[0]"));
	ck_assert_int_eq(grpo__json_quote(&quoted, jinja, strlen(jinja)), 0);
	expect_settings(quoted.data);
	grpo__buf_dispose(&quoted);
	free(jinja);
}
END_TEST

START_TEST(a_tokenizer_config_without_a_chat_template_stays_as_it_is)
{
	write_settings("null");
	save("r1-zero", NULL, 0);
	expect_settings("null");
}
END_TEST

START_TEST(a_template_of_ours_is_not_taken_for_the_models_own)
{
	char *jinja;

	save("r1-zero", NULL, 0);
	save("chatml", NULL, 0);
	jinja = program_wrote("chat_template.jinja");
	ck_assert_ptr_nonnull(strstr(jinja, "<|im_start|>"));
	free(jinja);
}
END_TEST

/* ------------------------------------------------------------ warnings */

static char said[1024];

static void hear(void *ctx, int level, const char *text)
{
	(void)ctx;
	ck_assert_int_eq(level, GRPO_LOG_WARN);
	snprintf(said, sizeof said, "%s", text);
}

static const char *check(const char *name, const char *system)
{
	grpo_template *t = make(name, system);

	said[0] = '\0';
	grpo_log_set(hear, NULL, GRPO_LOG_WARN);
	ck_assert_int_eq(grpo_template_check_folder(t, scratch_folder), 0);
	grpo_log_set(NULL, NULL, 0);
	grpo_template_free(t);
	return said;
}

#define SMOLLM2                                                                \
	"{% for message in messages %}{% if loop.first and "                   \
	"messages[0]['role'] != 'system' %}{{ '<|im_start|>system\\nYou are "  \
	"a helpful AI assistant named SmolLM, trained by Hugging "             \
	"Face<|im_end|>\\n' }}{% endif %}{{'<|im_start|>' + message['role'] "  \
	"+ '\\n' + message['content'] + '<|im_end|>' + '\\n'}}{% endfor %}"

START_TEST(chatml_beside_a_default_system_message_is_warned_of)
{
	char want[1024];

	scratch_text("chat_template.jinja", SMOLLM2);
	snprintf(want, sizeof want,
		 "%s: the model's own chat template adds the system message "
		 "\"You are a helpful AI assistant named SmolLM, trained by "
		 "Hugging Face\" where none is given; \"chatml\" does not "
		 "(\"system\" sets one)",
		 scratch_folder);
	ck_assert_str_eq(check("chatml", NULL), want);
	ck_assert_str_eq(check("chatml", "You count."), "");
	ck_assert_str_eq(check("r1-zero", NULL), "");
}
END_TEST

START_TEST(chatml_on_a_model_of_another_format_is_warned_of)
{
	char want[1024];

	ck_assert_str_eq(check("chatml", NULL), "");
	scratch_text("tokenizer_config.json",
		     "{\"chat_template\": \"[INST] {{ x }} [/INST]\"}");
	snprintf(want, sizeof want,
		 "%s: the model's own chat template has no <|im_start|>: "
		 "\"chatml\" is not its format",
		 scratch_folder);
	ck_assert_str_eq(check("chatml", NULL), want);
	scratch_text("tokenizer_config.json",
		     "{\"chat_template\": \"{{'<|im_start|>' + m}}\"}");
	ck_assert_str_eq(check("chatml", NULL), "");
}
END_TEST

/* ---------------------------------------------- as transformers renders */

static void put_messages(grpo__buf *b, const grpo_message *m, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		grpo__buf_printf(b, "%s{\"role\": ", i ? ", " : "");
		grpo__json_quote(b, m[i].role, strlen(m[i].role));
		grpo__buf_printf(b, ", \"content\": ");
		grpo__json_quote(b, m[i].content, strlen(m[i].content));
		grpo__buf_printf(b, "}");
	}
}

/* The prompt as we render it, with the begin-of-text token where there is
 * one; null where we refuse. */
static void put_want(grpo__buf *b, const grpo_template *t, const char *bos,
		     const grpo_message *m, size_t n)
{
	grpo__buf all = {0};
	char *text = NULL;
	size_t len;

	if (grpo_template_render_messages(t, &text, &len, m, n) < 0) {
		grpo__buf_printf(b, "null");
		return;
	}
	if (bos && strncmp(text, bos, strlen(bos)) != 0)
		grpo__buf_printf(&all, "%s", bos);
	grpo__buf_add(&all, text, len);
	grpo__json_quote(b, all.data, all.len);
	grpo__buf_dispose(&all);
	free(text);
}

struct rendering {
	const char *name, *system;
	const char *bos; /* NULL: add_bos is 0 */
};

static const struct rendering renderings[] = {
    {"r1-zero", NULL, NULL},
    {"r1-zero", "Be \"brief\".\\\n{{ no }}", "<s>"},
    {"chatml", NULL, "<|im_start|>"},
    {"chatml", "You count.", "<s>"},
    {"plain", NULL, NULL},
    {"plain", NULL, "<s>"},
    {"<s>{system}: {prompt} = {prompt}?\t\"%}\" '{{ x }}' {# \\n é "
     "🙂\r\n<think>\n",
     NULL, "<s>"},
};

static const char *const prompts[] = {
    "What is 12 + 9?",
    " two\n\nlines \n",
    "\"{{ 1 }}\" {% raw %} \\n é 🙂",
    "<s>begun",
    "",
};

#define N(a) (sizeof(a) / sizeof *(a))

static void put_case(grpo__buf *b, const struct rendering *r,
		     const grpo_template *t, const char *folder,
		     const grpo_message *m, size_t n)
{
	grpo__buf_printf(b, "{\"folder\": \"%s\", \"messages\": [", folder);
	put_messages(b, m, n);
	grpo__buf_printf(b, "], \"want\": ");
	put_want(b, t, r->bos, m, n);
	grpo__buf_printf(b, "}\n");
}

static void put_conversations(grpo__buf *b, const struct rendering *r,
			      const grpo_template *t, const char *folder)
{
	const grpo_message talk[] = {{"system", "Say \"yes\".\n"},
				     {"user", "a"},
				     {"assistant", "b\n"},
				     {"user", "c"}};
	size_t i;

	for (i = 0; i < N(prompts); i++) {
		const grpo_message m = {"user", prompts[i]};

		put_case(b, r, t, folder, &m, 1);
	}
	put_case(b, r, t, folder, talk, 2);
	put_case(b, r, t, folder, talk, 4);
	put_case(b, r, t, folder, talk + 1, 3);
}

/* A folder that transformers opens, with its template. */
static void make_folder(char folder[300], size_t i, const grpo_template *t)
{
	const struct rendering *r = &renderings[i];
	char *text, path[512];
	size_t len;
	FILE *f;

	snprintf(folder, 300, "%s/%zu", scratch_folder, i);
	ck_assert_int_eq(grpo__make_folder(folder), 0);
	ck_assert_int_eq(grpo__file_read(&text, &len,
					 "tests/golden/tokenizer/smollm2/"
					 "tokenizer.json",
					 1 << 24),
			 0);
	snprintf(path, sizeof path, "%s/tokenizer.json", folder);
	ck_assert_int_eq(grpo__file_write(path, text, len), 0);
	free(text);
	snprintf(path, sizeof path, "%s/tokenizer_config.json", folder);
	f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	fprintf(f,
		"{\"tokenizer_class\": \"PreTrainedTokenizerFast\", "
		"\"chat_template\": \"{#- libgrpo: old -#}\", \"bos_token\": ");
	fprintf(f, r->bos ? "\"%s\"}\n" : "null}\n", r->bos);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(grpo_template_save(t, folder, r->bos != NULL), 0);
}

START_TEST(jinja_and_transformers_make_the_same_prompts)
{
	char *arguments[] = {"python3", "tests/render_chat.py", NULL, NULL};
	grpo__buf b = {0};
	char folder[300];
	size_t i;
	int status;

	for (i = 0; i < N(renderings); i++) {
		const struct rendering *r = &renderings[i];
		grpo_template *t = make(r->name, r->system);

		make_folder(folder, i, t);
		put_conversations(&b, r, t, folder);
		grpo_template_free(t);
	}
	arguments[2] = (char *)scratch_write("cases.jsonl", b.data, b.len);
	grpo__buf_dispose(&b);
	status = program_finish(program_start(arguments, NULL));
	if (status == 77 || status == 127)
		printf("skipped: no python3 with jinja2, which would try the "
		       "chat templates that are saved\n");
	else
		program_expect_status(status, 0);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("template_folder");
	TCase *tc = tcase_create("folder");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 120);
	tcase_add_test(tc, a_saved_template_opens_as_the_same);
	tcase_add_test(tc, a_folder_without_a_template_is_not_found);
	tcase_add_test(tc, a_record_that_makes_no_sense_is_refused);
	tcase_add_test(tc, a_template_that_is_not_utf8_is_not_saved);
	tcase_add_test(tc, chatml_and_plain_keep_the_models_own_chat_template);
	tcase_add_test(tc, another_template_takes_its_place_in_both_files);
	tcase_add_test(
	    tc, a_tokenizer_config_without_a_chat_template_stays_as_it_is);
	tcase_add_test(tc, a_template_of_ours_is_not_taken_for_the_models_own);
	tcase_add_test(tc, chatml_beside_a_default_system_message_is_warned_of);
	tcase_add_test(tc, chatml_on_a_model_of_another_format_is_warned_of);
	tcase_add_test(tc, jinja_and_transformers_make_the_same_prompts);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
