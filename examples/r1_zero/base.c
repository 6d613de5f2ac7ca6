/* SPDX-License-Identifier: MIT */
/*
 * A base of one's own: half a million weights that learn, from text alone, to
 * write in many styles about additions.  GRPO then picks among them.
 */
#include "base.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "corpus.h"
#include "examples/clock.h"
#include "examples/fault.h"
#include "examples/screen.h"
#include "measure.h"

#define RECORD struct base_record
#define LOSS_STEPS 50 /* in the mean that is shown */

/* clang-format off */
const grpo_option base_record_options[] = {
	GRPO_OPT_BOOL(RECORD, cached, 0, 0, "it was there already"),
	FIGURE(RECORD, seconds, "of its training"),
	GRPO_OPT_INT(RECORD, steps, 0, 0, 1e15, 0, "optimizer steps"),
	GRPO_OPT_INT(RECORD, tokens, 0, 0, 1e15, 0, "tokens of text"),
	FIGURE(RECORD, loss, "nats a token"),
	FIGURE(RECORD, skill, "right number reached"),
	FIGURE(RECORD, format, "in the format"),
	GRPO_OPT_END};
/* clang-format on */

struct training {
	struct lab *lab;
	const struct base_settings *set;
	struct base_record *record;
	struct corpus corpus;
	float *logp, *dlogp; /* [cap] of a batch */
	int64_t cap;
	int64_t decay_from; /* the step from which on the rate falls; -1 */
	double recent[LOSS_STEPS];
	double began;
};

/* ------------------------------------------------------------- one step */

static int make_room(struct training *t, int64_t n)
{
	float *logp, *dlogp;

	if (n <= t->cap)
		return 0;
	logp = realloc(t->logp, (size_t)n * sizeof *logp);
	if (logp)
		t->logp = logp;
	dlogp = realloc(t->dlogp, (size_t)n * sizeof *dlogp);
	if (dlogp)
		t->dlogp = dlogp;
	if (!logp || !dlogp)
		return fail(GRPO_ENOMEM, "out of memory");
	t->cap = n;
	return 0;
}

/* Up, constant, and from decay_from on down to min_lr_ratio. */
static double rate(const struct training *t, int64_t step)
{
	const struct base_settings *s = t->set;
	double x;

	if (step < s->warmup_steps)
		return s->learning_rate * (double)(step + 1) /
		       (double)s->warmup_steps;
	if (t->decay_from < 0 || s->decay_steps == 0)
		return s->learning_rate;
	x = (double)(step - t->decay_from + 1) / (double)s->decay_steps;
	return s->learning_rate * (1 - (1 - s->min_lr_ratio) * x);
}

/* loss = -mean logp, so dloss/dlogp = -1/n for every token */
static int train_step(struct training *t, int64_t step)
{
	const grpo_learner *l = &t->lab->learner;
	grpo_batch batch;
	double loss = 0, norm;
	int64_t n, i;
	int rc = 0;

	TRY(corpus_batch(&t->corpus, &batch, step));
	n = batch.row[batch.n_rows];
	TRY(make_room(t, n));
	TRY(l->ops->forward(l->self, &batch, GRPO_WEIGHTS_POLICY, 1, t->logp,
			    NULL));
	for (i = 0; i < n; i++) {
		loss -= t->logp[i] / (double)n;
		t->dlogp[i] = (float)(-1.0 / (double)n);
	}
	FAIL_IF(!isfinite(loss), GRPO_ENUMERIC,
		"base, step %" PRId64 ": the loss is %g", step + 1, loss);
	TRY(l->ops->backward(l->self, t->dlogp, NULL));
	TRY(l->ops->step(l->self, rate(t, step), t->set->max_grad_norm, &norm));
	t->recent[step % LOSS_STEPS] = loss;
	t->record->tokens += n;
out:
	return rc;
}

/* ------------------------------------------------------------- the loop */

static double recent_loss(const struct training *t, int64_t steps)
{
	int64_t n = steps < LOSS_STEPS ? steps : LOSS_STEPS, i;
	double sum = 0;

	for (i = 0; i < n; i++)
		sum += t->recent[i];
	return n > 0 ? sum / (double)n : NAN;
}

/* "  skill 12 %", and nothing before the first probe */
static const char *probed(char out[64], const struct base_record *r)
{
	out[0] = '\0';
	if (!isnan(r->skill))
		snprintf(out, 64, "  skill %.0f %%", 100 * r->skill);
	return out;
}

static void show(const struct training *t, int64_t steps, int64_t most,
		 int last)
{
	double seconds = now() - t->began;
	char left[32], skill[64];

	screen_progress(last,
			"base %5" PRId64 "/%" PRId64
			"  loss %.3f%s  %.0f tokens/s  %s left",
			steps, most, recent_loss(t, steps),
			probed(skill, t->record),
			(double)t->record->tokens / seconds,
			screen_duration(left, seconds / (double)steps *
						  (double)(most - steps)));
}

static int probe(struct training *t, int64_t steps)
{
	return measure_skill(&t->record->skill, &t->record->format, t->lab,
			     t->set->probe_prompts, (uint64_t)steps);
}

/* The most that it can be, as far as is known at this step. */
static int64_t last_step(const struct training *t)
{
	int64_t from = t->decay_from < 0 ? t->set->steps : t->decay_from;

	return from + t->set->decay_steps;
}

/* Constant until a probe is good enough or the steps are used up. */
static int train(struct training *t)
{
	const struct base_settings *s = t->set;
	int64_t step;
	int rc = 0;

	t->began = now();
	for (step = 0; step < last_step(t); step++) {
		TRY(lab_interrupted());
		if (t->decay_from < 0 && step == s->steps)
			t->decay_from = step;
		TRY(train_step(t, step));
		show(t, step + 1, last_step(t), 0);
		if ((step + 1) % s->probe_steps != 0)
			continue;
		TRY(probe(t, step + 1));
		if (t->decay_from < 0 && t->record->skill >= s->stop_skill)
			t->decay_from = step + 1;
	}
	TRY(probe(t, step));
	show(t, step, step, 1);
	t->record->steps = step;
	t->record->loss = recent_loss(t, step);
	t->record->seconds = now() - t->began;
out:
	return rc;
}

/* ------------------------------------------------- model, probes, saving */

static int open_all(struct training *t)
{
	const struct base_settings *s = t->set;
	const struct recipe *r = t->lab->recipe;
	grpo_torch_learner_options o;
	grpo_trainer_config probing = r->trainer;
	int rc = 0;

	TRY(grpo_torch_learner_options_init(&o));
	o.adam_beta1 = s->adam_beta1;
	o.adam_beta2 = s->adam_beta2;
	o.adam_epsilon = s->adam_epsilon;
	o.weight_decay = s->weight_decay;
	TRY(lab_open_model(t->lab, s->folder, 1, &o));
	probing.output_dir = NULL;
	probing.beta = 0;
	probing.sync_ref_model = 0;
	TRY(lab_open_trainer(t->lab, &probing, NULL, NULL));
out:
	return rc;
}

static int check_skill(const struct training *t)
{
	if (t->record->skill >= t->set->need_skill)
		return 0;
	return fail(GRPO_EINVAL,
		    "the base reaches the right number in %.0f %% of its "
		    "completions, and \"base.need_skill\" is %.0f %%: GRPO "
		    "would have nothing to reward; try another \"seed\" or "
		    "more \"base.steps\"",
		    100 * t->record->skill, 100 * t->set->need_skill);
}

static int train_base(struct training *t)
{
	int rc = 0;

	TRY(open_all(t));
	screen_say("base: %" PRId64 " parameters, trained on text",
		   grpo_model_parameters(t->lab->model));
	TRY(train(t));
	TRY(check_skill(t));
out:
	free(t->logp);
	free(t->dlogp);
	return rc;
}

/* The record's keys, as a file. */
static int record_file(struct base_record *r, const char *path, int write)
{
	struct base_record made = *r;
	grpo_config *c = NULL;
	char *text = NULL;
	int rc = 0;

	TRY(grpo_config_create(&c));
	TRY(grpo_config_add(c, "Base", NULL, base_record_options, r));
	if (!write) {
		TRY(grpo_config_read(c, path));
		goto out;
	}
	*r = made;
	TRY(grpo_config_text(c, &text, 0));
	TRY(write_text(path, text));
out:
	free(text);
	grpo_config_free(c);
	return rc;
}

/* Written under another name, so that a folder of this name is whole. */
static int save(struct training *t, const char *folder)
{
	char beside[MAX_PATH], path[MAX_PATH];
	int n = snprintf(beside, sizeof beside, "%s.new", folder), rc = 0;

	FAIL_IF(n < 0 || n >= MAX_PATH, GRPO_EINVAL, "%s: the path is too long",
		folder);
	TRY(remove_files(beside));
	TRY(lab_save_model(t->lab, beside));
	TRY(path_in(path, beside, "base.json"));
	TRY(record_file(t->record, path, 1));
	if (rename(beside, folder) < 0 && !file_exists(folder))
		rc = fail_errno(folder);
out:
	return rc;
}

/* ------------------------------------------------------------- the cache */

static int hash_files(uint64_t *hash, const char *folder)
{
	static const char *const files[] = {"config.json", "tokenizer.json"};
	char path[MAX_PATH];
	size_t i;
	int rc = 0;

	for (i = 0; i < sizeof files / sizeof *files; i++) {
		TRY(path_in(path, folder, files[i]));
		TRY(hash_file(hash, path));
	}
out:
	return rc;
}

/* Of all that the weights depend on. */
static int hash_settings(uint64_t *hash, const struct training *t)
{
	const struct recipe *r = t->lab->recipe;
	char *settings = NULL, rest[128];
	int rc = 0;

	*hash = corpus_hash(&t->corpus, HASH_START);
	TRY(hash_files(hash, t->set->folder));
	TRY(recipe_base_text(r, &settings));
	*hash = hash_bytes(*hash, settings, strlen(settings));
	snprintf(rest, sizeof rest, "%" PRId64 " %.40s %.40s %s",
		 r->trainer.seed, r->dtype, r->device, grpo_version());
	*hash = hash_bytes(*hash, rest, strlen(rest));
	*hash = hash_bytes(*hash, r->template, strlen(r->template));
out:
	free(settings);
	return rc;
}

static int cached_folder(char folder[MAX_PATH], const struct training *t)
{
	char cache[MAX_PATH], name[32];
	uint64_t hash;
	int rc = 0;

	TRY(hash_settings(&hash, t));
	TRY(cache_folder(cache));
	TRY(make_folder(cache));
	snprintf(name, sizeof name, "base-%016" PRIx64, hash);
	TRY(path_in(folder, cache, name));
out:
	return rc;
}

static int read_cached(struct training *t, const char *folder)
{
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, folder, "base.json"));
	TRY(record_file(t->record, path, 0));
	t->record->cached = 1;
	screen_say("base: %s", folder);
out:
	return rc;
}

int base_get(char folder[MAX_PATH], struct base_record *record, struct lab *l)
{
	const struct base_settings *s = &l->recipe->base;
	struct training t = {
	    .lab = l, .set = s, .record = record, .decay_from = -1};
	int rc = 0;

	*record = (struct base_record){.skill = NAN, .format = NAN};
	TRY(lab_open_tokenizer(l, s->folder));
	TRY(corpus_open(
	    &t.corpus, l->tokenizer, (uint64_t)l->recipe->trainer.seed,
	    (int32_t)l->recipe->generate.digits, s->docs_per_step, s->window));
	TRY(cached_folder(folder, &t));
	if (file_exists(folder)) {
		TRY(read_cached(&t, folder));
	} else {
		TRY(train_base(&t));
		TRY(save(&t, folder));
	}
out:
	lab_close_model(l);
	corpus_close(&t.corpus);
	return rc;
}
