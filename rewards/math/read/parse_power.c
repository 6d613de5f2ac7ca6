/* SPDX-License-Identifier: MIT */
/* What is raised to a thing, and the marks behind it. */
#include <string.h>

#include "../tree/slice.h"
#include "parse_internal.h"

static int is_ordinal(grpo_str s)
{
	static const char *const ends[] = {"th", "st", "nd", "rd"};

	for (int i = 0; i < 4; i++)
		if (s.len == 2 && memcmp(s.ptr, ends[i], 2) == 0)
			return 1;
	return 0;
}

/* "th" of 12th or 12^{\text{th}}. */
static int take_ordinal(struct parser *p)
{
	struct token *t = p->t;
	int braces;

	t += t->kind == T_CARET;
	braces = t->kind == T_OPEN && t->sub == '{';
	t += braces;
	if ((t->kind != T_TEXT && t->kind != T_WORD) || !is_ordinal(t->text))
		return 0;
	t++;
	if (braces && t->kind != T_CLOSE)
		return 0;
	p->t = t + braces;
	return 1;
}

/* "root" of "9th root", which is no ninth */
static int is_of_ordinal(const struct token *t)
{
	return (t->kind == T_TEXT || t->kind == T_WORD) &&
	       (begins_nocase(t->text, "root") ||
		begins_nocase(t->text, "power"));
}

/* "\circ" or "{\circ}" after a caret. */
static int take_raised(struct parser *p, enum token_kind kind)
{
	struct token *t = p->t + 1;
	int braces = t->kind == T_OPEN && t->sub == '{';

	t += braces;
	if (t->kind != kind)
		return 0;
	while (t->kind == kind)
		t++;
	if (braces && t->kind != T_CLOSE)
		return 0;
	p->t = t + braces;
	return 1;
}

/* x^{-1}, x^-10, x^10 */
static const struct expr *exponent(struct parser *p)
{
	int is_negative = parse_take(p, T_MINUS, -1);
	const struct expr *e;

	if (!is_negative)
		parse_take(p, T_PLUS, -1);
	e = parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	return is_negative ? expr_1(p->w, EXPR_NEG, e) : e;
}

static grpo_str name_of_sign(const struct token *t)
{
	if (t->kind == T_PLUS || (t->kind == T_REL && t->sub == OP_GT))
		return (grpo_str){"+", 1};
	if (t->kind == T_MINUS || (t->kind == T_REL && t->sub == OP_LT))
		return (grpo_str){"-", 1};
	if (t->kind == T_REL && t->sub == OP_GE)
		return (grpo_str){"+0", 2};
	if (t->kind == T_REL && t->sub == OP_LE)
		return (grpo_str){"-0", 2};
	if (t->kind == T_REL && t->sub == OP_NE)
		return (grpo_str){"*", 1};
	return t->text; /* "*", "ast", "times" */
}

/* The sign, or relation to 0, beside a set of numbers: R^+, R^{-}, Z_{>0},
 * N^*. */
static int take_sign_of_set(struct parser *p, grpo_str *sign)
{
	struct token *t = p->t;
	int braces = t->kind == T_OPEN && t->sub == '{';

	t += braces;
	if (t->kind != T_PLUS && t->kind != T_MINUS && t->kind != T_TIMES &&
	    t->kind != T_REL)
		return 0;
	if (t->kind == T_REL &&
	    (t[1].kind != T_NUMBER || !str_same(t[1].text, (grpo_str){"0", 1})))
		return 0;
	*sign = name_of_sign(t);
	t += t->kind == T_REL ? 2 : 1; /* the 0 behind it */
	if (braces && t->kind != T_CLOSE)
		return 0;
	p->t = t + braces;
	return 1;
}

/* (1, 2)^T is (1, 2): what is in a row may stand in a column. */
static int is_transposition(const struct expr *of, const struct expr *e)
{
	return of->kind == EXPR_TUPLE && expr_is(e, EXPR_SYMBOL) &&
	       (str_same(e->name, (grpo_str){"T", 1}) ||
		str_same(e->name, (grpo_str){"top", 3}));
}

/* Z_5: a set that is not known, by its index. */
static const struct expr *subscripted(struct parser *p, const struct expr *set)
{
	const struct expr *index =
	    parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	struct expr *e = expr_node(p->w, EXPR_APPLY, 1, &index);

	if (e)
		e->name = set->name;
	return e;
}

static const struct expr *raised(struct parser *p, const struct expr *base)
{
	const struct expr *e;
	grpo_str sign;
	int is_below;

	if (take_raised(p, T_DEGREE))
		return expr_1(p->w, EXPR_DEGREE, base);
	is_below = parse_is(p, T_UNDER, -1);
	p->t++;
	if (base->kind == EXPR_NAMED_SET && take_sign_of_set(p, &sign))
		return expr_2(p->w, EXPR_INTERSECTION, base,
			      expr_named(p->w, EXPR_NAMED_SET, sign));
	if (is_below) /* Z_5 */
		return subscripted(p, base);
	e = exponent(p);
	return is_transposition(base, e) ? base
					 : expr_2(p->w, EXPR_POW, base, e);
}

static const struct expr *factorial(struct parser *p, const struct expr *of)
{
	int twice = parse_take(p, T_BANG, -1);

	return expr_call(p->w, twice ? FN_DOUBLE_FACTORIAL : FN_FACTORIAL, 1,
			 &of);
}

/* 5\$, 5€ */
static const struct expr *in_money(struct parser *p, const struct expr *e)
{
	grpo_str name = parse_money(p->t++);
	struct expr *marked = expr_node(p->w, EXPR_UNIT, 1, &e);

	if (marked)
		marked->name = name;
	return marked;
}

static int is_raised_prime(const struct token *t)
{
	return t->kind == T_CARET && parse_prime_at(t);
}

const struct expr *parse_power(struct parser *p)
{
	const struct expr *e = parse_primary(p);

	while (e) {
		if (take_ordinal(p)) {
			e = is_of_ordinal(p->t) ? NULL : e;
			continue;
		}
		if (parse_is(p, T_PRIME, -1) || is_raised_prime(p->t))
			e = parse_primes(p, e);
		else if (parse_is(p, T_CARET, -1))
			e = raised(p, e);
		else if (parse_take(p, T_BANG, -1))
			e = factorial(p, e);
		else if (parse_take(p, T_PERCENT, -1))
			e = expr_1(p->w, EXPR_PERCENT, e);
		else if (parse_at_operation(p, e))
			break;
		else if (parse_take(p, T_DEGREE, -1))
			e = expr_1(p->w, EXPR_DEGREE, e);
		else if (parse_is(p, T_DOLLAR, -1))
			e = in_money(p, e);
		else if (parse_is(p, T_UNDER, -1) && e->kind == EXPR_NUMBER)
			e = parse_base(p, e);
		else if (parse_is(p, T_UNDER, -1) && e->kind == EXPR_NAMED_SET)
			e = raised(p, e);
		else
			break;
		if (e && e->kind == EXPR_DEGREE)
			e = parse_minutes(p, e);
	}
	return e;
}
