/* SPDX-License-Identifier: MIT */
/* No plug-in but a host, built with the header of ABI 1.0. */
#include "../abi/reward_1_0.h"
#include "../abi/host.h"
