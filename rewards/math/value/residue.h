/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_RESIDUE_H
#define GRPO_MATH_RESIDUE_H

/*
 * Numbers such as 2024! - 1 are too long to be written out, but their residues
 * modulo a prime are quickly computed.  If the residues of two values differ
 * for one prime, the values differ: that is a proof, and most answers end
 * there.  If they agree, constants are written out, up to
 * LONG_MAX_BITS.
 *
 * With symbols, the residues are taken at pseudo-random points, another one for
 * each prime, and at so many that no difference of the coefficients is a
 * multiple of all primes.
 */
#include "value.h"

/** VALUE_UNDECIDED for what is no rational number or rational function, and
 * where it would take too many primes; then w->status is set. */
enum value_verdict residues_same(struct work *w, const struct expr *a,
				 const struct expr *b);

#endif
