/* SPDX-License-Identifier: MIT */
#include "measure.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/screen.h"

#define M struct measure

/* clang-format off */
const grpo_option measure_options[] = {
	FIGURE(M, format, "share in the format"),
	FIGURE(M, accuracy, "share that is right"),
	FIGURE(M, mean_length, "tokens"),
	FIGURE(M, clipped_ratio, "share cut at the length"),
	FIGURE(M, reward, "mean"),
	FIGURE(M, counted_word, "share with the word"),
	FIGURE(M, greedy_format, "at temperature 0"),
	FIGURE(M, greedy_accuracy, "at temperature 0"),
	FIGURE(M, pass_at_k, "one of k is right"),
	FIGURE(M, no_thought_accuracy, "without thought"),
	GRPO_OPT_INT(M, n_problems, 0, 0, 1e15, 0, "held-out problems"),
	GRPO_OPT_END};
/* clang-format on */

static int holds(const char *text, size_t len, const char *word)
{
	size_t n = strlen(word), i;

	for (i = 0; i + n <= len; i++)
		if (memcmp(text + i, word, n) == 0)
			return 1;
	return 0;
}

/* ---------------------------------------------------- four evaluations */

struct words {
	const char *word;
	int64_t n;
};

static int count_word(void *ctx, const grpo_scored *c)
{
	struct words *w = ctx;

	if (w->word)
		w->n += holds(c->completion.ptr, c->completion.len, w->word);
	return 0;
}

static double solved(const grpo_evaluation *e, int32_t k)
{
	return k >= 0 ? e->solved[k] : NAN;
}

static int sampled(struct measure *m, struct lab *l,
		   const grpo_evaluation_options *o)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	struct words words = {.word = l->recipe->counted_word};
	grpo_evaluation_options counting = *o;
	int rc = 0;

	counting.on_completion = count_word;
	counting.ctx = &words;
	TRY(grpo_trainer_evaluate(l->trainer, &e, &counting));
	m->format = solved(&e, l->format);
	m->accuracy = solved(&e, l->accuracy);
	m->mean_length = e.mean_length;
	m->clipped_ratio = e.clipped_ratio;
	m->reward = e.reward;
	m->n_problems = e.n_prompts;
	if (words.word)
		m->counted_word = (double)words.n / (double)e.n_completions;
out:
	grpo_evaluation_dispose(&e);
	return rc;
}

static int greedy(struct measure *m, struct lab *l, grpo_evaluation_options *o)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	int rc = 0;

	o->temperature = 0;
	TRY(grpo_trainer_evaluate(l->trainer, &e, o));
	m->greedy_format = solved(&e, l->format);
	m->greedy_accuracy = solved(&e, l->accuracy);
out:
	o->temperature = 1;
	grpo_evaluation_dispose(&e);
	return rc;
}

static int several(struct measure *m, struct lab *l, grpo_evaluation_options *o)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	int rc = 0;

	if (l->recipe->pass_k == 0)
		return 0;
	o->num_generations = l->recipe->pass_k;
	TRY(grpo_trainer_evaluate(l->trainer, &e, o));
	m->pass_at_k = e.pass[l->accuracy];
out:
	o->num_generations = 1;
	grpo_evaluation_dispose(&e);
	return rc;
}

static int thoughtless(struct measure *m, struct lab *l,
		       grpo_evaluation_options *o)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	int rc = 0;

	if (!l->recipe->no_thought)
		return 0;
	o->continuation = l->recipe->no_thought;
	TRY(grpo_trainer_evaluate(l->trainer, &e, o));
	m->no_thought_accuracy = solved(&e, l->accuracy);
out:
	o->continuation = NULL;
	grpo_evaluation_dispose(&e);
	return rc;
}

static void show_stage(const struct lab *l, const char *what)
{
	screen_progress(0, "measuring on %" PRId64 " held-out problems: %s",
			grpo_dataset_rows(l->held_out), what);
}

int measure_take(struct measure *m, struct lab *l, uint64_t seed)
{
	grpo_evaluation_options o;
	int rc = 0;

	*m = (struct measure){.format = NAN,
			      .counted_word = NAN,
			      .pass_at_k = NAN,
			      .no_thought_accuracy = NAN};
	TRY(grpo_evaluation_options_init(&o));
	o.seed = seed;
	show_stage(l, "sampled at temperature 1");
	TRY(sampled(m, l, &o));
	show_stage(l, "greedy");
	TRY(greedy(m, l, &o));
	if (l->recipe->pass_k > 0)
		show_stage(l, "several tries each");
	TRY(several(m, l, &o));
	if (l->recipe->no_thought)
		show_stage(l, "without a thought");
	TRY(thoughtless(m, l, &o));
	screen_wipe();
out:
	return rc;
}

/* ---------------------------------------------------------------- skill */

struct probe {
	struct lab *lab;
	int64_t right;
	int rc;
};

/* Whether the number stands in the text with no digit beside it. */
static int holds_number(const char *text, size_t len, const char *number,
			size_t n)
{
	size_t i;

	for (i = 0; i + n <= len; i++)
		if (memcmp(text + i, number, n) == 0 &&
		    (i == 0 || !isdigit((unsigned char)text[i - 1])) &&
		    (i + n == len || !isdigit((unsigned char)text[i + n])))
			return 1;
	return 0;
}

static int look_for_answer(void *ctx, const grpo_scored *c)
{
	struct probe *p = ctx;
	const grpo_cell *answer;
	grpo_row row;
	int rc = grpo_dataset_read(p->lab->dataset, &row, c->dataset_row);

	if (rc < 0)
		return rc;
	answer = grpo_row_cell(&row, "answer");
	p->right += answer && holds_number(c->completion.ptr, c->completion.len,
					   answer->json, answer->json_len);
	grpo_row_dispose(&row);
	return 0;
}

int measure_skill(double *skill, double *format, struct lab *l,
		  int64_t n_prompts, uint64_t seed)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	struct probe probe = {.lab = l};
	grpo_evaluation_options o;
	int rc = 0;

	TRY(grpo_evaluation_options_init(&o));
	o.dataset = l->dataset;
	o.n_prompts = n_prompts;
	o.seed = seed;
	o.on_completion = look_for_answer;
	o.ctx = &probe;
	TRY(grpo_trainer_evaluate(l->trainer, &e, &o));
	*skill = (double)probe.right / (double)e.n_completions;
	*format = solved(&e, l->format);
out:
	grpo_evaluation_dispose(&e);
	return rc;
}

/* ---------------------------------------------------------------- table */

const char *measure_share(char out[16], double share)
{
	if (isnan(share))
		snprintf(out, 16, "-");
	else
		snprintf(out, 16, "%.1f %%", 100 * share);
	return out;
}

static void show_share(const char *name, double before, double after)
{
	char a[16], b[16];

	if (isnan(before) && isnan(after))
		return;
	screen_say("  %-28s %10s %10s", name, measure_share(a, before),
		   measure_share(b, after));
}

void measure_show(const struct recipe *r, const struct measure *before,
		  const struct measure *after)
{
	char name[64];

	screen_say("  %-28s %10s %10s", "held-out problems", "before", "after");
	show_share("format", before->format, after->format);
	show_share("accuracy", before->accuracy, after->accuracy);
	show_share("format, greedy", before->greedy_format,
		   after->greedy_format);
	show_share("accuracy, greedy", before->greedy_accuracy,
		   after->greedy_accuracy);
	snprintf(name, sizeof name, "one of %d right", (int)r->pass_k);
	show_share(name, before->pass_at_k, after->pass_at_k);
	show_share("accuracy without a thought", before->no_thought_accuracy,
		   after->no_thought_accuracy);
	snprintf(name, sizeof name, "completions with \"%.20s\"",
		 r->counted_word ? r->counted_word : "");
	show_share(name, before->counted_word, after->counted_word);
	screen_say("  %-28s %8.1f   %8.1f", "mean length, tokens",
		   before->mean_length, after->mean_length);
}
