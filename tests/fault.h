/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAULT_H
#define TESTS_FAULT_H

/*
 * Faults.  A scenario is run with its first allocation failing, then with its
 * second, and so on until it gets through without one; then the same with
 * its system calls.  The functions of libc that the library uses stand in
 * fault.c, before libc's own.
 *
 *	static const struct fault_scenario open_and_read = {
 *		.name = "dataset", .work = work, .path = scratch_folder};
 *	fault_sweep(&open_and_read);
 *
 * After each fault: the right code (GRPO_ENOMEM, or GRPO_EIO with the path in
 * the message), one line of text, nothing leaked (memory, descriptors, maps),
 * and once more without a fault it succeeds, unless `after` checks more.  At
 * the end it must also get through where reads and writes are cut short or
 * interrupted.  What was
 * counted is printed:
 *	dataset: 213 allocations, 41 system calls
 */
enum fault_kind {
	FAULT_NONE,
	FAULT_MEMORY, /* malloc, calloc, realloc of the test's thread */
	FAULT_SYSTEM, /* its open, read, write, rename, pthread_create, … */
	FAULT_WORKER  /* malloc, calloc, realloc of all other threads */
};

/* What `work` returns where something came out wrong. */
#define FAULT_WRONG (-1000)

struct fault_scenario {
	const char *name; /* in what is printed */
	/* Makes what work needs, without faults; may be NULL. */
	void (*before)(void);
	/* Frees what it made and returns the first negative code, FAULT_WRONG
	 * where an output was touched or a result is not the right one, or 0.
	 * Calls nothing of Check, which allocates too. */
	int (*work)(void);
	/* Checks what is left, and frees what `before` made; may be NULL. */
	void (*after)(int rc);
	const char *path; /* what a failed system call names; NULL: nothing */
	int other;        /* a code that stands for GRPO_ENOMEM too */
	int threads;      /* 1: workers allocate, and their calls fail too */
	int spare;        /* so many allocations it can do without */
	int warns;        /* 1: a warning in the log stands for a code too */
};

/* Ends the test where a fault does harm. */
void fault_sweep(const struct fault_scenario *s);

/* One run of `work` in which call n of a kind fails, from 1; returns whether
 * there were as many.  For what a sweep does not check. */
int fault_run(const struct fault_scenario *s, enum fault_kind kind, long n,
	      int *rc);

#endif
