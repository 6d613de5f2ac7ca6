/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_SCREEN_H
#define EXAMPLES_SCREEN_H

#include <stddef.h>
#include <stdio.h>
#include "grpo/export.h"

/*
 * What whoever watches sees.  On a terminal there is one line that is written
 * over; elsewhere a line every some seconds.
 */

/** Where it goes; stdout unless said. */
void screen_to(FILE *f);

/** A line that stays. */
void screen_say(const char *fmt, ...) GRPO_PRINTF(1, 2);

/** The line of progress; `last` makes it stay. */
void screen_progress(int last, const char *fmt, ...) GRPO_PRINTF(2, 3);

/** A model's text: indented, control characters shown as such. */
void screen_text(const char *text, size_t len);

/** "1:05" or "2:10:03" */
const char *screen_duration(char out[32], double seconds);

/** For grpo_log_set: warnings of the library. */
void screen_log(void *ctx, int level, const char *text);

#endif
