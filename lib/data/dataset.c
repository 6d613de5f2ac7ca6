/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/hash.h"
#include "core/hub.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/struct.h"
#include "data/columns.h"
#include "data/dataset.h"
#include "data/kind.h"
#include "data/row.h"
#include "data/stream.h"

/* Where a row stands in the file. */
struct place {
	int64_t offset;
	int64_t line; /* from 1 */
	size_t len;   /* without the end of the line */
};

struct grpo_dataset {
	char *path;
	grpo__columns columns;
	int prompt_optional;
	int fd;
	struct place *rows; /* [n_rows] */
	size_t n_rows, rows_cap;
	grpo__hash hash; /* of the rows' cells, under our names */
};

/* One message of a prompt: {"role": "user", "content": "…"}. */
static int check_message(const cJSON *v, const char *column, const char *where)
{
	const cJSON *role, *content;

	role = cJSON_GetObjectItemCaseSensitive(v, "role");
	content = cJSON_GetObjectItemCaseSensitive(v, "content");
	if (cJSON_IsString(role) && cJSON_IsString(content))
		return 0;
	return grpo__fail(GRPO_EFORMAT,
			  "%s: \"%s\": expected messages with \"role\" and "
			  "\"content\", both strings",
			  where, column);
}

static int check_messages(const grpo_cell *c, const char *column,
			  const char *where)
{
	cJSON *list = NULL;
	const cJSON *v;
	int rc = 0;

	GRPO_TRY(grpo__json_parse(&list, c->json, c->json_len, where));
	GRPO_FAIL_IF(!list->child, GRPO_EFORMAT,
		     "%s: \"%s\": the list of messages is empty", where,
		     column);
	cJSON_ArrayForEach(v, list) GRPO_TRY(check_message(v, column, where));
out:
	cJSON_Delete(list);
	return rc;
}

/* The prompt's cell; it has no name if the row has no prompt.  Messages use the
 * file's column name. */
static int check_prompt(const grpo_dataset *d, const grpo_cell *c,
			const char *where)
{
	const char *column = grpo__columns_theirs(&d->columns, "prompt");

	if (!c->name)
		return d->prompt_optional
			   ? 0
			   : grpo__fail(GRPO_EFORMAT, "%s: \"%s\" is missing",
					where, column);
	if (c->json[0] == '"')
		return 0;
	if (c->json[0] == '[')
		return check_messages(c, column, where);
	return grpo__fail(GRPO_EFORMAT,
			  "%s: \"%s\": expected text or a list of messages",
			  where, column);
}

/* The first line is not a JSON object: perhaps the file is of another kind. */
static int explain_kind(const grpo_dataset *d, const grpo__line *line, int rc)
{
	const char *kind = grpo__data_kind(d->path, line->text, line->len);

	return kind ? grpo__fail(rc, "%s: %s", d->path, kind) : rc;
}

/* The prompt is missing: which columns there are, and how to name it. */
static int add_columns(const grpo_dataset *d, const grpo__line *line, int code)
{
	grpo__json_member *m = NULL;
	grpo__buf b = {0};
	size_t n = 0;
	int rc = 0;

	GRPO_TRY(grpo__buf_printf(&b, "%s", grpo_error_message()));
	GRPO_TRY(grpo__json_members(&m, &n, line->text, line->len, d->path));
	GRPO_TRY(grpo__columns_list(&b, m, n));
	if (d->n_rows == 0)
		GRPO_TRY(grpo__columns_advise(&b, &d->columns, m, n));
	rc = grpo__fail(code, "%s", b.data);
out:
	grpo__json_members_free(m, n);
	grpo__buf_dispose(&b);
	return rc;
}

static void hash_row(grpo__hash *h, const grpo__json_member *m, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++) {
		grpo__hash_part(h, m[i].key, strlen(m[i].key));
		grpo__hash_part(h, m[i].value, m[i].value_len);
	}
	grpo__hash_part(h, "\n", 1);
}

/* Also notes which columns of the map the line has. */
static int check_line(grpo_dataset *d, const grpo__line *line,
		      const char *where)
{
	grpo__json_member *m = NULL;
	grpo_cell prompt = {0};
	size_t i, n = 0;
	int rc = 0;

	rc = grpo__json_members(&m, &n, line->text, line->len, where);
	if (rc == GRPO_EFORMAT && d->n_rows == 0)
		rc = explain_kind(d, line, rc);
	GRPO_TRY(rc);
	GRPO_TRY(grpo__columns_apply(&d->columns, &m, &n));
	for (i = 0; i < n; i++)
		if (!strcmp(m[i].key, "prompt"))
			prompt = grpo__cell_of(&m[i]);
	rc = check_prompt(d, &prompt, where);
	if (rc < 0 && !prompt.name)
		rc = add_columns(d, line, rc);
	GRPO_TRY(rc);
	grpo__columns_mark(&d->columns, m, n);
	hash_row(&d->hash, m, n);
out:
	grpo__json_members_free(m, n);
	return rc;
}

/* Checks one line and adds it to the index. */
static int add_line(grpo_dataset *d, const grpo__line *line)
{
	char *where = grpo__row_where(d->path, line->line);
	int rc = 0;

	if (!where)
		return GRPO_ENOMEM;
	GRPO_TRY(check_line(d, line, where));
	GRPO_TRY(
	    grpo__grow(&d->rows, &d->rows_cap, d->n_rows + 1, sizeof *d->rows));
	d->rows[d->n_rows++] =
	    (struct place){line->offset, line->line, line->len};
out:
	free(where);
	return rc;
}

static int read_index(grpo_dataset *d)
{
	grpo__stream s = {.path = d->path, .fd = d->fd, .line = 1};
	grpo__line line;
	int rc;

	while ((rc = grpo__stream_next(&s, &line)) > 0)
		GRPO_TRY(add_line(d, &line));
	GRPO_FAIL_IF(rc == 0 && d->n_rows == 0, GRPO_EFORMAT, "%s: has no rows",
		     d->path);
out:
	grpo__stream_dispose(&s);
	return rc;
}

static int open_file(grpo_dataset *d)
{
	struct stat st;
	int rc = 0;

	d->fd = open(d->path, O_RDONLY | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st) != 0)
		return grpo__fail_no_dataset(d->path);
	GRPO_FAIL_IF(S_ISDIR(st.st_mode), GRPO_EIO,
		     "%s: is a folder, expected a file of JSON Lines", d->path);
	GRPO_FAIL_IF(
	    !S_ISREG(st.st_mode), GRPO_EIO,
	    "%s: is not a regular file (rows are read by their position)",
	    d->path);
out:
	return rc;
}

int grpo_dataset_options_init_(grpo_dataset_options *o, size_t size)
{
	static const grpo_dataset_options none;

	return grpo__struct_init(o, size, &none, sizeof none,
				 "grpo_dataset_options");
}

/* If no row has a column that the map names, it is probably a typo. */
static int check_columns(const grpo_dataset *d)
{
	grpo_row first;
	int rc;

	if (d->columns.n == 0)
		return 0;
	rc = grpo_dataset_read(d, &first, 0);
	if (rc < 0)
		return rc;
	rc = grpo__columns_check(&d->columns, d->path, &first);
	grpo_row_dispose(&first);
	return rc;
}

static int take_options(grpo_dataset *d, const grpo_dataset_options *theirs)
{
	grpo_dataset_options o = {0};
	int rc = 0;

	if (!theirs)
		return 0;
	GRPO_TRY(grpo__struct_import(&o, sizeof o, theirs,
				     "grpo_dataset_options",
				     "call grpo_dataset_options_init"));
	GRPO_TRY(grpo__columns_read(&d->columns, o.column_map));
	d->prompt_optional = o.prompt_optional;
out:
	return rc;
}

int grpo_dataset_open(grpo_dataset **out, const char *path,
		      const grpo_dataset_options *options)
{
	grpo_dataset *d;
	int rc = 0;

	*out = NULL;
	d = grpo__alloc(1, sizeof *d);
	if (!d)
		return GRPO_ENOMEM;
	d->fd = -1;
	grpo__hash_begin(&d->hash);
	GRPO_TRY(take_options(d, options));
	d->path = grpo__strndup(path, strlen(path));
	GRPO_FAIL_IF(!d->path, GRPO_ENOMEM, "%s: out of memory", path);
	GRPO_TRY(open_file(d));
	GRPO_TRY(read_index(d));
	GRPO_TRY(check_columns(d));
	*out = d;
	d = NULL;
out:
	grpo_dataset_free(d);
	return rc;
}

void grpo_dataset_free(grpo_dataset *d)
{
	if (!d)
		return;
	if (d->fd >= 0)
		close(d->fd);
	free(d->rows);
	grpo__columns_dispose(&d->columns);
	free(d->path);
	free(d);
}

int64_t grpo_dataset_rows(const grpo_dataset *d)
{
	return (int64_t)d->n_rows;
}

uint64_t grpo__dataset_hash(const grpo_dataset *d)
{
	return grpo__hash_value(&d->hash);
}

const char *grpo_dataset_path(const grpo_dataset *d)
{
	return d->path;
}

static int read_text(const grpo_dataset *d, char *text,
		     const struct place *place)
{
	size_t done = 0;
	ssize_t n;

	while (done < place->len) {
		n = pread(d->fd, text + done, place->len - done,
			  (off_t)(place->offset + (int64_t)done));
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return grpo__fail_errno("%s", d->path);
		if (n == 0)
			return grpo__fail(
			    GRPO_EIO,
			    "%s:%lld: the file was truncated while in use",
			    d->path, (long long)place->line);
		done += (size_t)n;
	}
	return 0;
}

/* The line is read and checked again: the file may have changed. */
static int read_row(const grpo_dataset *d, grpo_row *row,
		    const struct place *place)
{
	char *text = grpo__alloc(place->len + 1, 1);
	char *where = grpo__row_where(d->path, place->line);
	int rc = 0;

	GRPO_FAIL_IF(!text || !where, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(read_text(d, text, place));
	rc = grpo__row_fill(row, text, place->len, &d->columns, where);
	text = NULL; /* the row's now */
	GRPO_TRY(rc);
	rc = check_prompt(d, &row->prompt_json, where);
out:
	free(text);
	free(where);
	return rc;
}

int grpo_dataset_read(const grpo_dataset *d, grpo_row *row, int64_t index)
{
	grpo_row r = {.index = index};
	int rc;

	if (index < 0 || (uint64_t)index >= d->n_rows)
		return grpo__fail(GRPO_EINVAL, "%s: row %lld of %zu", d->path,
				  (long long)index, d->n_rows);
	r.line = d->rows[index].line;
	rc = read_row(d, &r, &d->rows[index]);
	if (rc < 0)
		grpo_row_dispose(&r);
	else
		*row = r;
	return rc;
}
