/* SPDX-License-Identifier: MIT */
/*
 * check_reward: is this plug-in fit for a training run?
 *
 *	check_reward ./my_reward.so my_cases.jsonl
 *
 * Whatever could end the process happens in another: this program starts
 * itself once for each stage, so a plug-in that crashes, throws or never
 * returns is a line of the report.
 */
#define _POSIX_C_SOURCE 200809L

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"
#include "grpo/reward_set.h"
#include "report.h"
#include "stages.h"

static const char usage[] =
    "usage: {program} PLUGIN [CASES.jsonl] [--params JSON] [--timeout S]\n"
    "\n"
    "Checks a reward plug-in before it is trusted with a run.  PLUGIN is a\n"
    "path, or the name of one that is installed.  A line for each check, ok\n"
    "or FAIL:\n"
    "\n"
    "  - it loads, opens and closes; its ABI, name, version, summary, flags,\n"
    "    and the libraries that it needs\n"
    "  - every case gives its reward and status (where CASES are given)\n"
    "  - rows give the same again, on 1 and on 8 threads, in any order, and\n"
    "    every scored number is finite\n"
    "  - score writes its n results and nothing beside them, and reads no\n"
    "    text past its length\n"
    "  - microseconds a row\n"
    "  - memory that is not given back: rows are scored, and the plug-in is\n"
    "    opened and closed, again and again, while the heap is watched\n"
    "\n"
    "Besides the cases it scores rows that are made here: empty, endless,\n"
    "broken and hostile text, such as a model may write.  A crash, an\n"
    "exception, an exit or an endless loop of the plug-in is a FAIL, and the\n"
    "stages after it are left out.\n"
    "\n"
    "A case is an object with what is expected, and the columns that the\n"
    "reward looks for:\n"
    "\n"
    "  {\"case\": \"a title\", \"completion\": \"\\\\boxed{2}\", \"answer\": "
    "2,\n"
    "   \"reward\": 1, \"status\": \"SCORED\"}\n"
    "\n"
    "\"reward\" is null where it is missing; \"prompt\", \"params\" (an "
    "object)\n"
    "and \"finish\" (STOP, LENGTH, ABORT) may stand there too.\n"
    "\n"
    "  --params JSON    an object for the plug-in; cases may have their own\n"
    "                   ({})\n"
    "  --timeout S      seconds that each stage may take (10)\n"
    "  --help\n"
    "\n"
    "Exit status: 0 where all is well, 1 where something is not, 2 for a\n"
    "command line that makes no sense.\n";

static const struct {
	const char *name;
	int (*run)(const struct job *);
	int needs_cases;
} stages[] = {{"load", stage_load, 0},     {"alone", stage_alone, 0},
	      {"cases", stage_cases, 1},   {"order", stage_order, 0},
	      {"bounds", stage_bounds, 0}, {"time", stage_time, 0},
	      {"memory", stage_memory, 0}};
#define N_STAGES (sizeof stages / sizeof *stages)

/* ---------------------------------------------------------- in the child */

static int stage_main(char **argv)
{
	struct job job = {.path = argv[3],
			  .params = argv[4],
			  .cases = argv[5],
			  .timeout = strtod(argv[6], NULL)};
	struct rlimit none = {0, 0};

	setrlimit(RLIMIT_CORE, &none); /* a crash is expected here */
	report_begin();
	setvbuf(stdout, NULL, _IOLBF, 0); /* a crash would lose the rest */
	for (size_t i = 0; i < N_STAGES; i++)
		if (strcmp(stages[i].name, argv[2]) == 0 &&
		    stages[i].run(&job) < 0)
			report_bad("%s", fault());
	report_phase("unloaded, as the process ends");
	report_end();
	return 0;
}

/* --------------------------------------------------------- in the parent */

static int read_options(struct job *job, int argc, char **argv)
{
	static const struct option table[] = {{"params", 1, 0, 'p'},
					      {"timeout", 1, 0, 't'},
					      {"help", 0, 0, 'h'},
					      {0}};
	int c, rc = 0;

	while ((c = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		if (c == ':' || c == '?')
			return argument_unknown(c, argv);
		if (c == 'h') {
			program_usage(usage);
			exit(0);
		}
		if (c == 'p')
			job->params = optarg;
		else
			TRY(argument_number(&job->timeout, "--timeout", optarg,
					    0.1, 1e6));
	}
	FAIL_IF(optind == argc, GRPO_EINVAL,
		"no plug-in is given (see --help)");
	FAIL_IF(argc - optind > 2, GRPO_EINVAL, "%s: one file of cases at most",
		argv[optind + 2]);
	job->shown = argv[optind];
	if (argc - optind == 2)
		job->cases = argv[optind + 1];
out:
	return rc;
}

/* A name that is looked for, or a file: here "my.so" is one too. */
static int find_plugin(char **path, const char *name)
{
	size_t n = strlen(name);

	if (strchr(name, '/') || n < 3 || strcmp(name + n - 3, ".so") != 0 ||
	    access(name, F_OK) < 0)
		return grpo_reward_find(path, name);
	*path = malloc(n + 3);
	if (!*path)
		return fail(GRPO_ENOMEM, "out of memory");
	snprintf(*path, n + 3, "./%s", name);
	return 0;
}

static int check(const struct job *job)
{
	struct outcome o = {0};
	int rc = 0;

	for (size_t i = 0; i < N_STAGES && !o.died; i++) {
		if (stages[i].needs_cases && !job->cases[0])
			continue;
		TRY(child_run(job, stages[i].name, &o));
		if (i == 0 && o.failed)
			break;
	}
	printf("%s: %d ok, %d failed%s\n", job->shown, o.passed, o.failed,
	       o.died ? "; the stages after it were left out" : "");
	rc = o.failed > 0;
out:
	return rc;
}

int main(int argc, char **argv)
{
	struct job job = {.params = "{}", .cases = "", .timeout = 10};
	char *path = NULL;
	int rc;

	program_called(argv);
	if (argc == 7 && strcmp(argv[1], STAGE_MARK) == 0)
		return stage_main(argv);
	rc = read_options(&job, argc, argv);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", program_name(), fault());
		return EXIT_USAGE;
	}
	rc = find_plugin(&path, job.shown);
	job.path = path;
	if (rc == 0 && job.cases[0] && access(job.cases, R_OK) < 0)
		rc = fail_errno(job.cases);
	if (rc == 0)
		rc = check(&job);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	free(path);
	return rc != 0;
}
