/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_TENSOR_SHIM_H
#define GRPO_TORCH_TENSOR_SHIM_H

#include "tch.h"
#include "torch/tensor.h"

/*
 * Where tensor.c and scope.c meet the shim of tch: nothing else includes
 * this, so that the rest of the library never sees an at_* or atg_* function.
 *
 * The shim reports an exception by leaving its outputs alone and keeping the
 * text in a slot of the thread: outputs start as NULL, and NULL afterwards
 * means grpo__shim_error().  Devices have the numbers that tensor.h gives.
 */

/** libtorch's number (c10::ScalarType) of a dtype of tensor.h. */
int grpo__shim_dtype(int dtype);

/**
 * Takes libtorch's pending error of this thread, if there is one: the error
 * line becomes "what: its first line".  Returns 0 when there was none, else
 * GRPO_ENOMEM where libtorch says that memory ran out, or GRPO_ETORCH.
 */
int grpo__shim_error(const char *what);

/**
 * The shim's handle of a tensor, borrowed.  For memory on the CPU it is made
 * when it is first asked for and kept in t->handle, which grpo__tensor_free
 * gives back with at_free: that is the one thing that changes in a const
 * tensor, so two threads must not ask for the handle of one tensor at once.
 */
int grpo__tensor_handle(const grpo__tensor *t, struct tch_tensor **out);

#endif
