/* SPDX-License-Identifier: MIT */
#ifndef CODE_WORKER_H
#define CODE_WORKER_H

#include "options.h"
#include "scratch.h"

/** Worker `index`: grades what comes on its socket until that ends.  Returns
 * the process's exit status. */
int worker_serve(int fd, int index, const struct supervisor_options *o,
		 const struct scratch *s);

/** The configuration of a worker's jail.  `keeper` [size] is filled and used.
 */
struct jail_config worker_jail(const struct supervisor_options *o,
			       const struct scratch *s, int index, char *keeper,
			       size_t size);

#endif
