/* SPDX-License-Identifier: MIT */
#ifndef CODE_JAIL_KEEPER_H
#define CODE_JAIL_KEEPER_H

/*
 * The process that a slot consists of between programs.  It was locked in once;
 * it waits for a job, forks, and reports how the child ended.  The native
 *keeper (native.c) and the waiting Python (python/zygote.py, which loads this
 *as code-keeper.so) do the same:
 *
 *	keeper_open(control);
 *	while (keeper_wait() == 0) {
 *		if ((pid = fork()) == 0) {
 *			error = keeper_enter() < 0 ? errno : 0;
 *			... the program ...
 *		}
 *		keeper_watch(pid, &error);
 *	}
 *
 * A keeper knows nothing but its job.  The jail does not trust what it says
 * beyond "this program ended like this".
 */
#include <stdint.h>

/* Descriptors of a keeper; 0 to 5 are /dev/null, so that what arrives lies
 * behind them. */
#define KEEPER_CONTROL 6 /* SOCK_SEQPACKET to the jail */
#define KEEPER_BOX 7 /* a tool's folder below T1, while it locks itself in */
#define KEEPER_FD_END 8

/* Descriptors of a program: stdin, stdout, stderr, questions, answers, and the
 * payload: Python's source and call, the executable, or a tool's argv and
 * files. */
enum { KEEPER_PAYLOAD = 5, KEEPER_N_FDS };

/** What a program may use, and do. */
struct keeper_job {
	int64_t cpu_us;
	int64_t memory_bytes, stack_bytes, file_bytes;
	int64_t n_tasks; /* threads and processes of the uid; 0: as the slot */
	uint32_t may_fork;   /* a tool, or a cgroup counts */
	uint32_t may_exec;   /* 0: no, 1: the payload alone, 2: anything */
	uint32_t may_signal; /* others: where a pid namespace holds it */
	uint64_t exec_argv;  /* EXEC_PAYLOAD: where argv lies, which the program
				does not know */
	uint32_t source_len, call_len; /* of a Python's payload; of a tool's:
					  how many arguments and files */
};
enum { KEEPER_EXEC_NONE, KEEPER_EXEC_PAYLOAD, KEEPER_EXEC_ANY };

/** From the jail to the keeper. */
struct keeper_order {
	uint32_t what; /* KEEPER_RUN comes with KEEPER_N_FDS descriptors */
	struct keeper_job job;
};
enum { KEEPER_RUN = 1, KEEPER_KILL };

/** From the keeper to the jail. */
struct keeper_report {
	uint32_t what;
	int32_t status; /* as wait() gives it */
	int64_t cpu_us, peak_bytes;
	uint32_t over_cpu; /* killed for its processor time */
	uint32_t littered; /* something is left in the box */
	char text[192];    /* KEEPER_FAILED: why */
};
enum {
	KEEPER_READY = 1,
	KEEPER_FAILED,
	KEEPER_ENDED,
	KEEPER_MOVED /* to the pid in status */
};

/* What the waiting Python calls. */
#define KEEPER_API __attribute__((visibility("default")))

/** Says READY on the descriptor, which every other function uses. */
KEEPER_API void keeper_open(int control);
/** 0 with a job, or -1 when the jail is gone: leave. */
int keeper_wait(void);
/** The job of the last keeper_wait. */
const struct keeper_job *keeper_job(void);
/** Where the argv of every payload lies. */
void keeper_hide_argv(const void *argv);
KEEPER_API int64_t keeper_source_len(void);
KEEPER_API int64_t keeper_call_len(void);
/** Descriptor of its payload, before keeper_enter. */
int keeper_payload(void);

/**
 * In the child: puts the descriptors, limits and the second filter in place.
 * It makes system calls only, so a child of vfork may use it.  Returns 0 or -1.
 */
int keeper_enter(void);
/** In the keeper: waits for the child's end, or ends it, and tells the jail: of
 *  the end, or of the child's errno where it could not become the program. */
void keeper_watch(int pid, const int *error);
/**
 * The loop above: returns 0 in each child, ready for its program, and -1 when
 * the jail is gone.  The parent does nothing else between two programs, so the
 * pages that it shares with its children stay shared.
 */
KEEPER_API int keeper_next(void);
/** Waits as keeper_watch does, but leaves telling to the caller. */
void keeper_wait_child(int pid, struct keeper_report *end);
/** Sends a report, with a descriptor unless fd is -1. */
void keeper_tell(const struct keeper_report *report, int fd);
/** The same for a slot that still locks itself in. */
void keeper_say(const struct keeper_report *report);
/** Reports KEEPER_FAILED with errno's text. */
void keeper_fail(const char *what);

/** The second filter, keeper_filter.c: 0 or -1. */
int keeper_filter(const struct keeper_job *job);

#endif
