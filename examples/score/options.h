/* SPDX-License-Identifier: MIT */
#ifndef SCORE_OPTIONS_H
#define SCORE_OPTIONS_H

#include <stdint.h>

/** One --reward. */
struct wanted {
	const char *name; /* without the weight */
	double weight;
	const char *params; /* NULL: none given */
};

struct options {
	struct wanted *rewards;
	int n_rewards;
	int64_t threads;
	int log_level;      /* enum grpo_log_level */
	double timeout;     /* seconds a call may take; 0: any */
	const char *group;  /* column; NULL: equal prompts */
	const char *output; /* NULL: standard output */
	int explain, strict, check;
	int help, version;
	char **files; /* [n_files], borrowed from argv */
	int n_files;
};

/** Returns 0, or GRPO_EINVAL if the command line is wrong. */
int options_read(struct options *o, int argc, char **argv);
void options_dispose(struct options *o);
void options_help(void);

#endif
