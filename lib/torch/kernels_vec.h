/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TORCH_KERNELS_VEC_H
#define GRPO_TORCH_KERNELS_VEC_H

/*
 * Vectors for kernels.c, which alone includes this: a vec is as wide as the
 * instruction set that it is compiled for.
 */
#include <stddef.h>
#include <stdint.h>
#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__)
#define VL 16
#elif defined(__AVX2__)
#define VL 8
#else
#define VL 4
#endif

typedef float vec __attribute__((vector_size(VL * 4)));
typedef float uvec __attribute__((vector_size(VL * 4), aligned(4), may_alias));
typedef int32_t ivec __attribute__((vector_size(VL * 4)));
typedef float vec4 __attribute__((vector_size(16)));
typedef float uvec4 __attribute__((vector_size(16), aligned(4), may_alias));

#define INLINE static inline __attribute__((always_inline))

/* Four of the eight numbers of a and b, by their places; gcc has the same name
 * for it since version 12 only. */
#if defined(__clang__) || __GNUC__ >= 12
#define SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define SHUFFLE(a, b, ...)                                                     \
	__builtin_shuffle(                                                     \
	    a, b, (int32_t __attribute__((vector_size(16)))){__VA_ARGS__})
#endif

INLINE vec load(const float *p)
{
	return *(const uvec *)p;
}

INLINE void store(float *p, vec x)
{
	*(uvec *)p = x;
}

INLINE vec splat(float x)
{
	return x - (vec){0};
}

/*
 * a b + c, rounded once where the machine can.  Said outright, for ISO C mode
 * fuses nothing by itself; so the loops around give the same bits however
 * they are cut.
 */
INLINE vec fma_of(vec a, vec b, vec c)
{
#if defined(__AVX512F__)
	return _mm512_fmadd_ps(a, b, c);
#elif defined(__FMA__) && defined(__AVX2__)
	return _mm256_fmadd_ps(a, b, c);
#elif defined(__aarch64__)
	return vfmaq_f32(c, a, b);
#else
	return a * b + c;
#endif
}

INLINE float vec_sum(vec x)
{
	union {
		vec all;
		vec4 part[VL / 4];
	} u = {x};
	vec4 s = u.part[0];

	for (int i = 1; i < VL / 4; i++)
		s += u.part[i];
	return (s[0] + s[2]) + (s[1] + s[3]);
}

/* a > b ? a : b, so b where one of them is not a number. */
INLINE vec vec_max(vec a, vec b)
{
#if defined(__AVX512F__)
	return _mm512_max_ps(a, b);
#elif defined(__AVX2__)
	return _mm256_max_ps(a, b);
#elif defined(__SSE__)
	return _mm_max_ps(a, b);
#else
	ivec m = a > b;

	return (vec)((m & (ivec)a) | (~m & (ivec)b));
#endif
}

INLINE vec vec_min(vec a, vec b)
{
	return -vec_max(-a, -b);
}

INLINE float vec_largest(vec x)
{
	float max = x[0];

	for (int i = 1; i < VL; i++)
		max = x[i] > max ? x[i] : max;
	return max;
}

INLINE int64_t round_up(int64_t n, int64_t to)
{
	return (n + to - 1) / to * to;
}

INLINE int64_t min64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

INLINE int64_t max64(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

#define EXP_LEAST (-87.0f) /* its exp is the least that has all its bits */

/*
 * exp(x) of -87 <= x <= 88, to about one unit in the last place: with x =
 * n ln2 + r, 2^n times the degree-6 polynomial of Cephes expf for e^r.  The
 * magic number rounds, and leaves n with the exponent's bias in the low bits
 * of t.  NaN stays NaN.
 */
INLINE vec exp_within(vec x)
{
	const vec magic = splat(12582912.0f + 127.0f); /* 1.5 * 2^23 */
	vec t, n, r, p, power;

	t = fma_of(x, splat(1.44269504f), magic);
	n = t - magic;
	r = fma_of(n, splat(-0.693359375f), x);
	r = fma_of(n, splat(2.12194440e-4f), r);
	p = splat(1.9875691500e-4f);
	p = fma_of(p, r, splat(1.3981999507e-3f));
	p = fma_of(p, r, splat(8.3334519073e-3f));
	p = fma_of(p, r, splat(4.1665795894e-2f));
	p = fma_of(p, r, splat(1.6666665459e-1f));
	p = fma_of(p, r, splat(5.0000001201e-1f));
	p = fma_of(p, r * r, r);
	power = (vec)((ivec)t << 23);
	return fma_of(p, power, power);
}

/* exp of x <= 88; what is below -87 saturates. */
INLINE vec exp_below(vec x)
{
	return exp_within(vec_max(splat(EXP_LEAST), x));
}

INLINE vec vec_exp(vec x)
{
	return exp_below(vec_min(splat(88.0f), x));
}

INLINE float exp1(float x)
{
	return vec_exp(splat(x))[0];
}

INLINE float dot(const float *a, const float *b, int64_t n)
{
	vec s[4] = {{0}};
	float r = 0;
	int64_t i = 0;

	for (; i + 4 * VL <= n; i += 4 * VL)
		for (int u = 0; u < 4; u++)
			s[u] = fma_of(load(a + i + u * VL),
				      load(b + i + u * VL), s[u]);
	for (; i + VL <= n; i += VL)
		s[0] = fma_of(load(a + i), load(b + i), s[0]);
	for (; i < n; i++)
		r += a[i] * b[i];
	return r + vec_sum((s[0] + s[1]) + (s[2] + s[3]));
}

/* to [4, ld] = from [4, ld_f] transposed */
INLINE void transpose_4(float *to, int64_t ld, const float *from, int64_t ld_f)
{
	vec4 a = *(const uvec4 *)from;
	vec4 b = *(const uvec4 *)(from + ld_f);
	vec4 c = *(const uvec4 *)(from + 2 * ld_f);
	vec4 d = *(const uvec4 *)(from + 3 * ld_f);
	vec4 ab0 = SHUFFLE(a, b, 0, 4, 1, 5);
	vec4 ab2 = SHUFFLE(a, b, 2, 6, 3, 7);
	vec4 cd0 = SHUFFLE(c, d, 0, 4, 1, 5);
	vec4 cd2 = SHUFFLE(c, d, 2, 6, 3, 7);

	*(uvec4 *)to = SHUFFLE(ab0, cd0, 0, 1, 4, 5);
	*(uvec4 *)(to + ld) = SHUFFLE(ab0, cd0, 2, 3, 6, 7);
	*(uvec4 *)(to + 2 * ld) = SHUFFLE(ab2, cd2, 0, 1, 4, 5);
	*(uvec4 *)(to + 3 * ld) = SHUFFLE(ab2, cd2, 2, 3, 6, 7);
}

#endif
