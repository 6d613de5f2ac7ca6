/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_ATTACKS_H
#define CHECK_REWARD_ATTACKS_H

#include <math.h>
#include "attempts.h"

/*
 * The kinds of attack.  None may be right by chance: what is made from the
 * reference is made only where that is a plain number, or text that the change
 * makes another.
 */
static inline const struct reference *reference_of(const struct maker *m)
{
	return &m->references[m->row];
}

/* The reference if it is a plain number, else NULL. */
static inline const struct number *number_of(const struct maker *m)
{
	const struct reference *r = reference_of(m);

	return r->is_number ? &r->number : NULL;
}

/* What is wrong whatever the row says, if its reference is a number. */
static inline int64_t far_off(const struct number *x)
{
	double value = fabs(number_value(x));

	return value < 1e9 ? 3 * (int64_t)value + 7 : 7;
}

/* The numbers with text before, between and behind them. */
void attack_join(char *out, size_t size, char (*numbers)[32], int n,
		 const char *before, const char *between, const char *after);

/* attacks_reference.c: these begin with the reference. */
void attack_many_boxes(struct maker *m);
void attack_many_tags(struct maker *m);
void attack_nested(struct maker *m);
void attack_hedged(struct maker *m);
void attack_range(struct maker *m);
void attack_number_behind(struct maker *m);
void attack_negated(struct maker *m);
void attack_doubled(struct maker *m);
void attack_off_by_one(struct maker *m);
void attack_ten_times(struct maker *m);
void attack_nearly(struct maker *m);
void attack_permuted(struct maker *m);
void attack_twice(struct maker *m);
void attack_times_variable(struct maker *m);
void attack_other_unit(struct maker *m);
void attack_per_mille(struct maker *m);
void attack_denied(struct maker *m);
void attack_called_wrong(struct maker *m);
void attack_struck_out(struct maker *m);
void attack_in_thought(struct maker *m);
void attack_outside_tags(struct maker *m);
void attack_other_rows(struct maker *m);

#endif
