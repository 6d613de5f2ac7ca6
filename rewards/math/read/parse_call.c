/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "../tree/slice.h"
#include "parse_internal.h"

/* ------------------------------------------------------------- arguments */

/* Whether the token goes on with the argument of \sin 2 x. */
static int goes_on(const struct parser *p)
{
	switch (p->t->kind) {
	case T_NUMBER:
	case T_SYMBOL:
	case T_LEAF:
	case T_FRAC:
	case T_SQRT:
	case T_ACCENT:
		return 1;
	case T_WORD:
		return parse_is_letters(p->t) && !parse_is_function(p->t);
	case T_OPEN:
		return p->t->sub == '{';
	default:
		return 0;
	}
}

/* sin 2x, sin(2x), \sin{2x}, \sin\frac{x}{2} */
static const struct expr *argument(struct parser *p)
{
	const struct expr *e, *more[2];

	if (parse_take(p, T_MINUS, -1))
		return expr_1(p->w, EXPR_NEG, argument(p));
	if (parse_is(p, T_OPEN, -1))
		return parse_primary(p);
	e = parse_power(p);
	while (e && goes_on(p)) {
		more[0] = e;
		more[1] = parse_power(p);
		e = expr_node(p->w, EXPR_MUL, 2, more);
	}
	return e;
}

static int takes_many(int fn)
{
	return fn == FN_GCD || fn == FN_LCM || fn == FN_MIN || fn == FN_MAX;
}

static const struct expr *call(struct parser *p, int fn, const struct expr *arg)
{
	if (!arg)
		return NULL;
	if (takes_many(fn)) {
		if (arg->kind != EXPR_TUPLE && arg->kind != EXPR_SET)
			return NULL;
		return expr_call(p->w, (enum expr_fn)fn, arg->n, arg->kids);
	}
	return expr_call(p->w, (enum expr_fn)fn, 1, &arg);
}

/* ------------------------------------------------------------------ \sin */

static int inverse_of(int fn)
{
	if (fn >= FN_SIN && fn <= FN_CSC)
		return fn - FN_SIN + FN_ASIN;
	if (fn >= FN_SINH && fn <= FN_TANH)
		return fn - FN_SINH + FN_ASINH;
	return -1;
}

static int is_minus_one(const struct expr *e)
{
	return e->kind == EXPR_NEG && e->kids[0]->kind == EXPR_NUMBER &&
	       fmpq_is_one(e->kids[0]->value);
}

/* The exponent of \sin^2 x, or NULL where there is none; *bad where it is
 * one that cannot be read. */
static const struct expr *take_exponent(struct parser *p, int *bad)
{
	const struct expr *e;

	if (!parse_take(p, T_CARET, -1))
		return NULL;
	e = parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	*bad = !e;
	return e;
}

const struct expr *parse_call(struct parser *p)
{
	int fn = p->t->sub, bad = 0;
	const struct expr *power, *e;

	p->t++;
	power = take_exponent(p, &bad);
	if (bad)
		return NULL;
	if (power && is_minus_one(power) && inverse_of(fn) >= 0) {
		fn = inverse_of(fn);
		power = NULL;
	}
	e = call(p, fn, argument(p));
	return power ? expr_2(p->w, EXPR_POW, e, power) : e;
}

/* ------------------------------------------------------------------ \log */

/* \log_28 is the logarithm of 8 to base 2, since nothing follows. */
static const struct expr *base_of(struct parser *p)
{
	const struct token *after = p->t + 1;

	if (parse_is(p, T_NUMBER, -1) && p->t->text.len > 1 &&
	    (after->kind == T_END || after->kind >= T_COMMA ||
	     after->kind == T_CLOSE))
		return parse_digit(p);
	if (parse_is(p, T_NUMBER, -1))
		return parse_number(p);
	return parse_argument(p);
}

/* log2(8), log10(x): the base, in plain text. */
static int has_plain_base(const struct parser *p)
{
	const struct token *t = p->t;

	return t->kind == T_NUMBER && !t->is_spaced && t[1].kind == T_OPEN &&
	       t[1].sub == '(' && !t[1].is_spaced &&
	       (str_is(t->text, "2") || str_is(t->text, "10"));
}

const struct expr *parse_log(struct parser *p)
{
	const struct expr *args[2] = {NULL, NULL}, *power, *e;
	int bad = 0;

	if (p->t->sub == 10)
		args[1] = expr_integer(p->w, 10);
	p->t++;
	if (has_plain_base(p)) {
		args[1] = parse_number(p);
	} else if (parse_take(p, T_UNDER, -1)) {
		args[1] = base_of(p);
		if (!args[1])
			return NULL;
	}
	power = take_exponent(p, &bad);
	args[0] = bad ? NULL : argument(p);
	e = args[1] ? expr_call(p->w, FN_LOG, 2, args)
		    : expr_call(p->w, FN_LN, 1, args);
	return power ? expr_2(p->w, EXPR_POW, e, power) : e;
}

/* ----------------------------------------------------------------- \sqrt */

static const struct expr *radicand(struct parser *p)
{
	if (parse_is(p, T_NUMBER, -1))
		return parse_number(p);
	return parse_argument(p);
}

/* The n of \sqrt[n]{x}, or NULL. */
static const struct expr *degree(struct parser *p)
{
	const struct expr *n;

	if (!parse_take(p, T_OPEN, '['))
		return NULL;
	n = parse_sum(p);
	return parse_take(p, T_CLOSE, '[') ? n : NULL;
}

const struct expr *parse_sqrt(struct parser *p)
{
	int root = p->t->sub, has_degree;
	const struct expr *args[2];

	p->t++;
	has_degree = parse_is(p, T_OPEN, '[');
	args[1] = has_degree ? degree(p) : NULL;
	if (has_degree && !args[1])
		return NULL;
	args[0] = radicand(p);
	if (root == 3 && !args[1])
		args[1] = expr_integer(p->w, 3);
	return args[1] ? expr_call(p->w, FN_ROOT, 2, args)
		       : expr_call(p->w, FN_SQRT, 1, args);
}

/* ----------------------------------------------------------- sums, limits */

/* "k=1" below the sign; a letter e or i is no constant then. */
static const struct expr *bound(struct parser *p, const struct expr **from)
{
	const struct token *letter = p->t;
	int braces = parse_take(p, T_OPEN, '{');
	const struct expr *symbol;

	letter = p->t;
	if (letter->text.len == 0 ||
	    (letter->kind != T_SYMBOL && letter->kind != T_LEAF))
		return NULL;
	p->t++;
	symbol = expr_named(p->w, EXPR_SYMBOL, letter->text);
	if (!parse_take(p, T_REL, OP_EQ))
		return NULL;
	*from = parse_sum(p);
	return braces && !parse_take(p, T_CLOSE, -1) ? NULL : symbol;
}

const struct expr *parse_series(struct parser *p)
{
	enum expr_kind kind = p->t->kind == T_SUM ? EXPR_SUM : EXPR_PROD;
	const struct expr *kids[4] = {NULL, NULL, NULL, NULL};
	grpo_str outer = p->index;

	p->t++;
	if (!parse_take(p, T_UNDER, -1))
		return NULL;
	kids[0] = bound(p, &kids[1]);
	if (!kids[0] || !parse_take(p, T_CARET, -1))
		return NULL;
	kids[2] =
	    parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	p->index = kids[0]->name;
	kids[3] = parse_term(p);
	p->index = outer;
	return expr_node(p->w, kind, 4, kids);
}

/* \nabla \cdot and \nabla \times are other operators than \nabla. */
static grpo_str operator_name(struct parser *p)
{
	grpo_str name = p->t->text, sign = p->t[1].text;

	p->t++;
	if (!str_is(name, "nabla") || !parse_take(p, T_TIMES, -1))
		return name;
	return str(str_is(sign, "times") || str_is(sign, "×") ? "curl" : "div");
}

/* An integral or a limit: its parts, which are compared as they stand. */
const struct expr *parse_form(struct parser *p)
{
	grpo_str name = operator_name(p);
	struct items parts = {.n = 0};
	struct expr *e;
	int rc = 0;

	for (int i = 0; i < 2 && !rc; i++)
		if (parse_take(p, T_UNDER, -1) || parse_take(p, T_CARET, -1))
			rc = parse_add(p, &parts, parse_argument(p));
	if (!rc)
		rc = parse_add(p, &parts, parse_term(p));
	e = rc ? NULL : expr_node(p->w, EXPR_FORM, parts.n, parts.at);
	if (e)
		e->name = name;
	return e;
}
