/* SPDX-License-Identifier: MIT */
/* A template in the language of chat templates. */
#include "text/template.h"

#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "core/json_scan.h"

#define HEAD                                                                   \
	GRPO__JINJA_MARK " the prompt that this model was trained with; "      \
			 "grpo_template.json says the same -#}\n"

static int add(grpo__buf *b, const char *text)
{
	return grpo__buf_add(b, text, strlen(text));
}

/* Escapes are those of JSON, which Jinja knows too. */
static int add_string(grpo__buf *b, const char *text, size_t len)
{
	const char *p = text, *end = text + len;
	size_t n;

	for (; p < end; p += n)
		if ((n = grpo__utf8_length(p, end)) == 0)
			return grpo__fail(GRPO_EINVAL,
					  "the template is not UTF-8: it "
					  "cannot be saved");
	return grpo__json_quote(b, text, len);
}

static int add_bos_if(grpo__buf *b, const char *start)
{
	return grpo__buf_printf(
	    b,
	    "{%%- if bos_token is defined and bos_token and not "
	    "%s.startswith(bos_token) -%%}\n"
	    "{{- bos_token -}}\n"
	    "{%%- endif -%%}\n",
	    start);
}

/* ----------------------------------------------------------------- text */

static int set_system(grpo__buf *b, const grpo_template *t)
{
	const char *system = t->system ? t->system : "";
	int rc = 0;

	GRPO_TRY(add(b, "{%- set system = "));
	GRPO_TRY(add_string(b, system, strlen(system)));
	rc = add(b, " -%}\n"
		    "{%- if messages[0][\"role\"] == \"system\" -%}\n"
		    "{%- set system = messages[0][\"content\"] -%}\n"
		    "{%- set turns = messages[1:] -%}\n"
		    "{%- endif -%}\n");
out:
	return rc;
}

static int check_turns(grpo__buf *b, int takes_system)
{
	return grpo__buf_printf(
	    b,
	    "{%%- if turns|length != 1 or turns[0][\"role\"] != \"user\" "
	    "-%%}\n"
	    "{{- raise_exception(\"this template takes one user message%s\") "
	    "-}}\n"
	    "{%%- endif -%%}\n",
	    takes_system ? ", and before it a system message if there is one"
			 : " and no system message");
}

/* "literal" + system + "literal" + turns[0]["content"] */
static int add_sum(grpo__buf *b, const char *text)
{
	enum grpo__template_kind kind;
	const char *part;
	size_t len;
	int first = 1, rc = 0;

	while ((kind = grpo__template_part(&text, &part, &len)) !=
	       GRPO__PART_END) {
		if (!first)
			GRPO_TRY(add(b, " + "));
		first = 0;
		if (kind == GRPO__PART_PROMPT)
			GRPO_TRY(add(b, "turns[0][\"content\"]"));
		else if (kind == GRPO__PART_SYSTEM)
			GRPO_TRY(add(b, "system"));
		else
			GRPO_TRY(add_string(b, part, len));
	}
out:
	return rc;
}

static int add_text(grpo__buf *b, const grpo_template *t, int add_bos)
{
	int takes_system = grpo__template_takes_system(t), rc = 0;

	GRPO_TRY(add(b, "{%- set turns = messages -%}\n"));
	if (takes_system)
		GRPO_TRY(set_system(b, t));
	GRPO_TRY(check_turns(b, takes_system));
	GRPO_TRY(add(b, "{%- set text = "));
	GRPO_TRY(add_sum(b, t->text));
	GRPO_TRY(add(b, " -%}\n"));
	if (add_bos)
		GRPO_TRY(add_bos_if(b, "text"));
	rc = add(b, "{{- text -}}\n");
out:
	return rc;
}

/* --------------------------------------------------------------- chatml */

static int add_system_block(grpo__buf *b, const char *system)
{
	int rc = 0;

	GRPO_TRY(add(b, "{%- if messages[0][\"role\"] != \"system\" -%}\n"
			"{{- \"<|im_start|>system\\n\" + "));
	GRPO_TRY(add_string(b, system, strlen(system)));
	rc = add(b, " + \"<|im_end|>\\n\" -}}\n{%- endif -%}\n");
out:
	return rc;
}

static int add_chatml(grpo__buf *b, const grpo_template *t, int add_bos)
{
	int rc = 0;

	if (add_bos)
		GRPO_TRY(add_bos_if(b, "\"<|im_start|>\""));
	if (t->system)
		GRPO_TRY(add_system_block(b, t->system));
	rc = add(b, "{%- for message in messages -%}\n"
		    "{{- \"<|im_start|>\" + message[\"role\"] + \"\\n\" + "
		    "message[\"content\"] + \"<|im_end|>\\n\" -}}\n"
		    "{%- endfor -%}\n"
		    "{%- if add_generation_prompt -%}\n"
		    "{{- \"<|im_start|>assistant\\n\" -}}\n"
		    "{%- endif -%}\n");
out:
	return rc;
}

int grpo__template_jinja(grpo__buf *b, const grpo_template *t, int add_bos)
{
	int rc = 0;

	GRPO_TRY(add(b, HEAD));
	rc = t->text ? add_text(b, t, add_bos) : add_chatml(b, t, add_bos);
out:
	return rc;
}
