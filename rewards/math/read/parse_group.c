/* SPDX-License-Identifier: MIT */
/* Brackets, sets and environments. */
#include <string.h>

#include "parse_internal.h"
#include "../tree/slice.h"

static int enter(struct parser *p)
{
	if (++p->depth <= WORK_MAX_DEPTH)
		return 0;
	p->w->status = GRPO_REWARD_BUDGET;
	return -1;
}

static int take_separator(struct parser *p)
{
	int n = 0;

	while (p->t->kind == T_COMMA || p->t->kind == T_SEMICOLON ||
	       p->t->kind == T_AND || p->t->kind == T_OR ||
	       p->t->kind == T_GAP) {
		p->t++;
		n++;
	}
	return n;
}

static int read_items(struct parser *p, struct items *items)
{
	do {
		while (p->t->kind == T_GAP)
			p->t++;
		if (parse_add(p, items, parse_relation(p)))
			return -1;
	} while (take_separator(p));
	return 0;
}

/* ----------------------------------------------------------------- tuples */

static const struct expr *tuple(struct parser *p, const struct items *items,
				char open, char close)
{
	struct expr *e = expr_node(p->w, EXPR_TUPLE, items->n, items->at);

	if (e) {
		e->open = open;
		e->close = close;
	}
	return e;
}

/* A | B of P(A | B) */
static const struct expr *given(struct parser *p, const struct expr *a)
{
	const struct expr *both[2] = {a, NULL};
	struct expr *e;

	p->t++;
	both[1] = parse_relation(p);
	e = expr_node(p->w, EXPR_FORM, 2, both);
	if (!e || !parse_take(p, T_CLOSE, '('))
		return NULL;
	e->name = (grpo_str){"given", 5};
	return e;
}

/* [[1, 2], [3, 4]] */
static int are_rows(const struct items *items, char open, char close)
{
	int is_square = open == '[' && close == ']';

	for (int i = 0; is_square && i < items->n; i++) {
		const struct expr *e = items->at[i];

		if (e->kind != EXPR_TUPLE || e->open != '[' ||
		    e->close != ']' || e->n != items->at[0]->n)
			return 0;
	}
	return is_square;
}

static const struct expr *matrix_of_rows(struct parser *p,
					 const struct items *rows)
{
	struct items cells = {.n = 0};
	struct expr *e;

	for (int i = 0; i < rows->n; i++)
		for (int k = 0; k < rows->at[i]->n; k++)
			if (parse_add(p, &cells, rows->at[i]->kids[k]))
				return NULL;
	e = expr_node(p->w, EXPR_MATRIX, cells.n, cells.at);
	if (e)
		e->rows = rows->n;
	return e;
}

/* The [ of ]2, 5[, which closes an interval: nothing in brackets follows. */
int parse_is_turned(const struct token *t)
{
	const struct token *next = t + 1;

	if (t->kind != T_OPEN || t->sub != '[')
		return 0;
	return next->kind == T_END || next->kind == T_CLOSE ||
	       (next->kind >= T_REL && next->kind <= T_ROW);
}

/* (a), (a, b), [a, b) */
static const struct expr *round_or_square(struct parser *p, char open)
{
	struct items items = {.n = 0};
	char close;

	if (read_items(p, &items))
		return NULL;
	if (items.n == 1 && (parse_is(p, T_BAR, 0) || parse_is(p, T_MID, -1)))
		return given(p, items.at[0]);
	if (parse_is_turned(p->t))
		close = ')';
	else if (parse_is(p, T_CLOSE, '(') || parse_is(p, T_CLOSE, '['))
		close = p->t->sub == '(' ? ')' : ']';
	else
		return NULL;
	p->t++;
	/* Only an interval may be open at one end. */
	if (items.n != 2 && (open == '(') != (close == ')'))
		return NULL;
	if (items.n > 1 && are_rows(&items, open, close))
		return matrix_of_rows(p, &items);
	return items.n > 1 ? tuple(p, &items, open, close) : items.at[0];
}

/* From the ] of ]2, 5] on. */
const struct expr *parse_turned(struct parser *p)
{
	const struct expr *e;

	if (p->t->sub != '[' || enter(p))
		return NULL;
	p->t++;
	e = round_or_square(p, '(');
	p->depth--;
	return expr_is(e, EXPR_TUPLE) && e->n == 2 ? e : NULL;
}

static const struct expr *angle(struct parser *p)
{
	struct items items = {.n = 0};

	if (read_items(p, &items) || !parse_take(p, T_CLOSE, '<'))
		return NULL;
	return tuple(p, &items, '<', '>');
}

/* ------------------------------------------------------------------- sets */

static int take_such_that(struct parser *p)
{
	return parse_take(p, T_MID, -1) || parse_take(p, T_BAR, 0) ||
	       parse_take(p, T_COLON, -1) || parse_take(p, T_OPEN, '|');
}

/* {element | condition} */
static const struct expr *builder(struct parser *p, const struct expr *element)
{
	struct items conditions = {.n = 0};
	struct expr *list;

	if (read_items(p, &conditions) || !parse_take(p, T_CLOSE, 'S'))
		return NULL;
	if (conditions.n == 1)
		return expr_2(p->w, EXPR_BUILDER, element, conditions.at[0]);
	list = expr_node(p->w, EXPR_LIST, conditions.n, conditions.at);
	if (list)
		list->sign = '&';
	return expr_2(p->w, EXPR_BUILDER, element, list);
}

static const struct expr *system_of(struct parser *p)
{
	const struct expr *e = parse_environment(p);

	parse_take(p, T_CLOSE, 'S');
	return e;
}

static const struct expr *set(struct parser *p)
{
	struct items items = {.n = 0};
	int outer = p->is_element, rc;

	if (parse_take(p, T_CLOSE, 'S'))
		return expr_named(p->w, EXPR_NAMED_SET, (grpo_str){"empty", 5});
	if (parse_is(p, T_BEGIN, -1)) /* the brace of a system */
		return system_of(p);
	p->is_element = 1;
	rc = read_items(p, &items);
	p->is_element = outer;
	if (rc)
		return NULL;
	if (items.n == 1 && take_such_that(p))
		return builder(p, items.at[0]);
	if (!parse_take(p, T_CLOSE, 'S') && !parse_take(p, T_CLOSE, '{'))
		return NULL;
	return expr_node(p->w, EXPR_SET, items.n, items.at);
}

/* Its sign says that it may be no set: {1, 2} for (1, 2). */
static const struct expr *bare_set(struct parser *p, const struct items *items)
{
	struct expr *e = expr_node(p->w, EXPR_SET, items->n, items->at);

	if (e)
		e->sign = ',';
	return e;
}

/* {x}, which is x, or {1, 2}, where \{ was meant; {n \choose k}, {a \over b} */
static const struct expr *braces(struct parser *p)
{
	struct items items = {.n = 0};
	int outer = p->is_element;
	const struct expr *both[2];

	if (read_items(p, &items))
		return NULL;
	if (items.n == 1 &&
	    (parse_is(p, T_CHOOSE, -1) || parse_is(p, T_OVER, -1))) {
		int is_over = p->t->kind == T_OVER;

		p->t++;
		both[0] = items.at[0];
		both[1] = parse_sum(p);
		if (!parse_take(p, T_CLOSE, '{'))
			return NULL;
		return is_over ? expr_2(p->w, EXPR_DIV, both[0], both[1])
			       : expr_call(p->w, FN_BINOMIAL, 2, both);
	}
	p->is_element = outer;
	if (items.n == 1)
		items.at[0] = parse_quantity(p, items.at[0]);
	if (!parse_take(p, T_CLOSE, '{'))
		return NULL;
	return items.n == 1 ? items.at[0] : bare_set(p, &items);
}

/* ------------------------------------------------------------ |x|, floor x */

/* The size of a number, or the determinant of a matrix. */
static enum expr_fn within_bars(const struct expr *e)
{
	return expr_is(e, EXPR_MATRIX) && e->rows > 1 &&
		       e->n == e->rows * e->rows
		   ? FN_DET
		   : FN_ABS;
}

static const struct expr *called(struct parser *p, enum expr_fn fn, int close)
{
	const struct expr *e = parse_sum(p);

	if (close == '|')
		fn = within_bars(e);
	return parse_take(p, T_CLOSE, close) ? expr_call(p->w, fn, 1, &e)
					     : NULL;
}

const struct expr *parse_bar(struct parser *p)
{
	const struct expr *e;
	int outer = p->is_element;

	p->t++;
	p->bars++;
	p->is_element = 0;
	e = enter(p) ? NULL : parse_sum(p);
	p->depth--;
	p->is_element = outer;
	p->bars--;
	return parse_take(p, T_BAR, -1) ? expr_call(p->w, within_bars(e), 1, &e)
					: NULL;
}

static const struct expr *open(struct parser *p)
{
	char c = (char)p->t->sub;

	if (parse_is_empty_group(p->t)) {
		p->t += 2;
		return parse_left_index(p);
	}
	p->t++;
	switch (c) {
	case 'S':
		return set(p);
	case '{':
		return braces(p);
	case '<':
		return angle(p);
	case 'F':
		return called(p, FN_FLOOR, 'F');
	case 'C':
		return called(p, FN_CEIL, 'C');
	case '|':
		return called(p, FN_ABS, '|');
	case 'N':
		return called(p, FN_ABS, 'N');
	default:
		return round_or_square(p, c);
	}
}

/* Inside brackets, bars and "such that" begin anew. */
const struct expr *parse_open(struct parser *p)
{
	int bars = p->bars, is_element = p->is_element;
	const struct expr *e;

	if (enter(p))
		return NULL;
	p->bars = 0;
	p->is_element = p->t->sub == '{' ? is_element : 0;
	e = open(p);
	p->bars = bars;
	p->is_element = is_element;
	p->depth--;
	return e;
}

/* ------------------------------------------------------------ environments */

static void skip_rows(struct parser *p)
{
	while (p->t->kind == T_ROW || p->t->kind == T_GAP)
		p->t++;
}

static const struct expr *listed(struct parser *p, const struct items *lines)
{
	struct expr *e =
	    lines->n ? expr_node(p->w, EXPR_LIST, lines->n, lines->at) : NULL;

	if (e)
		e->sign = '&';
	return e;
}

static const struct expr *matrix(struct parser *p)
{
	struct items cells = {.n = 0};
	int rows = 1, columns = 0, in_row = 0;
	struct expr *e;

	skip_rows(p);
	while (!parse_is(p, T_FINISH, -1)) {
		if (parse_add(p, &cells, parse_relation(p)))
			return NULL;
		in_row++;
		if (parse_take(p, T_AMP, -1))
			continue;
		if (columns && in_row != columns)
			return NULL;
		columns = in_row;
		in_row = 0;
		skip_rows(p);
		rows += !parse_is(p, T_FINISH, -1);
	}
	p->t++;
	if (!columns || in_row || cells.n != rows * columns)
		return NULL;
	if (columns == 1 && cells.at[0]->kind == EXPR_RELATION)
		return listed(p, &cells);
	e = expr_node(p->w, EXPR_MATRIX, cells.n, cells.at);
	if (e)
		e->rows = rows;
	return e;
}

/* "if x > 0", "x > 0 and x < 2", "otherwise" */
static const struct expr *condition(struct parser *p)
{
	struct items items = {.n = 0};
	grpo_str word = {NULL, 0};

	while (p->t->kind == T_TEXT || p->t->kind == T_COMMA ||
	       p->t->kind == T_WORD) {
		word = p->t->text;
		p->t++;
	}
	if (p->t->kind == T_ROW || p->t->kind == T_FINISH)
		return word.len ? expr_named(p->w, EXPR_TEXT, word) : NULL;
	if (read_items(p, &items))
		return NULL;
	return items.n == 1 ? items.at[0] : listed(p, &items);
}

/* The rows of a system, or the cases of a function. */
static const struct expr *rows(struct parser *p)
{
	struct items lines = {.n = 0};
	struct expr *e;

	skip_rows(p);
	while (!parse_is(p, T_FINISH, -1)) {
		const struct expr *parts[2] = {parse_relation(p), NULL};

		take_separator(p);
		if (parse_take(p, T_AMP, -1)) {
			parts[1] = condition(p);
			e = expr_node(p->w, EXPR_FORM, 2, parts);
			if (e)
				e->name = (grpo_str){"case", 4};
			parts[0] = e;
		}
		if (parse_add(p, &lines, parts[0]))
			return NULL;
		take_separator(p);
		if (p->t->kind != T_ROW && p->t->kind != T_FINISH)
			return NULL;
		skip_rows(p);
	}
	p->t++;
	return listed(p, &lines);
}

static const struct expr *environment(struct parser *p)
{
	grpo_str name = p->t->text;
	const struct expr *e;

	p->t++;
	if (!ends(name, "matrix") && !ends(name, "array"))
		return rows(p);
	e = matrix(p);
	return ends(name, "vmatrix") ? expr_call(p->w, FN_DET, 1, &e) : e;
}

const struct expr *parse_environment(struct parser *p)
{
	int bars = p->bars, is_element = p->is_element;
	const struct expr *e;

	if (enter(p))
		return NULL;
	p->bars = p->is_element = 0;
	e = environment(p);
	p->bars = bars;
	p->is_element = is_element;
	p->depth--;
	return e;
}
