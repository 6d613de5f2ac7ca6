/* SPDX-License-Identifier: MIT */
/* Sums and products with dots, 1 + 3 + ... + 99, whose rule the terms show. */
#include "parse_internal.h"

#define MAX_SHOWN 16
#define MAX_STEPS 1000000000 /* from the first term to the last */
#define MAX_FACTORS 200
#define DOTS_STEPS 500

/* The terms in front of the dots, and the one behind them. */
struct run {
	fmpq_t shown[MAX_SHOWN], last;
	int n; /* shown */
	int is_endless;
	fmpq_t step; /* added, or multiplied by */
};

static int is_dots(const struct expr *e)
{
	return e->kind == EXPR_FORM && e->n == 0;
}

/* A number or a fraction of two. */
static int read_constant(fmpq_t out, const struct expr *e)
{
	const struct expr *a = e, *b = NULL;

	if (e->kind == EXPR_DIV) {
		a = e->kids[0];
		b = e->kids[1];
	}
	if (a->kind != EXPR_NUMBER || a->flags ||
	    (b &&
	     (b->kind != EXPR_NUMBER || b->flags || fmpq_is_zero(b->value))))
		return 0;
	if (b)
		fmpq_div(out, a->value, b->value);
	else
		fmpq_set(out, a->value);
	return 1;
}

static void run_init(struct run *r)
{
	for (int i = 0; i < MAX_SHOWN; i++)
		fmpq_init(r->shown[i]);
	fmpq_init(r->last);
	fmpq_init(r->step);
	r->n = r->is_endless = 0;
}

static void run_clear(struct run *r)
{
	for (int i = 0; i < MAX_SHOWN; i++)
		fmpq_clear(r->shown[i]);
	fmpq_clear(r->last);
	fmpq_clear(r->step);
}

static int run_read(struct run *r, const struct expr *const *at, int n)
{
	r->is_endless = n > 0 && is_dots(at[n - 1]);
	r->n = n - 2 + r->is_endless;
	if (r->n < 2 || r->n > MAX_SHOWN || !is_dots(at[r->n]))
		return 0;
	for (int i = 0; i < r->n; i++)
		if (!read_constant(r->shown[i], at[i]) ||
		    fmpq_is_zero(r->shown[i]))
			return 0;
	return r->is_endless || read_constant(r->last, at[n - 1]);
}

/* Whether each shown term is the one before plus, or times, the same. */
static int has_step(struct run *r, int is_ratio)
{
	fmpq_t step;
	int same = 1;

	fmpq_init(step);
	for (int i = 1; i < r->n && same; i++) {
		if (is_ratio)
			fmpq_div(step, r->shown[i], r->shown[i - 1]);
		else
			fmpq_sub(step, r->shown[i], r->shown[i - 1]);
		if (i == 1)
			fmpq_set(r->step, step);
		same = fmpq_equal(r->step, step);
	}
	fmpq_clear(step);
	return same &&
	       !(is_ratio ? fmpq_is_one(r->step) : fmpq_is_zero(r->step));
}

/* How often the step is added from the first term to the last; -1 where that
 * never leads there. */
static long additions(const struct run *r)
{
	long m = -1;
	fmpq_t n;

	fmpq_init(n);
	fmpq_sub(n, r->last, r->shown[0]);
	fmpq_div(n, n, r->step);
	if (fmpz_is_one(fmpq_denref(n)) && fmpq_cmp_si(n, r->n) >= 0 &&
	    fmpz_cmp_si(fmpq_numref(n), MAX_STEPS) < 0)
		m = (long)fmpz_get_si(fmpq_numref(n));
	fmpq_clear(n);
	return m;
}

/* Whether multiplying by the step leads from the first term to the last. */
static int leads_on(const struct run *r)
{
	fmpq_t at;
	int found = 0;

	fmpq_init(at);
	fmpq_set(at, r->shown[r->n - 1]);
	for (int i = 0; i < MAX_FACTORS && !found; i++) {
		fmpq_mul(at, at, r->step);
		found = fmpq_equal(at, r->last);
	}
	fmpq_clear(at);
	return found;
}

static const struct expr *constant(struct parser *p, const fmpq_t value)
{
	struct expr *e = expr_number(p->w);

	if (e)
		fmpq_set(e->value, value);
	return e;
}

/* (m + 1) (first + last) / 2 */
static const struct expr *arithmetic(struct parser *p, const struct run *r,
				     long m)
{
	const struct expr *ends = expr_2(
	    p->w, EXPR_ADD, constant(p, r->shown[0]), constant(p, r->last));

	return expr_2(p->w, EXPR_DIV,
		      expr_2(p->w, EXPR_MUL, expr_integer(p->w, m + 1), ends),
		      expr_integer(p->w, 2));
}

/* (last step - first) / (step - 1); the last is 0 where there is none. */
static const struct expr *geometric(struct parser *p, const struct run *r)
{
	const struct expr *step = constant(p, r->step);
	const struct expr *first = constant(p, r->shown[0]);
	const struct expr *over =
	    r->is_endless
		? expr_1(p->w, EXPR_NEG, first)
		: expr_minus(p->w,
			     expr_2(p->w, EXPR_MUL, constant(p, r->last), step),
			     first);

	return expr_2(p->w, EXPR_DIV, over,
		      expr_minus(p->w, step, expr_integer(p->w, 1)));
}

static int converges(const struct run *r)
{
	fmpq_t size;
	int is_less;

	fmpq_init(size);
	fmpq_abs(size, r->step);
	is_less = fmpq_cmp_ui(size, 1) < 0;
	fmpq_clear(size);
	return is_less;
}

static const struct expr *sum_of(struct parser *p, struct run *r)
{
	long m = -1;
	int is_geometric;

	if (r->is_endless)
		return r->n > 2 && has_step(r, 1) && converges(r)
			   ? geometric(p, r)
			   : NULL;
	is_geometric = has_step(r, 1) && leads_on(r);
	if (has_step(r, 0))
		m = additions(r);
	if (m > 0 && is_geometric) /* 2 + 4 + ... + 16 says neither */
		return NULL;
	if (m > 0)
		return arithmetic(p, r, m);
	return is_geometric && r->n > 2 && has_step(r, 1) ? geometric(p, r)
							  : NULL;
}

const struct expr *parse_dotted_sum(struct parser *p,
				    const struct expr *const *at, int n)
{
	const struct expr *e = NULL;
	struct run r;

	if (n < 3 || (!is_dots(at[n - 1]) && !is_dots(at[n - 2])))
		return NULL;
	if (work_step(p->w, DOTS_STEPS))
		return NULL;
	run_init(&r);
	if (run_read(&r, at, n))
		e = sum_of(p, &r);
	run_clear(&r);
	return e;
}
