/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_LANDLOCK_H
#define CODE_JAIL_LANDLOCK_H

/*
 * Landlock: which files a slot may open, and no TCP, no signals and no abstract
 * sockets to the outside where the kernel can say so.
 */
#include "paths.h"

/** ABI of this kernel; 0 where it has no Landlock. */
int jail_landlock_abi(void);
/**
 * Locks the calling process in: it opens what `paths` lists, and makes and
 * changes files below the descriptor `box` (-1: nowhere).  0 or -1 (errno).
 */
int jail_landlock(int abi, const struct jail_paths *paths, int box);

#endif
