/* SPDX-License-Identifier: MIT */
#ifndef GRPO_LANGUAGE_JSON_TEXT_H
#define GRPO_LANGUAGE_JSON_TEXT_H

#include "grpo/reward.h"

/*
 * Decodes a cell that is a JSON string, which the host has checked, into out
 * [cell.len]; returns how many bytes, 0 where the cell is no string.  cJSON
 * keeps a global variable, and score runs on several threads.
 */
size_t json_text(char *out, grpo_str cell);

#endif
