/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "data/safetensors.h"

static float from_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

static uint16_t load16(const void *src, size_t i)
{
	uint16_t h;

	memcpy(&h, (const char *)src + 2 * i, sizeof h);
	return h;
}

void grpo__bf16_to_f32(float *dst, const void *src, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		dst[i] = from_bits((uint32_t)load16(src, i) << 16);
}

/* IEEE 754 binary16: 1 sign, 5 exponent (bias 15), 10 fraction bits. */
static float f16_value(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16;
	uint32_t exponent = h >> 10 & 0x1f, fraction = h & 0x3ff;
	float tiny;

	if (exponent == 0x1f)
		return from_bits(sign | 0x7f800000 | fraction << 13);
	if (exponent)
		return from_bits(sign | (exponent + 112) << 23 |
				 fraction << 13);
	tiny = (float)fraction * 0x1p-24f;
	return sign ? -tiny : tiny;
}

void grpo__f16_to_f32(float *dst, const void *src, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		dst[i] = f16_value(load16(src, i));
}

static uint16_t bf16_bits(float x)
{
	uint32_t bits;

	memcpy(&bits, &x, sizeof bits);
	if ((bits & 0x7fffffff) > 0x7f800000) /* NaN, made quiet */
		return (uint16_t)(bits >> 16 | 0x40);
	return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

void grpo__f32_to_bf16(void *dst, const float *src, size_t n)
{
	uint16_t h;
	size_t i;

	for (i = 0; i < n; i++) {
		h = bf16_bits(src[i]);
		memcpy((char *)dst + 2 * i, &h, sizeof h);
	}
}
