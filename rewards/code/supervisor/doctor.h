/* SPDX-License-Identifier: MIT */
#ifndef CODE_DOCTOR_H
#define CODE_DOCTOR_H

#include "options.h"
#include "scratch.h"

/** Prints which tier this machine gives, what the next one needs, and which
 *  languages can be run.  Returns the exit status: 1 where nothing can. */
int doctor(const struct supervisor_options *o, const struct scratch *s);

#endif
