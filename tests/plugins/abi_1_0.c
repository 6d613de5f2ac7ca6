/* SPDX-License-Identifier: MIT */
/* A plug-in built with the header of ABI 1.0. */
#include "../abi/reward_1_0.h"
#include "../abi/plugin.h"
