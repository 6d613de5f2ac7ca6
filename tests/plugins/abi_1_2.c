/* SPDX-License-Identifier: MIT */
/* A plug-in built with the header of ABI 1.2. */
#include "../abi/reward_1_2.h"
#include "../abi/plugin.h"
