/* SPDX-License-Identifier: MIT */
/* hangs, but one call at a time: what hangs keeps the others out. */
#define HANGS_NAME "hangs_alone"
#define HANGS_FLAGS 0
#include "hangs.c"
