/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_NFC_H
#define GRPO_TEXT_NFC_H

#include <stddef.h>
#include "core/mem.h"

/**
 * Unicode normalization form C of valid UTF-8.  Text that is in the form is
 * left where it is; else *text and *len become those of `room`, which is
 * emptied first.
 */
int grpo__nfc(grpo__buf *room, const char **text, size_t *len);

#endif
