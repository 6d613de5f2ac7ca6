/* SPDX-License-Identifier: MIT */
#ifndef CODE_SCRATCH_H
#define CODE_SCRATCH_H

/** The supervisor's folder, in $TMPDIR or /tmp, and what is in it. */
struct scratch {
	char folder[512];
	char store[600]; /* compiled programs and split tests: ours alone */
	char shelf[600]; /* precompiled headers: tools read them */
};

/** Makes them.  0, or -1 (errno). */
int scratch_make(struct scratch *s);
/** Removes them with all that programs left there; links are not followed. */
void scratch_remove(const struct scratch *s);

#endif
