/* SPDX-License-Identifier: MIT */
#include "torch/kernels.h"

extern const grpo__kernels grpo__kernels_base;
#if defined(__x86_64__)
extern const grpo__kernels grpo__kernels_avx2, grpo__kernels_avx512;
#endif

const grpo__kernels *grpo__kernels_get(void)
{
#if defined(__x86_64__)
	if (__builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return &grpo__kernels_avx512;
	if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
		return &grpo__kernels_avx2;
#endif
	return &grpo__kernels_base;
}
