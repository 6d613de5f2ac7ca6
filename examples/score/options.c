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
    "JSON Lines from each FILE; with no FILE, or '-', from standard input.\n"
    "Each object has \"completion\" (text) and the columns that the rewards\n"
    "need (\"prompt\", \"answer\", …).  It is written in the same order and\n"
    "unchanged, with these columns added or replaced:\n"
    "\n"
    "  \"rewards\"  {\"format\": 1, \"math\": null}; null: missing\n"
    "  \"score\"    the weighted sum of the rewards not missing, or null\n"
    "  \"status\"   {\"format\": \"scored\", \"math\": \"missing\"}; also\n"
    "             no_answer, unparsable, budget, failed\n"
    "  \"explain\"  with --explain\n"
    "\n"
    "The columns \"finish\" (\"stop\", \"length\" or \"abort\"; default stop)\n"
    "and \"tokens\" (a list of token ids) are passed to the rewards as in\n"
    "training.\n"
    "\n"
    "  --reward NAME[:WEIGHT]  a reward and its weight (1); repeat it for\n"
    "                   more rewards.  A NAME with a slash is the path of a\n"
    "                   plug-in; any other is searched for as NAME.so in the\n"
    "                   folders of $GRPO_REWARD_PATH, then where the\n"
    "                   library's own plug-ins are\n"
    "  --params JSON    parameters of the --reward before it, an object\n"
    "  --group COLUMN   consecutive rows with the same value in COLUMN are a\n"
    "                   group, for rewards that compare the answers to one\n"
    "                   prompt (default: rows with the same prompt)\n"
    "  --explain        adds how each reward decided:\n"
    "                   {\"math\": {\"answer\": \"1/2\", …}}\n"
    "  --check          scores nothing and needs no \"completion\": prints "
    "how\n"
    "                   many rows have no reference that a reward can use,\n"
    "                   and the lines of the first of them\n"
    "  -o, --output FILE  writes to FILE, which appears under its name only\n"
    "                   when complete, so it may be an input file\n"
    "  --threads N      threads for scoring (one for each CPU)\n"
    "  --timeout SECONDS  time for one call of a reward, which may score\n"
    "                   several rows; after that the program ends with exit\n"
    "                   status 1 (0: no limit)\n"
    "  --strict         end at the first bad line with exit status 1;\n"
    "                   otherwise bad lines are reported, counted and left\n"
    "                   out, and the exit status is 1 at the end\n"
    "  --log-level LEVEL  messages on standard error: error, warn, info or\n"
    "                   debug (warn).  debug reports every call of a reward\n"
    "                   before it starts\n"
    "  --help, --version\n"
    "\n"
    "Standard error gets bad lines, progress and, at the end, each reward's\n"
    "mean and how often it gave each status.  Memory does not grow with the\n"
    "input, except for the largest group and, with --group, 8 bytes for each\n"
    "group.\n"
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
