/* SPDX-License-Identifier: MIT */
/* Quantities of several units: 5 ft 2 in, 4 hours and 20 minutes, 25° 30'. */
#include "../tree/slice.h"
#include "parse_internal.h"
#include "units.h"

/* e + n * factor */
static const struct expr *plus_part(struct parser *p, const struct expr *e,
				    const struct expr *n, const fmpq_t factor)
{
	struct expr *by = expr_number(p->w);

	if (!by)
		return NULL;
	fmpq_set(by->value, factor);
	return expr_2(p->w, EXPR_ADD, e, expr_2(p->w, EXPR_MUL, n, by));
}

/* Whether n of the smaller unit do not make one of the larger. */
static int is_part(const struct expr *n, const fmpq_t factor)
{
	fmpq_t share;
	int is;

	if (n->kind != EXPR_NUMBER || fmpq_cmp_ui(factor, 1) >= 0)
		return 0;
	fmpq_init(share);
	fmpq_mul(share, n->value, factor);
	is = fmpq_cmp_ui(share, 1) < 0;
	fmpq_clear(share);
	return is;
}

/* Both in the first unit, or NULL where they are two quantities. */
static const struct expr *joined(struct parser *p, const struct expr *e,
				 const struct expr *more)
{
	struct unit a, b;
	const struct expr *sum = NULL;
	struct expr *unit = NULL;
	fmpq_t factor;

	unit_read(&a, e->name);
	unit_read(&b, more->name);
	fmpq_init(factor);
	if (a.is_known && b.is_known && unit_factor(&b, &a, factor) &&
	    is_part(more->kids[0], factor))
		sum = plus_part(p, e->kids[0], more->kids[0], factor);
	fmpq_clear(factor);
	if (sum)
		unit = expr_node(p->w, EXPR_UNIT, 1, &sum);
	if (unit)
		unit->name = slice(e->name.ptr, a.rest.ptr);
	return unit;
}

/* Whether what stands behind the unit only joins: "hours and". */
static int may_go_on(const struct expr *e)
{
	struct unit a;

	if (e->kind != EXPR_UNIT || e->kids[0]->kind == EXPR_RELATION)
		return 0;
	unit_read(&a, e->name);
	return a.is_known && (!a.rest.len || str_is(a.rest, "and"));
}

/* "degrees Celsius" in one text is ° and C. */
static const struct expr *with_degrees(struct parser *p, const struct expr *e)
{
	static const char *const words[] = {"degrees ", "degree ", "deg ",
					    "\xc2\xb0"};
	grpo_str name = e->name;
	struct expr *unit;

	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if (!take(&name, words[i]) || !name.len)
			continue;
		e = expr_1(p->w, EXPR_DEGREE, e->kids[0]);
		unit = expr_node(p->w, EXPR_UNIT, 1, &e);
		if (unit)
			unit->name = trim(name);
		return unit;
	}
	return e;
}

const struct expr *parse_quantity(struct parser *p, const struct expr *e)
{
	const struct expr *bare = e;

	e = parse_unit(p, e);
	if (e && e != bare)
		e = with_degrees(p, e);
	while (e && may_go_on(e)) {
		struct token *start = p->t;
		const struct expr *more = NULL;

		parse_take(p, T_AND, -1);
		if (parse_is(p, T_NUMBER, -1))
			more = parse_unit(p, parse_number(p));
		if (more && more->kind == EXPR_UNIT)
			more = joined(p, e, more);
		else
			more = NULL;
		if (!more) {
			p->t = start;
			break;
		}
		e = more;
	}
	return e;
}

/* ', ^', ^{'} */
int parse_prime_at(const struct token *t)
{
	if (t->kind == T_PRIME)
		return 1;
	if (t->kind != T_CARET)
		return 0;
	if (t[1].kind == T_PRIME)
		return 2;
	return t[1].kind == T_OPEN && t[1].sub == '{' && t[2].kind == T_PRIME &&
		       t[3].kind == T_CLOSE
		   ? 4
		   : 0;
}

/* Minutes, or seconds where the sign stands twice. */
static const struct expr *arc(struct parser *p, const struct expr *degrees)
{
	const struct expr *n = parse_number(p);
	ulong below = 60;
	fmpq_t factor;

	p->t += parse_prime_at(p->t);
	if (parse_prime_at(p->t)) {
		p->t += parse_prime_at(p->t);
		below = 3600;
	}
	if (!n)
		return NULL;
	fmpq_init(factor);
	fmpq_set_si(factor, 1, below);
	degrees = plus_part(p, degrees, n, factor);
	fmpq_clear(factor);
	return degrees;
}

const struct expr *parse_minutes(struct parser *p, const struct expr *e)
{
	const struct expr *sum = e->kids[0];

	while (sum && parse_is(p, T_NUMBER, -1) && parse_prime_at(p->t + 1))
		sum = arc(p, sum);
	return sum == e->kids[0] ? e : expr_1(p->w, EXPR_DEGREE, sum);
}

/* The primes that stand there, each of them taken. */
static int take_primes(struct parser *p)
{
	int n = 0;

	for (; parse_prime_at(p->t); n++)
		p->t += parse_prime_at(p->t);
	return n;
}

/* Feet with the inches that follow, 6'1'', or NULL. */
static const struct expr *feet(struct parser *p, const struct expr *e)
{
	struct token *start = p->t;
	const struct expr *inches = parse_number(p);
	fmpq_t factor;

	if (!inches || take_primes(p) != 2) {
		p->t = start;
		return NULL;
	}
	fmpq_init(factor);
	fmpq_set_si(factor, 1, 12);
	e = plus_part(p, e, inches, factor);
	fmpq_clear(factor);
	return e;
}

/* Whether the number before t is all that its side of the item says. */
static int stands_first(const struct token *t)
{
	const struct token *before = t - 2;

	return token_ends_item(before->kind) || before->kind == T_OPEN ||
	       before->kind == T_REL || before->kind == T_TEXT ||
	       before->kind == T_WORD || before->kind == T_COLON;
}

static int may_end_length(const struct token *t)
{
	return token_ends_item(t->kind) || t->kind == T_NUMBER ||
	       t->kind == T_CLOSE || t->kind == T_REL || t->kind == T_TEXT ||
	       t->kind == T_WORD;
}

const struct expr *parse_primes(struct parser *p, const struct expr *e)
{
	int is_length = e->kind == EXPR_NUMBER && stands_first(p->t);
	int n = take_primes(p);
	const struct expr *sum = NULL;
	struct expr *marked;

	if (!is_length || n > 2 || !may_end_length(p->t)) {
		marked = expr_node(p->w, EXPR_FORM, 1, &e);
		if (marked)
			marked->name = str("prime");
		return marked;
	}
	if (n == 1 && parse_is(p, T_NUMBER, -1))
		sum = feet(p, e);
	marked = expr_node(p->w, EXPR_UNIT, 1, sum ? &sum : &e);
	if (marked)
		marked->name = str(sum ? "feet" : n == 1 ? "'" : "''");
	return marked;
}

/* "Rs" of "Rs. " */
static grpo_str without_point(grpo_str s)
{
	s = trim(s);
	return ends(s, ".") ? trim(head(s, s.len - 1)) : s;
}

int parse_is_currency(const struct token *t)
{
	return (t->kind == T_WORD || t->kind == T_TEXT) &&
	       t[1].kind == T_NUMBER &&
	       unit_is_currency(without_point(t->text));
}

const struct expr *parse_currency(struct parser *p)
{
	grpo_str name = without_point(p->t++->text);
	const struct expr *amount = parse_number(p);
	struct expr *e = expr_node(p->w, EXPR_UNIT, 1, &amount);

	if (e)
		e->name = name;
	return e;
}
