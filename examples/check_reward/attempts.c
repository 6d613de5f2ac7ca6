/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "attempts.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"

static const char usual_thought[] = "Let me think about this.";

static void add(struct maker *m, int shape, char *text)
{
	struct attempt *more;

	if (text && m->n == m->cap) {
		m->cap = m->cap ? 2 * m->cap : 256;
		more = realloc(m->attempts, m->cap * sizeof *more);
		if (!more) {
			free(text);
			text = NULL;
			m->cap = m->n;
		} else {
			m->attempts = more;
		}
	}
	if (!text) {
		m->no_memory = 1;
		return;
	}
	m->attempts[m->n++] =
	    (struct attempt){m->row, m->kind, shape, {text, strlen(text)}};
}

/* The text with one word of it replaced; frees what it was given. */
static char *fill(char *text, const char *word, const char *by)
{
	char *at = text ? strstr(text, word) : NULL, *out;
	size_t n;

	if (!at)
		return text;
	n = strlen(text) + strlen(by) + 1;
	out = malloc(n);
	if (out)
		snprintf(out, n, "%.*s%s%s", (int)(at - text), text, by,
			 at + strlen(word));
	free(text);
	return out;
}

static char *print(const char *format, va_list args)
{
	va_list again;
	char *out;
	int n;

	va_copy(again, args);
	n = vsnprintf(NULL, 0, format, again);
	va_end(again);
	out = n < 0 ? NULL : malloc((size_t)n + 1);
	if (out)
		vsnprintf(out, (size_t)n + 1, format, args);
	return out;
}

/* {answer} is filled in first, once: a thought or an answer may hold the same
 * word. */
void attempt(struct maker *m, const char *thought, const char *format, ...)
{
	va_list args;
	char *answer;

	va_start(args, format);
	answer = print(format, args);
	va_end(args);
	m->no_memory |= !answer;
	for (int i = 0; answer && i < m->n_shapes; i++) {
		char *text = strdup(m->shapes[i].text);
		int has_thought =
		    strstr(m->shapes[i].text, "{thought}") != NULL;

		if (thought && !has_thought) { /* it would be an answer */
			free(text);
			continue;
		}
		text = fill(text, "{answer}", answer);
		add(m, i,
		    fill(text, "{thought}", thought ? thought : usual_thought));
	}
	free(answer);
}

void attempt_whole(struct maker *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(m, -1, print(format, args));
	va_end(args);
}

/* Of the attempts from `first` on, which are of one kind, every stride-th
 * stays, another for each row, and at least one. */
static void thin(struct maker *m, size_t first)
{
	size_t n = m->n - first, kept = first, stride = (size_t)m->stride;
	size_t turn = (size_t)m->row % (n < stride ? n + !n : stride);

	for (size_t i = 0; i < n; i++)
		if (i % stride == turn)
			m->attempts[kept++] = m->attempts[first + i];
		else
			free((char *)m->attempts[first + i].text.ptr);
	m->n = kept;
}

int attempts_make(struct maker *m, int64_t row)
{
	m->row = row;
	for (m->kind = 0; m->kind < attack_n_kinds(); m->kind++) {
		size_t first = m->n;

		attack_kinds[m->kind].make(m);
		if (m->stride > 1)
			thin(m, first);
	}
	return m->no_memory ? fail(GRPO_ENOMEM, "out of memory") : 0;
}

void attempts_clear(struct maker *m)
{
	for (size_t i = 0; i < m->n; i++)
		free((char *)m->attempts[i].text.ptr);
	m->n = 0;
}
