/* SPDX-License-Identifier: MIT */
#ifndef DATASETS_DRAW_H
#define DATASETS_DRAW_H

#include <stddef.h>
#include <stdint.h>

/*
 * Shared by the generators: text that is written piece by piece into a buffer
 * of fixed size, and random numbers that depend only on (seed, index).
 */
typedef struct draw {
	char *out;  /* [cap]; always NUL-terminated where cap > 0 */
	size_t cap; /* text that does not fit is counted, but not written */
	size_t len; /* bytes so far, without NUL */
	uint64_t state;
} draw;

/** `stream` separates the uses of one seed: documents, problems, ... */
void draw_begin(draw *d, char *out, size_t cap, uint64_t seed, uint64_t stream,
		uint64_t index);

/** 64 random bits: splitmix64 (prng.di.unimi.it/splitmix64.c). */
uint64_t draw_bits(draw *d);
/** Uniform in low..high, both included. */
int64_t draw_between(draw *d, int64_t low, int64_t high);
/** 1 in `permille` of 1000 draws, else 0. */
int draw_chance(draw *d, int32_t permille);
/** One of n strings. */
const char *draw_one(draw *d, const char *const *of, size_t n);

void draw_put(draw *d, const char *text);
void draw_put_number(draw *d, int64_t n);

/** One word from another: the finisher of splitmix64. */
uint64_t draw_mix(uint64_t x);

#define DRAW_COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define DRAW_FROM(d, array) draw_one(d, array, DRAW_COUNT(array))

#endif
