/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEMPLATE_H
#define GRPO_TEMPLATE_H

#include <stddef.h>
#include "grpo/export.h"

/*
 * Turns a question into the text that the model continues.  A template is one
 * of the names below, or your own text, in which {prompt} and the optional
 * {system} are replaced:
 *
 *	r1-zero  the prompt of DeepSeek-R1-Zero (arXiv:2501.12948, table 1),
 *	         ending in "Assistant: <think>"
 *	chatml   <|im_start|>user … <|im_end|> … <|im_start|>assistant
 *	plain    the prompt itself
 *
 * A template may end with the start of the answer ("<think>").  That text
 * counts as written by the model: put grpo_template_prefill before what was
 * sampled, and a reward sees the whole answer.
 */
typedef struct grpo_template grpo_template;

GRPO_BEGIN_DECLS

/**
 * Creates a template.
 *
 * out     out  free with grpo_template_free
 * name    in   "r1-zero", "chatml", "plain", or text that contains "{prompt}"
 * system  in   system message; NULL: the template's default
 *
 * Returns 0, or GRPO_EINVAL if the text has no {prompt}, or another name in
 * braces such as {question}.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_create(grpo_template **out, const char *name,
				  const char *system);
GRPO_API void grpo_template_free(grpo_template *t);

/**
 * Puts a prompt into the template.
 *
 * text  out  NUL-terminated; free with free()
 *
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_render(const grpo_template *t, char **text,
				  size_t *len, const char *prompt,
				  size_t prompt_len);

/** One message of a conversation, as in a dataset's "prompt" list. */
typedef struct grpo_message {
	const char *role;    /* "system", "user" or "assistant" */
	const char *content; /* NUL-terminated UTF-8 */
} grpo_message;

/**
 * Like grpo_template_render, for a conversation.  Only chatml accepts more
 * than one user message.
 *
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_render_messages(const grpo_template *t, char **text,
					   size_t *len,
					   const grpo_message *messages,
					   size_t n_messages);

/**
 * The end of the template that counts as written by the model: "<think>" for
 * r1-zero, "" for the others; borrowed.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_template_prefill(const grpo_template *t);

GRPO_END_DECLS

#endif
