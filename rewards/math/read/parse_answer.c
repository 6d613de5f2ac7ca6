/* SPDX-License-Identifier: MIT */
/* Relations, the items of an answer, and the answer. */
#include "parse.h"

#include <string.h>

#include "claims.h"
#include "parse_internal.h"
#include "../tree/slice.h"

static const struct expr *bare_leaf(struct parser *p)
{
	const struct token *t = p->t;

	if (p->index.len && str_same(p->index, t->text))
		return parse_symbol(p);
	if (t->sub != EXPR_INFINITY && t->sub != EXPR_PI &&
	    (t[1].kind == T_UNDER || t[1].kind == T_PRIME))
		return parse_symbol(p);
	p->t++;
	return expr_leaf(p->w, (enum expr_kind)t->sub);
}

/* \frac12 is 1/2, \frac123 is 1/2 times 3 */
static const struct expr *frac(struct parser *p)
{
	const struct expr *above;

	p->t++;
	above = parse_argument(p);
	return above ? parse_quotient(p, above, parse_argument(p)) : NULL;
}

static const struct expr *binom(struct parser *p)
{
	const struct expr *args[2];

	p->t++;
	args[0] = parse_argument(p);
	args[1] = args[0] ? parse_argument(p) : NULL;
	return expr_call(p->w, FN_BINOMIAL, 2, args);
}

static const struct expr *named(struct parser *p, enum expr_kind kind)
{
	grpo_str name = p->t->text;

	p->t++;
	return expr_named(p->w, kind, name);
}

/* \$5, £5 */
static const struct expr *dollars(struct parser *p)
{
	grpo_str name = parse_money(p->t);
	const struct expr *e;
	struct expr *marked;

	p->t++;
	e = parse_primary(p);
	marked = e ? expr_node(p->w, EXPR_UNIT, 1, &e) : NULL;
	if (marked)
		marked->name = name;
	return marked;
}

/* A command that is not known may be somebody's name for a thing. */
static const struct expr *unknown(struct parser *p)
{
	char c = p->t->text.len ? p->t->text.ptr[0] : '\0';

	if (!p->t->is_latex || !is_letter(c) || str_is(p->t->text, "not"))
		return NULL;
	return named(p, EXPR_SYMBOL);
}

/* Bytes of what separates words there: ",", " and "; 0 for none. */
static size_t words_end(const grpo_str *s, size_t at)
{
	if (s->ptr[at] == ',')
		return 1;
	if (s->len - at > 5 && memcmp(s->ptr + at, " and ", 5) == 0)
		return 5;
	return 0;
}

/* The words up to a comma; *s is what stands behind it. */
static grpo_str next_words(grpo_str *s)
{
	size_t n = 0, mark = 0;
	grpo_str words;

	while (n < s->len && !(mark = words_end(s, n)))
		n++;
	words = (grpo_str){s->ptr, n};
	n += mark;
	s->ptr += n;
	s->len -= n;
	while (words.len && words.ptr[0] == ' ') {
		words.ptr++;
		words.len--;
	}
	while (words.len && words.ptr[words.len - 1] == ' ')
		words.len--;
	return words;
}

/* \text{A, C} is two; \text{A5}_{11} is a number with letters for digits. */
static const struct expr *text(struct parser *p)
{
	grpo_str s = p->t->text;
	struct items items = {.n = 0};
	struct expr *list;

	if (parse_is_function(p->t))
		return parse_function(p);
	if (parse_is_currency(p->t))
		return parse_currency(p);
	if (p->t[1].kind == T_UNDER)
		return parse_symbol(p);
	p->t++;
	while (s.len) {
		grpo_str words = next_words(&s);

		if (words.len &&
		    parse_add(p, &items, expr_named(p->w, EXPR_TEXT, words)))
			return NULL;
	}
	if (items.n < 2)
		return items.n ? items.at[0] : NULL;
	list = expr_node(p->w, EXPR_LIST, items.n, items.at);
	if (list)
		list->sign = ',';
	return list;
}

/* Two tokens of digits and letters side by side, or letters with an index. */
static int may_be_letter_digits(const struct token *t)
{
	if (t->kind == T_NUMBER)
		return !t[1].is_spaced &&
		       (t[1].kind == T_WORD || t[1].kind == T_SYMBOL);
	return (t->kind == T_WORD || t->kind == T_TEXT ||
		t->kind == T_SYMBOL) &&
	       (t[1].kind == T_UNDER || t[1].kind == T_NUMBER);
}

const struct expr *parse_primary(struct parser *p)
{
	const struct expr *e =
	    may_be_letter_digits(p->t) ? parse_letter_digits(p) : NULL;

	if (e)
		return e;
	switch (p->t->kind) {
	case T_NUMBER:
		return parse_number(p);
	case T_SYMBOL:
		return parse_symbol(p);
	case T_LEAF:
		return bare_leaf(p);
	case T_SET:
		return named(p, EXPR_NAMED_SET);
	case T_WORD:
		return parse_word(p);
	case T_TEXT:
		return text(p);
	case T_CALL:
		return parse_call(p);
	case T_LOG:
		return parse_log(p);
	case T_SQRT:
		return parse_sqrt(p);
	case T_FRAC:
		return frac(p);
	case T_BINOM:
		return binom(p);
	case T_SUM:
	case T_PROD:
		return parse_series(p);
	case T_FORM:
		return parse_form(p);
	case T_ACCENT:
	case T_OVERLINE:
	case T_DOT:
		return parse_accent(p);
	case T_BEGIN:
		return parse_environment(p);
	case T_ANGLE: /* of a name: ∠ABC */
		p->t++;
		return parse_primary(p);
	case T_UNDER:
	case T_CARET:
		return parse_left_index(p);
	case T_OPEN:
		return parse_open(p);
	case T_CLOSE:
		return parse_turned(p);
	case T_BAR:
		return parse_bar(p);
	case T_DOLLAR:
		return dollars(p);
	case T_DOTS:
		p->t++;
		return expr_named(p->w, EXPR_FORM, (grpo_str){"...", 3});
	case T_UNKNOWN:
		return unknown(p);
	default:
		return NULL;
	}
}

const struct expr *parse_argument(struct parser *p)
{
	if (parse_is(p, T_NUMBER, -1))
		return parse_digit(p);
	if (parse_is(p, T_SYMBOL, -1) && p->t->text.len == 1) {
		/* \frac x2: no subscript, no call */
		if (p->t[1].kind != T_UNDER)
			return named(p, EXPR_SYMBOL);
	}
	return parse_primary(p);
}

/* --------------------------------------------------------------- relations */

static const struct expr *ratio(struct parser *p)
{
	struct items parts = {.n = 0};
	int rc = parse_add(p, &parts, parse_sum(p));

	while (!rc && !p->is_element && parse_take(p, T_COLON, -1))
		rc = parse_add(p, &parts, parse_sum(p));
	if (rc)
		return NULL;
	return parts.n == 1 ? parts.at[0]
			    : expr_node(p->w, EXPR_RATIO, parts.n, parts.at);
}

static const struct expr *sets(struct parser *p)
{
	const struct expr *e = ratio(p);

	while (e) {
		if (parse_take(p, T_UNION, -1))
			e = expr_2(p->w, EXPR_UNION, e, ratio(p));
		else if (parse_take(p, T_INTERSECTION, -1))
			e = expr_2(p->w, EXPR_INTERSECTION, e, ratio(p));
		else if (parse_take(p, T_SETMINUS, -1))
			e = expr_2(p->w, EXPR_DIFFERENCE, e, ratio(p));
		else
			break;
	}
	return e;
}

/* "x in [0, 1]": the word, where a set follows. */
static int is_in(const struct token *t)
{
	return t->kind == T_WORD && t->text.len == 2 &&
	       memcmp(t->text.ptr, "in", 2) == 0 &&
	       (t[1].kind == T_OPEN || t[1].kind == T_SET);
}

static int take_relation(struct parser *p, uint8_t *op)
{
	if (parse_is(p, T_AMP, -1) && p->t[1].kind == T_REL)
		p->t++;
	if (is_in(p->t))
		*op = OP_IN;
	else if (parse_is(p, T_REL, -1))
		*op = p->t->sub;
	else
		return 0;
	p->t++;
	parse_take(p, T_AMP, -1);
	return 1;
}

static int is_figure(const struct expr *e)
{
	return e->kind == EXPR_MUL && e->flags == EXPR_RUN && e->n > 2;
}

/* △ABC ∼ △DEF, ABCD ≅ EFGH, and no angles ABC and DEF; start is where the
 * first begins, and sign the one between them. */
static void relate_figures(struct expr *e, const struct token *start,
			   const struct token *sign)
{
	if (e->n != 2 || e->ops[0] != OP_APPROX || !is_figure(e->kids[0]) ||
	    !is_figure(e->kids[1]) || (start->kind == T_ANGLE && !start->sub))
		return;
	if (str_is(sign->text, "sim"))
		e->ops[0] = OP_SIMILAR;
	if (str_is(sign->text, "cong"))
		e->ops[0] = OP_CONGRUENT;
}

const struct expr *parse_relation(struct parser *p)
{
	struct items sides = {.n = 0};
	uint8_t ops[PARSE_MAX_ITEMS], op;
	const struct token *start = p->t, *sign;
	struct expr *e;

	if (parse_add(p, &sides, sets(p)))
		return NULL;
	sign = p->t;
	while (take_relation(p, &op)) {
		ops[sides.n - 1] = op;
		if (parse_add(p, &sides, sets(p)))
			return NULL;
	}
	if (sides.n == 1)
		return sides.at[0];
	e = expr_node(p->w, EXPR_RELATION, sides.n, sides.at);
	if (!e)
		return NULL;
	e->ops = work_alloc(p->w, (size_t)sides.n);
	if (!e->ops)
		return NULL;
	memcpy(e->ops, ops, (size_t)sides.n - 1);
	relate_figures(e, start, sign);
	return e;
}

/* ------------------------------------------------------------- the answer */

static const struct expr *list_of(struct parser *p, const struct items *items,
				  char sign)
{
	struct expr *e;

	if (items->n == 1)
		return items->at[0];
	e = expr_node(p->w, EXPR_LIST, items->n, items->at);
	if (e)
		e->sign = sign;
	return e;
}

static void skip_gaps(struct parser *p)
{
	while (p->t->kind == T_GAP || p->t->kind == T_ROW)
		p->t++;
}

/* "," "and" "or" and any of them beside each other; sign is '&' or '|' where
 * a word says so. */
static int take_comma(struct parser *p, char *sign)
{
	int n = 0;

	for (;; p->t++, n++) {
		if (p->t->kind == T_AND)
			*sign = '&';
		else if (p->t->kind == T_OR)
			*sign = '|';
		else if (p->t->kind != T_COMMA && p->t->kind != T_GAP)
			break;
	}
	return n;
}

static int is_aside(const struct parser *p)
{
	return parse_is(p, T_OPEN, '(');
}

static int is_inequality(const struct expr *e)
{
	if (!expr_is(e, EXPR_RELATION))
		return 0;
	for (int i = 0; i < e->n - 1; i++)
		if (e->ops[i] < OP_NE || e->ops[i] > OP_GE)
			return 0;
	return 1;
}

static int shares_a_symbol(const struct expr *a, const struct expr *b)
{
	grpo_str names[4];
	int n = expr_symbols(a, names, 4);

	for (int i = 0; i < n && i < 4; i++)
		if (expr_has_symbol(b, names[i]))
			return 1;
	return 0;
}

/* Whether e behind that item is a condition on it: "(x > 0)"; behind a comma,
 * if it is about the same letter.  "(k \in \mathbb{Z})" is one more item,
 * which says what k is. */
static int is_condition_on(const struct expr *item, const struct expr *e,
			   int is_aside, char sign)
{
	if (!is_inequality(e))
		return 0;
	return is_aside ||
	       (sign == ',' && !is_inequality(item) &&
		item->kind != EXPR_WHERE && shares_a_symbol(e, item));
}

static int add_item(struct parser *p, struct items *items, char sign)
{
	int aside = items->n && is_aside(p);
	const struct expr *e, *kids[2];
	struct expr *where;

	if (items->n && parse_is_condition(p)) {
		e = parse_condition(p, items->at[items->n - 1]);
		items->n--;
		return parse_add(p, items, e);
	}
	e = parse_item(p);
	if (!e || !items->n ||
	    !is_condition_on(items->at[items->n - 1], e, aside, sign))
		return parse_add(p, items, e);
	kids[0] = items->at[--items->n];
	kids[1] = e;
	where = expr_node(p->w, EXPR_WHERE, 2, kids);
	if (where)
		where->name = str(CONDITION_FOR);
	return parse_add(p, items, where);
}

static const struct expr *inner_list(struct parser *p)
{
	struct items items = {.n = 0};
	char sign = ',';

	do {
		if (p->t->kind == T_END || p->t->kind == T_SEMICOLON ||
		    p->t->kind == T_ROW)
			break; /* a comma at the end */
		if (add_item(p, &items, sign))
			return NULL;
	} while (take_comma(p, &sign) || is_aside(p));
	return items.n ? list_of(p, &items, sign) : NULL;
}

/* An answer that is one sign: >. */
static const struct expr *sign_alone(struct work *w, const struct token *t)
{
	static const char *const signs[] = {"=", "≈", "≠", "<", "≤", ">",
					    "≥", "∈", "∉", "⊂", "≡", "→",
					    "←", "↔", "⇒", "⇐", "⇔"};

	return expr_named(w, EXPR_TEXT, str(signs[t->sub]));
}

const struct expr *parse_answer(struct work *w, struct tokens *tokens)
{
	struct parser p = {.w = w, .t = tokens->at};
	struct items lists = {.n = 0};

	if (p.t->kind == T_OPEN && p.t->sub == '{' && tokens->n == 3 &&
	    p.t[1].kind == T_REL)
		return sign_alone(w, p.t + 1);
	if (tokens->n == 1 && p.t->kind == T_REL)
		return sign_alone(w, p.t);
	skip_gaps(&p);
	/* Of what stood before. */
	if (!parse_take(&p, T_REL, OP_IMPLIES))
		parse_take(&p, T_REL, OP_CONGRUENT);
	while (p.t->kind != T_END) {
		if (parse_add(&p, &lists, inner_list(&p)))
			return NULL;
		if (p.t->kind != T_END && p.t->kind != T_SEMICOLON &&
		    p.t->kind != T_ROW)
			return NULL;
		while (p.t->kind == T_SEMICOLON || p.t->kind == T_ROW ||
		       p.t->kind == T_GAP || p.t->kind == T_COMMA)
			p.t++;
	}
	return lists.n ? list_of(&p, &lists, ';') : NULL;
}
