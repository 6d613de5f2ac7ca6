/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_NFC_H
#define GRPO_TEXT_NFC_H

#include <stddef.h>
#include "core/mem.h"

/**
 * Unicode normalization form C of valid UTF-8.  Text already in this form is
 * not copied; otherwise *text and *len are set to those of `room`, which is
 * emptied first.
 */
int grpo__nfc(grpo__buf *room, const char **text, size_t *len);

#endif
