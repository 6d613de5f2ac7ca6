/* SPDX-License-Identifier: MIT */
/*
 * Checkpoints: output_dir/checkpoints/step-000020/, written as .new beside it,
 * synced, then renamed.  A name that starts with a dot is never read.
 */
#define _GNU_SOURCE

#include "train/checkpoint.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/file.h"
#include "core/json.h"
#include "grpo/checkpoint.h"
#include "train/manifest.h"
#include "train/state.h"

/* ---------------------------------------------------------------- names */

static char *checkpoints_folder(const grpo_trainer *t)
{
	return grpo__path_join(t->output_dir, "checkpoints");
}

/* The steps of "step-000020"; -1 for any other name. */
static int64_t steps_of(const char *name)
{
	int64_t n = 0;
	int i;

	if (strncmp(name, "step-", 5) != 0 || !name[5])
		return -1;
	for (i = 5; name[i]; i++) {
		if (name[i] < '0' || name[i] > '9' || i > 20)
			return -1;
		n = n * 10 + (name[i] - '0');
	}
	return n;
}

struct listing {
	int64_t *steps; /* [n] ascending */
	size_t n, cap;
};

static int ascending(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The checkpoints of a folder; none where it does not exist. */
static int list_checkpoints(struct listing *l, const char *folder)
{
	DIR *dir = opendir(folder);
	const char *name;
	int rc = 0;

	if (!dir)
		return errno == ENOENT ? 0 : grpo__fail_errno("%s", folder);
	while ((rc = grpo__folder_next(&name, dir, folder)) == 0 && name) {
		int64_t steps = steps_of(name);

		if (steps < 0)
			continue;
		GRPO_TRY(
		    grpo__grow(&l->steps, &l->cap, l->n + 1, sizeof *l->steps));
		l->steps[l->n++] = steps;
	}
	if (rc == 0 && l->n > 1)
		qsort(l->steps, l->n, sizeof *l->steps, ascending);
out:
	closedir(dir);
	return rc;
}

static char *step_path(const char *folder, int64_t steps)
{
	char name[32];

	snprintf(name, sizeof name, "step-%06" PRId64, steps);
	return grpo__path_join(folder, name);
}

int grpo__checkpoint_none(const grpo_trainer *t)
{
	char *folder = checkpoints_folder(t);
	struct listing l = {0};
	int rc = 0;

	GRPO_FAIL_IF(!folder, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(list_checkpoints(&l, folder));
	GRPO_FAIL_IF(l.n > 0, GRPO_EINVAL,
		     "%s holds the checkpoints of another run: resume it, move "
		     "it away, or set \"output_dir\"",
		     t->output_dir);
out:
	free(l.steps);
	free(folder);
	return rc;
}

/* ----------------------------------------------------------------- save */

static int write_checkpoint(grpo_trainer *t, const char *path)
{
	const grpo_learner *l = t->parts.learner;
	char *learner = grpo__path_join(path, "learner");
	char *state = grpo__path_join(path, "state.json");
	grpo__buf text = {0};
	int rc = 0;

	GRPO_FAIL_IF(!learner || !state, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__remove_folder(path));
	GRPO_TRY(grpo__make_folder(learner));
	GRPO_TRY(l->ops->save_state(l->self, learner));
	GRPO_TRY(grpo__lines_sync(&t->metrics));
	GRPO_TRY(grpo__lines_sync(&t->samples));
	GRPO_TRY(grpo__lines_sync(&t->rollouts));
	GRPO_TRY(grpo__state_print(&text, t));
	GRPO_TRY(grpo__file_write(state, text.data, text.len));
	GRPO_TRY(grpo__manifest_write(path));
out:
	grpo__buf_dispose(&text);
	free(learner);
	free(state);
	return rc;
}

/* Two names change places at once, where the system can do that. */
static int exchange(const char *a, const char *b)
{
	return renameat2(AT_FDCWD, a, AT_FDCWD, b, RENAME_EXCHANGE);
}

/* Where it can't: a crash between the two renames leaves the old one aside. */
static int exchange_slowly(const char *made, const char *path,
			   const char *aside)
{
	int rc = 0;

	GRPO_TRY(grpo__remove_folder(aside));
	if (rename(path, aside) < 0)
		return grpo__fail_errno("%s", path);
	if (rename(made, path) < 0) {
		rc = grpo__fail_errno("%s", path);
		rename(aside, path); /* the complete one is kept */
		goto out;
	}
	GRPO_TRY(grpo__remove_folder(aside));
out:
	return rc;
}

/* A checkpoint of the same step may be there, from an earlier resume. */
static int put_in_place(const char *made, const char *path, const char *aside)
{
	if (!grpo__file_exists(path))
		return rename(made, path) < 0 ? grpo__fail_errno("%s", path)
					      : 0;
	if (exchange(made, path) < 0)
		return exchange_slowly(made, path, aside);
	return grpo__remove_folder(made); /* the old one, now */
}

/* The new one is there: that an old one is too ends no run. */
static void warn_kept(void)
{
	grpo__log(GRPO_LOG_WARN, "an old checkpoint could not be removed: %s",
		  grpo_error_message());
}

/* Takes the name away first, so that half a folder is never a checkpoint. */
static int remove_checkpoint(const char *folder, int64_t steps,
			     const char *aside)
{
	char *path = step_path(folder, steps);
	int rc = 0;

	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__remove_folder(aside)); /* of a run that died here */
	if (rename(path, aside) < 0)
		rc = grpo__fail_errno("%s", path);
	else
		rc = grpo__remove_folder(aside);
out:
	free(path);
	return rc;
}

int grpo__checkpoint_find(char **out, const grpo_trainer *t, int64_t step)
{
	char *folder = checkpoints_folder(t);
	char *path = folder ? step_path(folder, step) : NULL;
	int rc = 0;

	*out = NULL;
	GRPO_FAIL_IF(!path, GRPO_ENOMEM, "out of memory");
	if (grpo__file_exists(path)) {
		*out = path;
		path = NULL;
	}
out:
	free(path);
	free(folder);
	return rc;
}

int grpo__checkpoint_remove(const grpo_trainer *t, int64_t step)
{
	char *folder = checkpoints_folder(t), *aside = NULL, *path = NULL;
	int rc = 0;

	GRPO_TRY(grpo__checkpoint_find(&path, t, step));
	aside = folder ? grpo__path_join(folder, ".old") : NULL;
	GRPO_FAIL_IF(!aside, GRPO_ENOMEM, "out of memory");
	if (path && remove_checkpoint(folder, step, aside) < 0)
		warn_kept();
out:
	free(path);
	free(aside);
	free(folder);
	return rc;
}

static int prune(const grpo_trainer *t, const char *folder, const char *aside)
{
	int64_t limit = t->config.save_total_limit;
	struct listing l = {0};
	size_t i;
	int rc = 0;

	if (limit <= 0)
		return 0;
	GRPO_TRY(list_checkpoints(&l, folder));
	for (i = 0; i + (size_t)limit < l.n; i++)
		if (l.steps[i] != t->progress.steps &&
		    l.steps[i] != t->progress.best_step)
			GRPO_TRY(remove_checkpoint(folder, l.steps[i], aside));
out:
	free(l.steps);
	return rc;
}

static int show_checkpoint(grpo_trainer *t, const char *path)
{
	const grpo_trainer_callbacks *c = &t->callbacks;
	grpo_checkpoint saved = {.struct_size = sizeof saved,
				 .step = t->progress.steps,
				 .folder = path};
	int rc = c->on_checkpoint ? c->on_checkpoint(c->ctx, &saved) : 0;

	t->progress.finish |= rc > 0;
	return rc < 0 ? rc : 0;
}

static int save_in(grpo_trainer *t, const char *folder)
{
	char *made = grpo__path_join(folder, ".new");
	char *aside = grpo__path_join(folder, ".old");
	char *path = step_path(folder, t->progress.steps);
	int rc = 0;

	GRPO_FAIL_IF(!made || !aside || !path, GRPO_ENOMEM, "out of memory");
	rc = write_checkpoint(t, made);
	if (rc < 0) {
		char line[1024];

		snprintf(line, sizeof line, "%s", grpo_error_message());
		grpo__remove_folder(made);
		rc = grpo__fail(rc, "%s", line);
		goto out;
	}
	GRPO_TRY(put_in_place(made, path, aside));
	GRPO_TRY(grpo__sync_folder(folder));
	t->saved = t->progress.steps;
	if (prune(t, folder, aside) < 0)
		warn_kept();
	GRPO_TRY(show_checkpoint(t, path));
out:
	free(made);
	free(aside);
	free(path);
	return rc;
}

int grpo_trainer_save(grpo_trainer *t)
{
	char *folder = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!t->output_dir, GRPO_EINVAL,
		     "a checkpoint needs \"output_dir\"");
	folder = checkpoints_folder(t);
	GRPO_FAIL_IF(!folder, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__make_folder(folder));
	GRPO_TRY(save_in(t, folder));
out:
	if (rc < 0)
		grpo__fail_context(rc, "checkpoint of step %" PRId64,
				   t->progress.steps);
	free(folder);
	return rc;
}

/* --------------------------------------------------------------- resume */

/* The last one before the newest that is whole, or NULL. */
static char *older_whole(const char *folder, const struct listing *l)
{
	size_t i = l->n - 1;

	while (i-- > 0) {
		char *path = step_path(folder, l->steps[i]);

		if (path && grpo__manifest_check(path) == 0)
			return path;
		free(path);
	}
	return NULL;
}

/* The newest one is damaged: is an older one whole?  It is not taken by
 * itself, since somebody should look at the disk. */
static int advise(int rc, const char *folder, const struct listing *l)
{
	char line[1024], *older;

	snprintf(line, sizeof line, "%s", grpo_error_message());
	older = older_whole(folder, l);
	if (older)
		grpo__fail(rc,
			   "%s; to go on from %s, which is whole, move the "
			   "damaged one away",
			   line, older);
	else
		grpo__fail(rc, "%s; no older checkpoint is whole", line);
	free(older);
	return rc;
}

/* It is whole, or the line says what is damaged. */
static int newest(char **path, const grpo_trainer *t)
{
	struct listing l = {0};
	char *folder = NULL;
	int rc = 0;

	GRPO_FAIL_IF(!t->output_dir, GRPO_EINVAL,
		     "to resume needs a folder or \"output_dir\"");
	folder = checkpoints_folder(t);
	GRPO_FAIL_IF(!folder, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(list_checkpoints(&l, folder));
	GRPO_FAIL_IF(l.n == 0, GRPO_ENOTFOUND, "%s: no checkpoint", folder);
	*path = step_path(folder, l.steps[l.n - 1]);
	GRPO_FAIL_IF(!*path, GRPO_ENOMEM, "out of memory");
	rc = grpo__manifest_check(*path);
	if (rc == GRPO_EFORMAT || rc == GRPO_EIO)
		rc = advise(rc, folder, &l);
out:
	free(l.steps);
	free(folder);
	return rc;
}

int grpo__checkpoint_load(grpo_trainer *t, const char *path)
{
	const grpo_learner *l = t->parts.learner;
	char *folder = grpo__path_join(path, "learner");
	int rc = 0;

	GRPO_FAIL_IF(!folder, GRPO_ENOMEM, "out of memory");
	GRPO_FAIL_IF(!l->ops->load_state, GRPO_EINVAL,
		     "the learner cannot load_state");
	GRPO_TRY(l->ops->load_state(l->self, folder));
	t->sampler_is_behind = 1;
out:
	free(folder);
	return rc;
}

/* *keep: the checkpoint is in the output folder, and its files are continued.
 */
static int find_own(int *keep, const grpo_trainer *t, const char *path)
{
	char *folder = checkpoints_folder(t);
	char *above = grpo__path_join(path, "..");
	struct stat own, given;
	int rc = 0;

	GRPO_FAIL_IF(!folder || !above, GRPO_ENOMEM, "out of memory");
	if (stat(above, &given) < 0) {
		rc = grpo__fail_errno("%s", above);
		goto out;
	}
	if (stat(folder, &own) == 0) {
		/* the same folder, whatever it is called */
		*keep =
		    own.st_dev == given.st_dev && own.st_ino == given.st_ino;
	} else if (errno != ENOENT) {
		rc = grpo__fail_errno("%s", folder);
		goto out;
	}
	if (!*keep)
		GRPO_TRY(grpo__checkpoint_none(t));
out:
	free(folder);
	free(above);
	return rc;
}

static int open_lines(grpo_trainer *t, int keep, const grpo__state *state)
{
	int rc = 0;

	if (!t->output_dir)
		return 0;
	GRPO_TRY(grpo__lines_open(&t->metrics, t->output_dir, "metrics.jsonl",
				  keep ? state->metrics_bytes : 0));
	GRPO_TRY(grpo__lines_open(&t->samples, t->output_dir, "samples.jsonl",
				  keep ? state->samples_bytes : 0));
	if (t->config.save_rollouts)
		GRPO_TRY(grpo__lines_open(&t->rollouts, t->output_dir,
					  "rollouts.jsonl",
					  keep ? state->rollouts_bytes : 0));
out:
	return rc;
}

static int resume_from(grpo_trainer *t, const char *path)
{
	grpo__state state = {0};
	char *file = grpo__path_join(path, "state.json");
	int keep = 0, rc = 0;

	GRPO_FAIL_IF(!file, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(grpo__state_read(&state, t, file));
	if (t->output_dir) { /* before weights change */
		GRPO_TRY(grpo__run_lock(t));
		GRPO_TRY(find_own(&keep, t, path));
	}
	GRPO_TRY(grpo__checkpoint_load(t, path));
	GRPO_TRY(open_lines(t, keep, &state));
	t->progress = state.progress;
	t->saved = state.progress.steps;
	t->is_ahead = 0;
	t->started = 1;
out:
	if (rc < 0)
		rc = grpo__fail_context(rc, "%s", path);
	free(file);
	return rc;
}

int grpo__checkpoint_resume(grpo_trainer *t, const char *folder)
{
	char *found = NULL;
	int rc = 0;

	if (folder)
		GRPO_TRY(grpo__manifest_check(folder));
	else
		GRPO_TRY(newest(&found, t));
	GRPO_TRY(resume_from(t, folder ? folder : found));
out:
	free(found);
	return rc;
}
