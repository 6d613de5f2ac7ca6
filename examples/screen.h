/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_SCREEN_H
#define EXAMPLES_SCREEN_H

#include <stddef.h>
#include <stdio.h>
#include "grpo/export.h"

/*
 * Output for the user.  On a terminal, progress is one line that is overwritten
 * and never wraps; elsewhere it is plain lines without control characters.
 */

/** Where it goes; stdout unless said. */
void screen_to(FILE *f);

/** A line that stays. */
void screen_say(const char *fmt, ...) GRPO_PRINTF(1, 2);

/** The same for a longer text: between words it goes on in a new line, two
 *  spaces in, so that no line is wider than the terminal or 79 characters. */
void screen_paragraph(const char *fmt, ...) GRPO_PRINTF(1, 2);

/* ------------------------------------------------------------- progress */

/** One figure of the line of progress. */
struct screen_figure {
	const char *text;
	int rank; /* where the line is too narrow, low ranks go first */
};

enum screen_kind {
	SCREEN_BRIEF, /* written over; elsewhere a line every ten seconds */
	SCREEN_STEP,  /* written over; elsewhere always a line */
	SCREEN_STAY   /* stays everywhere */
};

/** Shows figures as the line of progress. */
void screen_figures(enum screen_kind kind, const struct screen_figure *figures,
		    size_t n);

/** A line of progress that is one text, cut where it is too long; `last`
 *  makes it stay. */
void screen_progress(int last, const char *fmt, ...) GRPO_PRINTF(2, 3);

/** The line of progress says nothing more: it is wiped where it can be. */
void screen_wipe(void);

/**
 * Writes the figures into line[size], in their order with two spaces between
 * them, and leaves out those of the lowest rank until the line has at most
 * `most` characters.  What is still too long is cut.
 */
void screen_fit(char *line, size_t size, const struct screen_figure *figures,
		size_t n, size_t most);

/* ----------------------------------------------------------------- rest */

/** A model's text: indented, control characters shown as such. */
void screen_text(const char *text, size_t len);

/** "1:05" or "2:10:03" */
const char *screen_duration(char text[32], double seconds);

/** For grpo_log_set: warnings of the library. */
void screen_log(void *ctx, int level, const char *text);

/** The errno of the first write that failed, such as EPIPE; 0: none. */
int screen_lost(void);

/** A line on stderr, from a signal handler. */
void screen_interrupt(const char *line);

#endif
