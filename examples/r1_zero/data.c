/* SPDX-License-Identifier: MIT */
#include "data.h"

#include <inttypes.h>
#include <stdio.h>

#include "examples/fault.h"
#include "files.h"
#include "problems.h"
#include "examples/screen.h"

/* ----------------------------------------------------------------- open */

static int open_file(grpo_dataset **out, const struct recipe *r,
		     const char *path)
{
	grpo_dataset_options o;
	int rc = 0;

	TRY(grpo_dataset_options_init(&o));
	o.column_map = r->column_map;
	TRY(grpo_dataset_open(out, path, &o));
out:
	return rc;
}

static int open_generated(grpo_dataset **out, const struct recipe *r,
			  const char *folder, int held_out)
{
	const struct problem_settings *g = &r->generate;
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, folder, held_out ? "held_out.jsonl" : "train.jsonl"));
	TRY(problems_write(path, g, held_out ? g->held_out : g->train,
			   (uint64_t)r->trainer.seed, held_out));
	TRY(grpo_dataset_open(out, path, NULL));
out:
	return rc;
}

/* -------------------------------------------------------------- overlap */

struct first_pair {
	grpo_dataset_pair pair;
	int found;
};

static int keep_first(void *ctx, const grpo_dataset_pair *pair)
{
	struct first_pair *f = ctx;

	if (!f->found)
		f->pair = *pair;
	f->found = 1;
	return 0;
}

static int check_overlap(const struct recipe *r, const grpo_dataset *train,
			 const grpo_dataset *held_out)
{
	struct first_pair first = {.found = 0};
	char line[2 * MAX_PATH];
	int64_t n;
	int rc = 0;

	TRY(grpo_dataset_overlap(&n, train, held_out, keep_first, &first));
	if (n == 0)
		return 0;
	snprintf(line, sizeof line,
		 "%s:%" PRId64 " and %s:%" PRId64 " have the same prompt; "
		 "%" PRId64 " of %" PRId64 " held-out rows are in both files",
		 grpo_dataset_path(train), first.pair.train_line,
		 grpo_dataset_path(held_out), first.pair.held_out_line, n,
		 grpo_dataset_rows(held_out));
	FAIL_IF(r->overlap == OVERLAP_ERROR, GRPO_EINVAL,
		"%s (\"overlap\" is \"error\")", line);
	screen_say("warning: %s", line);
out:
	return rc;
}

int data_open(grpo_dataset **train, grpo_dataset **held_out,
	      const struct recipe *r, const char *folder)
{
	int rc = 0;

	if (r->dataset)
		TRY(open_file(train, r, r->dataset));
	else
		TRY(open_generated(train, r, folder, 0));
	if (r->held_out)
		TRY(open_file(held_out, r, r->held_out));
	else
		TRY(open_generated(held_out, r, folder, 1));
	/* generated problems of the two kinds never meet */
	if (r->overlap != OVERLAP_IGNORE && (r->dataset || r->held_out))
		TRY(check_overlap(r, *train, *held_out));
out:
	return rc;
}
