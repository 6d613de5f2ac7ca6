/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LANGUAGE_BLOCKS_H
#define GRPO_LANGUAGE_BLOCKS_H

#include <stdint.h>
#include "grpo/reward.h"

/* What is in no language (K5); in the order of the parameter's names. */
enum block { BLOCK_CODE = 1, BLOCK_MATH = 2, BLOCK_TAGS = 4 };

/*
 * Copies the text to out [text.len] with a space for every byte of the blocks
 * that `skip` lists and for every byte that is no UTF-8: what it writes is
 * valid UTF-8.  Time is linear: an opening mark that is never closed is looked
 * for once.
 */
void blocks_blank(char *out, grpo_str text, uint32_t skip);

#endif
