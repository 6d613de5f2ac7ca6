/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "output.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "examples/fault.h"
#include "examples/json_out.h"
#include "examples/plugin_guard.h"

/* --------------------------------------------------------------- the file */

static int is_special(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && !S_ISREG(st.st_mode);
}

int output_open(struct output *o, const char *path)
{
	size_t n = path ? strlen(path) + sizeof ".part" : 0;

	*o = (struct output){.path = path, .file = guard_output()};
	if (!path)
		return 0;
	if (!is_special(path)) {
		o->beside = malloc(n);
		if (!o->beside)
			return fail(GRPO_ENOMEM, "out of memory");
		snprintf(o->beside, n, "%s.part", path);
	}
	o->file = fopen(o->beside ? o->beside : path, "wb");
	return o->file ? 0 : fail_errno(o->beside ? o->beside : path);
}

int output_close(struct output *o, int good)
{
	const char *name = o->path ? o->path : "standard output";
	int rc = 0, bad;

	if (!o->file)
		goto out;
	bad = ferror(o->file) || fflush(o->file) != 0;
	if (o->path && fclose(o->file) != 0)
		bad = 1;
	if (bad && good)
		rc = fail_errno(name);
	if (o->beside && good && !bad && rename(o->beside, o->path) < 0)
		rc = fail_errno(name);
	if (o->beside && (!good || rc < 0))
		remove(o->beside);
out:
	free(o->beside);
	*o = (struct output){0};
	return rc;
}

/* ------------------------------------------------------------------- rows */

/* The columns that this program writes. */
static int is_ours(const char *name)
{
	static const char *const ours[] = {"rewards", "score", "status",
					   "explain"};

	for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
		if (strcmp(name, ours[i]) == 0)
			return 1;
	return 0;
}

static void put_key(FILE *f, const char *name)
{
	json_string(f, name, strlen(name));
	fputs(": ", f);
}

/* The object up to its last brace, unchanged, or without our columns if it was
 * scored before. */
static void put_object(FILE *f, const grpo_row *row)
{
	size_t i, len = row->text_len;
	int any = 0;

	for (i = 0; i < row->n_cells && !is_ours(row->cells[i].name); i++)
		;
	if (i == row->n_cells) {
		while (row->text[len - 1] != '}')
			len--;
		fwrite(row->text, 1, len - 1, f);
		return;
	}
	putc('{', f);
	for (i = 0; i < row->n_cells; i++) {
		const grpo_cell *cell = &row->cells[i];

		if (is_ours(cell->name))
			continue;
		fputs(any++ ? ", " : "", f);
		put_key(f, cell->name);
		fwrite(cell->json, 1, cell->json_len, f);
	}
}

/* A second reward of the same name is "name-2". */
static void put_notes(FILE *f, const struct note *first)
{
	putc('{', f);
	for (const struct note *x = first; x; x = x->next) {
		int times = 1;

		for (const struct note *y = first; y != x; y = y->next)
			times += strcmp(x->name, y->name) == 0;
		fputs(x == first ? "" : ", ", f);
		if (times == 1)
			json_string(f, x->name, strlen(x->name));
		else
			fprintf(f, "\"%s-%d\"", x->name, times);
		fputs(": ", f);
		json_string(f, x->text, x->len);
	}
	putc('}', f);
}

static void put_explain(FILE *f, struct note *const *notes,
			const grpo_reward_set *set)
{
	fputs(", \"explain\": {", f);
	for (int32_t k = 0; k < grpo_reward_set_count(set); k++) {
		fputs(k ? ", " : "", f);
		put_key(f, grpo_reward_set_name(set, k));
		put_notes(f, notes[k]);
	}
	putc('}', f);
}

int output_row(struct output *o, const struct window *w, int64_t i,
	       const grpo_reward_set *set)
{
	int32_t n = grpo_reward_set_count(set);
	FILE *f = o->file;

	put_object(f, &w->items[i].row);
	fputs(", \"rewards\": {", f);
	for (int32_t k = 0; k < n; k++) {
		fputs(k ? ", " : "", f);
		put_key(f, grpo_reward_set_name(set, k));
		json_number(f, w->rewards[i * n + k]);
	}
	fputs("}, \"score\": ", f);
	json_number(f, w->total[i]);
	fputs(", \"status\": {", f);
	for (int32_t k = 0; k < n; k++) {
		fputs(k ? ", " : "", f);
		put_key(f, grpo_reward_set_name(set, k));
		fprintf(f, "\"%s\"",
			grpo_reward_status_name(w->status[i * n + k]));
	}
	putc('}', f);
	if (w->notes)
		put_explain(f, w->notes + i * n, set);
	fputs("}\n", f);
	if (ferror(f))
		return fail_errno(o->path ? o->path : "standard output");
	return 0;
}
