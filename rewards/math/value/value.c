/* SPDX-License-Identifier: MIT */
#include "value.h"

#include <pthread.h>

#include "residue.h"
#include "sides.h"

int value_exact(struct work *w, const struct expr *e, fmpq_t out)
{
	struct eval v = {.w = w, .domain = {.real = 1}};
	struct number a;
	enum outcome got;

	number_init(&a);
	got = evaluate(&v, e, &a);
	if (got == GOT)
		fmpq_swap(out, a.q);
	number_clear(&a);
	return got == GOT ? 0 : -1;
}

/* 1 or -1 for an infinity, else 0. */
static int infinity(const struct expr *e)
{
	int sign = 1;

	for (; e->kind == EXPR_NEG; e = e->kids[0])
		sign = -sign;
	return e->kind == EXPR_INFINITY ? sign : 0;
}

/* Of two rational constants, as most answers are: no points, no balls. */
static enum value_verdict same_exactly(struct work *w, const struct expr *a,
				       const struct expr *b)
{
	enum value_verdict verdict = VALUE_UNDECIDED;
	fmpq_t p, q;

	fmpq_init(p);
	fmpq_init(q);
	if (value_exact(w, a, p) == 0 && value_exact(w, b, q) == 0)
		verdict = fmpq_equal(p, q) ? VALUE_EQUAL : VALUE_DIFFERENT;
	fmpq_clear(q);
	fmpq_clear(p);
	return verdict;
}

enum value_verdict value_same(struct work *w, const struct expr *a,
			      const struct expr *b)
{
	enum value_verdict verdict;
	struct sides s;

	if (infinity(a) || infinity(b))
		return infinity(a) == infinity(b) ? VALUE_EQUAL
						  : VALUE_UNDECIDED;
	verdict = same_exactly(w, a, b);
	if (verdict == VALUE_UNDECIDED)
		verdict = residues_same(w, a, b);
	if (verdict != VALUE_UNDECIDED || w->status)
		return verdict;
	sides_init(&s, w, a, b);
	return sides_everywhere(&s);
}

int value_order(struct work *w, const struct expr *a, const struct expr *b,
		int *order)
{
	int left = infinity(a), right = infinity(b);
	struct sides s;

	if (left && right) {
		*order = (left > right) - (left < right);
		return 0;
	}
	if (left || right)
		b = a = left ? b : a;
	sides_init(&s, w, a, b);
	if (s.traits.symbols || sides_order(&s, 0, order) < 0)
		return -1;
	if (left || right)
		*order = left - right;
	return 0;
}

static const struct expr *number_of(struct work *w, const fmpq_t value)
{
	struct expr *e = expr_number(w);

	if (e)
		fmpq_set(e->value, value);
	return e;
}

/* The order of e and centre + sign * radius. */
static int order_to_end(struct work *w, const struct expr *e,
			const fmpq_t centre, const fmpq_t radius, int sign,
			int *order)
{
	const struct expr *end;
	fmpq_t x;

	fmpq_init(x);
	if (sign < 0)
		fmpq_sub(x, centre, radius);
	else
		fmpq_add(x, centre, radius);
	end = number_of(w, x);
	fmpq_clear(x);
	return end ? value_order(w, e, end, order) : -1;
}

enum value_verdict value_near(struct work *w, const struct expr *e,
			      const fmpq_t centre, const fmpq_t radius)
{
	int low, high;

	if (order_to_end(w, e, centre, radius, -1, &low) < 0 ||
	    order_to_end(w, e, centre, radius, 1, &high) < 0)
		return VALUE_UNDECIDED;
	return low >= 0 && high <= 0 ? VALUE_EQUAL : VALUE_DIFFERENT;
}

static pthread_key_t thread_key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int has_key;

static void forget(void *unused)
{
	(void)unused;
	flint_cleanup();
}

static void make_key(void)
{
	has_key = pthread_key_create(&thread_key, forget) == 0;
}

void value_begin_thread(void)
{
	pthread_once(&once, make_key);
	if (has_key && !pthread_getspecific(thread_key))
		pthread_setspecific(thread_key, &once);
}
