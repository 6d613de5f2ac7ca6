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
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "child.h"
#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"
#include "grpo/log.h"
#include "grpo/reward_set.h"
#include "report.h"
#include "stages.h"

static const char usage[] =
    "usage: {program} PLUGIN [CASES.jsonl] [--params JSON] [--timeout S]\n"
    "       {program} PLUGIN --attack [CASES.jsonl] [--dataset ROWS.jsonl]\n"
    "                    [--params JSON] [--attack-… …]\n"
    "\n"
    "Checks a reward plug-in before you train with it.  PLUGIN is a path, or\n"
    "the name of an installed plug-in.  Prints ok or FAIL for each check:\n"
    "\n"
    "  - it loads, opens and closes; its ABI, name, version, summary, flags,\n"
    "    and the libraries that it needs\n"
    "  - every case has the expected reward and status (if CASES are given)\n"
    "  - rows get the same rewards again, on 1 and on 8 threads, in any\n"
    "    order, and every reward is finite\n"
    "  - score writes only its n results, and reads no text past its length\n"
    "  - microseconds per row\n"
    "  - memory leaks: rows are scored, and the plug-in is opened and closed,\n"
    "    many times while the heap is watched\n"
    "\n"
    "It also scores rows of its own: empty, endless, broken and hostile text,\n"
    "such as a model may write.  If the plug-in crashes, throws, exits or\n"
    "never returns, the check FAILs and the stages after it are skipped.\n"
    "\n"
    "A case is an object with the columns that the reward needs, and the\n"
    "expected result:\n"
    "\n"
    "  {\"case\": \"a title\", \"completion\": \"\\\\boxed{2}\", \"answer\": "
    "2,\n"
    "   \"reward\": 1, \"status\": \"SCORED\"}\n"
    "\n"
    "\"reward\" is null if it is missing; \"prompt\", \"params\" (an object)\n"
    "and \"finish\" (STOP, LENGTH, ABORT) are optional.\n"
    "\n"
    "With --attack it looks for worthless answers that earn a reward.  For\n"
    "each row it makes completions that look like an answer but say nothing\n"
    "or something wrong: empty tags, many boxes, the prompt repeated, the\n"
    "reference only in the thought, negated, doubled, called wrong, and more.\n"
    "Each one that earns a reward is listed with its row, and a table counts\n"
    "how many of each kind were tried and rewarded.  Attacks that could be\n"
    "right by chance are left out.\n"
    "\n"
    "  --params JSON    parameters of the plug-in, an object; cases may have\n"
    "                   their own ({})\n"
    "  --timeout S      seconds for each stage, or for a batch of attacks "
    "(10)\n"
    "  --attack         looks for worthless answers that earn a reward\n"
    "  --dataset FILE   rows to attack: JSON Lines with \"prompt\" and the\n"
    "                   columns that the reward needs\n"
    "  --attack-reference COLUMN\n"
    "                   the column with the right answer (the first of\n"
    "                   answer, solution, target, reference, ground_truth\n"
    "                   that the row has)\n"
    "  --attack-shape SHAPE\n"
    "                   the form of an answer: tags, box, sentence, bare, or\n"
    "                   a text with {answer} and perhaps {thought}; may be\n"
    "                   repeated (all four)\n"
    "  --attack-threshold X\n"
    "                   rewards above X count as paid (above 0, and above the\n"
    "                   reward of the empty completion on the same row)\n"
    "  --attack-most N  about the number of attacks in all: every kind is\n"
    "                   tried on every row, and its variants take turns; 0:\n"
    "                   all variants on every row (600000)\n"
    "  --attack-list N  paid answers of each kind to list; 0: all (10)\n"
    "  --attack-output FILE\n"
    "                   writes all paid answers as JSON Lines\n"
    "  --log-level LEVEL\n"
    "                   messages of the plug-in and the library to show:\n"
    "                   error, warn, info or debug (warn)\n"
    "  --threads N      threads for scoring attacks (one for each CPU)\n"
    "  --help\n"
    "\n"
    "Exit status: 0 if all is well, 1 if a check failed or an attack was "
    "paid,\n"
    "2 for a wrong command line.\n";

enum when { ALWAYS, USUALLY, WITH_CASES, ATTACKING };

static const struct {
	const char *name;
	int (*run)(const struct job *);
	enum when when;
} stages[] = {
    {"load", stage_load, ALWAYS},       {"alone", stage_alone, USUALLY},
    {"cases", stage_cases, WITH_CASES}, {"order", stage_order, USUALLY},
    {"bounds", stage_bounds, USUALLY},  {"time", stage_time, USUALLY},
    {"memory", stage_memory, USUALLY},  {"attack", stage_attack, ATTACKING},
};
#define N_STAGES (sizeof stages / sizeof *stages)

/* ---------------------------------------------------------- in the child */

static void note_log(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	report_note("%s", text);
}

static int stage_main(char **argv)
{
	struct rlimit none = {0, 0};
	struct job job;

	job_read(&job, argv + 3);
	setrlimit(RLIMIT_CORE, &none); /* a crash is expected here */
	report_begin();
	grpo_log_set(note_log, NULL, job.log_level);
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

static int add_shape(struct job *job, const char *text)
{
	static const char *const names[] = {"tags", "box", "sentence", "bare"};
	int known = strstr(text, "{answer}") != NULL;

	for (int i = 0; i < 4; i++)
		known |= strcmp(names[i], text) == 0;
	if (!known)
		return fail(GRPO_EINVAL,
			    "--attack-shape: \"%s\" is none of tags, box, "
			    "sentence and bare, and has no {answer}",
			    text);
	if (job->n_shapes == JOB_SHAPES)
		return fail(GRPO_EINVAL, "--attack-shape: at most %d",
			    JOB_SHAPES);
	job->shapes[job->n_shapes++] = text;
	return 0;
}

static int take(struct job *job, int c, char **argv)
{
	switch (c) {
	case 'p':
		return job->params = optarg, 0;
	case 't':
		return argument_number(&job->timeout, "--timeout", optarg, 0.1,
				       1e6);
	case 'L':
		return argument_log_level(&job->log_level, "--log-level",
					  optarg);
	case 'a':
		return job->attack = 1, 0;
	case 'd':
		return job->dataset = optarg, 0;
	case 'r':
		return job->reference = optarg, 0;
	case 's':
		return add_shape(job, optarg);
	case 'k':
		return argument_int(&job->most, "--attack-most", optarg, 0,
				    INT64_MAX);
	case 'l':
		return argument_int(&job->listed, "--attack-list", optarg, 0,
				    INT32_MAX);
	case 'm':
		return argument_number(&job->threshold, "--attack-threshold",
				       optarg, -1e30, 1e30);
	case 'o':
		return job->output = optarg, 0;
	case 'n':
		return argument_int(&job->threads, "--threads", optarg, 1,
				    1024);
	case 'h':
		program_usage(usage);
		exit(0);
	default:
		return argument_unknown(c, argv);
	}
}

static int read_options(struct job *job, int argc, char **argv)
{
	static const struct option table[] = {
	    {"params", 1, 0, 'p'},        {"timeout", 1, 0, 't'},
	    {"log-level", 1, 0, 'L'},     {"attack", 0, 0, 'a'},
	    {"dataset", 1, 0, 'd'},       {"attack-reference", 1, 0, 'r'},
	    {"attack-shape", 1, 0, 's'},  {"attack-most", 1, 0, 'k'},
	    {"attack-list", 1, 0, 'l'},   {"attack-threshold", 1, 0, 'm'},
	    {"attack-output", 1, 0, 'o'}, {"threads", 1, 0, 'n'},
	    {"help", 0, 0, 'h'},          {0}};
	int c, only_attack = 0, rc = 0;

	while ((c = getopt_long(argc, argv, ":h", table, NULL)) != -1) {
		TRY(take(job, c, argv));
		only_attack |= strchr("drslkmon", c) != NULL;
	}
	FAIL_IF(only_attack && !job->attack, GRPO_EINVAL,
		"--dataset, --threads and --attack-… have no effect without "
		"--attack");
	FAIL_IF(optind == argc, GRPO_EINVAL,
		"no plug-in is given (see --help)");
	FAIL_IF(argc - optind > 2, GRPO_EINVAL, "%s: one file of cases at most",
		argv[optind + 2]);
	job->shown = argv[optind];
	if (argc - optind == 2)
		job->cases = argv[optind + 1];
	FAIL_IF(job->attack && !job->cases[0] && !job->dataset[0], GRPO_EINVAL,
		"--attack needs rows: CASES.jsonl or --dataset FILE");
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

static int is_due(enum when when, const struct job *job)
{
	if (when == WITH_CASES)
		return !job->attack && job->cases[0];
	return when == ALWAYS || (when == ATTACKING) == job->attack;
}

static int check(const struct job *job)
{
	struct outcome o = {0};
	int rc = 0;

	for (size_t i = 0; i < N_STAGES && !o.died; i++) {
		if (!is_due(stages[i].when, job))
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
	struct job job = {.params = "{}",
			  .cases = "",
			  .timeout = 10,
			  .dataset = "",
			  .reference = "",
			  .output = "",
			  .threshold = NAN,
			  .most = 600000,
			  .listed = 10,
			  .log_level = GRPO_LOG_WARN,
			  .threads = cpu_count()};
	char *path = NULL;
	int rc;

	program_called(argv);
	if (argc > JOB_ARGUMENTS - JOB_SHAPES &&
	    strcmp(argv[1], STAGE_MARK) == 0)
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
	if (rc == 0 && job.dataset[0] && access(job.dataset, R_OK) < 0)
		rc = fail_errno(job.dataset);
	if (rc == 0)
		rc = check(&job);
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	free(path);
	return rc != 0;
}
