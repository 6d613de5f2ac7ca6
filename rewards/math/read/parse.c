/* SPDX-License-Identifier: MIT */
/* Sums and terms. */
#include "parse.h"

#include <string.h>

#include "parse_internal.h"

static int grow(struct parser *p, struct items *items)
{
	int max = items->max ? items->max * 2 : 4;
	const struct expr **at = work_alloc(p->w, (size_t)max * sizeof *at);

	if (!at)
		return -1;
	if (items->n)
		memcpy(at, items->at, (size_t)items->n * sizeof *at);
	items->at = at;
	items->max = max;
	return 0;
}

int parse_add(struct parser *p, struct items *items, const struct expr *e)
{
	if (!e)
		return -1;
	if (items->n == PARSE_MAX_ITEMS) {
		p->w->status = GRPO_REWARD_BUDGET;
		return -1;
	}
	if (items->n == items->max && grow(p, items))
		return -1;
	items->at[items->n++] = e;
	return 0;
}

/* ----------------------------------------------------------------- terms */

/* Whether the token may begin a factor where no operator stands. */
static int begins_factor(const struct parser *p)
{
	switch (p->t->kind) {
	case T_NUMBER:
		return p->t[-1].kind != T_NUMBER &&
		       p->t[-1].kind != T_PERCENT; /* 7 % 3 */
	case T_SYMBOL:
		return !parse_is_unit(p->t);
	case T_LEAF:
	case T_SET:
	case T_LOG:
	case T_SQRT:
	case T_FRAC:
	case T_BINOM:
	case T_SUM:
	case T_PROD:
	case T_FORM:
	case T_ACCENT:
	case T_OVERLINE:
	case T_DOT:
	case T_ANGLE:
	case T_BEGIN:
		return 1;
	case T_OPEN:
		return !parse_is_turned(p->t);
	case T_CALL: /* "5 min" is no call, nor is "5 min 30 s" */
		return p->t[1].kind < T_COMMA && p->t[1].kind != T_END &&
		       !(p->t->sub == FN_MIN && p->t[1].kind == T_NUMBER);
	case T_WORD:
		return parse_is_letters(p->t) || parse_is_function(p->t);
	case T_TEXT:
		return parse_is_function(p->t);
	case T_BAR:
		return !p->bars && !p->is_element;
	default:
		return 0;
	}
}

static const struct expr *signed_power(struct parser *p)
{
	if (parse_take(p, T_MINUS, -1))
		return expr_1(p->w, EXPR_NEG, parse_power(p));
	parse_take(p, T_PLUS, -1);
	return parse_power(p);
}

static const struct expr *multiply(struct parser *p, const struct expr *a,
				   const struct expr *b)
{
	const struct expr *both[2] = {a, b};

	if (a && a->kind == EXPR_MUL && a->n < 64) {
		const struct expr *kids[65];

		memcpy(kids, a->kids, (size_t)a->n * sizeof *kids);
		kids[a->n] = b;
		return expr_node(p->w, EXPR_MUL, a->n + 1, kids);
	}
	return expr_node(p->w, EXPR_MUL, 2, both);
}

/* A zero below is no mathematics. */
const struct expr *parse_quotient(struct parser *p, const struct expr *above,
				  const struct expr *below)
{
	if (expr_is(below, EXPR_NUMBER) && fmpq_is_zero(below->value))
		return NULL;
	return expr_2(p->w, EXPR_DIV, above, below);
}

/* A or P_1 */
static int is_of_point(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && e->name.ptr[0] >= 'A' &&
	       e->name.ptr[0] <= 'Z' &&
	       (e->name.len == 1 || e->name.ptr[1] == '_' ||
		e->name.ptr[1] == '\'');
}

/* A(1, 2) says that A = (1, 2). */
static const struct expr *point(struct parser *p, const struct expr *name,
				const struct expr *at)
{
	const struct expr *sides[2] = {name, at};
	struct expr *e = expr_node(p->w, EXPR_RELATION, 2, sides);

	if (!e)
		return NULL;
	e->flags = EXPR_AT;
	e->ops = work_alloc(p->w, 1); /* zero, OP_EQ */
	return e->ops ? e : NULL;
}

/* 5 \frac{\text{km}}{\text{h}} */
static const struct expr *of_unit(struct parser *p, const struct expr *e,
				  const struct expr *unit)
{
	char name[64];
	size_t n = expr_print(name, sizeof name, unit);
	struct expr *marked = expr_node(p->w, EXPR_UNIT, 1, &e);

	if (marked)
		marked->name = work_text(p->w, (grpo_str){name, n});
	return marked;
}

/* A B, (A)(B), ①③: one letter more of a run. */
static int goes_on_run(const struct expr *e, const struct expr *factor)
{
	return parse_is_capital(factor) &&
	       (parse_is_capital(e) ||
		(e->kind == EXPR_MUL && e->flags == EXPR_RUN));
}

static const struct expr *in_run(struct parser *p, const struct expr *e,
				 const struct expr *factor)
{
	const struct expr *kids[64] = {e, factor};
	int n = e->kind == EXPR_MUL ? e->n : 1;
	struct expr *run;

	if (n > 62)
		return multiply(p, e, factor);
	if (e->kind == EXPR_MUL)
		memcpy(kids, e->kids, (size_t)n * sizeof *kids);
	kids[n] = factor;
	run = expr_node(p->w, EXPR_MUL, n + 1, kids);
	if (run)
		run->flags = EXPR_RUN;
	return run;
}

static const struct expr *side_by_side(struct parser *p, const struct expr *e,
				       const struct expr *factor)
{
	if (!factor)
		return NULL;
	if (is_of_point(e) && factor->kind == EXPR_TUPLE &&
	    factor->open == '(' && factor->close == ')')
		return point(p, e, factor);
	if (expr_is(factor, EXPR_DIV) && expr_has(factor, EXPR_TEXT))
		return of_unit(p, e, factor);
	if (goes_on_run(e, factor))
		return in_run(p, e, factor);
	return multiply(p, e, factor);
}

/* e and the factor beside it; 0 where that is a relation in parentheses,
 * which is left to stand. */
static int juxtapose(struct parser *p, const struct expr **e)
{
	struct token *start = p->t;
	const struct expr *factor = parse_power(p);

	if (factor && factor->kind == EXPR_RELATION) {
		p->t = start;
		return 0;
	}
	*e = factor && parse_is_composed(*e) && start->kind == T_OPEN
		 ? parse_composed(p, *e, factor)
		 : side_by_side(p, *e, factor);
	return 1;
}

static int take_times_letter(struct parser *p)
{
	int is_times = parse_is_times(p->t);

	p->t += is_times;
	return is_times;
}

/* 2∠60° */
static const struct expr *polar(struct parser *p, const struct expr *size)
{
	const struct expr *angle;

	p->t++;
	angle = signed_power(p);
	return angle ? multiply(p, size, parse_cis(p, angle)) : NULL;
}

const struct expr *parse_term(struct parser *p)
{
	const struct expr *e = parse_power(p);

	while (e) {
		if (parse_at_operation(p, e))
			e = parse_operation(p, e);
		else if (parse_take(p, T_TIMES, -1) || take_times_letter(p))
			e = multiply(p, e, signed_power(p));
		else if (parse_take(p, T_DIVIDE, -1))
			e = parse_quotient(p, e, signed_power(p));
		else if (parse_take_modulus(p, &e))
			continue;
		else if (parse_is_polar(p->t, e))
			e = polar(p, e);
		else if (!begins_factor(p) || !juxtapose(p, &e))
			break;
	}
	return e;
}

/* ------------------------------------------------------------------ sums */

static const struct expr *plus_minus(struct parser *p, int n,
				     const struct expr *const *kids, char sign)
{
	struct expr *e = expr_node(p->w, EXPR_PM, n, kids);

	if (e)
		e->sign = sign;
	return e;
}

/* -e; of a remainder, as in "-1 mod 5", the sign is the number's. */
static const struct expr *negated(struct parser *p, const struct expr *e)
{
	const struct expr *args[2];

	if (!expr_is(e, EXPR_CALL) || e->fn != FN_MOD)
		return expr_1(p->w, EXPR_NEG, e);
	args[0] = expr_1(p->w, EXPR_NEG, e->kids[0]);
	args[1] = e->kids[1];
	return expr_call(p->w, FN_MOD, 2, args);
}

static const struct expr *first_term(struct parser *p)
{
	const struct expr *e;

	if (parse_take(p, T_MINUS, -1))
		return negated(p, parse_term(p));
	if (parse_is(p, T_PM, -1) || parse_is(p, T_MP, -1)) {
		char sign = parse_is(p, T_PM, -1) ? '+' : '-';

		p->t++;
		e = parse_term(p);
		return plus_minus(p, 1, &e, sign);
	}
	parse_take(p, T_PLUS, -1);
	return parse_term(p);
}

/* A term after an operator, which may have one sign of its own. */
static const struct expr *next_term(struct parser *p)
{
	if (parse_take(p, T_MINUS, -1))
		return expr_1(p->w, EXPR_NEG, parse_term(p));
	return parse_term(p);
}

static const struct expr *close_sum(struct parser *p, const struct items *terms)
{
	const struct expr *sum = parse_dotted_sum(p, terms->at, terms->n);

	if (sum)
		return sum;
	return terms->n == 1 ? terms->at[0]
			     : expr_node(p->w, EXPR_ADD, terms->n, terms->at);
}

const struct expr *parse_sum(struct parser *p)
{
	struct items terms = {.n = 0};
	const struct expr *e;
	int rc;

	if (++p->depth > WORK_MAX_DEPTH) {
		p->w->status = GRPO_REWARD_BUDGET;
		return NULL;
	}
	rc = parse_add(p, &terms, first_term(p));
	while (!rc) {
		if (parse_take(p, T_PLUS, -1)) {
			rc = parse_add(p, &terms, next_term(p));
		} else if (parse_take(p, T_MINUS, -1)) {
			e = next_term(p);
			rc = parse_add(p, &terms, expr_1(p->w, EXPR_NEG, e));
		} else if (parse_is(p, T_PM, -1) || parse_is(p, T_MP, -1)) {
			char sign = parse_is(p, T_PM, -1) ? '+' : '-';
			const struct expr *both[2];

			p->t++;
			both[0] = close_sum(p, &terms);
			both[1] = parse_term(p);
			terms.n = 0;
			rc = parse_add(p, &terms, plus_minus(p, 2, both, sign));
		} else {
			break;
		}
	}
	p->depth--;
	return rc ? NULL : close_sum(p, &terms);
}
