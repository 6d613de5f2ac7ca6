/* SPDX-License-Identifier: MIT */
/* No plug-in but a host, built with the header of ABI 1.1. */
#include "../abi/reward_1_1.h"
#include "../abi/host.h"
