/* SPDX-License-Identifier: MIT */
/* Unions, intersections and complements of stretches. */
#include "region.h"

int region_add(struct region *r, struct stretch s)
{
	if (r->n == REGION_MAX_STRETCHES)
		return -1;
	r->at[r->n++] = s;
	return 0;
}

/* ------------------------------------------------------------------ bounds */

/* Which of two lower bounds is further left; NULL is the leftmost. */
static int order_lows(struct judge *j, const struct stretch *a,
		      const struct stretch *b, int *out)
{
	if (!a->low || !b->low) {
		*out = !a->low && !b->low ? 0 : a->low ? 1 : -1;
		return 0;
	}
	if (value_order(j->w, a->low, b->low, out))
		return -1;
	if (*out == 0)
		*out = b->has_low - a->has_low;
	return 0;
}

static int order_highs(struct judge *j, const struct stretch *a,
		       const struct stretch *b, int *out)
{
	if (!a->high || !b->high) {
		*out = !a->high && !b->high ? 0 : a->high ? -1 : 1;
		return 0;
	}
	if (value_order(j->w, a->high, b->high, out))
		return -1;
	if (*out == 0)
		*out = a->has_high - b->has_high;
	return 0;
}

/* Whether b, which does not begin before a, leaves a gap behind it. */
static int leaves_gap(struct judge *j, const struct stretch *a,
		      const struct stretch *b, int *gap)
{
	int o;

	*gap = 0;
	if (!a->high || !b->low)
		return 0;
	if (value_order(j->w, a->high, b->low, &o))
		return -1;
	*gap = o < 0 || (o == 0 && !a->has_high && !b->has_low);
	return 0;
}

int stretch_is_empty(struct judge *j, const struct stretch *s, int *empty)
{
	int o;

	*empty = 0;
	if (!s->low || !s->high)
		return 0;
	if (value_order(j->w, s->low, s->high, &o))
		return -1;
	*empty = o > 0 || (o == 0 && !(s->has_low && s->has_high));
	return 0;
}

/* ------------------------------------------------------------- set algebra */

static int sort(struct judge *j, struct region *r)
{
	for (int i = 1; i < r->n; i++) {
		for (int k = i; k > 0; k--) {
			struct stretch swap = r->at[k];
			int o;

			if (order_lows(j, &r->at[k - 1], &r->at[k], &o))
				return -1;
			if (o <= 0)
				break;
			r->at[k] = r->at[k - 1];
			r->at[k - 1] = swap;
		}
	}
	return 0;
}

/* Sorts, drops what is empty, and joins what touches. */
int region_tidy(struct judge *j, struct region *r)
{
	int n = 0, empty, gap, o;

	for (int i = 0; i < r->n; i++) {
		if (stretch_is_empty(j, &r->at[i], &empty))
			return -1;
		if (!empty)
			r->at[n++] = r->at[i];
	}
	r->n = n;
	if (sort(j, r))
		return -1;
	n = 0;
	for (int i = 0; i < r->n; i++) {
		struct stretch *last = n ? &r->at[n - 1] : NULL;

		if (last && leaves_gap(j, last, &r->at[i], &gap))
			return -1;
		if (!last || gap) {
			r->at[n++] = r->at[i];
			continue;
		}
		if (order_highs(j, last, &r->at[i], &o))
			return -1;
		if (o < 0) {
			last->high = r->at[i].high;
			last->has_high = r->at[i].has_high;
		}
	}
	r->n = n;
	return 0;
}

int region_unite(struct judge *j, struct region *r, const struct region *with)
{
	for (int i = 0; i < with->n; i++)
		if (region_add(r, with->at[i]))
			return -1;
	return region_tidy(j, r);
}

static int overlap(struct judge *j, const struct stretch *a,
		   const struct stretch *b, struct stretch *out)
{
	int low, high;

	if (order_lows(j, a, b, &low) || order_highs(j, a, b, &high))
		return -1;
	*out = (struct stretch){low > 0 ? a->low : b->low,
				high < 0 ? a->high : b->high,
				low > 0 ? a->has_low : b->has_low,
				high < 0 ? a->has_high : b->has_high};
	return 0;
}

int region_intersect(struct judge *j, struct region *r,
		     const struct region *with)
{
	struct region out = {.n = 0};
	struct stretch s;

	for (int i = 0; i < r->n; i++)
		for (int k = 0; k < with->n; k++)
			if (overlap(j, &r->at[i], &with->at[k], &s) ||
			    region_add(&out, s))
				return -1;
	*r = out;
	return region_tidy(j, r);
}

/* All that is not in it. */
int region_complement(struct judge *j, struct region *r)
{
	struct region out = {.n = 0};
	struct stretch s = {NULL, NULL, 0, 0};
	int is_open = 1;

	if (region_tidy(j, r))
		return -1;
	for (int i = 0; i < r->n; i++) {
		const struct stretch *t = &r->at[i];

		if (t->low) {
			s.high = t->low;
			s.has_high = !t->has_low;
			if (region_add(&out, s))
				return -1;
		}
		is_open = t->high != NULL;
		s = (struct stretch){t->high, NULL, !t->has_high, 0};
	}
	if (is_open && region_add(&out, s))
		return -1;
	*r = out;
	return region_tidy(j, r);
}
