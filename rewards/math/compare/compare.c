/* SPDX-License-Identifier: MIT */
#include "compare.h"

#include <string.h>

#include "compare_internal.h"

void compare_defaults(struct compare_options *o)
{
	*o = (struct compare_options){
	    .digits = 3, .rounding = 1, .names = 1, .inequalities = 1};
}

/* -------------------------------------------------------------- sequences */

static int in_order(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	if (gold->n != given->n)
		return 0;
	for (int i = 0; i < gold->n; i++)
		if (compare_trees(j, gold->kids[i], given->kids[i]) != 1)
			return 0;
	return 1;
}

/* Whether the brackets say the same: for two numbers they may be those of an
 * interval. */
static int same_brackets(const struct expr *a, const struct expr *b)
{
	if (a->n != 2 || a->open == '<' || b->open == '<')
		return 1;
	return a->open == b->open && a->close == b->close;
}

static int is_vector(const struct expr *m)
{
	return m->kind == EXPR_MATRIX && (m->rows == 1 || m->rows == m->n);
}

static int is_sequence(const struct expr *e)
{
	return e->kind == EXPR_TUPLE || e->kind == EXPR_LIST ||
	       e->kind == EXPR_SET || is_vector(e);
}

static int is_equality(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_EQ;
}

/* A set, "3 or 2" and "x = 3, x = 2" are no point. */
static int is_unordered(const struct expr *e)
{
	if (e->kind == EXPR_SET)
		return e->sign != ','; /* of bare braces */
	if (e->kind == EXPR_LIST && e->sign == '|')
		return 1;
	return e->kind == EXPR_LIST && e->n > 1 && is_equality(e->kids[0]) &&
	       is_equality(e->kids[1]) &&
	       expr_same(e->kids[0]->kids[0], e->kids[1]->kids[0]);
}

/* Tuples, and whatever may stand for one: (1, 2), a column, "1, 2". */
static int compare_sequences(struct judge *j, const struct expr *gold,
			     const struct expr *given)
{
	const struct expr *renamed;

	if (gold->kind != EXPR_TUPLE && given->kind != EXPR_TUPLE)
		return -1;
	if (!is_sequence(gold) || !is_sequence(given))
		return -1;
	if (is_unordered(gold) || is_unordered(given))
		return 0;
	if (gold->kind == given->kind && !same_brackets(gold, given))
		return 0;
	if (in_order(j, gold, given))
		return judge_says(j, "the same entry by entry");
	renamed = compare_in_parameter(j, gold, given);
	return renamed && in_order(j, gold, renamed)
		   ? judge_says(j, "the same except for the parameter's name")
		   : 0;
}

static int compare_matrices(struct judge *j, const struct expr *gold,
			    const struct expr *given)
{
	const struct expr *a = matrix_value(j->w, gold);
	const struct expr *b = a ? matrix_value(j->w, given) : NULL;

	if (!a || !b)
		return -1;
	if (a->n != b->n ||
	    (a->rows != b->rows && !(is_vector(a) && is_vector(b))))
		return 0;
	return in_order(j, a, b) == 1 ? judge_says(j, "the same entry by entry")
				      : 0;
}

/* ----------------------------------------------------------------- ratios */

static const struct expr *quotient(struct judge *j, const struct expr *ratio)
{
	return expr_2(j->w, EXPR_DIV, ratio->kids[0], ratio->kids[1]);
}

/* 2:4 is 1:2, part by part against the first; a part of 0 is none. */
static int proportional(struct judge *j, const struct expr *a,
			const struct expr *b)
{
	if (a->n != b->n)
		return 0;
	for (int i = 1; i < a->n; i++) {
		const struct expr *left =
		    expr_2(j->w, EXPR_MUL, a->kids[0], b->kids[i]);
		const struct expr *right =
		    expr_2(j->w, EXPR_MUL, a->kids[i], b->kids[0]);
		const struct expr *zero = expr_integer(j->w, 0);

		if (!left || !right || !zero ||
		    value_same(j->w, left, right) != VALUE_EQUAL ||
		    value_same(j->w, left, zero) != VALUE_DIFFERENT)
			return 0;
	}
	return judge_says(j, "the same ratio");
}

static int compare_ratios(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	if (gold->kind == EXPR_RATIO && given->kind == EXPR_RATIO) {
		if (in_order(j, gold, given) == 1)
			return judge_says(j, "the same part by part");
		return proportional(j, gold, given);
	}
	if (gold->kind == EXPR_RATIO && gold->n == 2)
		return compare_quantities(j, quotient(j, gold), given);
	if (given->kind == EXPR_RATIO && given->n == 2)
		return compare_quantities(j, gold, quotient(j, given));
	return -1;
}

/* -------------------------------------------------------------------- trees */

/* Something that is not a quantity but has words after it, such as 11:30 a.m.:
 * the words are ignored unless both have some and they differ. */
static int without_words(struct judge *j, const struct expr *gold,
			 const struct expr *given)
{
	int has_gold = gold->kind == EXPR_UNIT;
	int has_given = given->kind == EXPR_UNIT;
	const struct expr *a = has_gold ? gold->kids[0] : gold;
	const struct expr *b = has_given ? given->kids[0] : given;

	if ((!has_gold && !has_given) ||
	    (a->kind != EXPR_RATIO && b->kind != EXPR_RATIO &&
	     a->kind != EXPR_TUPLE && b->kind != EXPR_TUPLE))
		return -1;
	if (has_gold && has_given && !same_letters(gold->name, given->name))
		return 0;
	return compare_trees(j, a, b);
}

static int compare_items(struct judge *j, const struct expr *gold,
			 const struct expr *given)
{
	int rc = compare_relations(j, gold, given);

	if (rc < 0)
		rc = compare_clocks(j, gold, given);
	if (rc < 0)
		rc = without_words(j, gold, given);
	if (rc < 0)
		rc = compare_vectors(j, gold, given);
	if (rc < 0)
		rc = compare_sequences(j, gold, given);
	if (rc < 0)
		rc = compare_matrices(j, gold, given);
	if (rc < 0)
		rc = compare_ratios(j, gold, given);
	if (rc < 0) {
		rc = compare_words(gold, given);
		if (rc == 1)
			judge_says(j, "the same words");
	}
	if (rc < 0)
		rc = compare_quantities(j, gold, given);
	return rc == 1 || compare_up_to_constant(j, gold, given);
}

/* The tuple of "(a, b) = (1, 2)", or what e is. */
static const struct expr *labelled_tuple(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 && e->ops[0] == OP_EQ &&
		       e->kids[0]->kind == EXPR_TUPLE &&
		       e->kids[1]->kind == EXPR_TUPLE
		   ? e->kids[1]
		   : e;
}

/* A tuple beside several answers: (3, 2) and "p = 3, q = 2". */
static int tuple_and_list(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	gold = labelled_tuple(gold);
	given = labelled_tuple(given);
	if ((gold->kind == EXPR_TUPLE && list_is_many(given)) ||
	    (given->kind == EXPR_TUPLE && list_is_many(gold)))
		return compare_sequences(j, gold, given);
	return -1;
}

/* {2k + 1 | k in Z} is 2n + 1 for whole n; -1 where neither is such a set. */
static int compare_families(struct judge *j, const struct expr *gold,
			    const struct expr *given)
{
	const struct expr *a = list_family(gold), *b = list_family(given);
	const struct expr *renamed;

	if (a == gold && b == given)
		return -1;
	if (compare_trees(j, a, b) == 1)
		return 1;
	renamed = compare_in_parameter(j, a, b);
	return renamed && compare_trees(j, a, renamed) == 1;
}

static int compare_plain(struct judge *j, const struct expr *gold,
			 const struct expr *given);

/* A number with nothing around it, as most answers are. */
static int is_bare(const struct expr *e)
{
	if (e->kind == EXPR_NEG)
		e = e->kids[0];
	return e->kind == EXPR_NUMBER;
}

/* With the members of sets written out; N has a 0 for some and none for
 * others. */
static int compare_within(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	int rc;

	if (expr_same(gold, given))
		return judge_says(j, "the same form");
	if (moduli_differ(gold, given) || bearings_differ(gold, given))
		return 0;
	if (is_bare(gold) && is_bare(given))
		return compare_quantities(j, gold, given);
	if (domains_differ(j, gold, given))
		return 0;
	rc = compare_correspondences(j, gold, given);
	if (rc >= 0)
		return rc;
	rc = compare_progressions(j, gold, given);
	if (rc >= 0)
		return rc;
	if (compare_spans(j, gold, given) || compare_chains(j, gold, given))
		return 1;
	for (int start = 0; start < 2; start++) {
		const struct expr *a = set_in_plain_form(j, gold, start);
		const struct expr *b = set_in_plain_form(j, given, start);

		if (a == gold && b == given)
			return compare_plain(j, gold, given);
		if (a && b && compare_plain(j, a, b) == 1)
			return 1;
	}
	return 0;
}

static int compare_plain(struct judge *j, const struct expr *gold,
			 const struct expr *given)
{
	struct item_list a, b;
	int rc = compare_said(j, gold, given);

	if (rc >= 0)
		return rc;
	if (joins_differ(gold, given) || nesting_differs(gold, given))
		return 0;
	rc = compare_families(j, gold, given);
	if (rc >= 0)
		return rc;
	if (region_is_likely(gold) || region_is_likely(given)) {
		rc = compare_regions(j, gold, given);
		if (rc >= 0)
			return rc;
	}
	rc = compare_pieces(j, gold, given);
	if (rc >= 0)
		return rc;
	rc = compare_runs(j, gold, given);
	if (rc >= 0)
		return rc;
	rc = compare_records(j, gold, given);
	if (rc >= 0)
		return rc;
	if (tuple_and_list(j, gold, given) == 1)
		return 1;
	if (list_is_many(gold) || list_is_many(given)) {
		if (list_items(j, gold, &a) || list_items(j, given, &b))
			return 0;
		if (a.n != 1 || a.at[0] != gold || b.n != 1 || b.at[0] != given)
			return compare_lists(j, &a, &b);
	}
	return compare_items(j, gold, given);
}

#define MAX_DEPTH 50 /* of lists in lists, and of equations */

int compare_trees(struct judge *j, const struct expr *gold,
		  const struct expr *given)
{
	int rc, n_left_out = j->report->n_left_out;

	if (!gold || !given || j->w->status || work_step(j->w, 1))
		return 0;
	if (j->depth == MAX_DEPTH) {
		j->w->status = GRPO_REWARD_BUDGET;
		return 0;
	}
	j->depth++;
	rc = compare_within(j, gold, given);
	j->depth--;
	if (rc != 1)
		j->report->n_left_out = n_left_out;
	return rc;
}

/* ------------------------------------------------------------------ answers */

static int is_lowest(const struct expr *e)
{
	const struct expr *a = e->kids[0], *b = e->kids[1];
	fmpz_t gcd;
	int is_one;

	if (a->kind == EXPR_NEG)
		a = a->kids[0];
	if (a->kind != EXPR_NUMBER || b->kind != EXPR_NUMBER || a->flags ||
	    b->flags || fmpz_is_one(fmpq_numref(b->value)))
		return 0;
	fmpz_init(gcd);
	fmpz_gcd(gcd, fmpq_numref(a->value), fmpq_numref(b->value));
	is_one = fmpz_is_one(gcd);
	fmpz_clear(gcd);
	return is_one;
}

/* Whether numbers are given as the form asks for. */
static int is_simple(const struct expr *e, int form)
{
	if (e->kind == EXPR_RELATION)
		return is_simple(e->kids[e->n - 1], form);
	if (e->kind == EXPR_UNIT || e->kind == EXPR_NEG ||
	    e->kind == EXPR_PERCENT || e->kind == EXPR_DEGREE ||
	    e->kind == EXPR_LABEL || e->kind == EXPR_WHERE)
		return is_simple(e->kids[0], form);
	if (e->kind == EXPR_TEXT && e->flags == EXPR_UNREAD)
		return 0;
	if (e->kind == EXPR_NUMBER)
		return form != COMPARE_FORM_INTEGER ||
		       (!e->flags && fmpz_is_one(fmpq_denref(e->value)));
	if (form == COMPARE_FORM_INTEGER)
		return 0;
	if (e->kind == EXPR_DIV)
		return is_lowest(e);
	/* Sums and products of bare numbers are left to compute. */
	if (e->kind == EXPR_ADD || e->kind == EXPR_MUL || e->kind == EXPR_POW) {
		for (int i = 0; i < e->n; i++)
			if (e->kids[i]->kind != EXPR_NUMBER)
				return 1;
		return 0;
	}
	return 1;
}

static int has_form(const struct judge *j, const struct answer *given)
{
	return j->o->form == COMPARE_FORM_ANY ||
	       (given->reading[0] && is_simple(given->reading[0], j->o->form));
}

/* Whether any reading of one equals any reading of the other. */
static int readings_agree(struct judge *j, const struct answer *gold,
			  const struct answer *given)
{
	for (int g = 0; g < 2; g++)
		for (int a = 0; a < 2; a++)
			if (gold->reading[g] && given->reading[a] &&
			    compare_trees(j, gold->reading[g],
					  given->reading[a]) == 1)
				return 1;
	return 0;
}

static int both_are_chemical(const struct answer *gold,
			     const struct answer *given)
{
	return gold->formula.text.len && given->formula.text.len &&
	       (gold->formula.is_sure || given->formula.is_sure);
}

/* CO and Co, as texts or as products of letters. */
static int capitals_differ(const struct answer *gold,
			   const struct answer *given)
{
	grpo_str a = gold->formula.text, b = given->formula.text;

	return a.len > 1 && a.len == b.len && !str_same(a, b) &&
	       same_letters(a, b);
}

/* GB and Gb, which texts without their capitals do not tell apart. */
static int units_differ(const struct answer *gold, const struct answer *given)
{
	return expr_is(gold->reading[0], EXPR_UNIT) &&
	       expr_is(given->reading[0], EXPR_UNIT) &&
	       !str_same(gold->reading[0]->name, given->reading[0]->name);
}

/* (A) 42 is (A), and not (A) 43. */
static int same_choice(struct judge *j, const struct answer *gold,
		       const struct answer *given)
{
	if (gold->content && given->content &&
	    compare_trees(j, gold->content, given->content) != 1)
		return 0;
	return judge_says(j, "the same choice");
}

/* (A) 42 beside 42 */
static int beside_choice(struct judge *j, const struct answer *gold,
			 const struct answer *given)
{
	if (!gold->choice == !given->choice)
		return 0;
	return compare_trees(j, gold->choice ? gold->content : gold->reading[0],
			     given->choice ? given->content
					   : given->reading[0]) == 1;
}

static int agree(struct judge *j, const struct answer *gold,
		 const struct answer *given)
{
	if (both_are_chemical(gold, given))
		return str_same(gold->formula.text, given->formula.text)
			   ? judge_says(j, "the same chemical formula")
			   : 0;
	if (capitals_differ(gold, given))
		return 0;
	if (str_same(gold->key, given->key) && !units_differ(gold, given))
		return judge_says(j, "the same text");
	if (gold->choice && gold->choice == given->choice)
		return same_choice(j, gold, given);
	return readings_agree(j, gold, given) || beside_choice(j, gold, given);
}

enum verdict compare_answers(struct work *w, const struct compare_options *o,
			     const struct answer *gold,
			     const struct answer *given,
			     struct compare_report *report)
{
	struct judge j = {.w = w, .o = o, .report = report};

	*report = (struct compare_report){.rule = "not the same"};
	if (!has_form(&j, given)) {
		report->rule = "not in the required form";
		return VERDICT_WRONG;
	}
	if (!agree(&j, gold, given))
		return VERDICT_WRONG;
	report->rule = j.rule;
	return VERDICT_RIGHT;
}
