/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_KIND_H
#define GRPO_DATA_KIND_H

#include <stddef.h>

/** For a file whose first line is not a JSON object: what it probably is and
 * how to make JSON Lines of it, as a clause to put behind the path; NULL if
 * that cannot be told. text: the first line. */
const char *grpo__data_kind(const char *path, const char *text, size_t len);

#endif
