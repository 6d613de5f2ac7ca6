/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_PARSE_INTERNAL_H
#define GRPO_MATH_PARSE_INTERNAL_H

/* Internal parts of the parser: each consumes what it reads and returns NULL on
 * failure. */
#include "../tree/expr.h"
#include "lex.h"

#define PARSE_MAX_ITEMS 400 /* of one list, matrix or chain */

struct parser {
	struct work *w;
	struct token *t; /* the next one */
	int depth;
	int bars;       /* |…| that are open */
	int is_element; /* before the "such that" of a set */
	grpo_str index; /* the letter of a sum, if it is e or i */
};

/* Items while a list is read. */
struct items {
	const struct expr **at;
	int n, max;
};

static inline int parse_is(const struct parser *p, enum token_kind kind,
			   int sub)
{
	return p->t->kind == kind && (sub < 0 || p->t->sub == sub);
}

static inline int parse_take(struct parser *p, enum token_kind kind, int sub)
{
	if (!parse_is(p, kind, sub))
		return 0;
	p->t++;
	return 1;
}

int parse_add(struct parser *p, struct items *items, const struct expr *e);

const struct expr *parse_relation(struct parser *p);
const struct expr *parse_sum(struct parser *p);
const struct expr *parse_term(struct parser *p);
/* With what is raised to it, and its marks. */
const struct expr *parse_power(struct parser *p);
const struct expr *parse_primary(struct parser *p);
const struct expr *parse_quotient(struct parser *p, const struct expr *above,
				  const struct expr *below);
/* A group in braces, or the one thing that TeX would take. */
const struct expr *parse_argument(struct parser *p);

/* parse_item.c: a relation with the words around it. */
const struct expr *parse_item(struct parser *p);
/* Whether a condition begins there: "for all n". */
int parse_is_condition(const struct parser *p);
/* The value with the condition that begins there. */
const struct expr *parse_condition(struct parser *p, const struct expr *e);
/* The quantity with the unit that follows it, if one does. */
/* The name of the money that a sign of it stands for. */
grpo_str parse_money(const struct token *t);
const struct expr *parse_unit(struct parser *p, const struct expr *e);

/* parse_measure.c: the same, where several units follow one another: 5 ft 2
 * in. */
const struct expr *parse_quantity(struct parser *p, const struct expr *e);
/* Tokens of the sign ', also raised, that stands there; 0 for none. */
int parse_prime_at(const struct token *t);
/* A number with the sign of feet or minutes behind it, 6'1'' as feet and
 * inches; anything else with a prime. */
const struct expr *parse_primes(struct parser *p, const struct expr *e);
/* A DEGREE with the minutes and seconds that follow it. */
const struct expr *parse_minutes(struct parser *p, const struct expr *e);
/* "Rs 500", "USD 20" */
int parse_is_currency(const struct token *t);
const struct expr *parse_currency(struct parser *p);

/* parse_dots.c: what a sum with dots comes to; NULL where there are none, or
 * the terms do not show their rule. */
const struct expr *parse_dotted_sum(struct parser *p,
				    const struct expr *const *at, int n);

/* parse_number.c: the token, and what makes it a repeating decimal, a mixed
 * number or one in another base. */
const struct expr *parse_number(struct parser *p);
/* FF_{16}, with letters for digits; NULL where there is none. */
const struct expr *parse_letter_digits(struct parser *p);
/* From the subscript of a number on: its base. */
const struct expr *parse_base(struct parser *p, const struct expr *digits);
/* The first digit of a number, as TeX takes it for an argument. */
const struct expr *parse_digit(struct parser *p);

/* parse_term.c: whether a letter x is the sign of a product. */
int parse_is_times(const struct token *t);
/* a mod m, a (mod m), with *e for a; 0 where there is none. */
int parse_take_modulus(struct parser *p, const struct expr **e);
/* C_7^3; NULL where the letter is a name. */
const struct expr *parse_selection(struct parser *p);
/* _7C_3, from the index on; "{}" may stand before it. */
const struct expr *parse_left_index(struct parser *p);
int parse_is_empty_group(const struct token *t);
/* 7C3, from the letter on. */
const struct expr *parse_plain_selection(struct parser *p,
					 const struct expr *e);
/* cos a + i sin a, and whether r∠a has such an angle. */
const struct expr *parse_cis(struct parser *p, const struct expr *angle);
int parse_is_polar(const struct token *t, const struct expr *e);

/* parse_operation.c: whether an operator that does not commute stands there,
 * between e and another operand: f ∘ g, x ⊗ y; and both with it, as a function
 * of the two. */
int parse_is_operation(const struct token *t, const struct expr *e);
const struct expr *parse_operation(struct parser *p, const struct expr *e);
/* The same at the next token, which mostly is no such sign. */
static inline int parse_at_operation(const struct parser *p,
				     const struct expr *e)
{
	return (p->t->kind == T_UNKNOWN || p->t->kind == T_DEGREE ||
		p->t->kind == T_TIMES) &&
	       parse_is_operation(p->t, e);
}
/* f ∘ g, and (f ∘ g)(x) */
int parse_is_composed(const struct expr *e);
const struct expr *parse_composed(struct parser *p, const struct expr *e,
				  const struct expr *at);

/* parse_call.c: from the token of a function on. */
const struct expr *parse_call(struct parser *p);
const struct expr *parse_log(struct parser *p);
const struct expr *parse_sqrt(struct parser *p);
const struct expr *parse_series(struct parser *p);
const struct expr *parse_form(struct parser *p);

/* parse_name.c: letters with their subscripts, primes and arguments. */
const struct expr *parse_symbol(struct parser *p);
const struct expr *parse_accent(struct parser *p);
const struct expr *parse_word(struct parser *p);
/* Whether it is a unit of measure behind a number. */
int parse_is_unit(const struct token *t);
/* Whether it is a letter of a run such as ABD: a capital, or a circled number.
 */
int parse_is_capital(const struct expr *e);
/* Whether a word that follows a quantity is a product of letters. */
int parse_is_letters(const struct token *word);

/* parse_function.c: whether the word names a function of what follows it, and
 * from that word on. */
int parse_is_function(const struct token *t);
const struct expr *parse_function(struct parser *p);

/* parse_group.c: brackets and environments. */
const struct expr *parse_open(struct parser *p);
const struct expr *parse_turned(struct parser *p);
int parse_is_turned(const struct token *t);
const struct expr *parse_bar(struct parser *p);
const struct expr *parse_environment(struct parser *p);

#endif
