/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_REPORT_H
#define CHECK_REWARD_REPORT_H

#include "grpo/export.h"

/*
 * What a child tells its parent, a line each on a descriptor of its own, so
 * that what a plug-in prints does not mix with it:
 *
 *	@being loaded           what it does from here on
 *	+the text of a check    that passed
 *	!a text to know         that is neither
 *	-the text of a check    that failed
 *	.                       the stage is over
 */
#define REPORT_FD 3

void report_begin(void);
void report_phase(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_ok(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_note(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_bad(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_end(void);

#endif
