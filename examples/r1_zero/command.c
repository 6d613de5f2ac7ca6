/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/program.h"
#include "places.h"

/* --output is a --set whose value is never read as JSON. */
static int set_output(struct recipe *r, const char *folder)
{
	size_t n = strlen(folder) + sizeof "output_dir=";
	char *assignment = malloc(n);
	int rc;

	if (!assignment)
		return fail(GRPO_ENOMEM, "out of memory");
	snprintf(assignment, n, "output_dir=%s", folder);
	rc = grpo_config_set(r->config, assignment);
	free(assignment);
	return rc;
}

/* One argument with its value. */
static int take(struct command *c, struct recipe *r, const char *name,
		const char *value)
{
	int rc = 0;

	if (strcmp(name, "--log-level") == 0)
		return argument_log_level(&c->log_level, name, value);
	if (strcmp(name, "--set") == 0)
		return grpo_config_set(r->config, value);
	if (strcmp(name, "--output") == 0) {
		c->output = value;
		return set_output(r, value);
	}
	TRY(recipe_path(c->recipe, value));
	TRY(grpo_config_read(r->config, c->recipe));
	r->path = c->recipe;
out:
	return rc;
}

static int takes_value(const char *name)
{
	return strcmp(name, "--config") == 0 || strcmp(name, "--set") == 0 ||
	       strcmp(name, "--output") == 0 ||
	       strcmp(name, "--log-level") == 0;
}

/* Whether it is a switch. */
static int take_switch(struct command *c, const char *name)
{
	const struct {
		const char *name;
		int *on;
	} switches[] = {{"--help", &c->help},
			{"-h", &c->help},
			{"--resume", &c->resume},
			{"--dry-run", &c->dry_run},
			{"--plot", &c->plot}};
	size_t i;

	for (i = 0; i < sizeof switches / sizeof *switches; i++) {
		if (strcmp(name, switches[i].name) != 0)
			continue;
		*switches[i].on = 1;
		return 1;
	}
	return 0;
}

static int misuse(struct command *c, const char *format, const char *name)
{
	c->wrong = 1;
	return fail(GRPO_EINVAL, format, name);
}

/* The recipe first, wherever it stands, so that the rest is on top of it. */
static int read_arguments(struct command *c, struct recipe *r, int argc,
			  char **argv, int configs)
{
	int i, rc = 0;

	for (i = 1; i < argc; i++) {
		const char *name = argv[i];

		if (take_switch(c, name)) {
			if (c->plot) { /* what follows are runs */
				c->runs = argv + i + 1;
				c->n_runs = argc - i - 1;
				return 0;
			}
		} else if (!takes_value(name))
			return misuse(
			    c, "unknown argument %s (--help shows all)", name);
		else if (++i == argc)
			return misuse(c, "%s needs a value", name);
		else if ((strcmp(name, "--config") == 0) == configs)
			TRY(take(c, r, name, argv[i]));
	}
out:
	return rc;
}

static int check_command(struct command *c, int argc)
{
	int i;

	for (i = 0; i < c->n_runs; i++)
		if (c->runs[i][0] == '-')
			return misuse(c, "%s is not the folder of a run",
				      c->runs[i]);
	if (argc < 2)
		return misuse(c, "%s is missing", "--config RECIPE");
	if (c->plot && c->n_runs == 0)
		return misuse(c, "%s needs the folder of a run", "--plot");
	if (c->dry_run && c->resume)
		return misuse(c, "--dry-run is for a new run, not for %s",
			      "--resume");
	return 0;
}

int command_read(struct command *c, struct recipe *r, int argc, char **argv)
{
	int rc = 0;

	TRY(recipe_open(r));
	TRY(read_arguments(c, r, argc, argv, 1));
	TRY(read_arguments(c, r, argc, argv, 0));
	if (c->n_runs > 0 && strcmp(c->runs[0], "--help") == 0)
		c->help = 1;
	if (c->help)
		return 0;
	TRY(check_command(c, argc));
	if (!c->plot)
		TRY(recipe_check(r));
out:
	return rc;
}

/* ----------------------------------------------------------------- text */

static void print_usage(FILE *f)
{
	const char *name = program_name();
	char names[512];

	recipe_names(names, sizeof names);
	fprintf(f,
		"usage: %s --config RECIPE [--set KEY=VALUE]...\n"
		"       %*s [--output FOLDER] [--resume | --dry-run]\n"
		"       %s [--output FILE.svg] --plot RUN...\n"
		"       %s --help\n",
		name, (int)strlen(name), "", name, name);
	if (names[0])
		fprintf(f, "RECIPE is a JSON file, or one of: %s\n", names);
}

void command_usage(void)
{
	print_usage(stderr);
}

static const char options[] =
    "  --config RECIPE   the settings of the run\n"
    "  --set KEY=VALUE   changes one of them; may be repeated\n"
    "  --output FOLDER   where the run goes; the same as --set output_dir=\n"
    "  --resume          goes on with the run in that folder, bit for bit\n"
    "  --dry-run         opens and checks everything, says the sizes of the\n"
    "                    run, and trains nothing\n"
    "  --plot RUN...     draws the curve of a run, or of several over each\n"
    "                    other, into RUN/curve.svg or FILE.svg\n"
    "  --log-level error|warn|info|debug\n"
    "                    what the library says; warn, unless set\n"
    "  --help            this text\n";

int command_help(const struct recipe *r)
{
	char *text;
	int rc = grpo_config_help(r->config, &text);

	if (rc < 0)
		return rc;
	print_usage(stdout);
	printf("\nTrains a language model to reason by GRPO with rule-based "
	       "rewards.\n\n%s\n"
	       "Keys of a recipe, with their defaults:\n\n%s",
	       options, text);
	free(text);
	return 0;
}
