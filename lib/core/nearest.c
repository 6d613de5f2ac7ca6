/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"

/* Longer words are compared by their first bytes. */
#define MAX_WORD 64

static int least(int a, int b, int c)
{
	int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

static size_t length(const char *s)
{
	size_t n = 0;

	while (n < MAX_WORD && s[n])
		n++;
	return n;
}

/* Levenshtein distance, where swapping two neighbours counts as one edit. */
static int edit_distance(const char *a, const char *b)
{
	size_t n = length(a), m = length(b), i, j;
	int d[3][MAX_WORD + 1], *row = d[0], *above = d[1], *above2 = d[2];
	int *swap;

	for (j = 0; j <= m; j++)
		above2[j] = row[j] = (int)j;
	for (i = 1; i <= n; i++) {
		swap = above2;
		above2 = above;
		above = row;
		row = swap;
		row[0] = (int)i;
		for (j = 1; j <= m; j++) {
			row[j] = least(row[j - 1] + 1, above[j] + 1,
				       above[j - 1] + (a[i - 1] != b[j - 1]));
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				row[j] =
				    least(row[j], above2[j - 2] + 1, MAX_WORD);
		}
	}
	return row[m];
}

const char *grpo__nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	int distance, best_distance = 0;

	for (; *names; names++) {
		distance = edit_distance(word, *names);
		if (!best || distance < best_distance) {
			best = *names;
			best_distance = distance;
		}
	}
	return best;
}
