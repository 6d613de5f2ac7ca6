/* SPDX-License-Identifier: MIT */
/* No plug-in but a host, built with the header of today. */
#include "grpo/reward.h"
#include "../abi/host.h"
