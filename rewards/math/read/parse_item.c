/* SPDX-License-Identifier: MIT */
/* One answer with the words around it: "the area is 5 cm^2". */
#include <string.h>

#include "claims.h"
#include "parse_internal.h"
#include "units.h"
#include "../tree/slice.h"

static int is_word(const struct token *t)
{
	return !parse_is_function(t) &&
	       (t->kind == T_TEXT || parse_is_unit(t) ||
		(t->kind == T_WORD && !parse_is_letters(t)));
}

/* Whether the text begins with this word, in any case. */
static int begins_with(grpo_str s, const char *word)
{
	return take_word(&s, word);
}

/* How a condition that begins here is tied to its value, or NULL. */
static const char *condition_at(const struct token *t)
{
	return t->kind == T_TEXT || t->kind == T_WORD ? claim_condition(t->text)
						      : NULL;
}

/* The same in front of a value, where "so" and "since" say nothing. */
static int begins_condition(const struct token *t)
{
	const char *tie = condition_at(t);

	return tie && strcmp(tie, CONDITION_REASON) != 0;
}

/* Behind the words before the mathematics, as in "the area is 5"; NULL where
 * there is none. */
static struct token *past_words(struct token *t)
{
	while (is_word(t) && !begins_condition(t) && !parse_is_currency(t)) {
		t++;
		if (t->kind == T_COLON)
			t++;
	}
	if (token_ends_item(t->kind) || t->kind == T_UNDER)
		return NULL;
	if (t->kind == T_REL && t->sub != OP_EQ && t->sub != OP_APPROX)
		return NULL;
	return t + (t->kind == T_REL);
}

/* A digit of a unit is an exponent: m/s^2, s^{-1}. */
static int is_exponent(const struct token *t)
{
	if (t->kind == T_MINUS || t->kind == T_NUMBER)
		t--;
	if (t->kind == T_MINUS)
		t--;
	if (t->kind == T_OPEN)
		t--;
	return t->kind == T_CARET;
}

/* "meters squared", which is no square of five metres. */
static int is_whole_unit(grpo_str text)
{
	struct unit unit;

	unit_read(&unit, text);
	return unit.is_known && !unit.rest.len;
}

/* The name of a unit that no lexer knows, such as \celsius or ㎏; what
 * \dagger says of a number, nobody knows. */
static int is_named(const struct token *t)
{
	if (t->kind != T_UNKNOWN || !t->text.len)
		return 0;
	return t->is_latex ? t->text.len > 2 && is_whole_unit(t->text)
			   : (unsigned char)t->text.ptr[0] >= 0x80;
}

/* "squared" of "meters per second squared" */
static int is_power_of_unit(const struct token *t)
{
	return (str_is(t->text, "squared") || str_is(t->text, "cubed")) &&
	       t[-1].kind == T_WORD && is_whole_unit(t[-1].text);
}

/* "3 times", with nothing behind it */
static int is_multiple(const struct token *t)
{
	return str_is(t->text, "times") && token_ends_item(t[1].kind);
}

static int may_be_of_unit(const struct token *t)
{
	switch (t->kind) {
	case T_TEXT:
	case T_WORD:
		return (!claim_denies(t->text) || is_multiple(t) ||
			is_whole_unit(t->text) || is_power_of_unit(t)) &&
		       !claim_condition(t->text) && !parse_is_function(t);
	case T_CALL:
	case T_SYMBOL:
	case T_LEAF:
	case T_DIVIDE:
	case T_CARET:
	case T_TIMES:
	case T_DOLLAR:
		return 1;
	case T_UNKNOWN:
		return is_named(t);
	case T_NUMBER:
	case T_MINUS:
		return is_exponent(t);
	case T_OPEN:
	case T_CLOSE:
		return t->sub == '{';
	default:
		return 0;
	}
}

grpo_str parse_money(const struct token *t)
{
	static const char *const names[] = {"dollars", "£", "euros", "¥",
					    "rupees"};

	return str(names[t->sub < 5 ? t->sub : 0]);
}

/* The tokens from a to b as text. */
static grpo_str joined(struct parser *p, const struct token *a,
		       const struct token *b)
{
	size_t max = 0;
	char *out;
	grpo_str name = {NULL, 0};

	for (const struct token *t = a; t < b; t++)
		max += t->text.len + 2;
	out = work_alloc(p->w, max + 1);
	if (!out)
		return name;
	for (const struct token *t = a; t < b; t++) {
		if (t > a && (t->is_spaced || is_word(t)))
			out[name.len++] = ' ';
		if (t->kind == T_TIMES) {
			out[name.len++] = '*';
			continue;
		}
		if (t->kind == T_SYMBOL && t->text.len > 1)
			out[name.len++] = '\\'; /* of \mu */
		if (t->text.len)
			memcpy(out + name.len, t->text.ptr, t->text.len);
		name.len += t->text.len;
	}
	name.ptr = out;
	return name;
}

/* "cm^2", "square feet", "apples", "(cm)": whatever the quantity counts. */
const struct expr *parse_unit(struct parser *p, const struct expr *e)
{
	struct token *start, *t;
	int round = parse_is(p, T_OPEN, '(');
	struct expr *marked;
	grpo_str name;

	start = t = p->t + round;
	if (!is_word(t) && t->kind != T_CALL && !is_named(t) &&
	    t->kind != T_DOLLAR)
		return e;
	for (int depth = 0; may_be_of_unit(t); t++) {
		depth += (t->kind == T_OPEN) - (t->kind == T_CLOSE);
		if (depth < 0)
			break;
	}
	if (round && t->kind != T_CLOSE)
		return e;
	p->t = t + round;
	name = joined(p, start, t);
	if (claim_bounds(name))
		return NULL;
	marked = expr_node(p->w, EXPR_UNIT, 1, &e);
	if (marked)
		marked->name = name;
	return marked;
}

static int begins_unit(const struct parser *p)
{
	const struct token *t = p->t + parse_is(p, T_OPEN, '(');

	return is_word(t) || t->kind == T_CALL || is_named(t) ||
	       t->kind == T_DOLLAR;
}

/* The last side of a relation carries the unit: x = 5 cm. */
static const struct expr *with_unit(struct parser *p, const struct expr *e)
{
	const struct expr *kids[PARSE_MAX_ITEMS];
	struct expr *copy;

	if (e->kind != EXPR_RELATION)
		return parse_quantity(p, e);
	memcpy(kids, e->kids, (size_t)e->n * sizeof *kids);
	kids[e->n - 1] = parse_quantity(p, kids[e->n - 1]);
	copy = expr_node(p->w, EXPR_RELATION, e->n, kids);
	if (copy)
		copy->ops = e->ops;
	return copy;
}

/* A condition in words and signs: "odd n", "|x| < 1". */
static const struct expr *condition(struct parser *p, grpo_str words)
{
	struct token *t = p->t;
	struct parser inner = *p;
	const struct expr *e;
	size_t n = claim_introduction(words);

	while (!token_ends_item(t->kind) && t->kind != T_COLON &&
	       !(is_word(t) && begins_with(t->text, "such")))
		t++;
	inner.is_element |= t->kind == T_COLON; /* which is no ratio's */
	words = trim(joined(p, p->t, t));
	drop(&words, n < words.len ? n : words.len);
	while (is_word(inner.t) && inner.t < t &&
	       claim_introduction(inner.t->text) == inner.t->text.len)
		inner.t++;
	e = is_word(inner.t) ? NULL : parse_relation(&inner);
	p->t = t;
	if (e && inner.t == t)
		return e;
	return claim_calls_wrong(words) ? NULL
					: expr_named(p->w, EXPR_TEXT, words);
}

static const struct expr *where(struct parser *p, const struct expr *value,
				const char *tie, const struct expr *condition)
{
	const struct expr *kids[2] = {value, condition};
	struct expr *e = expr_node(p->w, EXPR_WHERE, 2, kids);

	if (e)
		e->name = str(tie);
	return e;
}

int parse_is_condition(const struct parser *p)
{
	return condition_at(p->t) != NULL;
}

const struct expr *parse_condition(struct parser *p, const struct expr *e)
{
	const char *tie = condition_at(p->t);

	if (p->t->kind == T_WORD && p->t[1].kind == T_END) /* "5 or so" */
		return NULL;
	return e ? where(p, e, tie, condition(p, p->t->text)) : NULL;
}

/* "such that", or a comma or colon, between a condition and what it is on. */
static int take_such_that(struct parser *p)
{
	int n = 0;

	for (;; p->t++, n++) {
		if (p->t->kind == T_COMMA || p->t->kind == T_COLON ||
		    p->t->kind == T_GAP)
			continue;
		if (p->t->kind != T_TEXT && p->t->kind != T_WORD)
			break;
		if (!begins_with(p->t->text, "such") &&
		    !begins_with(p->t->text, "that"))
			break;
	}
	return n;
}

/* "for all x > 0, f(x) = x" */
static const struct expr *conditional(struct parser *p)
{
	const char *tie = condition_at(p->t);
	const struct expr *on = condition(p, p->t->text), *e;

	if (!on || !take_such_that(p) || p->t->kind == T_END)
		return NULL;
	if (++p->depth > WORK_MAX_DEPTH) {
		p->w->status = GRPO_REWARD_BUDGET;
		return NULL;
	}
	e = parse_item(p);
	p->depth--;
	return e ? where(p, e, tie, on) : NULL;
}

/* "even n" says of n that it is even; "the number is n" names n. */
static const struct expr *with_label(struct parser *p, const struct expr *e,
				     grpo_str words)
{
	struct expr *label;
	grpo_str name;

	if (!words.len || !e)
		return e;
	name = claim_label(words);
	if (!name.len)
		return e;
	label = expr_node(p->w,
			  e->kind == EXPR_SYMBOL && !claim_states(words)
			      ? EXPR_UNIT
			      : EXPR_LABEL,
			  1, &e);
	if (label)
		label->name = name;
	return label;
}

/* A value with its unit. */
static const struct expr *quantity(struct parser *p)
{
	const struct expr *e;

	parse_take(p, T_REL, OP_APPROX);
	e = parse_relation(p);
	if (e && e->kind != EXPR_TEXT && begins_unit(p) && !condition_at(p->t))
		e = with_unit(p, e);
	return e;
}

/* "\\triangle ABC" up to the end of the item: the sign is a label. */
static int is_figure(const struct token *t)
{
	if (t->kind != T_ANGLE)
		return 0;
	do
		t++;
	while (t->kind == T_SYMBOL ||
	       (t->kind == T_WORD && parse_is_letters(t)));
	return t[-1].kind != T_ANGLE && token_ends_item(t->kind);
}

static const struct expr *figure(struct parser *p)
{
	static const char *const names[] = {"angle", "triangle", "circle"};
	grpo_str name = str(names[p->t->sub]);

	p->t++;
	return with_label(p, quantity(p), name);
}

const struct expr *parse_item(struct parser *p)
{
	struct token *start = p->t, *t = past_words(p->t);
	grpo_str words = {NULL, 0};
	const struct expr *e;

	if (begins_condition(p->t))
		return conditional(p);
	if (is_figure(p->t))
		return figure(p);
	if (t && t > start) {
		words = joined(p, start, t);
		if (claim_denies_in_front(words) || claim_binds_badly(words))
			return NULL;
		p->t = t;
	}
	e = quantity(p);
	if (e && parse_is_condition(p))
		e = parse_condition(p, e);
	return with_label(p, e, words);
}
