/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_OPENMP_H
#define EXAMPLES_OPENMP_H

#include <stdlib.h>
#include <unistd.h>

/*
 * libtorch's OpenMP threads spin for milliseconds while they wait for each
 * other, which makes everything several times slower as soon as another
 * program wants a core; not to spin at all costs a wake-up for each of the
 * many short parallel regions.  Some 20 microseconds of it are best on an
 * idle machine and on a busy one (docs/performance.md).  The runtime reads
 * the choice once, when it is loaded: so, unless the user has chosen, this
 * sets it and starts the program again.  Call it first in main.
 */
static inline void openmp_wait_politely(char **argv)
{
	if (getenv("OMP_WAIT_POLICY") || getenv("GOMP_SPINCOUNT"))
		return;
	if (setenv("GOMP_SPINCOUNT", "1000", 1) == 0)
		execv("/proc/self/exe", argv); /* on failure: as it was */
}

#endif
