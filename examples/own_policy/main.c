/* SPDX-License-Identifier: MIT */
/*
 * own_policy: a custom sampler and learner under libgrpo's trainer.
 *
 *	own_policy [TOKENIZER_FOLDER [DATASET.jsonl]]
 *
 * The policy (table.c) is a table of logits in plain C; dataset, rewards,
 * advantages, loss and training loop come from the library (parts.c).  It
 * learns 25 sums in a second, without libtorch.
 */
#include "examples/fault.h"
#include "parts.h"

static const char usage[] =
    "usage: {program} [TOKENIZER_FOLDER [DATASET.jsonl]]\n"
    "\n"
    "Trains a table of logits in plain C, without libtorch, to answer the\n"
    "questions of a dataset.  The defaults are files of the source tree, so\n"
    "run it there: examples/r1_zero/base, examples/own_policy/sums.jsonl.\n";

static int train(struct parts *p)
{
	grpo_trainer_config config;
	int rc = 0;

	TRY(parts_settings(&config));
	rc = parts_train(p, &config);
out:
	return rc;
}

int main(int argc, char **argv)
{
	return parts_main(argc, argv, usage, train);
}
