/* SPDX-License-Identifier: MIT */
/* A plug-in built with the header of today. */
#include "grpo/reward.h"
#include "../abi/plugin.h"
