/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_COMPARE_INTERNAL_H
#define GRPO_MATH_COMPARE_INTERNAL_H

/* The parts of the comparison.  Unless noted, all return 1 if equal, 0 if not,
 * and -1 if they do not apply. */
#include "compare.h"
#include "../value/matrix.h"
#include "../value/value.h"

struct judge {
	struct work *w;
	const struct compare_options *o;
	const char *rule; /* that made the last pair the same */
	int depth;        /* of compare_trees in itself */
	int words_bind;   /* they tell the items of both lists apart */
	int in_formula;   /* beside "V =", where LWH is a product */
	int in_function;  /* beside "r(t) =", where t is no mere parameter */
	struct compare_report *report;
};

static inline int judge_says(struct judge *j, const char *rule)
{
	j->rule = rule;
	return 1;
}

/* Notes for `explain` that the text, which only one side has, is left out.  The
 * notes of a comparison that fails are forgotten. */
static inline void judge_leaves_out(struct judge *j, grpo_str text,
				    const char *why)
{
	struct compare_report *r = j->report;

	if (r->n_left_out == COMPARE_MAX_LEFT_OUT)
		return;
	r->left_out[r->n_left_out].text = text;
	r->left_out[r->n_left_out++].why = why;
}

/* compare.c: any two answers, or parts of them. */
int compare_trees(struct judge *j, const struct expr *gold,
		  const struct expr *given);

/* compare_list.c: several answers. */
#define COMPARE_MAX_ITEMS 64
struct item_list {
	const struct expr *at[COMPARE_MAX_ITEMS];
	int n;
};
/* The answers that e contains; -1 if there are too many. */
int list_items(struct judge *j, const struct expr *e, struct item_list *out);
int compare_lists(struct judge *j, const struct item_list *gold,
		  const struct item_list *given);
int list_is_many(const struct expr *e);
/* Whether e says what set of numbers its left side is from: k ∈ Z. */
int list_is_qualifier(const struct expr *e);
/* What the whole number k of {2k + 1 | k in Z} gives: 2k + 1; otherwise e. */
const struct expr *list_family(const struct expr *e);

/* compare_quantity.c: numbers and expressions with their units. */
int compare_quantities(struct judge *j, const struct expr *gold,
		       const struct expr *given);

/* compare_unit.c: whether the words behind two quantities allow a comparison;
 * then *given is that value in the reference's unit. */
int units_agree(struct judge *j, const struct expr *gold_unit,
		const struct expr *given_unit, int is_degrees,
		const struct expr **given);
/* Times of day: 4 pm, 16:00; -1 where neither side is clearly one. */
int compare_clocks(struct judge *j, const struct expr *gold,
		   const struct expr *given);

/* compare_rename.c: whether they are the same with other names. */
int compare_renamed(struct judge *j, const struct expr *gold,
		    const struct expr *given);
/* The given answer with its only symbol, a parameter, renamed to that of the
 * reference; NULL if there is no such symbol. */
const struct expr *compare_in_parameter(struct judge *j,
					const struct expr *gold,
					const struct expr *given);

/* compare_relation.c: "x = 5" beside "5"; equations, inequalities. */
int relation_is_equation(const struct expr *e);
/* The value of a chain of equalities, or NULL if it has none. */
const struct expr *relation_value(struct judge *j, const struct expr *e);
/* The side that names it, or NULL. */
const struct expr *relation_label(const struct expr *e);
/* Whether it names a thing and does not compute it: x, f(x), (x, y). */
int relation_names(const struct expr *e);
/* The operator with its sides swapped; -1 if there is none. */
int relation_flipped(int op);
int compare_relations(struct judge *j, const struct expr *gold,
		      const struct expr *given);

/* compare_region.c: sets of real numbers. */
int region_is_likely(const struct expr *e);
int compare_regions(struct judge *j, const struct expr *gold,
		    const struct expr *given);

/* compare_run.c: ABD and "A, B, D". */
int compare_runs(struct judge *j, const struct expr *gold,
		 const struct expr *given);

/* compare_run.c: triangle ABC ~ triangle DEF, by which vertices go together. */
int compare_correspondences(struct judge *j, const struct expr *gold,
			    const struct expr *given);

/* compare_record.c: values with a name each. */
int compare_records(struct judge *j, const struct expr *gold,
		    const struct expr *given);

/* compare_set.c: the set with its members written out where these are few
 * numbers, else e.  N begins at `start`, 0 or 1. */
const struct expr *set_in_plain_form(struct judge *j, const struct expr *e,
				     int start);

/* compare_constant.c: whether both have a constant added, and nothing but a
 * number more or less. */
int compare_up_to_constant(struct judge *j, const struct expr *gold,
			   const struct expr *given);

/* compare_pieces.c: functions that are given case by case. */
int compare_pieces(struct judge *j, const struct expr *gold,
		   const struct expr *given);

/* compare_progression.c: all numbers that a family gives, k being whole. */
int compare_progressions(struct judge *j, const struct expr *gold,
			 const struct expr *given);

/* compare_span.c: lines and planes, 1 or 0. */
int compare_spans(struct judge *j, const struct expr *gold,
		  const struct expr *given);
int compare_chains(struct judge *j, const struct expr *gold,
		   const struct expr *given);

/* compare_words.c: names, days, choices; -1 where neither is words. */
int compare_words(const struct expr *gold, const struct expr *given);
/* Whether letters and digits are equal, ignoring everything between them. */
int same_letters(grpo_str a, grpo_str b);
/* Whether the two contradict each other: north and south, even and odd. */
int words_are_opposed(grpo_str a, grpo_str b);

/* compare_said.c: what is said about a value, its label and conditions. */
int compare_said(struct judge *j, const struct expr *gold,
		 const struct expr *given);
/* Whether the words say the same, but for articles and number. */
int words_agree(grpo_str a, grpo_str b);
/* Whether what two values count agrees, each a UNIT that is no unit of measure,
 * or NULL for none. */
int nouns_agree(struct judge *j, const struct expr *gold,
		const struct expr *given);
/* Whether words tell the items of one list apart, and nothing those of the
 * other, which must then be in the same order. */
int said_in_order(const struct item_list *a, const struct item_list *b);
/* Whether they do so on both sides, so that they must agree. */
int said_of_all(const struct item_list *a, const struct item_list *b);

/* compare_vector.c: i, j, k with hats beside letters and tuples. */
int compare_vectors(struct judge *j, const struct expr *gold,
		    const struct expr *given);

/* compare_selection.c: C(7, 3) beside a number, as 7 choose 3. */
int compare_selection(struct judge *j, const struct expr *gold,
		      const struct expr *given);

/* compare_joins.c: what makes two answers differ whatever their parts are: "p
 * and q" beside "p or q", {1} beside {{1}}, 3 (mod 5) beside 3 (mod 7). */
int joins_differ(const struct expr *a, const struct expr *b);
int nesting_differs(const struct expr *a, const struct expr *b);
int moduli_differ(const struct expr *a, const struct expr *b);
int bearings_differ(const struct expr *a, const struct expr *b);
/* Whether both say what set a letter is from, and not the same one. */
int domains_differ(struct judge *j, const struct expr *a, const struct expr *b);

#endif
