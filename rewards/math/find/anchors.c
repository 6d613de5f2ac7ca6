/* SPDX-License-Identifier: MIT */
/* Phrases that announce the answer: "The final answer is …". */
#include "cues.h"
#include "places.h"
#include "../tree/slice.h"

#define MAX_STATEMENT 2000 /* bytes, from the anchor on */
#define MAX_TO_LINK 100    /* bytes between "answer" and "is" */
#define MAX_MARKS 16       /* bytes around "answer" */
#define MAX_TRIES 50       /* of "answer" without a value */

/* Marks of Markdown and quotation that may stand around anything. */
static int take_mark(grpo_str *s)
{
	static const char *const marks[] = {"*", "_",    "\"",           "`",
					    "}", "\\\"", "\xe2\x80\x9c", NULL};

	for (int i = 0; marks[i]; i++)
		if (take(s, marks[i]))
			return 1;
	return 0;
}

static void skip_marks(grpo_str *s)
{
	do
		skip_spaces(s);
	while (take_mark(s) || cue_take_colon(s));
}

static int begins_formula(grpo_str s)
{
	return begins(s, "$") || begins(s, "\\(") || begins(s, "\\[") ||
	       begins(s, "\\boxed");
}

/* A full stop (\u3002 too) that ends a sentence, and not "3.5" or "x.y". */
static int is_stop(grpo_str s)
{
	if (begins(s, "\xe3\x80\x82"))
		return 1;
	if (s.ptr[0] != '.')
		return 0;
	drop(&s, 1);
	return !s.len || is_space(s.ptr[0]) || strchr("*\"<", s.ptr[0]);
}

/* Not within braces: \text{ sq. units}. */
static grpo_str first_sentence(grpo_str s)
{
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		grpo_str rest = {s.ptr + i, s.len - i};

		depth += (s.ptr[i] == '{') - (s.ptr[i] == '}');
		if (rest.ptr[0] == '\n' ||
		    (depth <= 0 && is_stop(rest) &&
		     !(i && s.ptr[i - 1] == '.')) ||
		    (is_word_start(s, rest.ptr) &&
		     begins_nocase(rest, "i hope")))
			return slice(s.ptr, rest.ptr);
	}
	return s;
}

/* "17です": what follows the value in Japanese and Korean. */
static grpo_str without_copula(grpo_str s)
{
	static const char *const copulas[] = {
	    "になります", "となります", "である", "です", "になる", "となる",
	    "입니다",     "이다",       "이에요", "예요", NULL};

	for (int i = 0; copulas[i]; i++)
		if (ends(s, copulas[i]))
			return head(s, s.len - strlen(copulas[i]));
	return s;
}

static grpo_str cut_marks(grpo_str s)
{
	s = trim(s);
	while (s.len && strchr("*_`\"", s.ptr[s.len - 1]))
		s = trim((grpo_str){s.ptr, s.len - 1});
	if (ends(s, "\xe2\x80\x9d"))
		s.len -= 3;
	if (ends(s, "\\"))
		s.len--; /* of \" */
	return trim(without_copula(s));
}

/* Moves from "answer" to the value after it; 0 if there is none. */
static int take_link(grpo_str *s)
{
	grpo_str at = head(*s, MAX_TO_LINK + MAX_MARKS), line;
	const char *value = NULL;

	while (at.len && (at.ptr[0] == ' ' || at.ptr[0] == '#'))
		drop(&at, 1);
	while (take_mark(&at))
		;
	line = trim(first_line(at));
	if (line.len == 0 || cue_take_colon(&at) || begins_formula(line))
		value = at.ptr;
	line = first_sentence(first_line(at));
	for (grpo_str p = line; p.len && !value; drop(&p, 1)) {
		grpo_str rest = p;

		if (cue_take_colon(&rest) ||
		    (is_word_start(line, p.ptr) && cue_take_verb(&rest)))
			value = rest.ptr;
	}
	if (!value)
		return 0;
	*s = slice(value, slice_end(*s));
	return 1;
}

static int is_final(grpo_str text, const char *answer)
{
	size_t n = (size_t)(answer - text.ptr);
	grpo_str before = {answer - (n < MAX_MARKS ? n : MAX_MARKS),
			   n < MAX_MARKS ? n : MAX_MARKS};

	before = trim(before);
	return ends(before, "\xe6\x9c\x80\xe7\xbb\x88") ||
	       (before.len >= 5 &&
		begins_nocase(slice(slice_end(before) - 5, slice_end(before)),
			      "final"));
}

/* "isn't 5" has no verb that stands alone.  Only so many are looked at, since
 * a text may be "answer answer answer ...". */
static int take_link_or_denial(grpo_str *s, int *tries)
{
	if (*tries == 0)
		return 0;
	if (take_link(s))
		return 1;
	--*tries;
	return cue_denies(first_sentence(head(*s, MAX_STATEMENT)));
}

/* The text behind a cue of a final answer at p. */
static int take_final(grpo_str text, const char *p, grpo_str *rest, int *tries)
{
	if (lower(p[0]) != 'a' && (unsigned char)p[0] < 0x80)
		return 0;
	*rest = slice(p, slice_end(text));
	return is_word_start(text, p) && cue_take_answer(rest) &&
	       is_final(text, p) && take_link_or_denial(rest, tries);
}

/* The same for any cue; *letter is what a sentence chooses. */
static int take_cue(grpo_str text, const char *p, grpo_str *rest,
		    grpo_str *letter, int *tries)
{
	if (cue_chosen(text, p, letter))
		return 1;
	*letter = (grpo_str){NULL, 0};
	switch (cue_take(text, p, rest)) {
	case CUE_VERB:
		return take_link_or_denial(rest, tries);
	case CUE_COLON:
		while (rest->len && (rest->ptr[0] == ' ' || take_mark(rest)))
			skip_spaces(rest);
		return cue_take_colon(rest);
	case CUE_NOW:
		return 1;
	case CUE_LETTER:
		return cue_take_letter(rest, letter);
	default:
		return 0;
	}
}

/* The last anchor that says something; *rest is what follows it, and *letter
 * what it chooses. */
static const char *find_anchor(grpo_str text, int only_final, grpo_str *rest,
			       grpo_str *letter)
{
	int tries = MAX_TRIES;

	for (size_t i = text.len; i-- > 0;) {
		const char *p = text.ptr + i;

		*letter = (grpo_str){NULL, 0};
		if (!(only_final ? take_final(text, p, rest, &tries)
				 : take_cue(text, p, rest, letter, &tries)))
			continue;
		if (letter->ptr || !is_blank(head(*rest, MAX_STATEMENT)))
			return p;
	}
	return NULL;
}

/* "no solution", of which "no" alone would be another answer. */
static int says_nothing_is(grpo_str s)
{
	static const char *const nouns[] = {
	    "solution", "solutions", "real", "number", "value", "result", NULL};

	if (!take_word(&s, "no"))
		return 0;
	skip_spaces(&s);
	return cue_take_any(&s, nouns);
}

/* Up to a comma that no digit follows. */
static grpo_str first_clause(grpo_str s)
{
	for (size_t i = 0; i + 1 < s.len; i++)
		if (s.ptr[i] == ',' && !is_digit(s.ptr[i + 1]))
			return cut_marks(head(s, i));
	return cut_marks(s);
}

/* "36 boxes of 12" */
static int leads_on(grpo_str s)
{
	if (!s.len || !(is_digit(s.ptr[0]) || strchr("-$", s.ptr[0])))
		return 0;
	while (s.len && (is_digit(s.ptr[0]) || strchr("-$.,%/", s.ptr[0])))
		drop(&s, 1);
	return cue_leads_on(s);
}

/* The end of a sentence without formulas. */
static int read_plain(grpo_str s, struct found *out)
{
	grpo_str whole;
	int n = 0;

	s = cue_preferred(s);
	whole = cut_marks(before_prose(s));

	if (is_blank(whole) || says_nothing_is(s))
		whole = cut_marks(s);
	if (cue_goes_on(whole) || leads_on(s)) {
		found_one(out, EXTRACT_ANSWER, first_clause(s), s);
		return 1;
	}
	if (!is_blank(whole) && (!is_prose(whole) || !has_digit(whole)))
		found_one(&out[n++], EXTRACT_ANSWER, whole, s);
	/* "5, since 7 is too large": the first words count where they say a
	 * number; "there are 12 of them": the last. */
	if (n && has_digit(whole) && find_number(whole, &out[n]))
		n++;
	else if (find_number(s, &out[n]))
		n++;
	return n;
}

static grpo_str after_verb(grpo_str s)
{
	grpo_str found = {NULL, 0};

	for (grpo_str p = s; p.len; drop(&p, 1)) {
		grpo_str at = p;

		if (is_word_start(s, p.ptr) && is_letter(p.ptr[0]) &&
		    cue_take_verb(&at))
			found = at;
	}
	return found;
}

static int read_mixed(grpo_str s, struct found *out)
{
	struct found number;

	if (!find_formulas(s, out))
		return read_plain(s, out);
	if (find_number(s, &number) && number.end > out->end)
		*out = number;
	return 1;
}

static int has_box(grpo_str s)
{
	for (; s.len; drop(&s, 1))
		if (begins(s, "\\boxed") || begins(s, "\\fbox"))
			return 1;
	return 0;
}

/* "C, because it is the largest": a choice and its reason. */
static int read_choice(grpo_str s, struct found *out)
{
	grpo_str rest = s, letter, word;

	if (!s.len || !cue_take_letter(&rest, &letter) || letter.ptr != s.ptr ||
	    !take(&rest, ","))
		return 0;
	skip_spaces(&rest);
	word = rest;
	if (!take_word(&word, "because") && !take_word(&word, "since") &&
	    !take_word(&word, "as") && !take_word(&word, "which"))
		return 0;
	found_one(out, EXTRACT_ANSWER, letter, s);
	return 1;
}

static int read_statement(grpo_str s, struct found *out)
{
	grpo_str sentence, value;

	if (s.len > MAX_STATEMENT)
		s.len = MAX_STATEMENT;
	skip_marks(&s);
	if (has_box(s)) /* a blank one is no answer */
		return find_boxes(s, 0, out);
	if (read_formulas(s, out)) {
		grpo_str rest = slice(out->end, slice_end(s));

		if (cue_leads_on(rest)) {
			found_one(out, EXTRACT_ANSWER,
				  first_clause(first_sentence(s)), s);
			return 1;
		}
		skip_marks(&rest);
		if (!cue_take_verb(&rest))
			return 1;
	}
	sentence = first_sentence(s);
	if (begins(s, "-$")) { /* the sign stands outside */
		found_one(out, EXTRACT_ANSWER, cut_marks(sentence), s);
		return 1;
	}
	if (read_choice(sentence, out))
		return 1;
	if (sentence.len && (is_letter(sentence.ptr[0]) || s.ptr[0] == '$')) {
		value = after_verb(sentence);
		skip_marks(&value);
		if (value.len && begins_formula(value) &&
		    read_formulas(slice(value.ptr, slice_end(s)), out))
			return 1;
		if (!is_blank(value))
			return read_mixed(value, out);
	}
	return read_mixed(sentence, out);
}

static int is_words(const struct found *f)
{
	return f->n_parts == 1 && !has_digit(f->part[0]) &&
	       is_prose(f->part[0]);
}

/* A word back: "wrong answer". */
static const char *word_before(grpo_str text, const char *p)
{
	while (p > text.ptr && is_space(p[-1]))
		p--;
	while (p > text.ptr && !is_space(p[-1]))
		p--;
	return p;
}

/* Where the clause begins that doubts what follows. */
static const char *doubt_before(grpo_str text, const char *p)
{
	while (p > text.ptr && !strchr(",;.!?\n", p[-1]))
		p--;
	return p;
}

/* "is not 5" is an answer of which nothing but its words counts. */
static int read_denial(const char *cue, grpo_str text, grpo_str *rest,
		       struct found *out)
{
	int is_doubted = cue_doubted(text, cue);
	int is_wrong = is_doubted || cue_denied_before(text, cue);
	grpo_str sentence =
	    slice(is_wrong ? word_before(text, cue) : cue, slice_end(text));

	sentence = first_sentence(head(sentence, MAX_STATEMENT));
	if (!is_wrong && !cue_exceeds(sentence) &&
	    !(has_digit(sentence) &&
	      cue_doubted(sentence, slice_end(sentence))) &&
	    ((!cue_denies(sentence) && !cue_acts(cut_marks(sentence))) ||
	     cue_corrects(sentence, rest)))
		return 0;
	if (is_doubted)
		sentence = slice(doubt_before(text, cue), slice_end(sentence));
	found_one(out, EXTRACT_ANSWER, cut_marks(sentence), text);
	return 1;
}

static int read_anchor(grpo_str text, int only_final,
		       enum extract_source source, struct found *out)
{
	grpo_str rest, letter;
	const char *cue = find_anchor(text, only_final, &rest, &letter);
	int n = 1;

	if (!cue)
		return 0;
	if (letter.ptr)
		found_one(out, source, letter, text);
	else if (!read_denial(cue, text, &rest, out))
		n = read_statement(rest, out);
	for (int i = 0; i < n; i++) {
		out[i].source = source;
		out[i].is_final = i == n - 1;
		out[i].end = out[n - 1].end;
	}
	/* "as shown above": words alone speak where nothing else does */
	if (n == 1 && is_words(out))
		out->end = text.ptr;
	return n;
}

int find_final_answer(grpo_str text, struct found *out)
{
	return read_anchor(text, 1, EXTRACT_FINAL_ANSWER, out);
}

int find_answer(grpo_str text, struct found *out)
{
	return read_anchor(text, 0, EXTRACT_ANSWER, out);
}
