/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_ATTEMPTS_H
#define CHECK_REWARD_ATTEMPTS_H

#include <stdint.h>
#include "reference.h"
#include "suite.h"

/*
 * Completions that have the shape of an answer and say nothing, or something
 * wrong.  Each kind of attack makes some for a row, or none where they could
 * be right: no doubled zero, no other row's reference that is the same.
 */
struct attempt {
	int64_t row;
	int kind;  /* of attack_kinds */
	int shape; /* of the maker's; -1: the text is the whole completion */
	grpo_str text;
};

/** Where the answer stands: a text with {answer}, and maybe {thought}. */
struct shape {
	const char *name, *text;
};

struct maker {
	const struct shape *shapes;
	int n_shapes;
	const struct a_row *rows; /* [n_rows] */
	struct reference *references;
	int64_t n_rows;
	int64_t stride; /* every so many-th variant of a kind, by turns */
	/* of the row that attempts are made for */
	int64_t row;
	int kind;
	struct attempt *attempts; /* [n]; attempts_clear frees the texts */
	size_t n, cap;
	int no_memory;
};

struct attack_kind {
	const char *name;
	void (*make)(struct maker *m);
};
/** The first is the empty completion; the last has no name. */
extern const struct attack_kind attack_kinds[];
int attack_n_kinds(void);

/** Adds all attempts for a row.  Returns 0 or GRPO_ENOMEM. */
int attempts_make(struct maker *m, int64_t row);
void attempts_clear(struct maker *m);

/* For the kinds: an answer in each shape, or a whole completion. */
void attempt(struct maker *m, const char *thought, const char *format, ...)
    GRPO_PRINTF(3, 4);
void attempt_whole(struct maker *m, const char *format, ...) GRPO_PRINTF(2, 3);

#endif
