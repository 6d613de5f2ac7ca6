/* SPDX-License-Identifier: MIT */
#include "blocks.h"

#include <string.h>
#include <utf8proc.h>

#define MAX_TAG 64 /* letters of a tag's name */

static const struct kind {
	enum block block;
	const char *open, *close;
	int is_line; /* both on one line */
} kinds[] = {
    {BLOCK_CODE, "```", "```", 0},         {BLOCK_CODE, "`", "`", 1},
    {BLOCK_MATH, "$$", "$$", 0},           {BLOCK_MATH, "$", "$", 1},
    {BLOCK_MATH, "\\[", "\\]", 0},         {BLOCK_MATH, "\\(", "\\)", 0},
    {BLOCK_MATH, "\\begin{", "\\end{", 0},
};
#define N_KINDS (sizeof kinds / sizeof *kinds)

struct scan {
	grpo_str text;
	uint32_t skip;
	int is_unclosed[N_KINDS]; /* no closing mark from here to the end */
};

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_space(char c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static int is_at(grpo_str text, size_t at, const char *mark)
{
	size_t n = strlen(mark);

	return text.len - at >= n && memcmp(text.ptr + at, mark, n) == 0;
}

/* The first `mark` from `at` on, only on the same line if asked; text.len if
 * there is none. */
static size_t find(grpo_str text, size_t at, const char *mark, int is_line)
{
	for (; at < text.len && !(is_line && text.ptr[at] == '\n'); at++)
		if (is_at(text, at, mark))
			return at;
	return text.len;
}

/* $5 and $10 are no formula: it has no spaces just inside. */
static int is_formula(grpo_str text, size_t from, size_t to)
{
	return to > from && !is_space(text.ptr[from]) &&
	       !is_space(text.ptr[to - 1]);
}

/* Bytes of the block of kind k that begins at `at`, or 0. */
static size_t block_of_kind(struct scan *s, size_t k, size_t at)
{
	const struct kind *kind = &kinds[k];
	size_t from = at + strlen(kind->open), to;

	if (!(s->skip & kind->block) || s->is_unclosed[k] ||
	    !is_at(s->text, at, kind->open))
		return 0;
	to = find(s->text, from, kind->close, kind->is_line);
	if (to == s->text.len) {
		s->is_unclosed[k] = !kind->is_line;
		return 0;
	}
	if (kind->open[0] == '$' && kind->is_line &&
	    !is_formula(s->text, from, to))
		return 0;
	to += strlen(kind->close);
	if (strcmp(kind->close, "\\end{") == 0) /* and the name after it */
		while (to < s->text.len &&
		       (is_letter(s->text.ptr[to]) || s->text.ptr[to] == '*'))
			to++;
	return to - at;
}

/* <name>, </name>, <name/> */
static size_t tag_at(grpo_str text, size_t at)
{
	size_t from = at + 1, to;

	if (from < text.len && text.ptr[from] == '/')
		from++;
	to = from;
	while (to < text.len && to - from < MAX_TAG &&
	       (is_letter(text.ptr[to]) || text.ptr[to] == '_' ||
		text.ptr[to] == '-'))
		to++;
	if (to == from)
		return 0;
	if (to < text.len && text.ptr[to] == '/')
		to++;
	return to < text.len && text.ptr[to] == '>' ? to + 1 - at : 0;
}

/* \name, or a backslash with what it escapes, so that \$ opens nothing. */
static size_t command_at(grpo_str text, size_t at)
{
	size_t to = at + 1;

	while (to < text.len && is_letter(text.ptr[to]))
		to++;
	if (to == at + 1 && to < text.len && (unsigned char)text.ptr[to] < 0x80)
		to++;
	return to - at;
}

/* Bytes to leave out at `at`, or 0. */
static size_t block_at(struct scan *s, size_t at)
{
	char c = s->text.ptr[at];
	size_t n = 0;

	if (c == '<')
		return s->skip & BLOCK_TAGS ? tag_at(s->text, at) : 0;
	if (c != '`' && c != '$' && c != '\\')
		return 0;
	for (size_t k = 0; k < N_KINDS && n == 0; k++)
		n = block_of_kind(s, k, at);
	if (n == 0 && c == '\\' && s->skip & BLOCK_MATH)
		n = command_at(s->text, at);
	return n;
}

void blocks_blank(char *out, grpo_str text, uint32_t skip)
{
	struct scan s = {.text = text, .skip = skip};

	for (size_t at = 0, n; at < text.len; at += n) {
		const utf8proc_uint8_t *p =
		    (const utf8proc_uint8_t *)text.ptr + at;
		utf8proc_ssize_t bytes;
		utf8proc_int32_t c;

		n = block_at(&s, at);
		if (n > 0) {
			memset(out + at, ' ', n);
			continue;
		}
		bytes =
		    utf8proc_iterate(p, (utf8proc_ssize_t)(text.len - at), &c);
		n = bytes > 0 ? (size_t)bytes : 1;
		if (bytes > 0)
			memcpy(out + at, p, n);
		else
			out[at] = ' ';
	}
}
