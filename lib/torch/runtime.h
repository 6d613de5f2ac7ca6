/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_RUNTIME_H
#define GRPO_TORCH_RUNTIME_H

/**
 * Prepares libtorch for a device: sets the threads (0: unchanged), turns off
 * gradient recording and checks that the device exists.  The first call also
 * warns, with a remedy, if matrix products have no optimised BLAS or two OpenMP
 * runtimes are loaded.
 */
int grpo__runtime_start(int device, int n_threads);

#endif
