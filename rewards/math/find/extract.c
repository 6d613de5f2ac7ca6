/* SPDX-License-Identifier: MIT */
#include "extract.h"

#include <stdio.h>

#include "cues.h"
#include "places.h"
#include "../tree/slice.h"

#define MAX_WHOLE 4096 /* bytes of a text that is an answer as it stands */
#define MIN_SENTENCE 3 /* words beside a number */
#define MAX_WORDS 6    /* of it, where there are only words */
#define MAX_HASH 256   /* bytes behind #### */
#define TAG_BYTES (EXTRACT_NAME_SIZE + 3)

const char *const extract_names[EXTRACT_N_SOURCES + 1] = {
    "answer_tag", "boxed",  "hash", "final_answer", "answer", "whole",
    "math",       "number", NULL};

void extract_defaults(struct extract_options *o)
{
	static const uint8_t rank[EXTRACT_N_SOURCES] = {
	    [EXTRACT_ANSWER_TAG] = 1, [EXTRACT_BOXED] = 1,
	    [EXTRACT_HASH] = 1,       [EXTRACT_FINAL_ANSWER] = 1,
	    [EXTRACT_ANSWER] = 2,     [EXTRACT_WHOLE] = 3,
	    [EXTRACT_MATH] = 4,       [EXTRACT_NUMBER] = 4};

	memset(o, 0, sizeof *o);
	memcpy(o->think, "think", sizeof "think");
	memcpy(o->answer, "answer", sizeof "answer");
	memcpy(o->rank, rank, sizeof rank);
}

void extract_strict_ranks(struct extract_options *o)
{
	memset(o->rank, 0, sizeof o->rank);
	o->rank[EXTRACT_ANSWER_TAG] = o->rank[EXTRACT_BOXED] = 1;
}

/* ---------------------------------------------------------------- pieces */

int is_blank(grpo_str s)
{
	static const char *const marks[] = {
	    "\\ ", "\\,", "\\;", "\\!",     "\\:",    "\\quad", "~", ".", ",",
	    ":",   "*",   "$",   "\\boxed", "\\fbox", "{",      "}", NULL};

	skip_spaces(&s);
	if (s.len && (is_letter(s.ptr[0]) || is_digit(s.ptr[0])))
		return 0;
	for (int i = 0; marks[i];) {
		skip_spaces(&s);
		i = take(&s, marks[i]) ? 0 : i + 1;
	}
	return s.len == 0;
}

grpo_str text_after(grpo_str text, const char *at)
{
	static const char *const closing[] = {"$", "\\)", "\\]",
					      "*", "}",   NULL};
	grpo_str s = head(slice(at, slice_end(text)), 2 * FOUND_AFTER_BYTES);

	for (int i = 0; closing[i];)
		i = take(&s, closing[i]) ? 0 : i + 1;
	return head(first_line(s), FOUND_AFTER_BYTES);
}

void found_one(struct found *out, enum extract_source source, grpo_str part,
	       grpo_str text)
{
	out->source = source;
	out->is_final = 1;
	out->n_parts = 1;
	out->part[0] = part;
	out->after[0] = text_after(text, slice_end(part));
	out->end = slice_end(part);
}

/* What stands between the last </think> and a <think> that is not closed. */
static grpo_str after_thought(const struct extract_options *o, grpo_str text)
{
	char open[TAG_BYTES], close[TAG_BYTES];
	const char *from = text.ptr, *to = slice_end(text);

	if (!o->think[0])
		return text;
	snprintf(open, sizeof open, "<%s>", o->think);
	snprintf(close, sizeof close, "</%s>", o->think);
	for (grpo_str s = text; s.len; drop(&s, 1)) {
		const char *p = memchr(s.ptr, '<', s.len);

		if (!p)
			break;
		drop(&s, (size_t)(p - s.ptr));
		if (begins(s, close)) {
			from = p + strlen(close);
			to = slice_end(text);
		} else if (begins(s, open) && to == slice_end(text)) {
			to = p;
		}
	}
	return slice(from, to);
}

/* Tokens that end a turn, where a decoder left them in the text. */
static grpo_str cut_end_tokens(grpo_str s)
{
	static const char *const tokens[] = {"</s>",          "<|im_end|>",
					     "<|endoftext|>", "<|eot_id|>",
					     "<|end|>",       NULL};

	s = trim(s);
	for (int i = 0; tokens[i];) {
		int there = ends(s, tokens[i]);

		if (there)
			s = trim((grpo_str){s.ptr, s.len - strlen(tokens[i])});
		i = there ? 0 : i + 1;
	}
	return s;
}

/* --------------------------------------------------------------- sources */

/* The last block; one that is not closed takes the rest. */
static int find_block(const struct extract_options *o, grpo_str text,
		      grpo_str *block, int *is_closed)
{
	char open[TAG_BYTES], close[TAG_BYTES];
	const char *start = NULL;
	int is_stray = 0; /* closed twice: one block within another */

	*block = (grpo_str){NULL, 0};
	*is_closed = 1;
	snprintf(open, sizeof open, "<%s>", o->answer);
	snprintf(close, sizeof close, "</%s>", o->answer);
	for (grpo_str s = text; s.len; drop(&s, 1)) {
		const char *p = memchr(s.ptr, '<', s.len);

		if (!p)
			break;
		drop(&s, (size_t)(p - s.ptr));
		if (begins(s, open)) {
			start = p + strlen(open);
		} else if (start && begins(s, close)) {
			*block = slice(start, p);
			start = NULL;
			is_stray = 0;
		} else if (begins(s, close)) {
			is_stray = 1;
		}
	}
	if (is_stray)
		return 0;
	if (!block->ptr && start && !o->strict) {
		*block = slice(start, slice_end(text));
		*is_closed = 0;
	}
	return block->ptr && !is_blank(*block);
}

/* A formula or a number that nothing announces, and nothing calls wrong. */
static int find_uncued(grpo_str text, enum extract_source source,
		       struct found *out)
{
	int found = source == EXTRACT_MATH ? find_formulas(text, out)
					   : find_number(text, out);

	return found && !cue_denied_before(text, out->part[0].ptr) &&
	       !cue_called_wrong(text, out->part[0].ptr, out->end);
}

/* Whether it has no word of a sentence, but perhaps "Ann: 15, Bob: 22". */
static int has_labels_only(grpo_str block)
{
	return before_prose(block).len == block.len &&
	       (!is_prose(block) || !memchr(block.ptr, '\n', block.len));
}

/* "at least 26", "36 boxes of 12", of which the number alone is another
 * answer. */
static int is_claim(grpo_str block)
{
	grpo_str rest, line = trim(block);

	if (!line.len || line.len > MAX_WHOLE ||
	    memchr(line.ptr, '\n', line.len))
		return 0;
	if (cue_goes_on(line) || cue_has_operand(line) || cue_exceeds(line) ||
	    cue_doubted(line, slice_end(line)))
		return 1;
	return is_prose(line) && (cue_denies(line) || cue_acts(line)) &&
	       !cue_corrects(line, &rest);
}

static int read_block(const struct extract_options *o, grpo_str block,
		      struct found *out)
{
	int n = 0;

	if (find_boxes(block, o->strict, out))
		return 1;
	if (block.len <= MAX_WHOLE && !o->strict)
		block = cue_preferred(block);
	if (block.len <= MAX_WHOLE &&
	    (o->strict || has_labels_only(block) || !has_digit(block)))
		found_one(&out[n++], EXTRACT_WHOLE, trim(block), block);
	if (n == 0 && is_claim(block))
		found_one(&out[n++], EXTRACT_WHOLE, trim(block), block);
	if (o->strict || is_claim(block))
		return n;
	n += find_answer(block, &out[n]);
	n += find_uncued(block, EXTRACT_MATH, &out[n]);
	n += find_uncued(block, EXTRACT_NUMBER, &out[n]);
	return n;
}

static int find_answer_tag(const struct extract_options *o, grpo_str text,
			   struct found *out)
{
	grpo_str block;
	int is_closed, n;

	if (!o->answer[0] || !find_block(o, text, &block, &is_closed))
		return 0;
	n = read_block(o, block, out);
	if (n == 0) { /* there is an answer, and it is not to be read */
		found_one(out, EXTRACT_WHOLE, trim(block), block);
		n = 1;
	}
	for (int i = 0; i < n; i++) {
		out[i].source = EXTRACT_ANSWER_TAG;
		out[i].is_final = i == n - 1;
		out[i].end = slice_end(block) + (is_closed ? 1 : 0);
	}
	return n;
}

/* A heading has four of them too, so only what looks like a number is taken
 * from a completion. */
static int is_short_answer(grpo_str line)
{
	for (grpo_str s = line; s.len; drop(&s, 1))
		if (is_letter(s.ptr[0]) && s.len > 1 && is_letter(s.ptr[1]) &&
		    (s.ptr == line.ptr || s.ptr[-1] != '\\'))
			return 0;
	return has_digit(line) && !ends(line, ":");
}

static int find_hash(grpo_str text, int any, struct found *out)
{
	grpo_str found = {NULL, 0};

	for (grpo_str s = text; s.len;) {
		const char *p = memchr(s.ptr, '#', s.len);
		grpo_str line;

		if (!p)
			break;
		drop(&s, (size_t)(p - s.ptr));
		if (!take(&s, "####")) {
			drop(&s, 1);
			continue;
		}
		while (take(&s, "#"))
			;
		line = trim(first_line(head(s, MAX_HASH)));
		if (any ? !is_blank(line) : is_short_answer(line))
			found = line;
	}
	if (found.ptr)
		found_one(out, EXTRACT_HASH, found, text);
	return found.ptr != NULL;
}

/* "Das Ergebnis lautet 42", in whatever language.  Words alone may be an
 * answer where they are few: "no solution". */
static int is_sentence(grpo_str text)
{
	int n_words = count_words(text);
	if (!has_digit(text) && !memchr(text.ptr, '$', text.len) &&
	    !memchr(text.ptr, '\\', text.len))
		return is_talk(text) || n_words > MAX_WORDS;
	return is_prose(text) ||
	       (n_words >= MIN_SENTENCE && begins_sentence(text));
}

/* An answer's tag, of a block that is blank or has no beginning. */
static int has_tag(const struct extract_options *o, grpo_str text)
{
	for (; text.len; drop(&text, 1)) {
		grpo_str at = text;

		if (!take(&at, "<"))
			continue;
		take(&at, "/");
		if (o->answer[0] && begins(at, o->answer))
			return 1;
	}
	return 0;
}

/* "Start with 7*8.\n56": the last line, where it alone is mathematics. */
static grpo_str answer_line(grpo_str text)
{
	size_t n = text.len;
	grpo_str last, before;

	if (!n)
		return text;
	while (n && text.ptr[n - 1] != '\n')
		n--;
	last = (grpo_str){text.ptr + n, text.len - n};
	before = trim(head(text, n));
	if (begins(last, "- ") || begins(last, "* ")) /* an item of a list */
		return text;
	if (has_digit(last) && count_words(last) == 0 &&
	    count_words(before) >= 1 &&
	    (ends(before, ".") || ends(before, ":")))
		return last;
	return text;
}

static int find_whole(const struct extract_options *o, grpo_str text,
		      struct found *out)
{
	grpo_str whole = trim(text);

	if (whole.len <= MAX_WHOLE)
		whole = answer_line(whole);
	if (whole.len > MAX_WHOLE || has_tag(o, whole) || is_blank(whole) ||
	    is_sentence(whole))
		return 0;
	found_one(out, EXTRACT_WHOLE, whole, text);
	out->is_final = count_words(whole) == 0;
	return 1;
}

static int find_source(const struct extract_options *o, grpo_str text,
		       enum extract_source source, struct found *out)
{
	switch (source) {
	case EXTRACT_ANSWER_TAG:
		return find_answer_tag(o, text, out);
	case EXTRACT_BOXED:
		return find_boxes(text, o->strict, out);
	case EXTRACT_HASH:
		return find_hash(text, 0, out);
	case EXTRACT_FINAL_ANSWER:
		return find_final_answer(text, out);
	case EXTRACT_ANSWER:
		return find_answer(text, out);
	case EXTRACT_WHOLE:
		return find_whole(o, text, out);
	default:
		return find_uncued(text, source, out);
	}
}

/* -------------------------------------------------------- the whole of it */

struct search {
	const struct extract_options *o;
	grpo_str text;
	int is_cut;
	struct found *out;
	int n, is_over; /* a final one is among the n */
};

/* Whether nothing closes it but the end of the text; after "3." digits may
 * follow too. */
static int is_open(const struct found *f, grpo_str text)
{
	const char *end = slice_end(f->part[f->n_parts - 1]);
	grpo_str rest = trim(slice(end, slice_end(text)));

	return rest.len == 0 || (rest.len == 1 && rest.ptr[0] == '.');
}

/* What the sources of one rank find, the last in the text first. */
static void search_rank(struct search *q, int rank)
{
	struct found found[EXTRACT_N_SOURCES][4];
	int n[EXTRACT_N_SOURCES] = {0};

	for (int s = 0; s < EXTRACT_N_SOURCES; s++) {
		if (q->o->rank[s] == rank)
			n[s] = find_source(q->o, q->text, s, found[s]);
		if (n[s] && q->is_cut && is_open(&found[s][0], q->text))
			n[s] = 0;
	}
	while (!q->is_over) {
		int best = -1;

		for (int s = 0; s < EXTRACT_N_SOURCES; s++)
			if (n[s] &&
			    (best < 0 || found[s][0].end > found[best][0].end))
				best = s;
		if (best < 0)
			return;
		memcpy(&q->out[q->n], found[best],
		       (size_t)n[best] * sizeof **found);
		q->n += n[best];
		q->is_over = q->out[q->n - 1].is_final;
		n[best] = 0;
	}
}

int extract_answers(const struct extract_options *o, grpo_str completion,
		    int is_cut, struct found *out)
{
	struct search q = {.o = o, .is_cut = is_cut, .out = out};

	q.text = cut_end_tokens(after_thought(o, completion));
	for (int rank = 1; rank <= EXTRACT_N_SOURCES && !q.is_over; rank++)
		search_rank(&q, rank);
	return q.n;
}

int extract_gold(grpo_str text, struct found *out)
{
	int n = 0;

	text = trim(text);
	if (find_hash(text, 1, out) || find_boxes(text, 0, out))
		return 1;
	if (is_prose(text)) {
		n += find_final_answer(text, &out[n]);
		n += find_answer(text, &out[n]);
		n += find_formulas(text, &out[n]);
	}
	if (!is_blank(text) && text.len <= MAX_WHOLE)
		found_one(&out[n++], EXTRACT_WHOLE, text, text);
	for (int i = 0; i < n; i++)
		out[i].is_final = i == n - 1;
	return n;
}
