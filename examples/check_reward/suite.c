/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "suite.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "examples/fault.h"

static grpo_str str(const char *s)
{
	return (grpo_str){s, s ? strlen(s) : 0};
}

int suite_add_row(struct suite *s, const struct a_row *row)
{
	struct a_row *more =
	    realloc(s->rows, ((size_t)s->n + 1) * sizeof *more);

	if (!more)
		return fail(GRPO_ENOMEM, "out of memory");
	s->rows = more;
	s->rows[s->n] = *row;
	s->rows[s->n].number = s->n;
	s->n++;
	return 0;
}

/* Its number among those that differ. */
static int find_params(struct suite *s, const char *json)
{
	const char **more;

	for (int i = 0; i < s->n_params; i++)
		if (strcmp(s->params[i], json) == 0)
			return i;
	more = realloc(s->params, ((size_t)s->n_params + 1) * sizeof *more);
	if (!more)
		return fail(GRPO_ENOMEM, "out of memory");
	s->params = more;
	s->params[s->n_params] = json;
	return s->n_params++;
}

/* ------------------------------------------------------------------ cases */

/* The text of a column that is text; NULL where it is not there. */
static int text_of(char **out, size_t *len, const grpo_row *row,
		   const char *name, const char *where)
{
	const grpo_cell *cell = grpo_row_cell(row, name);

	*out = NULL;
	*len = 0;
	if (!cell)
		return 0;
	if (cell->json[0] != '"')
		return fail(GRPO_EFORMAT, "%s: \"%s\": expected text", where,
			    name);
	return grpo_cell_text(out, len, cell);
}

static int read_finish(struct a_row *r, const grpo_row *row)
{
	static const char *const names[] = {"STOP", "LENGTH", "ABORT"};
	char *name;
	size_t len;
	int rc = text_of(&name, &len, row, "finish", r->where);

	if (rc < 0 || !name)
		return rc;
	for (uint8_t i = 0; i < 3; i++)
		if (strcasecmp(name, names[i]) == 0) {
			r->v.finish = i;
			return 0;
		}
	return fail(GRPO_EFORMAT,
		    "%s: \"finish\": expected STOP, LENGTH or ABORT", r->where);
}

/* A column that is a number; `none` where it is not there. */
static int number_of(double *out, const grpo_row *row, const char *name,
		     double none, const char *where)
{
	const grpo_cell *cell = grpo_row_cell(row, name);
	char *end;

	*out = none;
	if (!cell)
		return 0;
	*out = strtod(cell->json, &end);
	if (end != cell->json + cell->json_len || !(*out >= 0 && *out <= 1e8))
		return fail(GRPO_EFORMAT, "%s: \"%s\": expected a number",
			    where, name);
	return 0;
}

/* The text, "times" over. */
static int read_completion(struct a_row *r, const grpo_row *row)
{
	double times;
	char *once, *p;
	size_t len;
	int rc = 0;

	TRY(text_of(&once, &len, row, "completion", r->where));
	FAIL_IF(!once, GRPO_EFORMAT, "%s: \"completion\" is missing", r->where);
	TRY(number_of(&times, row, "times", 1, r->where));
	r->v.completion = (grpo_str){once, len};
	if (times == 1)
		return 0;
	p = malloc(len * (size_t)times + 1);
	FAIL_IF(!p, GRPO_ENOMEM, "out of memory");
	for (size_t i = 0; i < (size_t)times; i++)
		memcpy(p + i * len, once, len);
	r->v.completion = (grpo_str){p, len * (size_t)times};
out:
	return rc;
}

/* A list of ids, or how many there are. */
static int read_tokens(struct a_row *r, const grpo_row *row)
{
	const grpo_cell *cell = grpo_row_cell(row, "tokens");
	int is_list = cell && cell->json[0] == '[';
	double most = 0;
	int32_t *ids;
	int64_t n = 0;
	int rc = 0;

	if (!cell)
		return 0;
	if (!is_list)
		TRY(number_of(&most, row, "tokens", 0, r->where));
	ids =
	    calloc((is_list ? cell->json_len : (size_t)most) + 1, sizeof *ids);
	FAIL_IF(!ids, GRPO_ENOMEM, "out of memory");
	for (const char *p = cell->json + 1; is_list && *p != ']';) {
		char *end;

		ids[n] = (int32_t)strtol(p, &end, 10);
		FAIL_IF(end == p, GRPO_EFORMAT,
			"%s: \"tokens\": expected ids or a number", r->where);
		n++;
		p = end + strspn(end, " ,\t");
	}
	r->v.tokens = ids;
	r->v.n_tokens = is_list ? n : (int64_t)most;
out:
	return rc;
}

/* What is expected: "reward" and "status". */
static int read_expected(struct a_row *r, const grpo_row *row)
{
	const grpo_cell *reward = grpo_row_cell(row, "reward");
	char *status, *says, *group, *end;
	size_t len;
	int rc = 0;

	TRY(text_of(&says, &len, row, "says", r->where));
	TRY(text_of(&group, &len, row, "group", r->where));
	TRY(number_of(&r->within, row, "within", 0, r->where));
	r->says = says;
	r->group = group;
	TRY(text_of(&status, &len, row, "status", r->where));
	FAIL_IF(!reward || !status, GRPO_EFORMAT,
		"%s: \"reward\" or \"status\" is missing", r->where);
	r->status = status;
	if (reward->json_len == 4 && memcmp(reward->json, "null", 4) == 0) {
		r->reward = NAN;
		return 0;
	}
	r->reward = strtod(reward->json, &end);
	FAIL_IF(end != reward->json + reward->json_len, GRPO_EFORMAT,
		"%s: \"reward\": expected a number or null", r->where);
out:
	return rc;
}

static int is_column(const char *key)
{
	static const char *const others[] = {
	    "case",   "prompt", "completion", "params", "finish", "reward",
	    "status", "times",  "tokens",     "group",  "within", "says"};

	for (size_t i = 0; i < sizeof others / sizeof *others; i++)
		if (strcmp(others[i], key) == 0)
			return 0;
	return 1;
}

static int read_columns(struct a_row *r, const grpo_row *row)
{
	grpo_str *columns = calloc(2 * row->n_cells + 1, sizeof *columns);
	grpo_str *cells;
	size_t n = 0;

	if (!columns)
		return fail(GRPO_ENOMEM, "out of memory");
	cells = columns + row->n_cells;
	for (size_t i = 0; i < row->n_cells; i++) {
		const grpo_cell *c = &row->cells[i];

		if (!is_column(c->name))
			continue;
		columns[n] = str(c->name);
		cells[n++] = (grpo_str){c->json, c->json_len};
	}
	r->v.columns = columns;
	r->v.cells = cells;
	r->v.n_columns = n;
	return 0;
}

static int read_params(struct a_row *r, struct suite *s, const grpo_row *row,
		       const char *others)
{
	const grpo_cell *cell = grpo_row_cell(row, "params");
	const char *json = cell ? strndup(cell->json, cell->json_len) : others;

	if (!json)
		return fail(GRPO_ENOMEM, "out of memory");
	r->params = find_params(s, json);
	return r->params < 0 ? r->params : 0;
}

static int read_case(struct suite *s, const grpo_row *row, const char *path,
		     const char *params)
{
	struct a_row r = {.is_case = 1};
	char *text, *title;
	size_t len;
	int rc = 0;

	snprintf(r.where, sizeof r.where, "%.200s:%lld", path,
		 (long long)row->line);
	r.v.struct_size = sizeof r.v;
	TRY(text_of(&title, &len, row, "case", r.where));
	r.title = title ? title : "";
	TRY(read_completion(&r, row));
	TRY(read_tokens(&r, row));
	TRY(text_of(&text, &len, row, "prompt", r.where));
	r.v.prompt = (grpo_str){text, len};
	TRY(read_finish(&r, row));
	TRY(read_expected(&r, row));
	TRY(read_columns(&r, row));
	TRY(read_params(&r, s, row, params));
	rc = suite_add_row(s, &r);
out:
	return rc;
}

static int same_group(const struct a_row *a, const struct a_row *b)
{
	return a == b || (a->params == b->params && a->group && b->group &&
			  strcmp(a->group, b->group) == 0);
}

/* A group has the number of its first case. */
static int number_groups(struct suite *s)
{
	for (int64_t i = 0; i < s->n; i++) {
		grpo_reward_row *v = &s->rows[i].v;

		v->group = (uint32_t)s->n;
		for (int64_t j = s->n - 1; j >= 0; j--) {
			if (!same_group(&s->rows[i], &s->rows[j]))
				continue;
			v->group = (uint32_t)j;
			v->group_size++;
		}
		if (v->group_size > MOST_GROUP)
			return fail(GRPO_EINVAL,
				    "%s: a group of more than %d cases",
				    s->rows[i].where, MOST_GROUP);
	}
	return 0;
}

static int read_cases(struct suite *s, const char *path, const char *params)
{
	grpo_jsonl *file;
	grpo_row row;
	int rc = 0;

	TRY(grpo_jsonl_open(&file, path));
	while ((rc = grpo_jsonl_next(file, &row)) > 0)
		TRY(read_case(s, &row, path, params));
	FAIL_IF(rc == 0 && s->n == 0, GRPO_EFORMAT, "%s: has no cases", path);
	s->n_cases = s->n;
	TRY(rc);
	rc = number_groups(s);
out:
	return rc;
}

static int by_params(const void *a, const void *b)
{
	const struct a_row *x = a, *y = b;

	if (x->params != y->params)
		return x->params < y->params ? -1 : 1;
	if (x->v.group != y->v.group)
		return x->v.group < y->v.group ? -1 : 1;
	return x->number < y->number ? -1 : 1;
}

static void sort_rows(struct suite *s)
{
	qsort(s->rows, (size_t)s->n, sizeof *s->rows, by_params);
}

/* ------------------------------------------------------- rows without answer
 */

static int read_prompt(struct suite *s, const grpo_row *row, const char *path,
		       const char *params)
{
	struct a_row r = {.title = ""};
	int rc = 0;

	snprintf(r.where, sizeof r.where, "%.200s:%lld", path,
		 (long long)row->line);
	r.v.struct_size = sizeof r.v;
	r.v.prompt = (grpo_str){row->prompt, row->prompt_len};
	if (!row->prompt)
		r.v.prompt = (grpo_str){row->prompt_json.json,
					row->prompt_json.json_len};
	TRY(read_columns(&r, row));
	TRY(r.params = find_params(s, params));
	rc = suite_add_row(s, &r);
out:
	return rc;
}

static int read_dataset(struct suite *s, const char *path, const char *params)
{
	grpo_jsonl *file;
	grpo_row row;
	int rc = 0;

	TRY(grpo_jsonl_open(&file, path));
	while ((rc = grpo_jsonl_next(file, &row)) > 0)
		TRY(read_prompt(s, &row, path, params));
out:
	return rc;
}

static int equal(grpo_str a, grpo_str b)
{
	return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

static int same_prompt(const struct a_row *a, const struct a_row *b)
{
	if (a->params != b->params || !equal(a->v.prompt, b->v.prompt) ||
	    a->v.n_columns != b->v.n_columns)
		return 0;
	for (size_t c = 0; c < a->v.n_columns; c++)
		if (!equal(a->v.columns[c], b->v.columns[c]) ||
		    !equal(a->v.cells[c], b->v.cells[c]))
			return 0;
	return 1;
}

/* Cases with parameters of their own try those, and are left out. */
static void drop_repeated(struct suite *s, const char *params)
{
	int64_t n = 0;

	for (int64_t i = 0; i < s->n; i++) {
		int64_t j = 0;

		if (strcmp(s->params[s->rows[i].params], params) != 0)
			continue;

		while (j < n && !same_prompt(&s->rows[i], &s->rows[j]))
			j++;
		if (j == n)
			s->rows[n++] = s->rows[i];
	}
	s->n = n;
}

int suite_read_prompts(struct suite *s, const char *cases, const char *dataset,
		       const char *params)
{
	int rc = 0;

	*s = (struct suite){0};
	if (cases[0]) {
		TRY(read_cases(s, cases, params));
		drop_repeated(s, params);
	}
	if (dataset[0])
		TRY(read_dataset(s, dataset, params));
	FAIL_IF(s->n == 0, GRPO_EINVAL,
		"there are no rows to attack: give "
		"cases, or --dataset FILE");
	for (int64_t i = 0; i < s->n; i++)
		s->rows[i].v.group = (uint32_t)i;
	sort_rows(s);
out:
	return rc;
}

int suite_read(struct suite *s, const char *path, const char *params)
{
	int own, rc = 0;

	*s = (struct suite){0};
	if (path[0])
		TRY(read_cases(s, path, params));
	TRY(own = find_params(s, params));
	TRY(suite_add_made(s, own));
	sort_rows(s);
out:
	return rc;
}
