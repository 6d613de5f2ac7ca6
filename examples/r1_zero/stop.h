/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_STOP_H
#define R1_ZERO_STOP_H

#include "grpo/trainer.h"

/*
 * What ends a run early: SIGINT (Ctrl-C), SIGTERM, SIGHUP (the terminal
 * closes), SIGQUIT, and a reader of standard output that leaves.  All of them
 * let the run save what it has.  A second Ctrl-C or SIGQUIT ends the program
 * at once; a second SIGHUP or SIGTERM does not, since shells and timeout(1)
 * send them twice.
 */

/** From here on signals are noticed; those that are ignored stay ignored. */
void stop_catch(void);

/** The trainer that a signal stops, until this is called with NULL. */
void stop_trainer(grpo_trainer *t);

/** 0, or GRPO_ECANCELED once the run is to end. */
int stop_asked(void);

/** Looks whether standard output still has a reader, and stops the trainer
 *  where it has none. */
void stop_unseen(void);

/** The signal that ended the run, as in a shell's 128 + n; 0: none. */
int stop_signal(void);

/** "SIGTERM" */
const char *stop_name(void);

#endif
