/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_BASE_TRAIN_H
#define R1_ZERO_BASE_TRAIN_H

#include "base.h"
#include "corpus.h"

#define BASE_LOSS_STEPS 50 /* in the mean that is shown */

/** The training of a base: as base.c sets it up, as base_train.c runs it. */
struct training {
	struct lab *lab;
	const struct base_settings *set;
	char folder[MAX_PATH]; /* config.json and the tokenizer's files */
	struct base_record *record;
	struct corpus corpus;
	float *logp, *dlogp; /* [cap] of a batch */
	int64_t cap;

	/* what a stopped training goes on from, with the learner's state */
	int64_t steps;      /* done */
	int64_t probed;     /* the step of the last probe; -1 */
	int64_t decay_from; /* the step from which on the rate falls; -1 */
	double seconds;     /* of the processes before this one */

	double recent[BASE_LOSS_STEPS];
	int64_t here; /* steps of this process */
	int64_t tokens_here;
	double began;
};

/** Trains until the steps are used up, and probes at the end.  Returns
 *  GRPO_ECANCELED where it is stopped, with everything above as it was after
 *  the last whole step. */
int base_train(struct training *t);

/** Mean loss of the last steps; NaN: none. */
double base_loss(const struct training *t);

/** The most steps that it can be, as far as is known. */
int64_t base_last_step(const struct training *t);

#endif
