/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_SIDES_H
#define GRPO_MATH_SIDES_H

/*
 * Compares two values at a point with rising precision, and combines the
 * results of all points.
 */
#include "eval.h"

/* What one point says. */
enum said {
	SAID_SAME,
	SAID_DIFFERENT, /* proved, unless made_up is set */
	SAID_ONE,       /* the other side is undefined */
	SAID_NOTHING,   /* both are undefined */
	SAID_VAGUE,     /* undecided at the highest precision */
	SAID_STOP       /* a side cannot be evaluated here */
};

struct pair {
	struct number left, right;
	enum outcome of_left, of_right;
};

struct sides {
	struct work *w;
	const struct expr *a, *b;
	struct traits traits;
	int real;    /* else complex; sides_everywhere may change it */
	int made_up; /* a value was, see eval.h */
	int first;   /* precision to begin with, of those in sides.c */
	/* Bits of agreement that make the two the same at the point; 0: not
	 * known yet. */
	slong demand;
	int weight;        /* how often the values' sizes count in it */
	int is_too_large;  /* the demand, at this point */
	int was_too_large; /* at any */
	int is_rough;      /* looks at the lowest precision alone */
	/* Sets the pair from a and b at v's point; `base` is a second point for
	 * those who need one. */
	void (*values)(const struct sides *s, struct eval *v, struct pair *p);
	int base;
};

/** Over the real numbers, where neither mentions i. */
void sides_init(struct sides *s, struct work *w, const struct expr *a,
		const struct expr *b);

enum said sides_at(struct sides *s, int point);

/** Of all points, over the real numbers, else the complex ones. */
enum value_verdict sides_everywhere(struct sides *s);

/** Which is larger at the point: *order is -1, 0 or 1.  Returns 0, or -1
 * where that can't be told. */
int sides_order(struct sides *s, int point, int *order);

/** The sign of left / right at the point, 0 where it isn't real. */
int sides_ratio_sign(struct sides *s, int point);

/** Puts a and b into the pair. */
void sides_plain(const struct sides *s, struct eval *v, struct pair *p);

#endif
