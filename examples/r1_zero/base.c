/* SPDX-License-Identifier: MIT */
/*
 * Finds or trains the base model: 0.4 million weights that learn from text to
 * write about additions in many styles.  GRPO then picks among these styles.
 */
#define _POSIX_C_SOURCE 200809L

#include "base.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base_train.h"
#include "examples/fault.h"
#include "examples/screen.h"
#include "measure.h"
#include "places.h"
#include "stop.h"

#define RECORD struct base_record

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

static int with_suffix(char out[MAX_PATH], const char *folder,
		       const char *suffix)
{
	int n = snprintf(out, MAX_PATH, "%s%s", folder, suffix);

	if (n < 0 || n >= MAX_PATH)
		return fail(GRPO_EINVAL, "%s: the path is too long", folder);
	return 0;
}

/* --------------------------------------------------------- model, saving */

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
	TRY(lab_open_model(t->lab, t->folder, 1, &o));
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

/* A table's values from a JSON file. */
static int read_values(const char *path, const grpo_option *table, void *values)
{
	grpo_config *c = NULL;
	int rc = 0;

	TRY(grpo_config_create(&c));
	TRY(grpo_config_add(c, "Base", NULL, table, values));
	TRY(grpo_config_read(c, path));
out:
	grpo_config_free(c);
	return rc;
}

/* And into one.  Adding a table sets `values` to their defaults; `keep` has
 * the ones to write. */
static int write_values(const char *path, const grpo_option *table,
			void *values, const void *keep, size_t size)
{
	grpo_config *c = NULL;
	char *text = NULL;
	int rc = 0;

	TRY(grpo_config_create(&c));
	TRY(grpo_config_add(c, "Base", NULL, table, values));
	memcpy(values, keep, size);
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
	struct base_record record;
	int rc = 0;

	t->record->seconds = t->seconds;
	TRY(with_suffix(beside, folder, ".new"));
	TRY(remove_files(beside));
	TRY(lab_save_model(t->lab, beside));
	TRY(path_in(path, beside, "base.json"));
	TRY(write_values(path, base_record_options, &record, t->record,
			 sizeof record));
	if (rename(beside, folder) < 0 && !file_exists(folder))
		rc = fail_errno(folder);
out:
	return rc;
}

/* -------------------------------------------------- a stopped training */

#define STATE struct training_state

/* training.json beside the learner's state; written last, so that what lies
 * beside it is whole. */
struct training_state {
	int64_t steps, probed, decay_from, tokens;
	double seconds, skill, format;
};

/* clang-format off */
static const grpo_option state_options[] = {
	GRPO_OPT_INT(STATE, steps, 0, 0, 1e15, 0, "optimizer steps"),
	GRPO_OPT_INT(STATE, probed, -1, -1, 1e15, 0, "step of a probe"),
	GRPO_OPT_INT(STATE, decay_from, -1, -1, 1e15, 0, "rate falls"),
	GRPO_OPT_INT(STATE, tokens, 0, 0, 1e15, 0, "tokens of text"),
	FIGURE(STATE, seconds, "so far"),
	FIGURE(STATE, skill, "of the last probe"),
	FIGURE(STATE, format, "of the last probe"),
	GRPO_OPT_END};
/* clang-format on */

static int save_unfinished(struct training *t, const char *folder)
{
	const grpo_learner *l = &t->lab->learner;
	const struct training_state state = {
	    t->steps,   t->probed,        t->decay_from,    t->record->tokens,
	    t->seconds, t->record->skill, t->record->format};
	struct training_state values;
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, folder, "training.json"));
	if (unlink(path) < 0 && file_exists(path))
		return fail_errno(path);
	TRY(l->ops->save_state(l->self, folder));
	TRY(write_values(path, state_options, &values, &state, sizeof values));
out:
	return rc;
}

static int load_unfinished(struct training *t, const char *folder)
{
	const grpo_learner *l = &t->lab->learner;
	struct training_state s;
	char path[MAX_PATH];
	int rc = 0;

	TRY(path_in(path, folder, "training.json"));
	if (!file_exists(path))
		return 0;
	TRY(read_values(path, state_options, &s));
	TRY(l->ops->load_state(l->self, folder));
	t->steps = s.steps;
	t->probed = s.probed;
	t->decay_from = s.decay_from;
	t->seconds = s.seconds;
	t->record->tokens = s.tokens;
	t->record->skill = s.skill;
	t->record->format = s.format;
	screen_say("base: going on after step %" PRId64 " of an earlier run",
		   t->steps);
out:
	return rc;
}

/* ------------------------------------------------------------ from outside */

/* What happens now, why, for how long, and that it happens once. */
static void introduce(const struct training *t, const char *folder)
{
	screen_paragraph(
	    "base: the recipe names no model, so a small one of %" PRId64
	    " weights is trained first. It reads generated text about "
	    "additions until it can add now and then: GRPO can only reward "
	    "what a model sometimes does by itself. Part 1 ends when %.0f %% "
	    "of its answers reach the right number, after %" PRId64
	    " steps at most; part 2 has %" PRId64 " steps. This takes some "
	    "minutes, and happens only once: the base is kept in %s",
	    grpo_model_parameters(t->lab->model), 100 * t->set->stop_skill,
	    t->set->steps, t->set->decay_steps, folder);
}

static int train_base(struct training *t, const char *folder,
		      const char *unfinished)
{
	int rc = 0;

	TRY(open_all(t));
	introduce(t, folder);
	TRY(load_unfinished(t, unfinished));
	rc = base_train(t);
	if (rc == GRPO_ECANCELED && stop_signal()) {
		TRY(save_unfinished(t, unfinished));
		screen_say("base: stopped after step %" PRId64
			   "; what it has learnt is kept, and the same command "
			   "goes on from there",
			   t->steps);
		return stop_asked();
	}
	TRY(rc);
	TRY(check_skill(t));
	TRY(save(t, folder));
	remove_files(unfinished); /* where it stays, it is in nobody's way */
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
	TRY(hash_files(hash, t->folder));
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
	TRY(read_values(path, base_record_options, t->record));
	t->record->cached = 1;
	screen_say("base: trained earlier, from %s", folder);
out:
	return rc;
}

/* Until this process alone trains the base, or another one has. */
static int wait_for_turn(int *lock, const char *folder, const char *unfinished)
{
	const struct timespec nap = {0, 200000000};
	int said = 0, rc = 0;

	for (;;) {
		TRY(stop_asked());
		TRY(make_folder(unfinished));
		TRY(lock_folder(lock, unfinished));
		if (rc == 0 || file_exists(folder))
			return 0;
		if (!said)
			screen_say("base: another run is training it; waiting");
		said = 1;
		nanosleep(&nap, NULL);
	}
out:
	return rc;
}

static int find_or_train(struct training *t, const char *folder)
{
	char unfinished[MAX_PATH];
	int lock = -1, rc = 0;

	if (file_exists(folder))
		return read_cached(t, folder);
	TRY(with_suffix(unfinished, folder, ".unfinished"));
	TRY(wait_for_turn(&lock, folder, unfinished));
	if (file_exists(folder)) { /* it was made meanwhile */
		rmdir(unfinished);
		TRY(read_cached(t, folder));
	} else {
		TRY(train_base(t, folder, unfinished));
	}
out:
	if (lock >= 0)
		close(lock);
	return rc;
}

static int open_corpus(struct training *t)
{
	const struct recipe *r = t->lab->recipe;
	int rc = 0;

	TRY(base_folder(t->folder, t->set->folder, r->path));
	TRY(lab_open_tokenizer(t->lab, t->folder));
	TRY(corpus_open(&t->corpus, t->lab->tokenizer,
			(uint64_t)r->trainer.seed, (int32_t)r->generate.digits,
			t->set->docs_per_step, t->set->window));
out:
	return rc;
}

int base_get(char folder[MAX_PATH], struct base_record *record, struct lab *l)
{
	struct training t = {.lab = l,
			     .set = &l->recipe->base,
			     .record = record,
			     .probed = -1,
			     .decay_from = -1};
	int rc = 0;

	*record = (struct base_record){.skill = NAN, .format = NAN};
	TRY(open_corpus(&t));
	TRY(cached_folder(folder, &t));
	TRY(find_or_train(&t, folder));
out:
	free(t.logp);
	free(t.dlogp);
	lab_close_model(l);
	corpus_close(&t.corpus);
	return rc;
}

int base_look(char folder[MAX_PATH], struct base_record *record, struct lab *l)
{
	struct training t = {
	    .lab = l, .set = &l->recipe->base, .record = record};
	int rc = 0;

	*record = (struct base_record){.skill = NAN, .format = NAN};
	TRY(open_corpus(&t));
	TRY(cached_folder(folder, &t));
	if (file_exists(folder))
		TRY(read_cached(&t, folder));
	else
		memcpy(folder, t.folder, MAX_PATH);
out:
	corpus_close(&t.corpus);
	return rc;
}
