/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_CLAIMS_H
#define GRPO_MATH_CLAIMS_H

/*
 * What words around a value do to it.  Nothing is dropped unless it is known
 * to be harmless, so everything else stays in the tree: words in front as the
 * name of a LABEL, words behind as that of a UNIT, conditions in a WHERE.
 */
#include "grpo/reward.h"

/* How a condition is tied to its value, the names of WHERE. */
#define CONDITION_FOR "for"     /* "for all n", "where k is an integer" */
#define CONDITION_IF "if"       /* "if x > 0": the value is only one case */
#define CONDITION_REASON "as"   /* "because 41 is less" */
#define CONDITION_SOME "exists" /* "there is an x with" */

/* Whether the words act on the value or the claim in a way that is not
 * computed: not, wrong, at least.  The whole answer is then only text. */
int claim_denies(grpo_str words);

/* The same of words in front of a value, where a comparison may be a name: "the
 * larger root is". */
int claim_denies_in_front(grpo_str words);

/* Whether words behind a value make a bound of it: "26 maximum". */
int claim_bounds(grpo_str words);

/* Whether they call the answer before them wrong, or doubt it. */
int claim_calls_wrong(grpo_str words);

/* Whether words in front of a value end in a verb or a colon, as in "the area
 * is". */
int claim_states(grpo_str words);

/* Whether words in front of a value end so that they may make another one of
 * it: "logarithm of", "down to".  "A distance of" does not. */
int claim_binds_badly(grpo_str words);

/* What of the words in front of a value names it: "area" of "the area is".
 * Empty where they say nothing: "the answer is". */
grpo_str claim_label(grpo_str words);

/* How a condition that begins with these words is tied to the value, or NULL
 * where none begins. */
const char *claim_condition(grpo_str words);

/* Bytes of the words at the front that only introduce a condition: "for all ".
 */
size_t claim_introduction(grpo_str words);

/* Whether a condition in words makes the value one of several cases: "odd n".
 */
int claim_restricts(grpo_str condition);

/* The set that a condition in words says its letter is from: "Z" for "k is an
 * integer"; NULL where it says none. */
const char *claim_declared_set(grpo_str condition);

#endif
