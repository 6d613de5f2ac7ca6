/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_COMMAND_H
#define R1_ZERO_COMMAND_H

#include "files.h"
#include "recipe.h"

/** What the command line says. */
struct command {
	int help, resume, dry_run;
	int plot;              /* draw finished runs, train nothing */
	int wrong;             /* it makes no sense, whatever the recipe says */
	int log_level;         /* enum grpo_log_level */
	char recipe[MAX_PATH]; /* of the last --config; "" */
	const char *output;
	char **runs; /* [n_runs] of --plot */
	int n_runs;
};

/** Defaults, then --config, then --set and --output in their order.  Returns 0
 *  or a negative code, with the line in fault(). */
int command_read(struct command *c, struct recipe *r, int argc, char **argv);

/** A few lines on stderr. */
void command_usage(void);

/** --help, to stdout. */
int command_help(const struct recipe *r);

#endif
