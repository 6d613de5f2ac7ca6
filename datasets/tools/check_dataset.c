/* SPDX-License-Identifier: MIT */
/*
 * Checks the input of a run: every line of one or two files, and prompts that
 * are in both.  Prints one line per finding and a summary at the end.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/dataset.h"
#include "grpo/error.h"

static const char usage[] =
    "usage: check_dataset [--column-map JSON] [--all] TRAIN [HELD_OUT]\n"
    "\n"
    "Checks that every line is a JSON object with a prompt, and that no\n"
    "prompt of HELD_OUT is also in TRAIN (ignoring case and white space).\n"
    "\n"
    "  --column-map JSON  names of the columns in the files, ours first:\n"
    "                     '{\"prompt\": \"question\"}'\n"
    "  --all              print every shared prompt (default: the first 10)\n"
    "  --help             this text\n"
    "\n"
    "Exit status: 0 if all is well, 1 for a bad line or a shared prompt,\n"
    "2 for wrong usage.\n";

enum { SHOWN = 10 };

struct request {
	const char *column_map;
	const char *paths[2]; /* train, held-out */
	int n_paths, all, help;
};

static int refuse(const char *argument)
{
	const char *why = "is one file too many";

	if (strcmp(argument, "--column-map") == 0)
		why = "needs a value";
	else if (argument[0] == '-')
		why = "is not an option";
	fprintf(stderr, "check_dataset: %s %s (see --help)\n", argument, why);
	return -1;
}

static int read_request(struct request *r, int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--help") == 0)
			r->help = 1;
		else if (strcmp(argv[i], "--all") == 0)
			r->all = 1;
		else if (strcmp(argv[i], "--column-map") == 0 && i + 1 < argc)
			r->column_map = argv[++i];
		else if (argv[i][0] != '-' && r->n_paths < 2)
			r->paths[r->n_paths++] = argv[i];
		else
			return refuse(argv[i]);
	}
	if (!r->help && r->n_paths == 0)
		fputs(usage, stderr);
	return r->help || r->n_paths > 0 ? 0 : -1;
}

static int open_file(grpo_dataset **out, const struct request *r, int which)
{
	grpo_dataset_options o;
	int rc = grpo_dataset_options_init(&o);

	o.column_map = r->column_map;
	if (rc == 0)
		rc = grpo_dataset_open(out, r->paths[which], &o);
	if (rc == 0)
		printf("%s: %" PRId64 " rows\n", r->paths[which],
		       grpo_dataset_rows(*out));
	return rc;
}

struct findings {
	const struct request *request;
	int64_t shown;
};

static int show_pair(void *ctx, const grpo_dataset_pair *pair)
{
	struct findings *f = ctx;
	const struct request *r = f->request;

	if (f->shown == SHOWN && !r->all)
		return 0;
	f->shown++;
	printf("%s:%" PRId64 " and %s:%" PRId64 " have the same prompt\n",
	       r->paths[0], pair->train_line, r->paths[1], pair->held_out_line);
	return 0;
}

/* *n: the number of held-out rows that are also in train. */
static int compare(const struct request *r, const grpo_dataset *train,
		   const grpo_dataset *held_out, int64_t *n)
{
	struct findings f = {.request = r};
	int rc = grpo_dataset_overlap(n, train, held_out, show_pair, &f);

	if (rc == 0)
		printf("%" PRId64 " of %" PRId64
		       " held-out rows are in both files\n",
		       *n, grpo_dataset_rows(held_out));
	return rc;
}

/* The exit status. */
static int check(const struct request *r)
{
	grpo_dataset *files[2] = {NULL, NULL};
	int64_t shared = 0;
	int i, rc = 0;

	for (i = 0; rc == 0 && i < r->n_paths; i++)
		rc = open_file(&files[i], r, i);
	if (rc == 0 && r->n_paths == 2)
		rc = compare(r, files[0], files[1], &shared);
	if (rc < 0)
		fprintf(stderr, "check_dataset: %s\n", grpo_error_message());
	grpo_dataset_free(files[0]);
	grpo_dataset_free(files[1]);
	return rc < 0 || shared > 0;
}

int main(int argc, char **argv)
{
	struct request r = {0};

	if (read_request(&r, argc, argv))
		return 2;
	if (r.help) {
		fputs(usage, stdout);
		return 0;
	}
	return check(&r);
}
