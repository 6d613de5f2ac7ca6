/* SPDX-License-Identifier: MIT */
/* lib/text under faults: tokenizers and templates. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* ------------------------------------------------------------- tokenizer */

/* "a b" with a merge, a split, a normalized and a raw added token. */
static const char tokenizer_json[] =
    "{\"version\": \"1.0\", \"added_tokens\": ["
    "{\"id\": 6, \"content\": \"<e>\", \"special\": true,"
    " \"normalized\": false}, {\"id\": 7, \"content\": \"<n>\","
    " \"special\": false, \"normalized\": true, \"lstrip\": true}],"
    "\"normalizer\": {\"type\": \"NFC\"}, \"pre_tokenizer\":"
    "{\"type\": \"Sequence\", \"pretokenizers\": ["
    "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"\\\\p{L}+\"},"
    " \"behavior\": \"Isolated\", \"invert\": false},"
    "{\"type\": \"ByteLevel\", \"add_prefix_space\": true,"
    " \"use_regex\": false}]},"
    "\"decoder\": {\"type\": \"ByteLevel\"}, \"model\": {\"type\": \"BPE\","
    "\"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2, \"\\u0120\": 3, \"aba\": 4,"
    " \"c\": 5}, \"merges\": [\"a b\", [\"ab\", \"a\"]]}}";

static int encode_and_decode(const grpo_tokenizer *t)
{
	static const char text[] = "aba <n>cab<e>e\xcc\x81";
	static const int32_t want[] = {3, 4, 7, 3, 5, 2, 6, 3};
	int32_t *ids = NULL;
	int64_t n = 77;
	char *back = NULL;
	size_t len = 77;
	int rc = grpo_tokenizer_encode(t, &ids, &n, text, sizeof text - 1);

	if (rc < 0)
		return n == 77 ? rc : FAULT_WRONG;
	if (n != 8 || memcmp(ids, want, sizeof want) != 0)
		rc = FAULT_WRONG;
	if (rc == 0)
		rc = grpo_tokenizer_decode(t, &back, &len, ids, n, 1);
	if (rc < 0 && len != 77)
		rc = FAULT_WRONG;
	if (rc == 0 && strcmp(back, " aba<n> cab ") != 0)
		rc = FAULT_WRONG;
	free(back);
	free(ids);
	return rc;
}

static int tokenizer_work(void)
{
	grpo_tokenizer *t = (grpo_tokenizer *)scratch_folder;
	const int32_t *stops;
	int rc = grpo_tokenizer_open(&t, scratch_folder);

	if (rc < 0)
		return t ? FAULT_WRONG : rc;
	if (grpo_tokenizer_bos(t) != 5 || grpo_tokenizer_stops(t, &stops) != 2)
		rc = FAULT_WRONG;
	if (rc == 0)
		rc = encode_and_decode(t);
	grpo_tokenizer_free(t);
	return rc;
}

START_TEST(a_tokenizer_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "tokenizer",
						.work = tokenizer_work,
						.spare = 6, /* PCRE2's JIT */
						.path = scratch_folder};

	scratch_text("tokenizer.json", tokenizer_json);
	scratch_text("tokenizer_config.json",
		     "{\"bos_token\": \"c\", \"eos_token\": "
		     "{\"content\": \"<e>\"}}");
	scratch_text("generation_config.json", "{\"eos_token_id\": [6, 2]}");
	fault_sweep(&s);
}
END_TEST

/* -------------------------------------------------------------- template */

static int render(const char *name, const char *system, const char *ending)
{
	static const grpo_message talk[] = {{"user", "why?"}};
	grpo_template *t = (grpo_template *)talk;
	char *text = NULL;
	size_t len = 77;
	int rc = grpo_template_create(&t, name, system);

	if (rc < 0)
		return t ? FAULT_WRONG : rc;
	rc = grpo_template_render(t, &text, &len, "why?", 4);
	if (rc == 0) {
		free(text);
		text = NULL;
		len = 77;
		rc = grpo_template_render_messages(t, &text, &len, talk, 1);
	}
	if (rc < 0 ? len != 77
		   : strcmp(text + len - strlen(ending), ending) != 0)
		rc = FAULT_WRONG;
	free(text);
	grpo_template_free(t);
	return rc;
}

static int template_work(void)
{
	int rc = 0;

	GRPO_TRY(render("r1-zero", NULL, "<think>"));
	GRPO_TRY(render("chatml", "Think.", "assistant\n"));
	GRPO_TRY(render("plain", NULL, "why?"));
	GRPO_TRY(render("{system} {prompt} so:", "Think.", "why? so:"));
out:
	return rc;
}

START_TEST(a_template_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "template",
						.work = template_work};

	fault_sweep(&s);
}
END_TEST

/* A folder with a tokenizer_config.json whose chat template is replaced. */
static void make_settings(void)
{
	scratch_text("tokenizer_config.json",
		     "{\"chat_template\": \"{{ x }}\", \"bos_token\": null}");
}

static int save_and_open(void)
{
	grpo_template *t = NULL, *back = NULL;
	int bos = 7, rc = 0;

	GRPO_TRY(grpo_template_create(&t, "{system} {prompt}", "Think."));
	GRPO_TRY(grpo_template_save(t, scratch_folder, 1));
	GRPO_TRY(grpo_template_check_folder(t, scratch_folder));
	rc = grpo_template_open_folder(&back, &bos, scratch_folder);
	if (rc < 0 ? back || bos != 7 : !back || bos != 1)
		rc = FAULT_WRONG;
out:
	grpo_template_free(t);
	grpo_template_free(back);
	return rc;
}

START_TEST(a_template_beside_a_model_survives_every_fault)
{
	const struct fault_scenario s = {.name = "template in a folder",
					 .before = make_settings,
					 .work = save_and_open,
					 .path = scratch_folder};

	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of text");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, a_tokenizer_survives_every_fault);
	tcase_add_test(tc, a_template_survives_every_fault);
	tcase_add_test(tc, a_template_beside_a_model_survives_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
