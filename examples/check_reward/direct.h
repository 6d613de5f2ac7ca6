/* SPDX-License-Identifier: MIT */
#ifndef CHECK_REWARD_DIRECT_H
#define CHECK_REWARD_DIRECT_H

#include "grpo/reward.h"
#include "suite.h"

/*
 * A plug-in called without the library between, for what the library would
 * hide: a host in little.
 */
struct direct {
	void *object; /* of dlopen */
	grpo_reward_plugin table;
	void *state;
	grpo_reward_host host;
	char said[512]; /* its last error line */
};

/** The object and its table, of which *real is the plug-in's own; for a path
 *  with a slash.  *real is NULL where there is no such symbol. */
int direct_load(struct direct *d, const grpo_reward_plugin **real,
		const char *path);

/** Loads and opens; returns a negative code with its fault. */
int direct_open(struct direct *d, const char *path, const char *params);
void direct_close(struct direct *d);

/** A batch of consecutive rows; batch_dispose frees its arrays. */
struct batch {
	grpo_reward_batch b;
	void *arrays[8];
	int n_arrays;
};
int batch_make(struct batch *out, const struct a_row *rows, size_t n);
void batch_dispose(struct batch *b);

/** Rows first … that go to the plug-in together: at most `most` of equal
 *  params, or where it is PER_GROUP one group. */
int64_t batch_rows(const struct direct *d, const struct suite *s, int64_t first,
		   int64_t most);

/** One call on such rows; the results are [n]. */
int direct_score(struct direct *d, const struct a_row *rows, int64_t n,
		 double *rewards, uint8_t *status);

#endif
