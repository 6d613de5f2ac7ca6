/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_EXT_H
#define GRPO_TORCH_EXT_H

#include <stddef.h>
#include <stdint.h>

/*
 * Functions that the shim does not have, in one C++ file with a plain C
 * interface.  Every function catches every exception; `message` [cap] then
 * holds its first line and the result is -1 (0 means done).
 */
#ifdef __cplusplus
extern "C" {
#endif

/** "2.11.0", as the loaded library says. */
const char *grpo__ext_version(void);

/** libtorch's own description of how it was built: BLAS, threads. */
int grpo__ext_config(char *text, size_t cap, char *message, size_t n_message);

/** 1 if matrix products use MKL or another optimised BLAS. */
int grpo__ext_has_blas(void);

int grpo__ext_has_cuda(void);

/** Use only deterministic algorithms; an operator without one is an error. */
int grpo__ext_deterministic(int on, char *message, size_t cap);

/** Bytes that the device's allocator holds now, and at its peak. */
int grpo__ext_memory(int device, int64_t *now, int64_t *peak, char *message,
		     size_t cap);

/**
 * Calls any operator by name through the dispatcher ("aten::_fused_adamw_"),
 * for those that the shim's generator leaves out.  args[n] in schema order;
 * results[n_results] receive new handles.
 */
enum grpo__ext_kind {
	GRPO__EXT_NONE,
	GRPO__EXT_TENSOR,  /* tensors[0] */
	GRPO__EXT_TENSORS, /* tensors[n] */
	GRPO__EXT_INT,
	GRPO__EXT_DOUBLE,
	GRPO__EXT_BOOL
};
typedef struct grpo__ext_arg {
	int kind;
	void **tensors;
	size_t n;
	int64_t i;
	double d;
} grpo__ext_arg;
int grpo__ext_call(const char *name, const char *overload,
		   const grpo__ext_arg *args, size_t n_args, void **results,
		   size_t n_results, char *message, size_t cap);

#ifdef __cplusplus
}
#endif

#endif
