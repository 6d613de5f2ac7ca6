/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_PROMPTS_H
#define GENERATE_PROMPTS_H

#include "grpo/dataset.h"
#include "grpo/template.h"
#include "grpo/tokenizer.h"
#include "options.h"

struct prompt {
	char *text; /* as it was given; NULL for a row of the dataset */
	size_t len;
	int32_t *ids; /* as the model sees it */
	int64_t n_ids;
};

/** What is asked, and how a question becomes a prompt. */
struct prompts {
	grpo_tokenizer *tokenizer;
	grpo_template *template_;
	int add_bos;
	grpo_dataset *dataset; /* NULL: arguments or standard input */
	struct prompt *list;   /* [n] */
	int64_t n, cap;
};

/** Tokenizer, template and prompts, as the options say.  Returns 0 or a
 *  negative code with the line in fault(). */
int prompts_read(struct prompts *p, const struct options *o);
void prompts_dispose(struct prompts *p);

/** Where prompt i stands: "held.jsonl:3", "prompt 3". */
const char *prompts_place(char out[4200], const struct prompts *p, int64_t i);

#endif
