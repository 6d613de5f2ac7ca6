/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_HUB_H
#define GRPO_CORE_HUB_H

#include "grpo/export.h"

/*
 * Paths that could not be opened.  Users of Hugging Face's libraries write
 * "openai/gsm8k" and expect a download; the line says that there is none and
 * what to do instead.
 */

/** The error line for errno, with the remedy if there is no such file; returns
 * GRPO_EIO, or GRPO_ENOMEM if errno says so. */
GRPO_API int grpo__fail_no_model(const char *path);
GRPO_API int grpo__fail_no_dataset(const char *path);

#endif
