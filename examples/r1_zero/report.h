/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_REPORT_H
#define R1_ZERO_REPORT_H

#include "base.h"
#include "lab.h"
#include "measure.h"

/*
 * What a run came to: summary.json.  The same keys, as far as they are known,
 * stand in progress.json while it goes on, so that a resumed run need not
 * measure again what was measured before it began.
 */
struct report {
	struct {
		int64_t seed, steps;
		int32_t finished;
		double wall_s; /* of the processes before this one */
	} run;
	struct measure before, after;
	struct base_record base;
	struct {
		double base, sampling, training, rewards, evaluation, total;
	} seconds;
	struct {
		double sampling, training;
	} tokens_per_second;
	struct {
		const char *libgrpo, *torch;
	} versions;
	double began; /* of this process */
};

void report_begin(struct report *r, const struct recipe *recipe);

/** Figures of the trainer as they now are. */
int report_count(struct report *r, const struct lab *l);

int report_write(struct report *r, const char *folder, const char *name);
int report_read(struct report *r, const char *folder, const char *name);

#endif
