/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_H
#define CODE_JAIL_H

/*
 * Runs programs that nobody trusts.  A jail holds slots: processes that were
 * locked in once (namespaces, mounts, Landlock, seccomp, a uid) and fork each
 * program.  One thread uses a jail; every call but jail_open blocks until the
 * program has ended and nothing of it is left.
 *
 *	struct jail *j;
 *	struct jail_end end = {0};
 *	struct jail_run run = {.kind = JAIL_PYTHON, .source = text, .limits =
 *l};
 *
 *	jail_open(&j, &config, &report);
 *	if (jail_run_program(j, &run, &end) == 0 && end.how == JAIL_EXITED)
 *		... end.status, end.output ...
 *	jail_end_free(&end);
 *	jail_close(j);
 *
 * A slot that shows anything odd is killed with all that is in it, and the next
 * run makes a new one.
 */
#include <stdint.h>
#include "../shared/bytes.h"

struct jail;

/** What holds a program, from least to most.  docs/code-sandbox.md has the
 *  promises of each. */
enum jail_tier {
	JAIL_T0,  /* seccomp, Landlock, limits; the trainer's own uid */
	JAIL_T0R, /* root: T0 and a uid for each slot */
	JAIL_T1,  /* user, pid, mount, network and ipc namespaces too */
	JAIL_T2,  /* and a cgroup v2 that bounds memory and processes */
	JAIL_N_TIERS
};

/** "T0", "T0r", "T1", "T2". */
const char *jail_tier_name(enum jail_tier t);

struct jail_config {
	enum jail_tier least; /* jail_open fails below it */
	enum jail_tier most;  /* JAIL_T2, or less for tests */
	int index;            /* of this jail among those of one supervisor */
	const char *scratch;  /* folder of the supervisor alone, mode 0700;
				 root's  becomes 0711, for other uids to pass */
	const char *keeper;   /* path of code-keeper.so, for JAIL_PYTHON */
	const char
	    *python; /* the interpreter, absolute; NULL: no JAIL_PYTHON */
	const char *tools[8]; /* programs that JAIL_TOOL runs start, absolute */
	const char *shelf; /* folder that tools may read (precompiled headers),
			      or NULL */
};

/** What was found; for the log, explain and --doctor. */
struct jail_report {
	enum jail_tier tier;
	int landlock_abi;  /* 0: none */
	char missing[256]; /* what the next tier needs, or why jail_open failed
			    */
};

struct jail_limits {
	int64_t cpu_ms, wall_ms;
	int64_t memory_bytes; /* address space of a process */
	int64_t output_bytes; /* of stdout, and of what comes on descriptor 3 */
	int64_t error_bytes;  /* of stderr; the rest is dropped, not an end */
	int64_t file_bytes;   /* JAIL_TOOL: of a file that is written */
};

enum jail_kind {
	JAIL_PYTHON, /* a fork of a Python that waits: source, call */
	JAIL_NATIVE, /* an executable: exe */
	JAIL_TOOL    /* a trusted program on untrusted data (compiler, splitter,
			checker): may fork, may write in its box; a new slot each
		      */
};

/** A file of a tool's box; also how one is brought back. */
struct jail_file {
	const char *name; /* plain, without '/' */
	struct code_view data;
};

struct jail_run {
	enum jail_kind kind;
	struct code_view source; /* JAIL_PYTHON */
	struct code_view call;   /* JAIL_PYTHON: what to evaluate, or empty;
				    python/harness.py */
	int exe; /* JAIL_NATIVE: descriptor of the executable, borrowed */
	const char *const
	    *argv; /* JAIL_TOOL: NULL-terminated, argv[0] absolute */
	const struct jail_file *files; /* JAIL_TOOL: [n_files] put in the box */
	size_t n_files;
	const char *keep; /* JAIL_TOOL: name of a file to bring back, or NULL */
	struct code_view input; /* stdin */
	struct jail_limits limits;
	/* A program that asks on descriptor 3, one line each, and reads the
	 * answer on descriptor 4; NULL: descriptor 3 is only collected.  May
	 * run another program of another kind in the same jail.  Returns 0, or
	 * -1 to end the program. */
	int (*answer)(void *ctx, struct code_view line,
		      struct code_bytes *reply);
	void *ctx;
};

enum jail_how {
	JAIL_EXITED, /* status is the exit status */
	JAIL_KILLED, /* status is the signal */
	JAIL_CPU,
	JAIL_WALL,
	JAIL_FLOOD /* more output than allowed */
};

struct jail_end {
	enum jail_how how;
	int status;
	int64_t cpu_us, wall_us, peak_bytes;     /* peak of resident memory */
	struct code_bytes output, error, result; /* 1, 2 and 3 */
	int is_out_of_memory; /* T2: the kernel ended it for its memory */
	int kept; /* descriptor of the file `keep`, or -1; close it */
};

/**
 * Finds the tier and makes the slots' common ground.  Returns 0, or -1 where
 * the machine gives less than `least`, or a resource is out: report->missing
 * says what.  The report is filled either way.
 */
int jail_open(struct jail **j, const struct jail_config *c,
	      struct jail_report *report);
/** Kills every slot.  NULL is fine. */
void jail_close(struct jail *j);

/**
 * Runs one program to its end.  Returns 0, or -1 where the sandbox failed (then
 * jail_error says why and the end is empty).  `end` must be {0} or freed.
 */
int jail_run_program(struct jail *j, const struct jail_run *what,
		     struct jail_end *end);
/** One line on the last failure, until the next call. */
const char *jail_error(const struct jail *j);
/** Closes `kept` and frees the bytes. */
void jail_end_free(struct jail_end *end);

#endif
