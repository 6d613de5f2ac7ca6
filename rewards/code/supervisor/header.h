/* SPDX-License-Identifier: MIT */
#ifndef CODE_HEADER_H
#define CODE_HEADER_H

/*
 * A header that is slow to include, precompiled once for all programs.  It lies
 * on the shelf, a folder that compilers in a jail may read.
 */
#include "language.h"

/** Whether it is there; a shelf of NULL has nothing. */
int header_is_ready(const char *shelf, const struct language *l);
/** Precompiles it, unless it is there, another worker is at it, or it failed
 *  before.  The header is trusted, so the compiler runs without a jail. */
void header_make(const char *shelf, const char *tool, const struct language *l);

#endif
