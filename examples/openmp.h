/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_OPENMP_H
#define EXAMPLES_OPENMP_H

#include <stdlib.h>
#include <unistd.h>

/*
 * libtorch's OpenMP threads spin while they wait for each other, which is
 * quickest on an idle machine, and makes everything several times slower as
 * soon as another program wants a core.  They read the choice once, when the
 * library is loaded: so, unless the user has chosen, this sets it and starts
 * the program again.  Call it first in main.
 */
static inline void openmp_wait_politely(char **argv)
{
	if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
		return;
	if (setenv("OMP_WAIT_POLICY", "passive", 1) == 0)
		execv("/proc/self/exe", argv); /* on failure: as it was */
}

#endif
