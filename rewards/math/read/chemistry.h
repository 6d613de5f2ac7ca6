/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_CHEMISTRY_H
#define GRPO_MATH_CHEMISTRY_H

#include "../tree/work.h"

/*
 * Chemical formulas: \mathrm{SO_4^{2-}}, H3O+, \ce{2H2 + O2 -> 2H2O}.  In one
 * form, "SO4^2-", in which capitals, indices and charges count.
 */
struct chemistry {
	grpo_str text; /* empty where it is no formula */
	int is_sure;   /* not only letters that might also be variables */
};

void chemistry_read(struct work *w, grpo_str text, struct chemistry *out);

#endif
