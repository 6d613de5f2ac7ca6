/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LANGUAGE_BLOCKS_H
#define GRPO_LANGUAGE_BLOCKS_H

#include <stdint.h>
#include "grpo/reward.h"

/* Text that has no language (K5), in the order of the parameter's names. */
enum block { BLOCK_CODE = 1, BLOCK_MATH = 2, BLOCK_TAGS = 4 };

/*
 * Copies the text to out [text.len] and replaces every byte of the blocks in
 * `skip`, and every byte that is not valid UTF-8, by a space: the output is
 * valid UTF-8.  Time is linear: the end of a mark that is never closed is
 * searched for only once.
 */
void blocks_blank(char *out, grpo_str text, uint32_t skip);

#endif
