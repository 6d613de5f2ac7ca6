/* SPDX-License-Identifier: MIT */
/*
 * Templates (grpo/template.h): the template, a system message, a prompt, then
 * roles and contents by turns.  What is rendered holds what was given, whole.
 */
#include "grpo/template.h"

#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "tests/fuzz/fuzz.h"

#define MAX_MESSAGES 16

static void check_rendered(const grpo_template *t, char *text, size_t len,
			   const char *part)
{
	const char *prefill = grpo_template_prefill(t);
	size_t n = strlen(prefill);

	fuzz_require(strlen(text) == len);
	fuzz_require(strstr(text, part) != NULL);
	fuzz_require(len >= n && strcmp(text + len - n, prefill) == 0);
}

static void check_prompt(const grpo_template *t, const char *prompt)
{
	char *text;
	size_t len;

	fuzz_require(
	    grpo_template_render(t, &text, &len, prompt, strlen(prompt)) == 0);
	check_rendered(t, text, len, prompt);
	free(text);
}

static void check_messages(const grpo_template *t, const grpo_message *m,
			   size_t n)
{
	char *text;
	size_t len, i;
	int rc = grpo_template_render_messages(t, &text, &len, m, n);

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (text != NULL));
	for (i = 0; rc == 0 && i < n; i++)
		check_rendered(t, text, len, m[i].content);
	free(text);
}

static size_t read_messages(grpo_message *m, struct fuzz_input *in)
{
	size_t n = 0;

	while (fuzz_more(in) && n < MAX_MESSAGES) {
		m[n].role = fuzz_text(in);
		m[n++].content = fuzz_more(in) ? fuzz_text(in) : NULL;
	}
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	char *name = fuzz_text(&in), *system = fuzz_text(&in);
	char *prompt = fuzz_text(&in);
	grpo_message messages[MAX_MESSAGES];
	size_t n = read_messages(messages, &in);
	grpo_template *t;
	int rc = grpo_template_create(&t, name, *system ? system : NULL);

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (t != NULL));
	if (t) {
		check_prompt(t, prompt);
		check_messages(t, messages, n);
	}
	grpo_template_free(t);
	while (n-- > 0) {
		free((char *)messages[n].role);
		free((char *)messages[n].content);
	}
	free(prompt);
	free(system);
	free(name);
	return 0;
}
