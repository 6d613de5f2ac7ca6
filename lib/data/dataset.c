/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/json.h"
#include "core/mem.h"
#include "core/struct.h"
#include "data/columns.h"
#include "grpo/dataset.h"

#define MAX_LINE_BYTES ((size_t)256 << 20)
#define CHUNK_BYTES ((size_t)256 << 10)

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
};

/* What a row owns. */
struct owned {
	char *text;
	grpo__json_member *members;
	size_t n_members;
};

static char *describe_place(const grpo_dataset *d, int64_t line)
{
	grpo__buf b = {0};

	if (grpo__buf_printf(&b, "%s:%lld", d->path, (long long)line) < 0)
		grpo__buf_dispose(&b);
	return b.data;
}

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

static int check_messages(const grpo__json_member *m, const char *column,
			  const char *where)
{
	cJSON *list = NULL;
	const cJSON *v;
	int rc = 0;

	GRPO_TRY(grpo__json_parse(&list, m->value, m->value_len, where));
	GRPO_FAIL_IF(!list->child, GRPO_EFORMAT,
		     "%s: \"%s\": the list of messages is empty", where,
		     column);
	cJSON_ArrayForEach(v, list) GRPO_TRY(check_message(v, column, where));
out:
	cJSON_Delete(list);
	return rc;
}

/* `column` is the file's name of it. */
static int check_prompt(const grpo__json_member *m, const char *column,
			const char *where)
{
	if (m->value[0] == '"')
		return 0;
	if (m->value[0] == '[')
		return check_messages(m, column, where);
	return grpo__fail(GRPO_EFORMAT,
			  "%s: \"%s\": expected text or a list of messages",
			  where, column);
}

/* The members of one row under our names, checked; *prompt is its prompt's,
 * *n where it has none. */
static int parse_row(const grpo_dataset *d, grpo__json_member **out, size_t *n,
		     size_t *prompt, const char *text, size_t len,
		     const char *where)
{
	const char *column = grpo__columns_theirs(&d->columns, "prompt");
	grpo__json_member *m = NULL;
	int rc = 0;

	GRPO_TRY(grpo__json_members(&m, n, text, len, where));
	GRPO_TRY(grpo__columns_apply(&d->columns, &m, n));
	for (*prompt = 0; *prompt < *n; ++*prompt)
		if (!strcmp(m[*prompt].key, "prompt"))
			break;
	GRPO_FAIL_IF(*prompt == *n && !d->prompt_optional, GRPO_EFORMAT,
		     "%s: \"%s\" is missing", where, column);
	if (*prompt < *n)
		GRPO_TRY(check_prompt(&m[*prompt], column, where));
out:
	if (rc < 0) {
		grpo__json_members_free(m, *n);
		m = NULL;
		*n = 0;
	}
	*out = m;
	return rc;
}

static int is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r", text[len - 1]) && text[len - 1])
		len--;
	return len == 0;
}

/* Checks one line and adds it to the index. */
static int add_line(grpo_dataset *d, const char *text, size_t len,
		    int64_t offset, int64_t line)
{
	struct place place = {.offset = offset, .line = line, .len = len};
	grpo__json_member *m = NULL;
	size_t n = 0, prompt;
	char *where = NULL;
	int rc = 0;

	if (is_blank(text, len))
		return 0;
	where = describe_place(d, line);
	if (!where)
		return GRPO_ENOMEM;
	GRPO_TRY(parse_row(d, &m, &n, &prompt, text, len, where));
	GRPO_TRY(
	    grpo__grow(&d->rows, &d->rows_cap, d->n_rows + 1, sizeof *d->rows));
	d->rows[d->n_rows++] = place;
	grpo__columns_mark(&d->columns, m, n);
out:
	grpo__json_members_free(m, n);
	free(where);
	return rc;
}

/* The file as a stream: [0, len) of data is read and not yet used. */
struct stream {
	char *data;
	size_t len, cap;
	int64_t offset; /* of data[0] in the file */
	int64_t line;   /* that data[0] stands in */
	int at_end;
};

static int read_more(const grpo_dataset *d, struct stream *s)
{
	ssize_t n;
	int rc = 0;

	GRPO_FAIL_IF(s->len > MAX_LINE_BYTES, GRPO_EFORMAT,
		     "%s:%lld: the line is longer than %zu bytes", d->path,
		     (long long)s->line, MAX_LINE_BYTES);
	GRPO_TRY(grpo__grow(&s->data, &s->cap, s->len + CHUNK_BYTES, 1));
	do
		n = read(d->fd, s->data + s->len, s->cap - s->len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return grpo__fail_errno("%s", d->path);
	s->at_end = n == 0;
	s->len += (size_t)n;
out:
	return rc;
}

/* Uses all whole lines, and at the end of the file what is left. */
static int use_lines(grpo_dataset *d, struct stream *s)
{
	const char *p = s->data, *end = s->data + s->len, *stop;
	int rc = 0;

	while (p < end) {
		stop = memchr(p, '\n', (size_t)(end - p));
		if (!stop && !s->at_end)
			break;
		if (!stop)
			stop = end;
		GRPO_TRY(add_line(d, p, (size_t)(stop - p),
				  s->offset + (p - s->data), s->line));
		s->line++;
		p = stop < end ? stop + 1 : end;
	}
	s->offset += p - s->data;
	s->len = (size_t)(end - p);
	memmove(s->data, p, s->len);
out:
	return rc;
}

/* Some editors begin a file with a byte order mark. */
static void skip_mark(struct stream *s)
{
	if (s->offset == 0 && s->len >= 3 &&
	    !memcmp(s->data, "\xef\xbb\xbf", 3)) {
		s->offset = 3;
		s->len -= 3;
		memmove(s->data, s->data + 3, s->len);
	}
}

static int read_index(grpo_dataset *d)
{
	struct stream s = {.line = 1};
	int rc = 0;

	while (!s.at_end) {
		GRPO_TRY(read_more(d, &s));
		skip_mark(&s);
		GRPO_TRY(use_lines(d, &s));
	}
	GRPO_FAIL_IF(d->n_rows == 0, GRPO_EFORMAT, "%s: has no rows", d->path);
out:
	free(s.data);
	return rc;
}

static int open_file(grpo_dataset *d)
{
	struct stat st;
	int rc = 0;

	d->fd = open(d->path, O_RDONLY | O_CLOEXEC);
	if (d->fd < 0 || fstat(d->fd, &st) != 0)
		return grpo__fail_errno("%s", d->path);
	GRPO_FAIL_IF(!S_ISREG(st.st_mode), GRPO_EIO,
		     "%s: is no file (rows are read again by their place)",
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

/* A name in the map that no row has is a slip of the pen. */
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
			return grpo__fail(GRPO_EIO,
					  "%s:%lld: the file became shorter "
					  "while it was in use",
					  d->path, (long long)place->line);
		done += (size_t)n;
	}
	return 0;
}

static grpo_cell cell_of(const grpo__json_member *m)
{
	grpo_cell cell = {m->key, m->value, m->value_len};

	return cell;
}

/* Members into cells; a prompt that is text is decoded. */
static int fill_row(grpo_row *row, const struct owned *own, size_t prompt)
{
	const grpo__json_member *m;
	size_t i;

	row->cells = grpo__alloc(own->n_members, sizeof *row->cells);
	if (!row->cells)
		return GRPO_ENOMEM;
	row->n_cells = own->n_members;
	for (i = 0; i < own->n_members; i++)
		row->cells[i] = cell_of(&own->members[i]);
	if (prompt == own->n_members)
		return 0;
	m = &own->members[prompt];
	row->prompt_json = cell_of(m);
	if (m->value[0] != '"')
		return 0;
	return grpo__json_decode(&row->prompt, &row->prompt_len, m->value,
				 m->value_len);
}

/* The line is read and checked again: the file may have changed. */
static int read_row(const grpo_dataset *d, grpo_row *row,
		    const struct place *place)
{
	struct owned *own = row->owned;
	char *where = NULL;
	size_t prompt = 0;
	int rc = 0;

	own->text = grpo__alloc(place->len + 1, 1);
	where = describe_place(d, place->line);
	GRPO_FAIL_IF(!own->text || !where, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(read_text(d, own->text, place));
	GRPO_TRY(parse_row(d, &own->members, &own->n_members, &prompt,
			   own->text, place->len, where));
	rc = fill_row(row, own, prompt);
out:
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
	r.owned = grpo__alloc(1, sizeof(struct owned));
	if (!r.owned)
		return GRPO_ENOMEM;
	rc = read_row(d, &r, &d->rows[index]);
	if (rc < 0)
		grpo_row_dispose(&r);
	else
		*row = r;
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
	size_t i;

	for (i = 0; i < row->n_cells; i++)
		if (!strcmp(row->cells[i].name, name))
			return &row->cells[i];
	return NULL;
}
