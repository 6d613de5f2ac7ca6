/* SPDX-License-Identifier: MIT */
/* Families of numbers with a whole number in them: pi/4 + k pi / 2 with k in Z
 * is the same as pi/4 + k pi and 3pi/4 + k pi, and 6k + 5 is 6n - 1. */
#include "../tree/slice.h"
#include "family.h"

#define MAX_CLASSES 128 /* of one side, after all have the same period */

/* Which of the two parts, rational and of pi, the period has; -1 for both. */
static int part_of(const struct affine *a)
{
	if (fmpq_is_zero(&a->c[1][0]))
		return 1;
	return fmpq_is_zero(&a->c[1][1]) ? 0 : -1;
}

/* The least common multiple of the periods of both. */
static int common_period(const struct family *a, const struct family *b,
			 int part, fmpq_t out)
{
	fmpz_t above, below;

	fmpz_init(above);
	fmpz_init(below);
	fmpz_one(above);
	for (int i = 0; i < a->n + b->n; i++) {
		const struct affine *p =
		    i < a->n ? &a->at[i] : &b->at[i - a->n];

		fmpz_lcm(above, above, fmpq_numref(&p->c[1][part]));
		fmpz_gcd(below, below, fmpq_denref(&p->c[1][part]));
		if (part_of(p) != part || fmpz_bits(above) > 200)
			part = -1;
		if (part < 0)
			break;
	}
	if (part >= 0)
		fmpq_set_fmpz_frac(out, above, below);
	fmpz_clear(above);
	fmpz_clear(below);
	return part < 0 ? -1 : 0;
}

/* A class of numbers: those that differ from it by a multiple of the period.
 */
struct classes {
	fmpq *along, *other; /* the part of the period, and what is left */
	int n;
};

static void classes_clear(struct classes *c)
{
	for (int i = 0; i < c->n; i++) {
		fmpq_clear(&c->along[i]);
		fmpq_clear(&c->other[i]);
	}
}

/* x modulo the period */
static void reduce(fmpq_t x, const fmpq_t period)
{
	fmpq_t q;
	fmpz_t floor;

	fmpq_init(q);
	fmpz_init(floor);
	fmpq_div(q, x, period);
	fmpz_fdiv_q(floor, fmpq_numref(q), fmpq_denref(q));
	fmpq_mul_fmpz(q, period, floor);
	fmpq_sub(x, x, q);
	fmpz_clear(floor);
	fmpq_clear(q);
}

static int add_classes(const struct affine *a, int part, const fmpq_t period,
		       struct classes *out)
{
	fmpq_t count, x;
	long n;

	fmpq_init(count);
	fmpq_init(x);
	fmpq_div(count, period, &a->c[1][part]);
	fmpq_abs(count, count);
	n = fmpq_cmp_si(count, MAX_CLASSES) < 0
		? (long)fmpz_get_si(fmpq_numref(count))
		: MAX_CLASSES + 1;
	fmpq_set(x, &a->c[0][part]);
	if (n > MAX_CLASSES - out->n)
		n = -1;
	for (long i = 0; i < n; i++) {
		fmpq_init(&out->along[out->n]);
		fmpq_init(&out->other[out->n]);
		fmpq_set(&out->along[out->n], x);
		fmpq_set(&out->other[out->n], &a->c[0][1 - part]);
		reduce(&out->along[out->n], period);
		out->n++;
		fmpq_add(x, x, &a->c[1][part]);
	}
	fmpq_clear(x);
	fmpq_clear(count);
	return n < 0 ? -1 : 0;
}

static int contains_all(const struct classes *a, const struct classes *b)
{
	for (int i = 0; i < b->n; i++) {
		int k = 0;

		while (k < a->n && !(fmpq_equal(&a->along[k], &b->along[i]) &&
				     fmpq_equal(&a->other[k], &b->other[i])))
			k++;
		if (k == a->n)
			return 0;
	}
	return 1;
}

static int all_classes(const struct family *f, int part, const fmpq_t period,
		       struct classes *out)
{
	for (int i = 0; i < f->n; i++)
		if (add_classes(&f->at[i], part, period, out))
			return -1;
	return 0;
}

/* 1, 0, or -1 where their periods have no common multiple that is small. */
static int same_numbers(struct judge *j, const struct family *a,
			const struct family *b)
{
	fmpq x[MAX_CLASSES], y[MAX_CLASSES], z[MAX_CLASSES], t[MAX_CLASSES];
	struct classes of_a = {x, y, 0}, of_b = {z, t, 0};
	int part = part_of(&a->at[0]), rc = -1;
	fmpq_t period;

	fmpq_init(period);
	if (part >= 0 && !work_step(j->w, 2000) &&
	    common_period(a, b, part, period) == 0 &&
	    all_classes(a, part, period, &of_a) == 0 &&
	    all_classes(b, part, period, &of_b) == 0)
		rc = contains_all(&of_a, &of_b) && contains_all(&of_b, &of_a);
	classes_clear(&of_a);
	classes_clear(&of_b);
	fmpq_clear(period);
	return rc;
}

/* From a first member on: each progression must be there as it is. */
static int same_beginnings(const struct family *a, const struct family *b)
{
	for (int i = 0; i < a->n; i++) {
		int k = 0, same = 0;

		for (; k < b->n && !same; k++) {
			same = 1;
			for (int c = 0; c < 4; c++)
				same &= fmpq_equal(&a->at[i].c[c / 2][c % 2],
						   &b->at[k].c[c / 2][c % 2]);
		}
		if (!same)
			return 0;
	}
	return a->n == b->n;
}

static int is_all_integers(const struct expr *domain)
{
	return !domain ||
	       (domain->kind == EXPR_NAMED_SET && str_is(domain->name, "Z"));
}

/* k pi, with nothing said of k: it may be any number. */
static int may_be_formula(const struct family *f)
{
	return f->n == 1 && !f->domain && !f->label &&
	       fmpq_is_zero(&f->at[0].c[0][0]) &&
	       fmpq_is_zero(&f->at[0].c[0][1]);
}

static int compare_read(struct judge *j, const struct family *a,
			const struct family *b)
{
	int rc;

	if (may_be_formula(a) && may_be_formula(b))
		return -1;

	if (j->o->names && a->label && b->label &&
	    !expr_same(a->label, b->label))
		return 0;
	if (is_all_integers(a->domain) && is_all_integers(b->domain))
		rc = same_numbers(j, a, b);
	else if (a->domain && b->domain && expr_same(a->domain, b->domain))
		rc = same_beginnings(a, b);
	else
		rc = 0;
	return rc == 1 ? judge_says(j, "the same family of numbers") : rc;
}

/* Whether e may be one at all. */
static int is_likely(const struct expr *e)
{
	grpo_str name;

	return e->kind != EXPR_TUPLE && e->kind != EXPR_MATRIX &&
	       expr_symbols(e, &name, 1) > 0;
}

/* "8k + 3 for k > 0", which leaves some of a congruence out */
static int is_bounded(const struct expr *e)
{
	return e->kind == EXPR_WHERE && e->kids[1]->kind == EXPR_RELATION &&
	       e->kids[1]->ops[0] != OP_IN;
}

int compare_progressions(struct judge *j, const struct expr *gold,
			 const struct expr *given)
{
	struct family a = {.n = 0}, b = {.n = 0};
	int rc = -1;

	if (!is_likely(gold) || !is_likely(given))
		return -1;
	if ((family_has_modulus(gold) && is_bounded(given)) ||
	    (family_has_modulus(given) && is_bounded(gold)))
		return 0;
	a.is_whole = family_has_modulus(given);
	b.is_whole = family_has_modulus(gold);
	if (family_read(j, gold, &a) == 0 && a.n &&
	    family_read(j, given, &b) == 0 && b.n)
		rc = compare_read(j, &a, &b);
	family_clear(&a);
	family_clear(&b);
	return rc;
}
