/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"
#include "grpo/log.h"

static const char usage[] =
    "usage: {program} --reward NAME[:WEIGHT] [--params JSON] … [options] "
    "[FILE…]\n"
    "\n"
    "Scores completions with the rewards that a trainer would use.  Reads\n"
    "JSON Lines from each FILE, or from standard input where there is none\n"
    "or it is '-'.  Each object has \"completion\" (text), and what its\n"
    "rewards look for: \"prompt\", \"answer\", any other column.  Each is\n"
    "written again as it stood, in its place, with\n"
    "\n"
    "  \"rewards\"  {\"format\": 1, \"math\": null}, null where one is "
    "missing\n"
    "  \"score\"    the weighted sum of those that are there, or null\n"
    "  \"status\"   {\"format\": \"scored\", \"math\": \"missing\"}; also\n"
    "             no_answer, unparsable, budget, failed\n"
    "  \"explain\"  with --explain\n"
    "\n"
    "in place of any columns of these names.  Of the columns \"finish\"\n"
    "(\"stop\", \"length\" or \"abort\"; stop where it is absent) and "
    "\"tokens\"\n"
    "(a list of token ids) the rewards are told as by a trainer.\n"
    "\n"
    "  --reward NAME[:WEIGHT]  a reward and its weight (1); once for each.\n"
    "                   A NAME with a slash is the path of a plug-in,\n"
    "                   another is looked for as NAME.so in the folders of\n"
    "                   $GRPO_REWARD_PATH, then where the library's own are\n"
    "  --params JSON    an object for the --reward before it\n"
    "  --group COLUMN   rows that stand together and have the same value\n"
    "                   here are a group, for rewards that compare the\n"
    "                   answers to one prompt (the same prompt)\n"
    "  --explain        adds what each reward says of how it decided:\n"
    "                   {\"math\": {\"answer\": \"1/2\", …}}\n"
    "  --check          scores nothing, and needs no \"completion\": says on\n"
    "                   standard output how many rows have no reference that\n"
    "                   a reward can use, and where the first of them are\n"
    "  -o, --output FILE  instead of standard output; the file gets its name\n"
    "                   when it is whole, so it may be one that is read\n"
    "  --threads N      that score (one for each CPU)\n"
    "  --timeout SECONDS  that one call of a reward, of some rows, may take;\n"
    "                   then it is given up and the program ends with exit\n"
    "                   status 1 (0: never)\n"
    "  --strict         the first bad line ends it with exit status 1;\n"
    "                   otherwise bad lines are named, counted and left out,\n"
    "                   and the exit status is 1 at the end\n"
    "  --log-level LEVEL  what to say on standard error: error, warn, info\n"
    "                   or debug (warn).  debug names every call of a reward\n"
    "                   before it is made\n"
    "  --help, --version\n"
    "\n"
    "On standard error: what is wrong with which line, progress, and at the\n"
    "end each reward's mean and how often it gave each status.  Memory does\n"
    "not grow with the input; for groups it holds the largest group, and 8\n"
    "bytes for each with --group.\n"
    "Exit status: 0 if every row was scored; 1 if something failed or a bad\n"
    "line was left out; 2 for a wrong command line.\n"
    "\n"
    "  {program} --reward format:0.5 --reward math answers.jsonl > "
    "scored.jsonl\n"
    "  {program} --reward math --check train.jsonl\n"
    "  {program} --reward format --params '{\"mode\": \"soft\"}' --explain -\n";

void options_help(void)
{
	program_usage(usage);
}

/* "name:0.5" in two; without a number behind the last colon all is name. */
static int split_weight(struct wanted *w, char *text)
{
	char *colon = strrchr(text, ':'), *end;

	*w = (struct wanted){.name = text, .weight = 1};
	if (!colon || strchr(colon, '/'))
		return 0;
	w->weight = strtod(colon + 1, &end);
	if (colon == text || end == colon + 1 || *end || !isfinite(w->weight))
		return fail(GRPO_EINVAL,
			    "--reward: \"%s\": expected NAME or NAME:WEIGHT",
			    text);
	*colon = '\0';
	return 0;
}

static int add_reward(struct options *o, char *text)
{
	struct wanted *more = realloc(o->rewards, ((size_t)o->n_rewards + 1) *
						      sizeof *o->rewards);

	if (!more)
		return fail(GRPO_ENOMEM, "out of memory");
	o->rewards = more;
	return split_weight(&o->rewards[o->n_rewards++], text);
}

static int set_params(struct options *o, const char *json)
{
	struct wanted *w;

	if (o->n_rewards == 0)
		return fail(GRPO_EINVAL,
			    "--params comes before any --reward; it belongs "
			    "to the one before it");
	w = &o->rewards[o->n_rewards - 1];
	if (w->params)
		return fail(GRPO_EINVAL, "--params is given twice for %s",
			    w->name);
	w->params = json;
	return 0;
}

static int take(struct options *o, int c, char **argv)
{
	switch (c) {
	case 'r':
		return add_reward(o, optarg);
	case 'p':
		return set_params(o, optarg);
	case 'g':
		o->group = optarg;
		return 0;
	case 'o':
		o->output = optarg;
		return 0;
	case 't':
		return argument_int(&o->threads, "--threads", optarg, 1, 1024);
	case 'l':
		return argument_number(&o->timeout, "--timeout", optarg, 0,
				       1e9);
	case 'L':
		return argument_log_level(&o->log_level, "--log-level", optarg);
	case 'e':
		return o->explain = 1, 0;
	case 's':
		return o->strict = 1, 0;
	case 'c':
		return o->check = 1, 0;
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
	static const struct option table[] = {{"reward", 1, 0, 'r'},
					      {"params", 1, 0, 'p'},
					      {"group", 1, 0, 'g'},
					      {"output", 1, 0, 'o'},
					      {"threads", 1, 0, 't'},
					      {"timeout", 1, 0, 'l'},
					      {"log-level", 1, 0, 'L'},
					      {"explain", 0, 0, 'e'},
					      {"check", 0, 0, 'c'},
					      {"strict", 0, 0, 's'},
					      {"help", 0, 0, 'h'},
					      {"version", 0, 0, 'v'},
					      {0}};
	static char *standard_input[] = {"-"};
	int c, rc = 0;

	*o = (struct options){.threads = cpu_count(),
			      .log_level = GRPO_LOG_WARN};
	while ((c = getopt_long(argc, argv, ":o:h", table, NULL)) != -1)
		TRY(take(o, c, argv));
	FAIL_IF(!o->help && !o->version && o->n_rewards == 0, GRPO_EINVAL,
		"no --reward is given (see --help)");
	FAIL_IF(o->check && (o->explain || o->output), GRPO_EINVAL,
		"--check writes no rows: --explain and --output have no "
		"effect beside it");
	o->files = optind < argc ? argv + optind : standard_input;
	o->n_files = optind < argc ? argc - optind : 1;
out:
	return rc;
}

void options_dispose(struct options *o)
{
	free(o->rewards);
}
