/* SPDX-License-Identifier: MIT */
#include "extract.h"

#include <string.h>

#include "../row.h"
#include "shared/names.h"

/* ------------------------------------------------------------------ lines */

/* The next line, without its end; 0 where there is none. */
static int next_line(grpo_str *rest, grpo_str *line)
{
	const char *end;

	if (!rest->len)
		return 0;
	end = memchr(rest->ptr, '\n', rest->len);
	line->ptr = rest->ptr;
	line->len = end ? (size_t)(end - rest->ptr) : rest->len;
	rest->ptr += line->len + (end != NULL);
	rest->len -= line->len + (end != NULL);
	if (line->len && line->ptr[line->len - 1] == '\r')
		line->len--;
	return 1;
}

static size_t indentation(grpo_str line)
{
	size_t n = 0;

	while (n < line.len && (line.ptr[n] == ' ' || line.ptr[n] == '\t'))
		n++;
	return n;
}

struct fence {
	char mark; /* '`' or '~'; 0: none is open */
	size_t length, indent;
	int fits; /* of the language, or of none */
};

/* How many marks the line begins with, after its indentation; 0 below three. */
static size_t count_marks(grpo_str line, char *mark)
{
	size_t from = indentation(line), n = from;

	if (from == line.len ||
	    (line.ptr[from] != '`' && line.ptr[from] != '~'))
		return 0;
	*mark = line.ptr[from];
	while (n < line.len && line.ptr[n] == *mark)
		n++;
	return n - from >= 3 ? n - from : 0;
}

/* The first word behind the marks: "python", "{.python", "". */
static struct code_view info_of(grpo_str line, size_t length)
{
	size_t from = indentation(line) + length, n;

	while (from < line.len &&
	       (line.ptr[from] == ' ' || line.ptr[from] == '\t' ||
		line.ptr[from] == '{' || line.ptr[from] == '.'))
		from++;
	n = from;
	while (n < line.len && !strchr(" \t{},:", line.ptr[n]))
		n++;
	return (struct code_view){line.ptr + from, n - from};
}

/* A line of marks opens a block; code between marks on one line is none. */
static int opens(grpo_str line, struct fence *f, int language)
{
	struct code_view info;
	char mark;
	size_t n = count_marks(line, &mark);

	if (!n)
		return 0;
	info = info_of(line, n);
	if (mark == '`' &&
	    memchr(info.ptr, '`', (size_t)(line.ptr + line.len - info.ptr)))
		return 0;
	*f = (struct fence){.mark = mark,
			    .length = n,
			    .indent = indentation(line),
			    .fits = !info.len ||
				    code_language_find(info) == language};
	return 1;
}

static int closes(grpo_str line, const struct fence *f)
{
	char mark;
	size_t n = count_marks(line, &mark);

	return n >= f->length && mark == f->mark &&
	       row_is_blank((grpo_str){line.ptr + indentation(line) + n,
				       line.len - indentation(line) - n});
}

/* ------------------------------------------------------------- the thought */

/* Where the last tags of a thought stand; NULL: there is none. */
struct tags {
	const char *open, *close; /* <think>, and behind </think> */
};

static const char *find_last(grpo_str text, const char *what)
{
	size_t n = strlen(what);

	for (size_t i = text.len; i >= n && n > 0; i--)
		if (memcmp(text.ptr + i - n, what, n) == 0)
			return text.ptr + i - n;
	return NULL;
}

static void note_tags(struct tags *t, grpo_str text)
{
	const char *open = find_last(text, "<think>");
	const char *close = find_last(text, "</think>");

	if (open)
		t->open = open;
	if (close)
		t->close = close + strlen("</think>");
}

/* The tags outside of blocks: a program may print a tag.  A fence that is never
 * closed makes no block. */
static struct tags find_tags(grpo_str text)
{
	struct tags found = {0}, inside = {0};
	struct fence f = {0};
	grpo_str line;

	while (next_line(&text, &line)) {
		if (f.mark) {
			if (closes(line, &f))
				f.mark = 0;
			else
				note_tags(&inside, line);
		} else if (opens(line, &f, CODE_PYTHON)) {
			inside = found;
			note_tags(&inside, line);
		} else {
			note_tags(&found, line);
		}
	}
	return f.mark ? inside : found;
}

/* What follows the thought; 0, or -1 where it is not closed.  A thought with an
 * odd fence seems to end inside of a block. */
static int skip_thought(grpo_str *text)
{
	struct tags found = find_tags(*text), all = {0};

	if (found.open && (!found.close || found.close < found.open)) {
		note_tags(&all, *text);
		if (!all.close || all.close < found.open)
			return -1;
		found.close = all.close;
	}
	if (found.close) {
		text->len -= (size_t)(found.close - text->ptr);
		text->ptr = found.close;
	}
	return 0;
}

/* --------------------------------------------------------------- the block */

static int add_line(struct code_bytes *out, grpo_str line, size_t indent)
{
	size_t skip = indentation(line);

	skip = skip < indent ? skip : indent;
	return code_bytes_add(out, line.ptr + skip, line.len - skip) < 0
		   ? -1
		   : code_bytes_add(out, "\n", 1);
}

/* The blocks, one by one: the last that fits stays in `out`. */
static enum extract_result take_last(struct code_bytes *out, grpo_str text,
				     int language)
{
	enum extract_result result = EXTRACT_NO_BLOCK;
	struct fence f = {0};
	size_t start = out->len;
	grpo_str line;

	while (next_line(&text, &line)) {
		if (!f.mark) {
			if (opens(line, &f, language) && f.fits)
				out->len = start;
		} else if (closes(line, &f)) {
			f.mark = 0;
			if (f.fits)
				result = EXTRACT_FOUND;
		} else if (f.fits && add_line(out, line, f.indent) < 0) {
			return EXTRACT_NO_MEMORY;
		}
	}
	if (f.mark)
		result = EXTRACT_NOT_CLOSED;
	if (result != EXTRACT_FOUND)
		out->len = start;
	return result;
}

enum extract_result extract_program(struct code_bytes *out, grpo_str completion,
				    int language)
{
	grpo_str text = row_cut_end_tokens(completion);

	if (skip_thought(&text) < 0)
		return EXTRACT_THINKING;
	return take_last(out, text, language);
}

const char *extract_why(enum extract_result r)
{
	switch (r) {
	case EXTRACT_NO_BLOCK:
		return "no fenced block of this language";
	case EXTRACT_NOT_CLOSED:
		return "the last fence is not closed";
	case EXTRACT_THINKING:
		return "the thought is not closed";
	case EXTRACT_NO_MEMORY:
		return "out of memory";
	default:
		return "found";
	}
}
