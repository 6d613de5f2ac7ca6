/* SPDX-License-Identifier: MIT */
/* What it touches and what it costs, called without the library between. */
#define _GNU_SOURCE

#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "direct.h"
#include "examples/clock.h"
#include "examples/fault.h"
#include "report.h"
#include "stages.h"

#define MOST_ROWS 16 /* in a call, as the library makes them */

/* --------------------------------------------------------------- bounds */

/* A copy that ends where a page ends that nothing may touch. */
static int guard(grpo_str *s)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t size = (s->len + page - 1) / page * page;
	char *p = mmap(NULL, size + page, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED || mprotect(p + size, page, PROT_NONE) < 0)
		return fail_errno("mmap");
	if (s->len)
		memcpy(p + size - s->len, s->ptr, s->len);
	s->ptr = p + size - s->len;
	return 0;
}

static int guard_row(struct a_row *r)
{
	grpo_str *cells = calloc(r->v.n_columns + 1, sizeof *cells);
	int rc = 0;

	FAIL_IF(!cells, GRPO_ENOMEM, "out of memory");
	TRY(guard(&r->v.prompt));
	TRY(guard(&r->v.completion));
	for (size_t c = 0; c < r->v.n_columns; c++) {
		cells[c] = r->v.cells[c];
		TRY(guard(&cells[c]));
	}
	r->v.cells = cells;
out:
	return rc;
}

/* Results with room on both sides, which must stay as it is. */
#define ROOM 64
static const double mark = 12345.678;
struct results {
	double reward[ROOM + MOST_GROUP + ROOM];
	uint8_t status[ROOM + MOST_GROUP + ROOM];
};

static void prepare(struct results *r)
{
	for (size_t i = 0; i < sizeof r->reward / sizeof *r->reward; i++)
		r->reward[i] = mark;
	memset(r->status, 200, sizeof r->status);
}

static const char *overwritten(const struct results *r, int64_t n)
{
	for (int64_t i = 0; i < ROOM; i++) {
		if (r->reward[i] != mark)
			return "before rewards[0]";
		if (r->reward[ROOM + n + i] != mark)
			return "behind rewards[n-1]";
		if (r->status[i] != 200)
			return "before status[0]";
		if (r->status[ROOM + n + i] != 200)
			return "behind status[n-1]";
	}
	return NULL;
}

/* The rows of the same params from `first` on. */
static int64_t run_end(const struct suite *s, int64_t first)
{
	int64_t end = first;

	while (end < s->n && s->rows[end].params == s->rows[first].params)
		end++;
	return end;
}

/* The first call of a row is made without others, so that one that ends the
 * process is known by name.  What else is wrong the stages after it find. */
int stage_alone(const struct job *job)
{
	int64_t i, n, end;
	struct results r;
	struct direct d;
	struct suite s;
	int rc = 0;

	report_phase("being opened");
	TRY(suite_read(&s, job->cases, job->params));
	for (i = 0; i < s.n; i = end) {
		end = run_end(&s, i);
		TRY(direct_open(&d, job->path, s.params[s.rows[i].params]));
		for (; i < end; i += n) {
			n = batch_rows(&d, &s, i, 1);
			report_phase("scoring %s", s.rows[i].where);
			prepare(&r);
			direct_score(&d, &s.rows[i], n, r.reward + ROOM,
				     r.status + ROOM);
		}
		report_phase("being closed");
		direct_close(&d);
	}
out:
	return rc;
}

/* All rows of some params in calls of at most `most`; returns how many calls
 * wrote outside. */
static int check_calls(struct direct *d, const struct suite *s, int64_t first,
		       int64_t end, int64_t most)
{
	struct results r;
	int64_t n;
	int rc = 0;

	for (; first < end; first += n) {
		const char *where;

		n = batch_rows(d, s, first, most);
		report_phase("scoring %s%s, whose text ends where memory ends "
			     "(R7: text has a length and no NUL)",
			     s->rows[first].where, n > 1 ? " and more" : "");
		prepare(&r);
		TRY(direct_score(d, &s->rows[first], n, r.reward + ROOM,
				 r.status + ROOM));
		where = overwritten(&r, n);
		if (where) {
			report_bad("%s, n = %lld: score wrote %s (R2)",
				   s->rows[first].where, (long long)n, where);
			return 1;
		}
	}
out:
	return rc;
}

static int check_params(const struct job *job, const struct suite *s,
			int64_t first, int64_t end)
{
	static const int64_t sizes[] = {1, 3, MOST_ROWS};
	struct direct d;
	int rc = 0, bad;

	TRY(direct_open(&d, job->path, s->params[s->rows[first].params]));
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		TRY(bad = check_calls(&d, s, first, end, sizes[i]));
		if (bad)
			return 1;
	}
	direct_close(&d);
out:
	return rc;
}

int stage_bounds(const struct job *job)
{
	int64_t first, end;
	struct suite s;
	int rc = 0, bad = 0;

	TRY(suite_read(&s, job->cases, job->params));
	for (int64_t i = 0; i < s.n; i++)
		TRY(guard_row(&s.rows[i]));
	for (first = 0; first < s.n && !bad; first = end) {
		end = run_end(&s, first);
		TRY(bad = check_params(job, &s, first, end));
	}
	if (!bad)
		report_ok("writes its n results and nothing beside, reads no "
			  "text past its end");
out:
	return rc;
}

/* ----------------------------------------------------------------- time */

/* Best of three: seconds of one call, for each row of it. */
static int time_call(double *seconds, struct direct *d,
		     const struct a_row *rows, int64_t n)
{
	double rewards[MOST_GROUP];
	uint8_t status[MOST_GROUP];
	struct batch b;
	int rc = 0;

	*seconds = 1e30;
	TRY(batch_make(&b, rows, (size_t)n));
	for (int i = 0; i < 3; i++) {
		double began = now(), took;

		d->table.score(d->state, &b.b, rewards, status);
		took = (now() - began) / (double)n;
		*seconds = took < *seconds ? took : *seconds;
	}
out:
	batch_dispose(&b);
	return rc;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

/* The rows [first, end), which have the same parameters, one at a time (a
 * group, where it is PER_GROUP); *n is how many times there are. */
static int time_rows(double *times, int64_t *n, const struct job *job,
		     const struct suite *s, int64_t first, int64_t end)
{
	struct direct d;
	int64_t rows;
	int rc = 0;

	TRY(direct_open(&d, job->path, s->params[s->rows[first].params]));
	for (; first < end; first += rows) {
		rows = batch_rows(&d, s, first, 1);
		TRY(time_call(&times[(*n)++], &d, &s->rows[first], rows));
	}
	direct_close(&d);
out:
	return rc;
}

int stage_time(const struct job *job)
{
	int64_t first, end, n = 0;
	double *times;
	struct suite s;
	int rc = 0;

	TRY(suite_read(&s, job->cases, job->params));
	times = calloc((size_t)s.n, sizeof *times);
	FAIL_IF(!times, GRPO_ENOMEM, "out of memory");
	report_phase("scoring");
	for (first = 0; first < s.n; first = end) {
		end = run_end(&s, first);
		TRY(time_rows(times, &n, job, &s, first, end));
	}
	qsort(times, (size_t)n, sizeof *times, by_value);
	report_ok("%.2f microseconds a row (median), %.2f at most",
		  1e6 * times[n / 2], 1e6 * times[n - 1]);
out:
	return rc;
}

/* --------------------------------------------------------------- memory */

#if defined(__GLIBC__) && __GLIBC_PREREQ(2, 33)
#define METHOD "mallinfo2"
/* A thread keeps a few freed blocks of each size to itself, and they count as
 * in use: as many as it may hold each time, so that they do not count as
 * kept. */
static void fill_caches(void)
{
	enum { SIZES = 64, EACH = 7, STEP = 16 };
	static void *blocks[SIZES][EACH];

	for (int i = 0; i < SIZES; i++)
		for (int k = 0; k < EACH; k++)
			blocks[i][k] = malloc((size_t)STEP * (size_t)i + 8);
	for (int i = 0; i < SIZES; i++)
		for (int k = 0; k < EACH; k++)
			free(blocks[i][k]);
}

static double heap_bytes(void)
{
	struct mallinfo2 m;

	fill_caches();
	m = mallinfo2();
	return (double)m.uordblks + (double)m.hblkhd;
}
#else
#define METHOD "resident memory"
static double heap_bytes(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long size = 0, resident = 0;

	if (f) {
		if (fscanf(f, "%ld %ld", &size, &resident) != 2)
			resident = 0;
		fclose(f);
	}
	return (double)resident * (double)sysconf(_SC_PAGESIZE);
}
#endif

/* Something that is done again and again, and should leave nothing. */
typedef int (*pass_fn)(const struct job *, struct direct *,
		       const struct suite *);

/* Passes in a block: as many as there is time for. */
enum { LEAST = 2, MOST = 25 };
#define SECONDS 2

/* Bytes that one pass leaves, the least of four blocks: what a plug-in keeps
 * once (a cache, a table) is no leak.  *passes is how many were made. */
static int measure(double *bytes, int *passes, pass_fn pass,
		   const struct job *job, struct direct *d,
		   const struct suite *s)
{
	double began = now();
	int rc = 0;

	*passes = 0;
	*bytes = 1e30;
	TRY(pass(job, d, s));
	for (int block = 0; block < 4; block++) {
		double before = heap_bytes(), grown;
		int n = 0;

		while (n < LEAST || (n < MOST && now() - began < SECONDS)) {
			TRY(pass(job, d, s));
			n++;
		}
		*passes += n;
		grown = (heap_bytes() - before) / n;
		*bytes = grown < *bytes ? grown : *bytes;
	}
out:
	return rc;
}

static int pass_rows(const struct job *job, struct direct *d,
		     const struct suite *s)
{
	double rewards[MOST_GROUP];
	uint8_t status[MOST_GROUP];
	int64_t n;
	int rc = 0;

	(void)job;
	for (int64_t i = 0; i < s->n; i += n) {
		n = batch_rows(d, s, i, MOST_ROWS);
		TRY(direct_score(d, &s->rows[i], n, rewards, status));
	}
out:
	return rc;
}

static int pass_open(const struct job *job, struct direct *unused,
		     const struct suite *s)
{
	struct direct d;
	int rc = direct_open(&d, job->path, job->params);

	(void)unused;
	(void)s;
	if (rc == 0)
		direct_close(&d);
	return rc;
}

/* Rows of the suite that are scored with the parameters of the job. */
static void keep_own(struct suite *s, const char *params)
{
	int64_t n = 0;

	for (int64_t i = 0; i < s->n; i++)
		if (strcmp(s->params[s->rows[i].params], params) == 0)
			s->rows[n++] = s->rows[i];
	s->n = n;
}

int stage_memory(const struct job *job)
{
	double a_row, an_open;
	int n_rows, n_opens, rc = 0;
	struct direct d;
	struct suite s;

	TRY(suite_read(&s, job->cases, job->params));
	keep_own(&s, job->params);
	report_phase("scoring the same rows again and again");
	TRY(direct_open(&d, job->path, job->params));
	TRY(measure(&a_row, &n_rows, pass_rows, job, &d, &s));
	direct_close(&d);
	report_phase("being opened and closed again and again");
	TRY(measure(&an_open, &n_opens, pass_open, job, &d, &s));
	if (a_row >= 1)
		report_bad("score keeps %.1f bytes a row (" METHOD
			   ", %d passes over %lld rows)",
			   a_row / (double)s.n, n_rows, (long long)s.n);
	if (an_open >= 1)
		report_bad("open and close keep %.0f bytes (" METHOD
			   ", %d times)",
			   an_open, n_opens);
	if (a_row < 1 && an_open < 1)
		report_ok("keeps no memory (" METHOD
			  ": %d passes over %lld rows, %d times open and "
			  "close)",
			  n_rows, (long long)s.n, n_opens);
out:
	return rc;
}
