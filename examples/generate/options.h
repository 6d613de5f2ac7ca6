/* SPDX-License-Identifier: MIT */
#ifndef GENERATE_OPTIONS_H
#define GENERATE_OPTIONS_H

#include "grpo/torch.h"

struct options {
	const char *model, *template_name, *system, *logits;
	const char *dataset, *column_map;
	int add_bos;
	int64_t n; /* completions of each prompt */
	grpo_sampling sampling;
	grpo_model_options loading;
	int log_level; /* enum grpo_log_level */
	int help;
	char **prompts; /* [n_prompts], borrowed from argv */
	int n_prompts;
};

/** Returns 0, or GRPO_EINVAL for a command line that makes no sense. */
int options_read(struct options *o, int argc, char **argv);
void options_help(void);

#endif
