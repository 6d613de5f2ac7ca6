/* SPDX-License-Identifier: MIT */
#ifndef CODE_CREW_H
#define CODE_CREW_H

#include <sys/types.h>
#include "client.h"

#define CREW_MAX_WORKERS 64

/** A running supervisor and the sockets of its workers. */
struct crew {
	pid_t pid;
	int lifeline; /* its stdin: it ends when this is closed */
	int n;        /* workers */
	int fd[CREW_MAX_WORKERS];
	/* what follows is the client's, under its lock */
	int is_busy[CREW_MAX_WORKERS], is_greeted[CREW_MAX_WORKERS];
	int refs; /* of the client, and of each busy worker */
	int is_dead;
};

/** The supervisor's path, to be freed; NULL where there is none, and `why` says
 *  where it was looked for. */
char *crew_find_supervisor(const char *given, char *why, size_t size);

/**
 * Starts a supervisor of n workers.
 *
 * arguments  in  [n_arguments] behind its name
 * Returns NULL where it cannot be started; errno says why.
 */
struct crew *crew_start(const char *path, const char *const *arguments,
			int n_arguments, int n);
/** Ends it, waits for it, and frees it. */
void crew_end(struct crew *c);

#endif
