/* SPDX-License-Identifier: MIT */
#ifndef CODE_SCRATCH_H
#define CODE_SCRATCH_H

/** The supervisor's folder, in $TMPDIR or /tmp, and what is in it.  It is
 * locked as long as the supervisor or one of its workers lives. */
struct scratch {
	int lock; /* descriptor */
	char folder[512];
	char store[600]; /* compiled programs and split tests: ours alone */
	char shelf[600]; /* precompiled headers: tools read them */
};

/** Makes them, and removes what supervisors of this user left that were killed.
 *  0, or -1 (errno). */
int scratch_make(struct scratch *s);
/** Removes them with all that programs left there; links are not followed. */
void scratch_remove(const struct scratch *s);

#endif
