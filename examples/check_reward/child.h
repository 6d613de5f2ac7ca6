/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_CHILD_H
#define CHECK_REWARD_CHILD_H

#include <stdint.h>

#define JOB_SHAPES 8

/** What all stages are about. */
struct job {
	const char *shown;  /* the plug-in, as the user named it */
	const char *path;   /* where it lies */
	const char *params; /* JSON object */
	const char *cases;  /* JSON Lines, or "" */
	double timeout; /* seconds that a stage may take, or a while of it */
	/* of an attack */
	int attack;
	const char *dataset;   /* JSON Lines, or "" */
	const char *reference; /* column, or "" */
	const char *output;    /* what is paid goes there too, or "" */
	double threshold;      /* NaN: what the empty completion earns */
	int64_t most;          /* attempts, about; 0: all */
	int64_t listed;        /* of each kind; the rest is counted */
	int64_t threads;
	int log_level; /* enum grpo_log_level */
	const char *shapes[JOB_SHAPES];
	int n_shapes; /* 0: the usual ones */
};

/** How the checks went. */
struct outcome {
	int passed, failed;
	int died;           /* a stage did not come to its end */
	int has_printed[2]; /* on stdout, on stderr: and that was said */
};

/* argv of a child: program, STAGE_MARK, stage, then the job (job.c). */
#define STAGE_MARK "--stage"
#define JOB_ARGUMENTS (12 + JOB_SHAPES)

/** The job as arguments, ended by NULL; texts are borrowed or static. */
void job_write(char *argv[JOB_ARGUMENTS + 1], const struct job *job);
void job_read(struct job *job, char **argv);

/**
 * Runs one stage in a process of its own, prints a line for each check, and
 * adds to the outcome: whatever the plug-in does to that process.  Returns 0,
 * or a negative code where no process could be started.
 */
int child_run(const struct job *job, const char *stage, struct outcome *out);

#endif
