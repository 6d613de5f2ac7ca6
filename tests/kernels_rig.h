/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TESTS_KERNELS_RIG_H
#define GRPO_TESTS_KERNELS_RIG_H

#include "tests/torch_help.h"
#include "tests/torch_suite.h"

/*
 * Every fused kernel, for every instruction set that this machine has, against
 * the same maths composed of libtorch's operators; and its bits against its
 * own with another number of threads.
 */
#define TOL 1e-5

/* Of OpenMP's runtime; clang can't read gcc's omp.h. */
extern void omp_set_num_threads(int n);

extern const grpo__kernels grpo__kernels_base;
#if defined(__x86_64__)
extern const grpo__kernels grpo__kernels_avx2, grpo__kernels_avx512;
#endif

enum { N_TABLES = 3 };

/* Table i, or NULL where the machine can't run it. */
static inline const grpo__kernels *table(int i)
{
#if defined(__x86_64__)
	if (i == 1 && __builtin_cpu_supports("avx2") &&
	    __builtin_cpu_supports("fma"))
		return &grpo__kernels_avx2;
	if (i == 2 && __builtin_cpu_supports("avx512f") &&
	    __builtin_cpu_supports("avx512bw") &&
	    __builtin_cpu_supports("avx512dq") &&
	    __builtin_cpu_supports("avx512vl"))
		return &grpo__kernels_avx512;
#endif
	return i == 0 ? &grpo__kernels_base : NULL;
}

static inline const grpo__kernels *enter(int i)
{
	const grpo__kernels *k = table(i);

	if (k)
		within = k->isa;
	return k;
}

/* The body runs with each table k that this machine can use. */
#define EACH_TABLE(k)                                                          \
	for (int i_ = 0; i_ < N_TABLES; i_++)                                  \
		for (const grpo__kernels *k = enter(i_); k; k = NULL)

/* Runs `call` on one thread and on two, and compares `n` floats of x, which
 * holds `before` each time. */
#define TWICE(x, n, before, call)                                              \
	do {                                                                   \
		float *first_;                                                 \
		omp_set_num_threads(1);                                        \
		memcpy(x, before, (size_t)(n) * sizeof(float));                \
		call;                                                          \
		first_ = copy_of(x, n);                                        \
		omp_set_num_threads(2);                                        \
		memcpy(x, before, (size_t)(n) * sizeof(float));                \
		call;                                                          \
		ck_assert_msg(!memcmp(first_, x, (size_t)(n) * sizeof(float)), \
			      "%s %s: two threads give other bits", within,    \
			      #call);                                          \
		free(first_);                                                  \
	} while (0)

#endif
