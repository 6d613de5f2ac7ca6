/* SPDX-License-Identifier: MIT */
/* No plug-in but a host, built with the header of ABI 1.2. */
#include "../abi/reward_1_2.h"
#include "../abi/host.h"
