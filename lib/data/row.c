/* SPDX-License-Identifier: MIT */
#include "data/row.h"

#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/mem.h"

/* What a row owns beside its cells and its prompt. */
struct owned {
	char *text;
	grpo__json_member *members;
	size_t n_members;
};

grpo_cell grpo__cell_of(const grpo__json_member *m)
{
	return (grpo_cell){m->key, m->value, m->value_len};
}

char *grpo__row_where(const char *path, int64_t line)
{
	grpo__buf b = {0};

	if (grpo__buf_printf(&b, "%s:%lld", path, (long long)line) < 0)
		grpo__buf_dispose(&b);
	return b.data;
}

/* Members into cells; a prompt that is text is decoded. */
static int fill_cells(grpo_row *row, const struct owned *own)
{
	const grpo_cell *prompt;

	row->cells = grpo__alloc(own->n_members, sizeof *row->cells);
	if (!row->cells)
		return GRPO_ENOMEM;
	row->n_cells = own->n_members;
	for (size_t i = 0; i < own->n_members; i++)
		row->cells[i] = grpo__cell_of(&own->members[i]);
	prompt = grpo_row_cell(row, "prompt");
	if (!prompt)
		return 0;
	row->prompt_json = *prompt;
	if (prompt->json[0] != '"')
		return 0;
	return grpo_cell_text(&row->prompt, &row->prompt_len, prompt);
}

int grpo__row_fill(grpo_row *row, char *text, size_t len,
		   const grpo__columns *columns, const char *where)
{
	struct owned *own = grpo__alloc(1, sizeof *own);
	int rc = 0;

	if (!own) {
		free(text);
		return GRPO_ENOMEM;
	}
	row->owned = own;
	row->text = own->text = text;
	row->text_len = len;
	GRPO_TRY(grpo__json_members(&own->members, &own->n_members, text, len,
				    where));
	if (columns)
		GRPO_TRY(grpo__columns_apply(columns, &own->members,
					     &own->n_members));
	rc = fill_cells(row, own);
out:
	return rc;
}

void grpo_row_dispose(grpo_row *row)
{
	struct owned *own = row->owned;

	if (own) {
		grpo__json_members_free(own->members, own->n_members);
		free(own->text);
		free(own);
	}
	free(row->cells);
	free(row->prompt);
	memset(row, 0, sizeof *row);
}

const grpo_cell *grpo_row_cell(const grpo_row *row, const char *name)
{
	for (size_t i = 0; i < row->n_cells; i++)
		if (!strcmp(row->cells[i].name, name))
			return &row->cells[i];
	return NULL;
}

int grpo_cell_text(char **text, size_t *len, const grpo_cell *cell)
{
	*text = NULL;
	if (cell->json_len < 2 || cell->json[0] != '"')
		return grpo__fail(GRPO_EFORMAT, "\"%s\": expected text",
				  cell->name);
	return grpo__json_decode(text, len, cell->json, cell->json_len);
}
