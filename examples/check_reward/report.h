/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_REPORT_H
#define CHECK_REWARD_REPORT_H

#include <stddef.h>
#include "grpo/export.h"
#include "grpo/reward.h"

/*
 * What a child tells its parent, a line each on a descriptor of its own, so
 * that what a plug-in prints does not mix with it:
 *
 *	@being loaded           what it does from here on
 *	+the text of a check    that passed
 *	!a text to know         that is neither
 *	-the text of a check    that failed
 *	=a line                 to be printed as it is
 *	%how far it is          for whoever watches; the clock starts again
 *	.                       the stage is over
 */
#define REPORT_FD 3

void report_begin(void);
void report_phase(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_ok(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_note(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_bad(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_line(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_progress(const char *fmt, ...) GRPO_PRINTF(1, 2);
void report_end(void);

/** The first `most` bytes of a text as a line that any terminal can show; out
 *  has room for 4 * most + 8. */
void report_shorten(char *out, grpo_str text, size_t most);

#endif
