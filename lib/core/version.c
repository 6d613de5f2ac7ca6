/* SPDX-License-Identifier: MIT */
#include "grpo/version.h"

const char *grpo_version(void)
{
	return GRPO_VERSION;
}
