/* SPDX-License-Identifier: MIT */
/* What is said about a value: words that name it, what it counts, conditions.
 * On both sides they must agree; on one side only they may be left out where
 * they say nothing against the value. */
#include "../read/abroad.h"
#include "../read/claims.h"
#include "../read/units.h"
#include "../tree/slice.h"
#include "region.h"

/* ------------------------------------------------------------------- words */

/* The next word of the text, or a sign; empty at its end. */
static grpo_str next_word(grpo_str *s)
{
	size_t n = 0;

	while (s->len && (is_space(s->ptr[0]) || strchr(".$", s->ptr[0])))
		drop(s, 1);
	while (n < s->len && (is_letter(s->ptr[n]) || is_digit(s->ptr[n]) ||
			      (unsigned char)s->ptr[n] >= 0x80))
		n++;
	n += !n && s->len;
	drop(s, n);
	return (grpo_str){s->ptr - n, n};
}

/* Words without which the others say the same. */
static int is_filler(grpo_str word)
{
	static const char *const words[] = {
	    "a",          "an",       "the",     "is",       "are",
	    "all",        "any",      "every",   "each",     "different",
	    "possible",   "distinct", "exactly", "in total", "total",
	    "altogether", "such",     "towards", NULL};

	/* A is a name. */
	return !(word.len == 1 && word.ptr[0] == 'A') &&
	       str_is_in_nocase(word, words);
}

static grpo_str next_meaning(grpo_str *s)
{
	grpo_str word;

	do {
		grpo_str rest = *s, to = next_word(&rest);

		if (str_is(to, "to") && str_is(next_word(&rest), "the"))
			*s = rest;
		word = next_word(s);
	} while (word.len && is_filler(word));
	return word;
}

/* Without the s or es of many. */
static grpo_str singular(grpo_str word, const char *ending)
{
	size_t n = strlen(ending);

	if (word.len > n + 2 && ends(word, ending) &&
	    lower(word.ptr[word.len - n - 1]) != 's')
		word.len -= n;
	return word;
}

static int same_letters_of(grpo_str a, grpo_str b)
{
	if (a.len != b.len)
		return 0;
	if (a.len == 1)
		return a.ptr[0] == b.ptr[0];
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return 0;
	return 1;
}

/* Whether b is a, or more of it: men, boxes, berries. */
static int is_plural_of(grpo_str b, grpo_str a)
{
	static const char *const pairs[][2] = {
	    {"man", "men"},       {"woman", "women"}, {"child", "children"},
	    {"person", "people"}, {"foot", "feet"},   {"mouse", "mice"},
	    {"half", "halves"},   {"BC", "BCE"},      {"AD", "CE"},
	    {"per", "/"}};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
		if (same_letters_of(a, str(pairs[i][0])) &&
		    same_letters_of(b, str(pairs[i][1])))
			return 1;
	if (ends(b, "ies") && ends(a, "y") && b.len == a.len + 2)
		return same_letters_of(head(b, b.len - 3), head(a, a.len - 1));
	return same_letters_of(a, singular(b, "s")) ||
	       same_letters_of(a, singular(b, "es"));
}

static int same_word(grpo_str a, grpo_str b)
{
	return same_letters_of(a, b) || is_plural_of(a, b) ||
	       is_plural_of(b, a);
}

int words_agree(grpo_str a, grpo_str b)
{
	for (;;) {
		grpo_str x = next_meaning(&a), y = next_meaning(&b);

		if (!x.len || !y.len)
			return !x.len && !y.len;
		if (!same_word(x, y))
			return 0;
	}
}

/* ------------------------------------------------------- words in any order */

#define MAX_WORDS 4

/* The words of a short saying; -1 where it has more. */
static int few_words(grpo_str s, grpo_str *out)
{
	int n = 0;

	for (grpo_str w = next_meaning(&s); w.len; w = next_meaning(&s)) {
		if (n == MAX_WORDS)
			return -1;
		out[n++] = w;
	}
	return n;
}

/* "north of west" is not "west of north". */
static int has_order(grpo_str s)
{
	static const char *const words[] = {"of",   "to", "from",
					    "than", "by", NULL};

	for (grpo_str w = next_word(&s); w.len; w = next_word(&s))
		if (str_is_in_nocase(w, words))
			return 1;
	return 0;
}

/* "odd n" and "n is odd" */
static int same_words(grpo_str a, grpo_str b)
{
	grpo_str x[MAX_WORDS], y[MAX_WORDS];
	int n = few_words(a, x), used = 0;

	if (words_agree(a, b))
		return 1;
	if (has_order(a) || has_order(b))
		return 0;
	if (n < 1 || n > 3 || few_words(b, y) != n)
		return 0;
	for (int i = 0; i < n; i++) {
		int k = 0;

		while (k < n && (used >> k & 1 || !same_word(x[i], y[k])))
			k++;
		if (k == n)
			return 0;
		used |= 1 << k;
	}
	return 1;
}

/* -------------------------------------------------------------- conditions */

/* The set that a condition says its letter is from, or nothing. */
static grpo_str declared_set(const struct expr *e)
{
	const char *set = NULL;

	if (e->kind == EXPR_TEXT)
		set = claim_declared_set(e->name);
	if (set)
		return str(set);
	if (e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_IN &&
	    e->kids[1]->kind == EXPR_NAMED_SET)
		return e->kids[1]->name;
	return (grpo_str){NULL, 0};
}

static int conditions_agree(struct judge *j, const struct expr *a,
			    const struct expr *b)
{
	grpo_str x = declared_set(a), y = declared_set(b);

	if (x.len && y.len)
		return str_same(x, y);
	if (a->kind == EXPR_TEXT && b->kind == EXPR_TEXT)
		return same_words(a->name, b->name);
	return compare_trees(j, a, b) == 1;
}

/* Whether the condition with the value put in for its letter fails: x > 0 of
 * x = -5. */
static int is_violated(struct judge *j, const struct expr *on,
		       const struct expr *value)
{
	const struct expr *name = value->kind == EXPR_RELATION && value->n == 2
				      ? value->kids[0]
				      : NULL;
	int order;

	if (!expr_is(name, EXPR_SYMBOL) || value->ops[0] != OP_EQ ||
	    on->kind != EXPR_RELATION)
		return 0;
	on = expr_replace(j->w, on, name->name, value->kids[1]);
	for (int i = 0; on && i < on->n - 1; i++) {
		int op = on->ops[i];

		if (value_order(j->w, on->kids[i], on->kids[i + 1], &order))
			continue;
		if ((op == OP_LT && order >= 0) || (op == OP_LE && order > 0) ||
		    (op == OP_GT && order <= 0) || (op == OP_GE && order < 0) ||
		    (op == OP_NE && order == 0))
			return 1;
	}
	return 0;
}

/* "n^2 for n = 3", which is another value. */
static int is_put_in(const struct expr *on, const struct expr *value)
{
	return on->kind == EXPR_RELATION && on->n == 2 && on->ops[0] == OP_EQ &&
	       on->kids[0]->kind == EXPR_SYMBOL &&
	       value->kind != EXPR_RELATION &&
	       expr_has_symbol(value, on->kids[0]->name);
}

/* The 12 of "36 packs with 12", which is no condition. */
static int is_amount(const struct expr *on)
{
	return on->kind == EXPR_NUMBER ||
	       (on->kind == EXPR_UNIT && on->kids[0]->kind == EXPR_NUMBER);
}

static int may_leave_out_condition(struct judge *j, const struct expr *where)
{
	const struct expr *on = where->kids[1];

	if (str_is(where->name, CONDITION_IF) ||
	    str_is(where->name, CONDITION_SOME) || is_amount(on))
		return 0;
	if (str_is(where->name, CONDITION_REASON)) {
		judge_leaves_out(j,
				 on->kind == EXPR_TEXT ? on->name : where->name,
				 "a reason");
		return 1;
	}
	if (on->kind == EXPR_TEXT && !declared_set(on).len &&
	    claim_restricts(on->name))
		return 0;
	if (is_violated(j, on, where->kids[0]) || is_put_in(on, where->kids[0]))
		return 0;
	judge_leaves_out(j, on->kind == EXPR_TEXT ? on->name : where->name,
			 "a condition on one side only");
	return 1;
}

/* What is said of all x, or of one, is a statement: x^2 > 0 and x^2 >= 0 differ
 * even if both hold. */
static int compare_bodies(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	if (gold->kind == EXPR_RELATION && given->kind == EXPR_RELATION &&
	    !(relation_is_equation(gold) && relation_is_equation(given)))
		return compare_relations(j, gold, given);
	return compare_trees(j, gold, given);
}

static int compare_conditions(struct judge *j, const struct expr *gold,
			      const struct expr *given)
{
	int is_gold = gold->kind == EXPR_WHERE;
	int is_given = given->kind == EXPR_WHERE;

	if (!is_gold)
		return may_leave_out_condition(j, given) &&
		       compare_trees(j, gold, given->kids[0]) == 1;
	if (!is_given)
		return may_leave_out_condition(j, gold) &&
		       compare_trees(j, gold->kids[0], given) == 1;
	if (str_is(gold->name, CONDITION_SOME) !=
		str_is(given->name, CONDITION_SOME) ||
	    !conditions_agree(j, gold->kids[1], given->kids[1]))
		return 0;
	return compare_bodies(j, gold->kids[0], given->kids[0]);
}

/* ------------------------------------------------------------------ labels */

static int compare_labels(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	int is_gold = gold->kind == EXPR_LABEL;
	int is_given = given->kind == EXPR_LABEL;

	if (is_gold && is_given && !same_words(gold->name, given->name))
		return 0;
	if (is_gold != is_given &&
	    !abroad_is_words(is_gold ? gold->name : given->name))
		return 0;
	if (is_gold != is_given)
		judge_leaves_out(j, is_gold ? gold->name : given->name,
				 "a label on one side only");
	return compare_trees(j, is_gold ? gold->kids[0] : gold,
			     is_given ? given->kids[0] : given);
}

/* "20% increase" and "an increase of 20%" */
static int label_and_noun(struct judge *j, const struct expr *label,
			  const struct expr *noun)
{
	if (words_are_opposed(label->name, noun->name))
		return 0;
	if (!same_words(label->name, noun->name))
		return j->words_bind ? 0 : -1;
	return compare_trees(j, label->kids[0], noun->kids[0]) == 1 ? 1 : -1;
}

int compare_said(struct judge *j, const struct expr *gold,
		 const struct expr *given)
{
	int rc = -1;

	if (gold->kind == EXPR_LABEL && given->kind == EXPR_UNIT)
		rc = label_and_noun(j, gold, given);
	if (gold->kind == EXPR_UNIT && given->kind == EXPR_LABEL)
		rc = label_and_noun(j, given, gold);
	if (rc >= 0)
		return rc;
	if (gold->kind == EXPR_LABEL || given->kind == EXPR_LABEL)
		return compare_labels(j, gold, given);
	if (gold->kind == EXPR_WHERE || given->kind == EXPR_WHERE)
		return compare_conditions(j, gold, given);
	return -1;
}

/* ------------------------------------------------------------------- nouns */

/* "years old" is "years" where the other side has no such word. */
static grpo_str without_adjective(grpo_str s)
{
	static const char *const words[] = {" old",  " long", " tall",
					    " high", " wide", " deep",
					    " away", " apart"};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (ends(s, words[i]))
			s.len -= strlen(words[i]);
	return s;
}

/* "in debt", and not "in total". */
static int is_state(grpo_str words)
{
	static const char *const measures[] = {
	    "total",  "all",    "sum",   "each", "every",  "length",   "height",
	    "width",  "depth",  "size",  "area", "volume", "diameter", "long",
	    "tall",   "high",   "wide",  "deep", "thick",  "radius",   "number",
	    "weight", "square", "cubic", NULL};

	if (!take_word(&words, "in"))
		return 0;
	while (words.len && !is_letter(words.ptr[0]))
		drop(&words, 1);
	for (int i = 0; measures[i]; i++)
		if (take_word(&words, measures[i]))
			return 0;
	return words.len > 0;
}

/* Whether they are words alone: "(mod 5)" and "= 5" say something else. */
static int is_plain(grpo_str words)
{
	if (str_is(words, "'") || str_is(words, "''") || is_state(words))
		return 0;
	for (size_t i = 0; i < words.len; i++) {
		char c = words.ptr[i];

		if (c == '^')
			i++;
		else if (!is_letter(c) && !is_space(c) &&
			 (unsigned char)c < 0x80 &&
			 !strchr("()-'.,/$\\{}*&", c))
			return 0;
	}
	return abroad_is_words(words);
}

int nouns_agree(struct judge *j, const struct expr *gold,
		const struct expr *given)
{
	const struct expr *one = gold ? gold : given;
	struct unit unit;

	if (gold && given)
		return same_words(gold->name, given->name) ||
		       same_words(without_adjective(gold->name), given->name) ||
		       same_words(gold->name, without_adjective(given->name));
	unit_read(&unit, one->name);
	/* "n is even" says something of n. */
	if ((!unit.is_known || unit.rest.len) && is_state(one->name))
		return 0;
	if (!unit.is_known &&
	    (one->kids[0]->kind == EXPR_SYMBOL || !is_plain(one->name)))
		return 0;
	judge_leaves_out(j, one->name,
			 unit.is_known ? "a unit on one side only"
				       : "words on one side only");
	return 1;
}

/* ---------------------------------------------------- values in their order */

/* What is said of an item that tells it from others, or nothing. */
static grpo_str said_of(const struct expr *e)
{
	if (e->kind == EXPR_LABEL || e->kind == EXPR_UNIT)
		return e->name;
	if (e->kind == EXPR_WHERE && e->kids[1]->kind == EXPR_TEXT)
		return e->kids[1]->name;
	return (grpo_str){NULL, 0};
}

/* Whether all items have something said of them, and not all the same. */
static int tells_apart(const struct item_list *items)
{
	int differ = 0;

	for (int i = 0; i < items->n; i++) {
		if (!said_of(items->at[i]).len)
			return 0;
		differ |=
		    !same_words(said_of(items->at[0]), said_of(items->at[i]));
	}
	return differ;
}

static int says_nothing(const struct item_list *items)
{
	for (int i = 0; i < items->n; i++)
		if (said_of(items->at[i]).len)
			return 0;
	return 1;
}

int said_of_all(const struct item_list *a, const struct item_list *b)
{
	return tells_apart(a) && tells_apart(b);
}

int said_in_order(const struct item_list *a, const struct item_list *b)
{
	return (tells_apart(a) && says_nothing(b)) ||
	       (tells_apart(b) && says_nothing(a));
}
