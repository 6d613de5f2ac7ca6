/* SPDX-License-Identifier: MIT */
/* A job on its way to the child. */
#include "child.h"

#include <stdio.h>
#include <stdlib.h>

#define NUMBER_BYTES 40

enum {
	PATH,
	PARAMS,
	CASES,
	TIMEOUT,
	DATASET,
	REFERENCE,
	OUTPUT,
	THRESHOLD,
	MOST,
	LISTED,
	THREADS,
	LOG_LEVEL,
	SHAPES
};

static char *number(int which, double x)
{
	static char text[SHAPES][NUMBER_BYTES];

	snprintf(text[which], NUMBER_BYTES, "%.17g", x);
	return text[which];
}

void job_write(char *argv[JOB_ARGUMENTS + 1], const struct job *job)
{
	argv[PATH] = (char *)job->path;
	argv[PARAMS] = (char *)job->params;
	argv[CASES] = (char *)job->cases;
	argv[TIMEOUT] = number(TIMEOUT, job->timeout);
	argv[DATASET] = (char *)job->dataset;
	argv[REFERENCE] = (char *)job->reference;
	argv[OUTPUT] = (char *)job->output;
	argv[THRESHOLD] = number(THRESHOLD, job->threshold);
	argv[MOST] = number(MOST, (double)job->most);
	argv[LISTED] = number(LISTED, (double)job->listed);
	argv[THREADS] = number(THREADS, (double)job->threads);
	argv[LOG_LEVEL] = number(LOG_LEVEL, job->log_level);
	for (int i = 0; i < job->n_shapes; i++)
		argv[SHAPES + i] = (char *)job->shapes[i];
	argv[SHAPES + job->n_shapes] = NULL;
}

void job_read(struct job *job, char **argv)
{
	*job = (struct job){.path = argv[PATH],
			    .params = argv[PARAMS],
			    .cases = argv[CASES],
			    .timeout = strtod(argv[TIMEOUT], NULL),
			    .dataset = argv[DATASET],
			    .reference = argv[REFERENCE],
			    .output = argv[OUTPUT],
			    .threshold = strtod(argv[THRESHOLD], NULL),
			    .most = (int64_t)strtod(argv[MOST], NULL),
			    .listed = (int64_t)strtod(argv[LISTED], NULL),
			    .threads = (int64_t)strtod(argv[THREADS], NULL),
			    .log_level = (int)strtod(argv[LOG_LEVEL], NULL)};
	for (argv += SHAPES; *argv; argv++)
		job->shapes[job->n_shapes++] = *argv;
}
