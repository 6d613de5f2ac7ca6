/* SPDX-License-Identifier: MIT */
#ifndef CODE_OPTIONS_H
#define CODE_OPTIONS_H

#include "../jail/jail.h"

/** What the supervisor was started with. */
struct supervisor_options {
	int doctor, help;
	int n_workers; /* their sockets are descriptors 3 … 3 + n_workers - 1 */
	enum jail_tier least, most;
	/* Absolute paths; NULL where there is none.  In static memory. */
	const char *python, *cc, *cxx;
};

/** Reads the arguments, and finds programs that are not named.  0, or -1 with a
 *  line on stderr. */
int options_read(struct supervisor_options *o, int argc, char **argv);

#endif
