/* SPDX-License-Identifier: MIT */
#include "folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "examples/fault.h"
#include "examples/screen.h"

/* What is made ready before the run takes its place. */
static const char *const made[] = {"train.jsonl", "held_out.jsonl"};

#define N_MADE (sizeof made / sizeof *made)
#define MAX_ASIDE 10000

/* Whether a run is there that came to its first step. */
static int holds_run(const char *folder)
{
	char path[MAX_PATH];

	return path_in(path, folder, "progress.json") == 0 && file_exists(path);
}

static int numbered(char out[MAX_PATH], const char *folder, int number)
{
	int n = snprintf(out, MAX_PATH, "%s.%d", folder, number);

	return n > 0 && n < MAX_PATH
		   ? 0
		   : fail(GRPO_EINVAL, "%s: the path is too long", folder);
}

/* The first number that is free. */
static int free_name(char out[MAX_PATH], const char *folder)
{
	int i, rc = 0;

	for (i = 1; i < MAX_ASIDE; i++) {
		TRY(numbered(out, folder, i));
		if (!file_exists(out))
			return 0;
	}
	rc =
	    fail(GRPO_EINVAL, "%s has too many earlier runs beside it", folder);
out:
	return rc;
}

/* The run that was moved last is the one that is missed. */
static int no_run(const char *folder)
{
	char aside[MAX_PATH], last[MAX_PATH] = "";
	int i;

	for (i = 1; i < MAX_ASIDE; i++) {
		if (numbered(aside, folder, i) < 0 || !file_exists(aside))
			break;
		if (holds_run(aside))
			memcpy(last, aside, sizeof last);
	}
	if (last[0])
		return fail(GRPO_ENOTFOUND,
			    "no run to resume in %s; an earlier one is in %s "
			    "(--output %s --resume)",
			    folder, last, last);
	return fail(GRPO_ENOTFOUND,
		    "no run to resume in %s; leave --resume out to begin one",
		    folder);
}

static int take_lock(int *lock, const char *folder)
{
	int rc = lock_folder(lock, folder);

	if (rc <= 0)
		return rc;
	return fail(GRPO_EINVAL,
		    "another run is going on in %s: wait for it, or choose "
		    "another folder with --output",
		    folder);
}

static int is_beside(const struct folder *f)
{
	return strcmp(f->work, f->path) != 0;
}

static int choose_work(struct folder *f, int beside)
{
	int n = snprintf(f->work, MAX_PATH, "%s%s", f->path,
			 beside ? ".starting" : "");

	return n > 0 && n < MAX_PATH
		   ? 0
		   : fail(GRPO_EINVAL, "%s: the path is too long", f->path);
}

/* How much of `path` names a folder above it that exists. */
static size_t existing_parent(const char *path)
{
	char part[MAX_PATH];
	char *slash;

	memcpy(part, path, strlen(path) + 1);
	while ((slash = strrchr(part, '/')) != NULL) {
		*slash = '\0';
		if (file_exists(part))
			return strlen(part);
	}
	return 0;
}

int folder_open(struct folder *f, const char *path, int resume, int dry)
{
	size_t n = strlen(path);
	int rc = 0;

	f->lock = f->work_lock = -1;
	f->resume = resume;
	f->remove = 0;
	while (n > 1 && path[n - 1] == '/')
		n--;
	FAIL_IF(n == 0 || n >= MAX_PATH, GRPO_EINVAL,
		"\"output_dir\": \"%.80s\" is not a path", path);
	memcpy(f->path, path, n);
	f->path[n] = '\0';
	if (resume && !holds_run(f->path))
		return no_run(f->path);
	if (!dry && file_exists(f->path))
		TRY(take_lock(&f->lock, f->path));
	TRY(choose_work(f, dry || holds_run(f->path)));
	f->remove = !file_exists(f->work) || is_beside(f);
	f->n_parent = existing_parent(f->work);
	TRY(make_folder(f->work));
	if (is_beside(f))
		TRY(take_lock(&f->work_lock, f->work));
	else if (f->lock < 0)
		TRY(take_lock(&f->lock, f->path));
out:
	if (rc < 0)
		f->remove = 0;
	return rc;
}

/* Generated problems of a run that goes on: the same again. */
static int keep_files(struct folder *f)
{
	char from[MAX_PATH], to[MAX_PATH];
	size_t i;
	int rc = 0;

	for (i = 0; i < N_MADE; i++) {
		TRY(path_in(from, f->work, made[i]));
		TRY(path_in(to, f->path, made[i]));
		if (file_exists(from) && rename(from, to) < 0)
			return fail_errno(to);
	}
	if (rmdir(f->work) < 0)
		return fail_errno(f->work);
out:
	return rc;
}

static int set_aside(const struct folder *f)
{
	char aside[MAX_PATH];
	int rc = 0;

	TRY(free_name(aside, f->path));
	if (rename(f->path, aside) < 0)
		return fail_errno(f->path);
	screen_say("the earlier run in %s is now in %s", f->path, aside);
out:
	return rc;
}

int folder_place(struct folder *f)
{
	int rc = 0;

	if (is_beside(f) && f->resume) {
		TRY(keep_files(f));
	} else if (is_beside(f)) {
		TRY(set_aside(f));
		if (rename(f->work, f->path) < 0)
			return fail_errno(f->path);
	}
	memcpy(f->work, f->path, sizeof f->work);
	f->remove = 0;
out:
	return rc;
}

/* A folder that holds somebody else's files stays, and so do those above. */
static void remove_work(struct folder *f)
{
	char path[MAX_PATH];
	char *slash;
	size_t i;

	for (i = 0; i < N_MADE; i++)
		if (path_in(path, f->work, made[i]) == 0)
			unlink(path);
	memcpy(path, f->work, sizeof path);
	while (strlen(path) > f->n_parent && rmdir(path) == 0) {
		slash = strrchr(path, '/');
		if (!slash)
			break;
		*slash = '\0';
	}
}

void folder_close(struct folder *f)
{
	if (!f->path[0])
		return;
	if (f->remove)
		remove_work(f);
	if (f->lock >= 0)
		close(f->lock);
	if (f->work_lock >= 0)
		close(f->work_lock);
	f->lock = f->work_lock = -1;
}
