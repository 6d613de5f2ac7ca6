/* SPDX-License-Identifier: MIT */
#include "draw.h"

#include <inttypes.h>
#include <stdio.h>

uint64_t draw_mix(uint64_t x)
{
	x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ (x >> 27)) * 0x94d049bb133111ebULL;
	return x ^ (x >> 31);
}

void draw_begin(draw *d, char *out, size_t cap, uint64_t seed, uint64_t stream,
		uint64_t index)
{
	d->out = out;
	d->cap = cap;
	d->len = 0;
	d->state = draw_mix(seed + 0x9e3779b97f4a7c15ULL);
	d->state = draw_mix(d->state + stream);
	d->state = draw_mix(d->state + index);
	if (cap > 0)
		out[0] = '\0';
}

uint64_t draw_bits(draw *d)
{
	d->state += 0x9e3779b97f4a7c15ULL;
	return draw_mix(d->state);
}

/* The bias of the remainder is below n in 2^64, which does not matter here. */
int64_t draw_between(draw *d, int64_t low, int64_t high)
{
	uint64_t n = (uint64_t)(high - low) + 1;

	return low + (int64_t)(draw_bits(d) % n);
}

int draw_chance(draw *d, int32_t permille)
{
	return draw_between(d, 0, 999) < permille;
}

const char *draw_one(draw *d, const char *const *of, size_t n)
{
	return of[draw_bits(d) % n];
}

void draw_put(draw *d, const char *text)
{
	for (; *text != '\0'; text++, d->len++) {
		if (d->len + 1 < d->cap) {
			d->out[d->len] = *text;
			d->out[d->len + 1] = '\0';
		}
	}
}

void draw_put_number(draw *d, int64_t n)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRId64, n);
	draw_put(d, digits);
}
