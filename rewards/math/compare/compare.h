/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_COMPARE_H
#define GRPO_MATH_COMPARE_H

#include "../read/answer.h"

/* Settings for cases that are a matter of judgement. */
enum compare_percent {
	COMPARE_PERCENT_EITHER,     /* 50% is 50 and is 0.5 */
	COMPARE_PERCENT_HUNDREDTHS, /* 50% is 0.5 */
	COMPARE_PERCENT_UNIT        /* 50% is 50 */
};

enum compare_degrees {
	COMPARE_DEGREES_EITHER, /* 90° is 90 and is pi/2 */
	COMPARE_DEGREES_ANGLE,  /* 90° is pi/2 */
	COMPARE_DEGREES_UNIT    /* 90° is 90 */
};

enum compare_units {
	COMPARE_UNITS_OPTIONAL, /* if both give a unit, they must agree */
	COMPARE_UNITS_REQUIRED, /* the answer must give the reference's unit */
	COMPARE_UNITS_IGNORED
};

enum compare_form {
	COMPARE_FORM_ANY,
	COMPARE_FORM_SIMPLE, /* numbers as integers, decimals, or fractions in
				lowest terms; nothing left to compute */
	COMPARE_FORM_INTEGER /* the digits of an integer */
};

struct compare_options {
	int percent; /* enum compare_percent */
	int degrees; /* enum compare_degrees */
	int units;   /* enum compare_units */
	int form;    /* enum compare_form */
	/* Significant digits that a rounded decimal needs to be accepted for a
	 * fraction; one more for an irrational number. 0: never accepted. */
	int64_t digits;
	int rounding;     /* to the digits that the reference prints */
	double tolerance; /* relative, in addition to the above */
	int ordered;      /* lists must be in the reference's order */
	int names;        /* variables must have the reference's names */
	int inequalities; /* x > 2 may stand for (2, oo) */
};

void compare_defaults(struct compare_options *o);

enum verdict { VERDICT_WRONG, VERDICT_RIGHT };

#define COMPARE_MAX_LEFT_OUT 8

/* How a verdict came about. */
struct compare_report {
	const char *rule; /* a constant text: how it was decided */
	/* What stands on one side only and was left out, and why. */
	int n_left_out;
	struct {
		grpo_str text;
		const char *why; /* a constant text */
	} left_out[COMPARE_MAX_LEFT_OUT];
};

/** Whether the given answer means the same as the reference.  If w->status is
 * set, it could not be decided. */
enum verdict compare_answers(struct work *w, const struct compare_options *o,
			     const struct answer *gold,
			     const struct answer *given,
			     struct compare_report *report);

#endif
