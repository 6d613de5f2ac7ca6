/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_TEMPLATE_H
#define GRPO_TEXT_TEMPLATE_H

#include "core/mem.h"
#include "grpo/template.h"

struct grpo_template {
	char *name;   /* for messages; "template" for a custom text */
	char *text;   /* NULL: chatml */
	char *system; /* or NULL */
	int own;      /* a custom text, not a built-in name */
	const char *prefill;
};

/** What a template's text is made of. */
enum grpo__template_kind {
	GRPO__PART_LITERAL,
	GRPO__PART_PROMPT,
	GRPO__PART_SYSTEM,
	GRPO__PART_UNKNOWN,
	GRPO__PART_END
};

/** The part at *s, which moves past it; "{{" is text, not a name's start. */
enum grpo__template_kind grpo__template_part(const char **s, const char **part,
					     size_t *len);

/** Whether a conversation may have a system message. */
int grpo__template_takes_system(const grpo_template *t);

/** What a Jinja template of ours begins with. */
#define GRPO__JINJA_MARK "{#- libgrpo:"

/** Appends the template in Jinja, as transformers' apply_chat_template reads
 *  it; with add_bos it begins with bos_token, unless the prompt does. */
int grpo__template_jinja(grpo__buf *b, const grpo_template *t, int add_bos);

#endif
