/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stddef.h>
#include <string.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"

static const char usage[] =
    "usage: {program} [options] PROGRAM TESTS\n"
    "       {program} --doctor\n"
    "\n"
    "Runs one program against one file of tests, in the sandbox of the code\n"
    "reward, and says what came of it.  TESTS is JSON in any format that the\n"
    "reward knows (APPS, LiveCodeBench, HumanEval, MBPP, Codeforces, or our\n"
    "own), or Python with asserts.  One of the two files may be '-', standard\n"
    "input.\n"
    "\n"
    "  --language NAME  python, c or cpp (by the file's name: .py, .c, .cpp,\n"
    "                   .cc; else python)\n"
    "  --params JSON    parameters of the reward, such as\n"
    "                   '{\"cpu_ms\": 1000, \"least_tier\": \"T1\"}'\n"
    "  --entry-point F  the function that HumanEval's check() is given\n"
    "  --prompt FILE    what a HumanEval program continues\n"
    "  --doctor         says which tier of isolation this machine gives, what\n"
    "                   the next one needs, and which languages can be run\n"
    "  --help, --version\n"
    "\n"
    "Exit status: 0 if all tests passed, 1 if not, 2 if the program was not\n"
    "judged: a wrong command line, tests that cannot be used, or no sandbox.\n"
    "\n"
    "  {program} solution.py tests.json\n"
    "  {program} --language cpp - tests.json < main.cpp\n";

void options_help(void)
{
	program_usage(usage);
}

static int take(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'l':
		o->language = optarg;
		return 0;
	case 'p':
		o->params = optarg;
		return 0;
	case 'e':
		o->entry_point = optarg;
		return 0;
	case 'P':
		o->prompt = optarg;
		return 0;
	case 'd':
		return o->doctor = 1, 0;
	case 'h':
		return o->help = 1, 0;
	case 'v':
		return o->version = 1, 0;
	default:
		return argument_unknown(c, argv);
	}
}

int options_read(struct options *o, int argc, char **argv)
{
	static const struct option table[] = {
	    {"language", 1, 0, 'l'},    {"params", 1, 0, 'p'},
	    {"entry-point", 1, 0, 'e'}, {"prompt", 1, 0, 'P'},
	    {"doctor", 0, 0, 'd'},      {"help", 0, 0, 'h'},
	    {"version", 0, 0, 'v'},     {0}};
	int c, rc = 0;

	*o = (struct options){0};
	while ((c = getopt_long(argc, argv, ":", table, NULL)) != -1)
		TRY(take(o, c, argv));
	if (o->help || o->version || o->doctor)
		return 0;
	FAIL_IF(argc - optind != 2, GRPO_EINVAL,
		"expected a program and a file of tests (see --help)");
	o->program = argv[optind];
	o->tests = argv[optind + 1];
	FAIL_IF(strcmp(o->program, "-") == 0 && strcmp(o->tests, "-") == 0,
		GRPO_EINVAL, "only one of the two can be standard input");
out:
	return rc;
}
