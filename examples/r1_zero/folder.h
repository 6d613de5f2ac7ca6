/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_FOLDER_H
#define R1_ZERO_FOLDER_H

#include "files.h"

/*
 * The folder of a run, for one process at a time.  Where an earlier run is in
 * it, the new one is made ready beside it (in "work") and takes its place only
 * when everything could be opened; the earlier one is then FOLDER.1, or the
 * next number that is free.
 */
struct folder {
	char path[MAX_PATH];
	char work[MAX_PATH]; /* where files go until then; often the same */
	int resume;
	int remove;          /* `work` is of no use yet */
	size_t n_parent;     /* bytes of `work` that name the folder which was
				there before; `work` goes with those below it */
	int lock, work_lock; /* descriptors; -1: none */
};

/** Finds out what is there and locks it.  resume: there must be a run, and it
 *  keeps its files; dry: nothing will change. */
int folder_open(struct folder *f, const char *path, int resume, int dry);

/** The run takes its place; from here on `work` is `path`. */
int folder_place(struct folder *f);

/** Removes what was made ready and never took its place. */
void folder_close(struct folder *f);

#endif
