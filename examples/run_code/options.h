/* SPDX-License-Identifier: MIT */
#ifndef RUN_CODE_OPTIONS_H
#define RUN_CODE_OPTIONS_H

struct options {
	const char *program, *tests;      /* files; "-" is standard input */
	const char *language;             /* NULL: by the file's name */
	const char *params;               /* NULL: none */
	const char *entry_point, *prompt; /* of HumanEval's tests, or NULL */
	int doctor, help, version;
};

/** Returns 0, or GRPO_EINVAL if the command line is wrong. */
int options_read(struct options *o, int argc, char **argv);
void options_help(void);

#endif
