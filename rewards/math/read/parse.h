/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_PARSE_H
#define GRPO_MATH_PARSE_H

#include "../tree/expr.h"
#include "lex.h"

/*
 * The tree of a whole answer: one thing, or a LIST of several.  NULL where
 * the tokens are no mathematics, or w->status says why.  The tokens may be
 * changed.
 *
 *	answer    := items, between them ";" "\quad" or a new line, inside
 *	             these "," "and" "or"
 *	item      := [words] relation [unit]
 *	relation  := set (("=" | "<" | "\in" | …) set)*
 *	set       := ratio (("\cup" | "\cap" | "\setminus") ratio)*
 *	ratio     := sum (":" sum)*
 *	sum       := [sign] term (("+" | "-" | "\pm") term)*
 *	term      := power (("\cdot" | "/" | nothing) power)*
 *	power     := primary ("^" exponent | "!" | "%" | "^\circ" | "'")*
 *
 * A whole number and a proper fraction beside it are a mixed number.
 */
const struct expr *parse_answer(struct work *w, struct tokens *tokens);

#endif
