/* SPDX-License-Identifier: MIT */
/* What is said about a value: words that name it, and conditions.  On both
 * sides they must agree; on one side only they may be left out where they say
 * nothing against the value. */
#include "../read/claims.h"
#include "../tree/slice.h"
#include "compare_internal.h"

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

static int is_article(grpo_str word)
{
	return (word.len == 2 && begins_nocase(word, "an")) ||
	       (word.len == 1 && word.ptr[0] == 'a') ||
	       (word.len == 3 && begins_nocase(word, "the"));
}

static grpo_str next_meaning(grpo_str *s)
{
	grpo_str word;

	do
		word = next_word(s);
	while (is_article(word));
	return word;
}

/* Without the s or es of many. */
static grpo_str singular(grpo_str word)
{
	if (word.len > 3 && lower(word.ptr[word.len - 1]) == 's' &&
	    lower(word.ptr[word.len - 2]) != 's')
		word.len--;
	return word;
}

static int same_word(grpo_str a, grpo_str b)
{
	a = singular(a);
	b = singular(b);
	if (a.len != b.len)
		return 0;
	if (a.len == 1)
		return a.ptr[0] == b.ptr[0];
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return 0;
	return 1;
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

/* -------------------------------------------------------------- conditions */

static int conditions_agree(struct judge *j, const struct expr *a,
			    const struct expr *b)
{
	if (a->kind == EXPR_TEXT && b->kind == EXPR_TEXT)
		return words_agree(a->name, b->name);
	return compare_trees(j, a, b) == 1;
}

/* Whether a condition that one side has alone may be left out. */
static int may_go(struct judge *j, const struct expr *where)
{
	if (str_is(where->name, CONDITION_IF) ||
	    str_is(where->name, CONDITION_SOME))
		return 0;
	judge_leaves_out(j, where->name, "a condition on one side only");
	return 1;
}

static int compare_conditions(struct judge *j, const struct expr *gold,
			      const struct expr *given)
{
	int is_gold = gold->kind == EXPR_WHERE;
	int is_given = given->kind == EXPR_WHERE;

	if (is_gold && is_given &&
	    !conditions_agree(j, gold->kids[1], given->kids[1]))
		return 0;
	if (is_gold != is_given && !may_go(j, is_gold ? gold : given))
		return 0;
	return compare_trees(j, is_gold ? gold->kids[0] : gold,
			     is_given ? given->kids[0] : given);
}

/* ------------------------------------------------------------------ labels */

static int compare_labels(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	int is_gold = gold->kind == EXPR_LABEL;
	int is_given = given->kind == EXPR_LABEL;

	if (is_gold && is_given && !words_agree(gold->name, given->name))
		return 0;
	if (is_gold != is_given)
		judge_leaves_out(j, is_gold ? gold->name : given->name,
				 "a label on one side only");
	return compare_trees(j, is_gold ? gold->kids[0] : gold,
			     is_given ? given->kids[0] : given);
}

int compare_said(struct judge *j, const struct expr *gold,
		 const struct expr *given)
{
	if (gold->kind == EXPR_LABEL || given->kind == EXPR_LABEL)
		return compare_labels(j, gold, given);
	if (gold->kind == EXPR_WHERE || given->kind == EXPR_WHERE)
		return compare_conditions(j, gold, given);
	return -1;
}
