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

/* "bate" has the letters of "beta". */
static int same_letters(const char *word, const char *name)
{
	int count[256] = {0};
	size_t n = length(word), i;

	if (n != length(name))
		return 0;
	for (i = 0; i < n; i++) {
		count[(unsigned char)word[i]]++;
		count[(unsigned char)name[i]]--;
	}
	for (i = 0; i < 256; i++)
		if (count[i] != 0)
			return 0;
	return 1;
}

/* A third of the letters may differ: one of 3 to 5, two of 6 to 8. */
static int is_near(int distance, const char *word, const char *name)
{
	size_t n = length(word), m = length(name);

	return (size_t)distance <= (n > m ? n : m) / 3 ||
	       same_letters(word, name);
}

/* Whether the word, from `p` up to its '_' or end, is the part at `q`. */
static int same_part(const char *p, const char *q)
{
	size_t n = strcspn(p, "_.");

	return strcspn(q, "_.") == n && strncmp(p, q, n) == 0;
}

static const char *next_part(const char *p)
{
	p += strcspn(p, "_.");
	return *p ? p + 1 : p;
}

/* Whether all parts of `some` are parts of `all` in the same order:
 * "batch_size" in "per_device_train_batch_size". */
static int has_parts(const char *all, const char *some)
{
	for (; *all && *some; all = next_part(all))
		if (same_part(some, all))
			some = next_part(some);
	return !*some;
}

/* The one is a part of the other, long enough to mean something. */
static int is_part(const char *word, const char *name)
{
	size_t n = length(word), m = length(name);

	if (n < 4 || m < 4)
		return 0;
	return strncmp(word, name, n < m ? n : m) == 0 ||
	       has_parts(name, word) || has_parts(word, name);
}

const char *grpo__nearest(const char *word, const char *const *names)
{
	const char *best = NULL;
	int distance, near, best_distance = 0, best_near = 0;

	for (; *names; names++) {
		distance = edit_distance(word, *names);
		near = is_near(distance, word, *names);
		if (!near && !is_part(word, *names))
			continue;
		if (best && (near < best_near ||
			     (near == best_near && distance >= best_distance)))
			continue;
		best = *names;
		best_distance = distance;
		best_near = near;
	}
	return best;
}
