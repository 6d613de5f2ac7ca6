/* SPDX-License-Identifier: MIT */
/*
 * own_loss: a policy loss of one's own under libgrpo's trainer.
 *
 *	own_loss [TOKENIZER_FOLDER [DATASET.jsonl]]
 *
 * The loss is one function (topr.c).  The policy is the table of ../own_policy,
 * and each batch makes four updates, so that the ratio moves away from 1.
 */
#include "examples/fault.h"
#include "examples/own_policy/parts.h"
#include "topr.h"

static const char usage[] =
    "usage: {program} [TOKENIZER_FOLDER [DATASET.jsonl]]\n"
    "\n"
    "Trains the table of own_policy with a loss that is no part of the\n"
    "library: Tapered Off-Policy REINFORCE, arXiv:2503.14286.  The defaults\n"
    "are files of the source tree, so run it there: examples/r1_zero/base,\n"
    "examples/own_policy/sums.jsonl.\n";

static int train(struct parts *p)
{
	grpo_trainer_config config;
	int rc = 0;

	TRY(parts_settings(&config));
	config.policy_loss = topr_loss;
	config.num_iterations = 4;
	rc = parts_train(p, &config);
out:
	return rc;
}

int main(int argc, char **argv)
{
	return parts_main(argc, argv, usage, train);
}
