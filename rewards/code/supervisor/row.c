/* SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>

#include "row.h"

enum { NOTE_BYTES = 200 };

static int64_t now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

void row_begin(struct row *row)
{
	int64_t deadline = row->request->deadline_ms;

	row->end_ms = deadline > 0 ? now_ms() + deadline : INT64_MAX;
}

int64_t row_time_left(const struct row *row)
{
	int64_t left;

	if (row->end_ms == INT64_MAX)
		return INT64_MAX;
	left = row->end_ms - now_ms();
	return left > 0 ? left : 0;
}

/* ---- limits ---- */

static int64_t lower(int64_t limit, int64_t other)
{
	return other > 0 && other < limit ? other : limit;
}

/* Limits of a row are made for compiled programs. */
static void lower_to_row(const struct row *row, struct jail_limits *limits)
{
	int slow = row->language->kind == LANGUAGE_PYTHON;
	const struct tests *t = &row->tests;

	limits->cpu_ms = lower(limits->cpu_ms, t->cpu_ms * (slow ? 3 : 1));
	if (t->memory_bytes)
		limits->memory_bytes =
		    lower(limits->memory_bytes,
			  t->memory_bytes + (slow ? 64 << 20 : 0));
}

void row_limits(const struct row *row, struct jail_limits *limits)
{
	const struct code_limits *l = &row->request->limits;
	int64_t left = row_time_left(row);

	limits->cpu_ms = l->cpu_ms;
	limits->wall_ms = l->wall_ms;
	limits->memory_bytes = l->memory_bytes;
	limits->output_bytes = l->output_bytes;
	lower_to_row(row, limits);
	if (left < limits->wall_ms)
		limits->wall_ms = left > 0 ? left : 1;
}

void row_used(struct row *row, const struct jail_end *end)
{
	struct code_response *r = row->response;

	if (end->cpu_us > r->cpu_us)
		r->cpu_us = end->cpu_us;
	if (end->peak_bytes > r->peak_bytes)
		r->peak_bytes = end->peak_bytes;
}

/* ---- notes ---- */

/* A byte as a note has it: lines stay visible, control bytes do no harm. */
static int add_byte(struct code_bytes *note, unsigned char c)
{
	if (c == '\n')
		return code_bytes_add(note, "\\n", 2);
	if (c == '\t')
		return code_bytes_add(note, " ", 1);
	if (c < 0x20 || c == 0x7f)
		return code_bytes_print(note, "\\x%02x", c);
	return code_bytes_add(note, &c, 1);
}

/* No UTF-8 character is cut in two. */
static size_t cut(struct code_view v)
{
	size_t n = NOTE_BYTES;

	if (v.len <= n)
		return v.len;
	while (n > NOTE_BYTES - 4 && ((unsigned char)v.ptr[n] & 0xc0) == 0x80)
		n--;
	return n;
}

void row_note(struct row *row, const char *name, struct code_view text)
{
	struct code_bytes *note = &row->response->note;
	size_t n = cut(text), i;

	if (!row->request->explain || code_bytes_print(note, "%s\t", name) < 0)
		return;
	for (i = 0; i < n; i++)
		if (add_byte(note, (unsigned char)text.ptr[i]) < 0)
			break;
	(void)code_bytes_print(note, "%s\n", n < text.len ? "..." : "");
}

void row_end(struct row *row, enum code_verdict verdict, const char *why)
{
	row->response->verdict = verdict;
	row_note(row, "why", code_view_text(why));
}
