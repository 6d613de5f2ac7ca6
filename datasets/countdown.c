/* SPDX-License-Identifier: MIT */
#include "countdown.h"

#include <string.h>

#include "draw.h"

enum { STREAM_COUNTDOWN = 16, MIN_TARGET = 10, MAX_TARGET = 99 };
static const int64_t max_value = 9999;

static void sort_small(int32_t *v, int32_t n)
{
	int32_t i, j, x;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

int countdown_held_out(const int32_t *nums, int32_t n_nums, int32_t target)
{
	int32_t sorted[COUNTDOWN_MAX_NUMS], i;
	uint64_t h = draw_mix((uint64_t)target + 0x5bd1e995);

	memcpy(sorted, nums, (size_t)n_nums * sizeof(*nums));
	sort_small(sorted, n_nums);
	for (i = 0; i < n_nums; i++)
		h = draw_mix(h + (uint64_t)sorted[i]);
	return h % 10 == 0;
}

/* 0 where the operation leaves the whole numbers from 1 to max_value. */
static int64_t apply(int64_t operation, int64_t x, int64_t y)
{
	int64_t z = 0;

	if (operation == 0)
		z = x + y;
	else if (operation == 1)
		z = x - y;
	else if (operation == 2)
		z = x * y;
	else if (x % y == 0)
		z = x / y;
	return z > 0 && z <= max_value ? z : 0;
}

/* Joins two random values by a random operation until one is left. */
static int64_t draw_value(draw *d, const int32_t *nums, int32_t n)
{
	int64_t v[COUNTDOWN_MAX_NUMS] = {0}, i, j, z;
	int32_t k;

	for (k = 0; k < n; k++)
		v[k] = nums[k];
	for (; n > 1; n--) {
		i = draw_between(d, 0, n - 1);
		j = draw_between(d, 0, n - 2);
		j += j >= i;
		z = apply(draw_between(d, 0, 3), v[i], v[j]);
		if (z == 0)
			return 0;
		v[i] = z;
		v[j] = v[n - 1];
	}
	return v[0];
}

static void put_prompt(draw *d, const int32_t *nums, int32_t n, int32_t target)
{
	int32_t i;

	draw_put(d, "Using the numbers [");
	for (i = 0; i < n; i++) {
		draw_put(d, i > 0 ? ", " : "");
		draw_put_number(d, nums[i]);
	}
	draw_put(d, "], create an equation that equals ");
	draw_put_number(d, target);
	draw_put(d, ". You can use basic arithmetic operations (+, -, *, /) "
		    "and each number must be used exactly once.");
}

void countdown_problem(char prompt[512], int32_t nums[8], int32_t *n_nums,
		       int32_t *target, uint64_t seed, uint64_t index,
		       int held_out)
{
	int64_t value;
	int32_t i;
	draw d;

	draw_begin(&d, prompt, 512, seed, STREAM_COUNTDOWN + !!held_out, index);
	do {
		*n_nums = (int32_t)draw_between(&d, 3, COUNTDOWN_MAX_NUMS);
		for (i = 0; i < *n_nums; i++)
			nums[i] = (int32_t)draw_between(&d, 1, 99);
		value = draw_value(&d, nums, *n_nums);
	} while (value < MIN_TARGET || value > MAX_TARGET ||
		 countdown_held_out(nums, *n_nums, (int32_t)value) !=
		     (held_out != 0));
	*target = (int32_t)value;
	put_prompt(&d, nums, *n_nums, *target);
}
