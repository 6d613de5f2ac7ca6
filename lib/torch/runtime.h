/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_RUNTIME_H
#define GRPO_TORCH_RUNTIME_H

/**
 * Readies libtorch for a device: threads (0: as they are), no gradients
 * recorded, the device there.  The first call also warns, with the cure,
 * where matrix products have no real BLAS or two OpenMP runtimes are loaded.
 */
int grpo__runtime_start(int device, int n_threads);

#endif
