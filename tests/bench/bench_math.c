/* SPDX-License-Identifier: MIT */
/*
 * The math reward on one core: rows a second, and what a row takes.
 *
 *	build/bench/bench_math [FILE.jsonl…]
 *
 * A row has "answer", and "completion" or else its answer: in a box, unless it
 * is a whole solution with its answer behind ####, as in GSM8K.  Without a
 * file: the reward's own cases.  Each row is scored alone, five times; its
 * time is the least of these.
 */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "grpo/dataset.h"
#include "grpo/error.h"
#include "grpo/reward.h"

#define PLUGIN "build/rewards/math.so"
#define REPEATS 5

static void check(int ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "bench_math: %s\n", what);
	exit(1);
}

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static const grpo_reward_plugin *load(void)
{
	void *so = dlopen(PLUGIN, RTLD_NOW);
	const grpo_reward_plugin *(*entry)(void) = NULL;

	check(so != NULL, "build/rewards/math.so is not built");
	*(void **)&entry = dlsym(so, "grpo_reward_plugin_v1");
	check(entry != NULL, "build/rewards/math.so has no entry");
	return entry();
}

static void ignore(void *ctx, int level, const char *text)
{
	(void)ctx;
	(void)level;
	(void)text;
}

/* The least time of a row, in microseconds. */
static double time_row(const grpo_reward_plugin *p, void *state,
		       grpo_str completion, grpo_str answer)
{
	grpo_str column = {"answer", 6}, prompt = {"", 0};
	grpo_reward_batch batch = {.struct_size = sizeof batch,
				   .n = 1,
				   .prompts = &prompt,
				   .completions = &completion,
				   .groups = (uint32_t[]){0},
				   .finish = (uint8_t[]){0},
				   .n_columns = 1,
				   .columns = &column,
				   .cells = &answer};
	double best = 1e300, reward;
	uint8_t status;

	for (int i = 0; i < REPEATS; i++) {
		double start = now_us(), used;

		check(p->score(state, &batch, &reward, &status) == 0,
		      "the reward failed");
		used = now_us() - start;
		best = used < best ? used : best;
	}
	return best;
}

/* The row's completion, or its answer; NULL where it has none. */
static char *completion_of(const grpo_row *row)
{
	const grpo_cell *cell = grpo_row_cell(row, "completion");
	char *text, *boxed;

	if (cell)
		return grpo_cell_text(&text, NULL, cell) < 0 ? NULL : text;
	cell = grpo_row_cell(row, "answer");
	if (!cell || grpo_cell_text(&text, NULL, cell) < 0)
		return NULL;
	if (strstr(text, "####"))
		return text;
	boxed = malloc(strlen(text) + sizeof "\\boxed{}");
	check(boxed != NULL, "out of memory");
	sprintf(boxed, "\\boxed{%s}", text);
	free(text);
	return boxed;
}

/* Times of rows. */
struct times {
	double *us;
	size_t n, cap;
	double total;
};

static void add(struct times *t, double us)
{
	if (t->n == t->cap) {
		t->cap = t->cap ? 2 * t->cap : 1024;
		t->us = realloc(t->us, t->cap * sizeof *t->us);
		check(t->us != NULL, "out of memory");
	}
	t->us[t->n++] = us;
	t->total += us;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void print(const char *path, struct times *t)
{
	check(t->n > 0, "no row has an answer");
	qsort(t->us, t->n, sizeof *t->us, ascending);
	printf("%s: %zu rows, %.0f rows/s, median %.1f us, 99th percentile "
	       "%.1f us, most %.1f us\n",
	       path, t->n, (double)t->n / t->total * 1e6, t->us[t->n / 2],
	       t->us[t->n * 99 / 100], t->us[t->n - 1]);
}

static void run(const grpo_reward_plugin *p, void *state, const char *path)
{
	struct times t = {0};
	grpo_jsonl *file;
	grpo_row row;
	int rc;

	check(grpo_jsonl_open(&file, path) == 0, grpo_error_message());
	while ((rc = grpo_jsonl_next(file, &row)) > 0) {
		const grpo_cell *answer = grpo_row_cell(&row, "answer");
		char *text = answer ? completion_of(&row) : NULL;

		if (text)
			add(&t,
			    time_row(
				p, state, (grpo_str){text, strlen(text)},
				(grpo_str){answer->json, answer->json_len}));
		free(text);
		grpo_row_dispose(&row);
	}
	check(rc == 0, grpo_error_message());
	grpo_jsonl_free(file);
	print(path, &t);
	free(t.us);
}

int main(int argc, char **argv)
{
	const grpo_reward_plugin *p = load();
	grpo_reward_host host = {sizeof host, NULL, ignore};
	void *state = NULL;

	check(!p->open || p->open(&state, &host, (grpo_str){"{}", 2}) == 0,
	      "the reward does not open");
	if (argc < 2)
		run(p, state, "rewards/math/cases.jsonl");
	for (int i = 1; i < argc; i++)
		run(p, state, argv[i]);
	if (p->close)
		p->close(state);
	return 0;
}
