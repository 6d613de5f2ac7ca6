/* SPDX-License-Identifier: MIT */
#include "text/split.h"

#include <stdlib.h>
#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/fail.h"
#include "text/pattern.h"

/* Backtracking of one match, and KiB of heap for it without JIT. */
#define MATCH_LIMIT 10000000
#define HEAP_LIMIT_KIB 65536
#define JIT_STACK_BYTES (8 * 1024 * 1024)

struct grpo__matcher {
	pcre2_match_data *data;
	pcre2_match_context *context;
	pcre2_jit_stack *stack; /* NULL until the machine's is too small */
};

int grpo__step_compile(struct grpo__step *s, const char *pattern, int literal)
{
	uint32_t options;
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	grpo__buf translated = {0};
	PCRE2_UCHAR why[128];
	int error, rc = 0;
	PCRE2_SIZE at;

	GRPO_FAIL_IF(!context, GRPO_ENOMEM, "out of memory");
	options = literal ? PCRE2_UTF | PCRE2_LITERAL
			  : PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE;
	pcre2_set_newline(context, PCRE2_NEWLINE_LF);
	GRPO_TRY(grpo__buf_add(&translated, "", 0)); /* an empty one is text */
	if (literal)
		GRPO_TRY(grpo__buf_add(&translated, pattern, strlen(pattern)));
	else
		GRPO_TRY(grpo__pattern_translate(&translated, pattern,
						 strlen(pattern)));
	s->code = pcre2_compile((PCRE2_SPTR)translated.data, translated.len,
				options, &error, &at, context);
	if (!s->code && error == PCRE2_ERROR_HEAP_FAILED) {
		rc = grpo__fail(GRPO_ENOMEM, "out of memory");
		goto out;
	}
	if (!s->code) {
		pcre2_get_error_message(error, why, sizeof why);
		rc = grpo__fail(GRPO_EFORMAT, "\"%s\": %s", pattern,
				(const char *)why);
		goto out;
	}
	pcre2_jit_compile(s->code, PCRE2_JIT_COMPLETE); /* slower without */
out:
	grpo__buf_dispose(&translated);
	pcre2_compile_context_free(context);
	return rc;
}

void grpo__step_dispose(struct grpo__step *s)
{
	pcre2_code_free(s->code);
	s->code = NULL;
}

void grpo__matcher_free(struct grpo__matcher *m)
{
	if (!m)
		return;
	pcre2_match_data_free(m->data);
	pcre2_match_context_free(m->context);
	pcre2_jit_stack_free(m->stack);
	free(m);
}

static int matcher_create(struct grpo__matcher **out)
{
	struct grpo__matcher *m = grpo__alloc(1, sizeof *m);

	if (!m)
		return GRPO_ENOMEM;
	m->data = pcre2_match_data_create(1, NULL);
	m->context = pcre2_match_context_create(NULL);
	if (!m->data || !m->context) {
		grpo__matcher_free(m);
		return grpo__fail(GRPO_ENOMEM, "out of memory");
	}
	pcre2_set_match_limit(m->context, MATCH_LIMIT);
	pcre2_set_heap_limit(m->context, HEAP_LIMIT_KIB);
	*out = m;
	return 0;
}

/* The code runs on the caller's stack, 32 KiB of it, until that is short. */
static int larger_stack(struct grpo__matcher *m)
{
	if (m->stack)
		return 0;
	m->stack = pcre2_jit_stack_create(32768, JIT_STACK_BYTES, NULL);
	if (!m->stack)
		return 0;
	pcre2_jit_stack_assign(m->context, NULL, m->stack);
	return 1;
}

/* The first match at or after pos: 1, 0 or a failure. */
static int search(struct grpo__matcher *m, const pcre2_code *code,
		  const char *s, size_t len, size_t pos, grpo__span *found)
{
	PCRE2_UCHAR why[128];
	PCRE2_SIZE *at;
	int n;

	do
		n = pcre2_match(code, (PCRE2_SPTR)s, len, pos,
				PCRE2_NO_UTF_CHECK, m->data, m->context);
	while (n == PCRE2_ERROR_JIT_STACKLIMIT && larger_stack(m));
	if (n == PCRE2_ERROR_NOMATCH)
		return 0;
	if (n == PCRE2_ERROR_NOMEMORY)
		return grpo__fail(GRPO_ENOMEM, "out of memory");
	if (n < 0) {
		pcre2_get_error_message(n, why, sizeof why);
		return grpo__fail(GRPO_EFORMAT,
				  "the pre-tokenizer's regular expression "
				  "failed on a text of %zu bytes: %s",
				  len, (const char *)why);
	}
	at = pcre2_get_ovector_pointer(m->data);
	found->start = at[0];
	found->end = at[1];
	return 1;
}

static int spans_add(grpo__spans *s, size_t start, size_t end, int is_match)
{
	if (grpo__grow(&s->span, &s->cap, s->n + 1, sizeof *s->span) < 0)
		return GRPO_ENOMEM;
	s->span[s->n++] = (grpo__span){start, end, is_match};
	return 0;
}

static size_t char_bytes(const char *s)
{
	unsigned char c = (unsigned char)*s;

	return 1u + (c >= 0xc0) + (c >= 0xe0) + (c >= 0xf0);
}

/*
 * The matches of one piece and the text between them, in order, without gaps;
 * offsets are within the piece.  An empty match right after another match is
 * skipped, as in the iterator of the onig crate; other empty matches are kept,
 * since they affect what is merged.
 */
static int find_matches(const struct grpo__step *s, struct grpo__matcher *m,
			grpo__spans *out, const char *text, size_t len)
{
	size_t pos = 0, end = 0; /* end: of the last match */
	int rc = 0, any = 0;
	grpo__span f = {0};

	out->n = 0;
	while (pos <= len &&
	       (rc = search(m, s->code, text, len, pos, &f)) > 0) {
		if (f.start == f.end && any && f.start == end) {
			pos += pos < len ? char_bytes(text + pos) : 1;
			continue;
		}
		if (f.start != end)
			GRPO_TRY(spans_add(out, end, f.start, s->invert));
		GRPO_TRY(spans_add(out, f.start, f.end, !s->invert));
		pos = end = f.end;
		any = 1;
	}
	if (rc > 0) /* an empty match at the end was passed over */
		rc = 0;
	if (rc == 0 && end != len)
		rc = spans_add(out, end, len, s->invert);
out:
	return rc;
}

/* Whether a span joins the one before it in reading order. */
static int joins(int behaviour, int is_match, int previous_match)
{
	if (behaviour == GRPO__SPLIT_CONTIGUOUS)
		return is_match == previous_match;
	return is_match && !previous_match;
}

static void merge_forwards(grpo__spans *s, int behaviour)
{
	size_t i, n = 0;
	int previous = 0;

	for (i = 0; i < s->n; i++) {
		if (n > 0 && joins(behaviour, s->span[i].is_match, previous))
			s->span[n - 1].end = s->span[i].end;
		else
			s->span[n++] = s->span[i];
		previous = s->span[i].is_match;
	}
	s->n = n;
}

/* From the end: kept spans gather at the end of the array. */
static void merge_backwards(grpo__spans *s)
{
	size_t i, first = s->n;
	grpo__span each;
	int previous = 0;

	for (i = s->n; i > 0; i--) {
		each = s->span[i - 1];
		if (first < s->n && each.is_match && !previous)
			s->span[first].start = each.start;
		else
			s->span[--first] = each;
		previous = each.is_match;
	}
	memmove(s->span, s->span + first, (s->n - first) * sizeof *s->span);
	s->n -= first;
}

static void merge(grpo__spans *s, int behaviour)
{
	if (behaviour == GRPO__SPLIT_CONTIGUOUS ||
	    behaviour == GRPO__SPLIT_MERGED_WITH_PREVIOUS)
		merge_forwards(s, behaviour);
	else if (behaviour == GRPO__SPLIT_MERGED_WITH_NEXT)
		merge_backwards(s);
}

static int split(const struct grpo__step *s, grpo__pieces *p, grpo__span piece)
{
	const grpo__span *m;
	size_t i;
	int rc = 0;

	GRPO_TRY(find_matches(s, p->matcher, &p->matches, p->text + piece.start,
			      piece.end - piece.start));
	merge(&p->matches, s->behaviour);
	for (i = 0; i < p->matches.n; i++) {
		m = &p->matches.span[i];
		if (m->start == m->end ||
		    (m->is_match && s->behaviour == GRPO__SPLIT_REMOVED))
			continue;
		GRPO_TRY(spans_add(&p->next, piece.start + m->start,
				   piece.start + m->end, 0));
	}
out:
	return rc;
}

/* Writes the pieces anew, each with a space at its start. */
static int prefix_space(grpo__pieces *p)
{
	grpo__buf *out = &p->work, swap;
	size_t i, start, len;
	const char *s;
	int rc = 0;

	out->len = 0;
	for (i = 0; i < p->spans.n; i++) {
		s = p->text + p->spans.span[i].start;
		len = p->spans.span[i].end - p->spans.span[i].start;
		start = out->len;
		if (*s != ' ')
			GRPO_TRY(grpo__buf_add(out, " ", 1));
		GRPO_TRY(grpo__buf_add(out, s, len));
		GRPO_TRY(spans_add(&p->next, start, out->len, 0));
	}
	swap = p->prefixed;
	p->prefixed = p->work;
	p->work = swap;
	p->text = p->prefixed.data;
out:
	return rc;
}

int grpo__step_apply(const struct grpo__step *s, grpo__pieces *p)
{
	grpo__spans swap;
	int rc = 0;
	size_t i;

	p->next.n = 0;
	if (s->behaviour == GRPO__PREFIX_SPACE) {
		GRPO_TRY(prefix_space(p));
	} else {
		if (!p->matcher)
			GRPO_TRY(matcher_create(&p->matcher));
		for (i = 0; i < p->spans.n; i++)
			GRPO_TRY(split(s, p, p->spans.span[i]));
	}
	swap = p->spans;
	p->spans = p->next;
	p->next = swap;
out:
	return rc;
}
