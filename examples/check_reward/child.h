/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_CHILD_H
#define CHECK_REWARD_CHILD_H

/** What all stages are about. */
struct job {
	const char *shown;  /* the plug-in, as the user named it */
	const char *path;   /* where it lies */
	const char *params; /* JSON object */
	const char *cases;  /* JSON Lines, or "" */
	double timeout;     /* seconds that a stage may take */
};

/** How the checks went. */
struct outcome {
	int passed, failed;
	int died;           /* a stage did not come to its end */
	int has_printed[2]; /* on stdout, on stderr: and that was said */
};

/* argv of a child: program, STAGE_MARK, stage, path, params, cases,
 * timeout */
#define STAGE_MARK "--stage"

/**
 * Runs one stage in a process of its own, prints a line for each check, and
 * adds to the outcome: whatever the plug-in does to that process.  Returns 0,
 * or a negative code where no process could be started.
 */
int child_run(const struct job *job, const char *stage, struct outcome *out);

#endif
