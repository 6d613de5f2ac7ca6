/* SPDX-License-Identifier: MIT */
#ifndef CODE_CREDIT_H
#define CODE_CREDIT_H

/* From what came of a row to its reward, its status and its figures. */
#include "extract.h"
#include "settings.h"
#include "shared/wire.h"

struct credit_result {
	double reward;
	uint8_t status; /* enum grpo_reward_status */
};

/** Of a row whose program was run, or could not be. */
struct credit_result credit_of_response(const struct code_response *r,
					enum credit way);
/** Of a completion without a program. */
struct credit_result credit_of_no_program(enum extract_result why,
					  enum credit way);

/** Reports the row's figures to the host: one for each kind of end, so that all
 *  means are over the rows that were judged.  `r` NULL: there was no program.
 */
void credit_measure(const grpo_reward_batch *b, size_t i,
		    const struct code_response *r);

#endif
