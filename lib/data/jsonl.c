/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/mem.h"
#include "data/kind.h"
#include "data/row.h"
#include "data/stream.h"

struct grpo_jsonl {
	char *path;
	int owns_fd;
	int64_t n_rows; /* so far */
	grpo__stream stream;
};

static int open_stream(grpo_jsonl *j, const char *path)
{
	int is_stdin = strcmp(path, "-") == 0;
	const char *name = is_stdin ? "standard input" : path;

	j->path = grpo__strndup(name, strlen(name));
	if (!j->path)
		return GRPO_ENOMEM;
	j->stream =
	    (grpo__stream){.path = j->path, .fd = STDIN_FILENO, .line = 1};
	if (is_stdin)
		return 0;
	j->stream.fd = open(path, O_RDONLY | O_CLOEXEC);
	j->owns_fd = j->stream.fd >= 0;
	return j->owns_fd ? 0 : grpo__fail_errno("%s", path);
}

int grpo_jsonl_open(grpo_jsonl **out, const char *path)
{
	grpo_jsonl *j = grpo__alloc(1, sizeof *j);
	int rc = j ? open_stream(j, path) : GRPO_ENOMEM;

	*out = NULL;
	if (rc < 0)
		grpo_jsonl_free(j);
	else
		*out = j;
	return rc;
}

void grpo_jsonl_free(grpo_jsonl *j)
{
	if (!j)
		return;
	if (j->owns_fd)
		close(j->stream.fd);
	grpo__stream_dispose(&j->stream);
	free(j->path);
	free(j);
}

const char *grpo_jsonl_path(const grpo_jsonl *j)
{
	return j->path;
}

static int fill(const grpo_jsonl *j, grpo_row *row, const grpo__line *line)
{
	char *where = grpo__row_where(j->path, line->line);
	char *text = grpo__strndup(line->text, line->len);
	const char *kind;
	int rc = GRPO_ENOMEM;

	if (where && text)
		rc = grpo__row_fill(row, text, line->len, NULL, where);
	else
		free(text);
	kind = rc == GRPO_EFORMAT && line->line == 1
		   ? grpo__data_kind(j->path, line->text, line->len)
		   : NULL;
	if (kind)
		grpo__fail(rc, "%s:1: the file %s", j->path, kind);
	free(where);
	return rc;
}

int grpo_jsonl_next(grpo_jsonl *j, grpo_row *row)
{
	grpo_row r = {.index = j->n_rows};
	grpo__line line;
	int rc = grpo__stream_next(&j->stream, &line);

	if (rc <= 0)
		return rc;
	r.line = line.line;
	rc = fill(j, &r, &line);
	if (rc < 0) {
		grpo_row_dispose(&r);
		return rc;
	}
	j->n_rows++;
	*row = r;
	return 1;
}
