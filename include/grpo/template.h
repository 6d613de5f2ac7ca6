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
 * The end of the template's text that counts as written by the model:
 * "<think>", or "<think>" and a newline, where the text ends so (r1-zero's
 * does); else "". Borrowed.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API const char *grpo_template_prefill(const grpo_template *t);

/* -------------------------------------------------------- beside a model */

/**
 * Saves the template in a model's folder, so that the model can be used by
 * somebody who does not know how it was trained:
 *
 *	grpo_template.json   {"template", "system", "add_bos"}, which
 *	                     grpo_template_open_folder reads
 *	chat_template.jinja  the same for transformers, vLLM and others, which
 *	                     then make the same prompt; "chat_template" of
 *	                     tokenizer_config.json too, if the file has one
 *
 * What the Jinja does: a template with {prompt} takes one user message (and a
 * system message before it, if it has {system}) and raises an exception for
 * any other conversation, as grpo_template_render_messages fails.  It ignores
 * add_generation_prompt.  chatml takes any conversation and honours it.
 *
 * If the folder has a chat template of its own, chatml and plain leave that
 * as it is.
 *
 * folder   in  holds the tokenizer's files already
 * add_bos  in  1: prompts were given the tokenizer's begin-of-text token
 *              (add_bos of grpo_trainer_config)
 *
 * Returns 0, GRPO_EIO, GRPO_EFORMAT for a tokenizer_config.json that is not
 * JSON, GRPO_EINVAL for a template that is not UTF-8.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_save(const grpo_template *t, const char *folder,
				int add_bos);

/**
 * The template that was saved in a model's folder.
 *
 * out      out  free with grpo_template_free
 * add_bos  out  as it was saved; may be NULL
 *
 * Returns 0, GRPO_ENOTFOUND where the folder has no grpo_template.json,
 * GRPO_EFORMAT or GRPO_EINVAL for one that makes no sense.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_open_folder(grpo_template **out, int *add_bos,
				       const char *folder);

/**
 * For chatml: warns (grpo/log.h) if the model's own chat template is another
 * format, or adds a system message where none is given.  It looks for these
 * two in the Jinja; it does not run it.
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT for a tokenizer_config.json that is
 * not JSON.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_template_check_folder(const grpo_template *t,
					const char *folder);

GRPO_END_DECLS

#endif
