/* SPDX-License-Identifier: MIT */
/* One answer with the words around it: "the area is 5 cm^2". */
#include <string.h>

#include "parse_internal.h"
#include "../tree/slice.h"

static int is_word(const struct token *t)
{
	return t->kind == T_TEXT || parse_is_unit(t) ||
	       (t->kind == T_WORD && !parse_is_letters(t));
}

static int ends_item(const struct token *t)
{
	switch (t->kind) {
	case T_END:
	case T_COMMA:
	case T_SEMICOLON:
	case T_AND:
	case T_OR:
	case T_GAP:
	case T_ROW:
		return 1;
	default:
		return 0;
	}
}

/* Whether the word at s[at] is this one, with or without a capital. */
static int is_at(grpo_str s, size_t at, const char *word)
{
	size_t n = strlen(word);

	if (s.len - at < n || (s.ptr[at] | 32) != word[0] ||
	    memcmp(s.ptr + at + 1, word + 1, n - 1) != 0)
		return 0;
	return s.len - at == n || !is_letter(s.ptr[at + n]);
}

static int has_word(grpo_str s, const char *const *words)
{
	for (size_t at = 0; at < s.len; at++) {
		if (at > 0 && is_letter(s.ptr[at - 1]))
			continue;
		for (int i = 0; words[i]; i++)
			if (is_at(s, at, words[i]))
				return 1;
	}
	return 0;
}

/* Words that change the meaning of a quantity. */
static int denies(grpo_str s)
{
	static const char *const words[] = {
	    "no",    "not",    "never",   "none",        "except",  "more",
	    "less",  "fewer",  "greater", "than",        "least",   "most",
	    "over",  "under",  "between", "otherwise",   "minus",   "plus",
	    "times", "unless", "but",     "either",      "neither", "half",
	    "twice", "double", "triple",  "square root", NULL};

	return has_word(s, words);
}

/* Words before the mathematics, as in "the area is 5". */
static void skip_words(struct parser *p)
{
	struct token *t = p->t;

	while (is_word(t)) {
		if (denies(t->text))
			return;
		t++;
		if (t->kind == T_COLON)
			t++;
	}
	if (!ends_item(t) && t->kind != T_REL && t->kind != T_UNDER)
		p->t = t;
}

static size_t first_word(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_letter(s.ptr[n]))
		n++;
	return n;
}

/* "for all n", "where k is an integer": says of what is named before it what
 * it may be.  Not "if x > 0", which gives a part of the answer. */
static int is_condition(const struct token *t)
{
	static const char *const words[] = {"for",   "where",   "with",
					    "given", "because", "since",
					    "so",    "as",      NULL};

	return (t->kind == T_TEXT || t->kind == T_WORD) && t->text.len &&
	       has_word((grpo_str){t->text.ptr, first_word(t->text)}, words);
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

static int may_be_of_unit(const struct token *t)
{
	switch (t->kind) {
	case T_TEXT:
	case T_WORD:
		return !denies(t->text);
	case T_CALL:
	case T_SYMBOL:
	case T_LEAF:
	case T_DIVIDE:
	case T_CARET:
	case T_TIMES:
	case T_UNKNOWN:
	case T_DOLLAR:
		return 1;
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

/* The tokens from a to b as text. */
static grpo_str joined(struct parser *p, const struct token *a,
		       const struct token *b)
{
	size_t max = 0;
	char *out;
	grpo_str name = {NULL, 0};

	for (const struct token *t = a; t < b; t++)
		max += t->text.len + 1;
	out = work_alloc(p->w, max + 1);
	if (!out)
		return name;
	for (const struct token *t = a; t < b; t++) {
		if (t > a && (t->is_spaced || is_word(t)))
			out[name.len++] = ' ';
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

	start = t = p->t + round;
	if (!is_word(t) && t->kind != T_CALL && t->kind != T_UNKNOWN &&
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
	marked = expr_node(p->w, EXPR_UNIT, 1, &e);
	if (marked)
		marked->name = joined(p, start, t);
	return marked;
}

/* "million": 6, a power of ten; 0 for another word. */
static long power_of_word(grpo_str word)
{
	static const char *const words[] = {"hundred", "thousand", "million",
					    "billion", "trillion"};
	static const long powers[] = {2, 3, 6, 9, 12};

	for (int i = 0; i < 5; i++)
		if (is_at(word, 0, words[i]))
			return powers[i];
	return 0;
}

/* 2.5 million, with what it counts left to stand. */
static const struct expr *scaled(struct parser *p, const struct expr *e)
{
	struct token *t = p->t;
	size_t n = first_word(t->text);
	long power = is_word(t) ? power_of_word(t->text) : 0;

	if (!power)
		return e;
	while (n < t->text.len && t->text.ptr[n] == ' ')
		n++;
	t->text.ptr += n;
	t->text.len -= n;
	p->t += !t->text.len;
	return expr_2(p->w, EXPR_MUL, e,
		      expr_2(p->w, EXPR_POW, expr_integer(p->w, 10),
			     expr_integer(p->w, power)));
}

/* "5 squared" is another number, and no unit. */
static int is_operation(const struct token *t)
{
	return is_at(t->text, 0, "squared") || is_at(t->text, 0, "cubed") ||
	       is_at(t->text, 0, "factorial");
}

static int begins_unit(const struct parser *p)
{
	const struct token *t = p->t + parse_is(p, T_OPEN, '(');

	return (is_word(t) && !is_operation(t)) || t->kind == T_CALL ||
	       t->kind == T_UNKNOWN || t->kind == T_DOLLAR;
}

/* The last side of a relation carries the unit: x = 5 cm. */
static const struct expr *with_unit(struct parser *p, const struct expr *e)
{
	const struct expr *kids[PARSE_MAX_ITEMS];
	struct expr *copy;

	if (e->kind != EXPR_RELATION)
		return parse_unit(p, e);
	memcpy(kids, e->kids, (size_t)e->n * sizeof *kids);
	kids[e->n - 1] = parse_unit(p, kids[e->n - 1]);
	copy = expr_node(p->w, EXPR_RELATION, e->n, kids);
	if (copy)
		copy->ops = e->ops;
	return copy;
}

/* To the next item, so that no other answer is passed over. */
static void skip_condition(struct parser *p)
{
	while (!ends_item(p->t))
		p->t++;
}

const struct expr *parse_item(struct parser *p)
{
	const struct expr *e;

	skip_words(p);
	parse_take(p, T_REL, OP_APPROX);
	e = parse_relation(p);
	if (!e)
		return NULL;
	if (e->kind != EXPR_TEXT && e->kind != EXPR_RELATION)
		e = scaled(p, e);
	if (!e)
		return NULL;
	if (e->kind != EXPR_TEXT && begins_unit(p) && !is_condition(p->t))
		e = with_unit(p, e);
	if (is_condition(p->t))
		skip_condition(p);
	return e;
}
