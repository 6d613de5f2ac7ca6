/* SPDX-License-Identifier: MIT */
/* A plug-in built with the header of ABI 1.1. */
#include "../abi/reward_1_1.h"
#include "../abi/plugin.h"
