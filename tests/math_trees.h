/* SPDX-License-Identifier: MIT */
#ifndef TESTS_MATH_TREES_H
#define TESTS_MATH_TREES_H

/*
 * Trees written by hand, in the memory of one struct work:
 *
 *	add(num(1), sqrt_of(sym("x")))
 */
#include <check.h>
#include <string.h>

#include "rewards/math/value/value.h"

typedef const struct expr *tree;

static struct work work;

static inline grpo_str text(const char *s)
{
	return (grpo_str){s, strlen(s)};
}

static inline tree num(long n)
{
	return expr_integer(&work, n);
}

/* p/q as one number, such as a decimal is. */
static inline tree frac(long p, unsigned long q)
{
	struct expr *e = expr_number(&work);

	fmpq_set_si(e->value, p, q);
	return e;
}

/* Of any size: "12345", or "-1/3". */
static inline tree big(const char *s)
{
	struct expr *e = expr_number(&work);

	ck_assert_int_eq(fmpq_set_str(e->value, s, 10), 0);
	return e;
}

static inline tree sym(const char *name)
{
	return expr_named(&work, EXPR_SYMBOL, text(name));
}

static inline tree leaf(enum expr_kind kind)
{
	return expr_leaf(&work, kind);
}

static inline tree add(tree a, tree b)
{
	return expr_2(&work, EXPR_ADD, a, b);
}

static inline tree sub(tree a, tree b)
{
	return expr_minus(&work, a, b);
}

static inline tree mul(tree a, tree b)
{
	return expr_2(&work, EXPR_MUL, a, b);
}

static inline tree over(tree a, tree b)
{
	return expr_2(&work, EXPR_DIV, a, b);
}

static inline tree power(tree a, tree b)
{
	return expr_2(&work, EXPR_POW, a, b);
}

static inline tree neg(tree a)
{
	return expr_1(&work, EXPR_NEG, a);
}

static inline tree call1(enum expr_fn fn, tree a)
{
	return expr_call(&work, fn, 1, &a);
}

static inline tree call2(enum expr_fn fn, tree a, tree b)
{
	const tree args[] = {a, b};

	return expr_call(&work, fn, 2, args);
}

static inline tree root2(tree a)
{
	return call1(FN_SQRT, a);
}

static inline tree squared(tree a)
{
	return power(a, num(2));
}

static inline tree factorial(tree a)
{
	return call1(FN_FACTORIAL, a);
}

/* A SUM or PROD over `name`. */
static inline tree series(enum expr_kind kind, const char *name, tree from,
			  tree to, tree body)
{
	const tree kids[] = {sym(name), from, to, body};

	return expr_node(&work, kind, 4, kids);
}

static inline tree applied(enum expr_kind kind, const char *name, int n,
			   const tree *args)
{
	struct expr *e =
	    (struct expr *)(uintptr_t)expr_node(&work, kind, n, args);

	e->name = text(name);
	return e;
}

/* Whether value_exact finds that number. */
static inline int has_value(tree e, const char *want)
{
	fmpq_t got, expected;
	int same;

	fmpq_init(got);
	fmpq_init(expected);
	ck_assert_int_eq(fmpq_set_str(expected, want, 10), 0);
	same = value_exact(&work, e, got) == 0 && fmpq_equal(got, expected);
	fmpq_clear(expected);
	fmpq_clear(got);
	return same;
}

/* Whether it finds none, and steps are left. */
static inline int has_no_value(tree e)
{
	fmpq_t got;
	int none;

	fmpq_init(got);
	none = value_exact(&work, e, got) < 0 && work.status == 0;
	fmpq_clear(got);
	return none;
}

#define SAME(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_EQUAL)
#define DIFFER(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_DIFFERENT)
#define UNTOLD(a, b) ck_assert_int_eq(value_same(&work, a, b), VALUE_UNDECIDED)

static inline void trees_start(void)
{
	value_begin_thread();
	work_init(&work);
}

static inline void trees_end(void)
{
	work_clear(&work);
}

#endif
