/* SPDX-License-Identifier: MIT */
#include "torch/filter.h"
#include <math.h>
#include <string.h>

/*
 * Few of a large vocabulary pass, so the row is not sorted: a histogram says
 * down to which probability candidates are needed, and only those are sorted.
 * A bucket is a range of floats with the same leading bits.
 */
#define BUCKET_SHIFT 20 /* eight buckets between 2^k and 2^(k+1) */
#define N_BUCKETS 1024  /* of 0 ... 2 and more */

struct histogram {
	int64_t count[N_BUCKETS];
	double sum[2][N_BUCKETS]; /* in turn: neighbours don't wait */
};

static uint32_t bits_of(float p)
{
	uint32_t bits;

	memcpy(&bits, &p, sizeof bits);
	return bits;
}

/* The order of positive floats is that of their bits. */
static uint32_t bucket_of(float p)
{
	uint32_t b = bits_of(p) >> BUCKET_SHIFT;

	return b < N_BUCKETS ? b : N_BUCKETS - 1;
}

static float least_of_bucket(int b)
{
	uint32_t bits = (uint32_t)b << BUCKET_SHIFT;
	float p;

	memcpy(&p, &bits, sizeof p);
	return p;
}

static void fill(struct histogram *h, const float *p, int64_t n)
{
	memset(h, 0, sizeof *h);
	for (int64_t j = 0; j < n; j++) {
		uint32_t b = bucket_of(p[j]);

		h->count[b]++;
		h->sum[j & 1][b] += (double)p[j];
	}
}

static double sum_of(const struct histogram *h, int b)
{
	return h->sum[0][b] + h->sum[1][b];
}

/* The bucket that holds the k-th largest. */
static int bucket_of_kth(const struct histogram *h, int64_t k)
{
	int b = N_BUCKETS - 1;

	while (b > 0 && (k -= h->count[b]) > 0)
		b--;
	return b;
}

/* The bucket with which the sum of the largest surely reaches `share`. */
static int bucket_of_share(const struct histogram *h, double share)
{
	int b = N_BUCKETS - 1;
	double sum = sum_of(h, b);

	share *= 1 + 1e-9; /* sums in another order may be a little less */
	while (b > 0 && (sum < share || sum <= 0))
		sum += sum_of(h, --b);
	return b;
}

/* The largest float that is at most min_p times the largest p. */
static float least_of_min_p(const float *p, int64_t n, double min_p)
{
	float max = p[0], least;

	for (int64_t j = 1; j < n; j++)
		max = p[j] > max ? p[j] : max;
	least = (float)(min_p * (double)max);
	return (double)least > min_p * (double)max ? nextafterf(least, 0)
						   : least;
}

/* Below this no candidate is needed; *total is the sum of all, for top-p
 * alone: after top-k it is the sum of those k. */
static float least_needed(double *total, const float *p, int64_t n,
			  const grpo_sampling *o)
{
	int by_k = o->top_k > 0 && o->top_k < n, by_p = o->top_p < 1;
	struct histogram h;
	float least = 0, other;

	*total = -1;
	if (by_k || by_p)
		fill(&h, p, n);
	if (by_k) {
		least = least_of_bucket(bucket_of_kth(&h, o->top_k));
	} else if (by_p) {
		*total = 0;
		for (int b = 0; b < N_BUCKETS; b++)
			*total += sum_of(&h, b);
		least = least_of_bucket(bucket_of_share(&h, o->top_p * *total));
	}
	if (o->min_p > 0 && !(by_k && by_p)) {
		other = least_of_min_p(p, n, o->min_p);
		least = other > least ? other : least;
	}
	return least;
}

static int64_t gather(grpo__candidate *c, const float *p, int64_t n,
		      float least)
{
	int64_t k = 0;

	for (int64_t j = 0; j < n; j++) {
		c[k] = (grpo__candidate){p[j], (int32_t)j};
		k += p[j] >= least;
	}
	return k;
}

/* By p from the largest, equal ones as they stand: radix sort, eleven bits at
 * a time. */
static void sort(grpo__candidate *c, grpo__candidate *spare, int64_t n)
{
	enum { BITS = 11, SIZE = 1 << BITS };
	grpo__candidate *from = c, *to = spare, *other;
	int64_t at[SIZE];

	for (int shift = 0; shift < 32; shift += BITS) {
		int64_t sum = 0, count;

		memset(at, 0, sizeof at);
		for (int64_t j = 0; j < n; j++)
			at[~bits_of(from[j].p) >> shift & (SIZE - 1)]++;
		for (int i = 0; i < SIZE; i++) {
			count = at[i];
			at[i] = sum;
			sum += count;
		}
		for (int64_t j = 0; j < n; j++)
			to[at[~bits_of(from[j].p) >> shift & (SIZE - 1)]++] =
			    from[j];
		other = from, from = to, to = other;
	}
	memcpy(c, from, (size_t)n * sizeof *c); /* three passes: in spare */
}

/* How many of the sorted candidates pass; total < 0: the sum of those that
 * top-k leaves. */
static int64_t count_passing(const grpo__candidate *c, int64_t n, double total,
			     const grpo_sampling *o)
{
	double sum = 0;
	int64_t k = n, j;

	if (o->top_k > 0 && o->top_k < k)
		k = o->top_k;
	if (o->top_p < 1) {
		if (total < 0)
			for (j = 0, total = 0; j < k; j++)
				total += (double)c[j].p;
		for (j = 0; j < k && sum < o->top_p * total; j++)
			sum += (double)c[j].p;
		k = j > 0 ? j : 1;
	}
	if (o->min_p > 0)
		while (k > 1 && (double)c[k - 1].p < o->min_p * (double)c[0].p)
			k--;
	return k;
}

int64_t grpo__filter(grpo__candidate *c, grpo__candidate *spare, const float *p,
		     int64_t n, const grpo_sampling *o)
{
	double total;
	float least = least_needed(&total, p, n, o);
	int64_t k = gather(c, p, n, least);

	sort(c, spare, k);
	return count_passing(c, k, total, o);
}
