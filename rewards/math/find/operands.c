/* SPDX-License-Identifier: MIT */
/* Numbers that are no answer by themselves, since words tie them to another:
 * "36 boxes of 12", "37 instead of 36", "36 is too large", "5...". */
#include "cues.h"
#include "places.h"
#include "../tree/slice.h"

#define MAX_CLAUSE 100 /* bytes in front of a cue */

/* Words that take the number behind them as an operand. */
static const char *const ties[] = {"of", "than", "per", "by", "to", NULL};

/* "3.5 to 1 decimal place" */
static int is_precision(grpo_str number)
{
	static const char *const words[] = {
	    "decimal", "decimals", "significant", "sig", "place",
	    "places",  "figures",  "dp",          "sf",  NULL};

	return cue_has_any(head(number, 32), words);
}

static int begins_number(grpo_str s)
{
	while (s.len && (is_space(s.ptr[0]) || strchr("$\\(-", s.ptr[0])))
		drop(&s, 1);
	return s.len && is_digit(s.ptr[0]) && !is_precision(s);
}

/* From the last mark between clauses on. */
static grpo_str last_clause(grpo_str s)
{
	const char *p = slice_end(s);

	while (p > s.ptr && !strchr(",;:\n", p[-1]))
		p--;
	return slice(p, slice_end(s));
}

static const char *start_of_last_number(grpo_str s)
{
	size_t n = s.len;

	while (n && !is_digit(s.ptr[n - 1]))
		n--;
	while (n && (is_digit(s.ptr[n - 1]) || strchr(".,", s.ptr[n - 1])))
		n--;
	return s.ptr + n;
}

/* The last word, which is taken off. */
static grpo_str take_last_word(grpo_str *s)
{
	size_t end, n;

	while (s->len && strchr(" $\\(-", s->ptr[s->len - 1]))
		s->len--;
	for (end = n = s->len; n && is_letter(s->ptr[n - 1]);)
		n--;
	s->len = n;
	return slice(s->ptr + n, s->ptr + end);
}

/* "a total of": what "of" makes no other number of. */
static int is_measure(grpo_str word)
{
	static const char *const words[] = {
	    "total",  "sum",         "area",        "volume",    "value",
	    "cost",   "price",       "profit",      "distance",  "speed",
	    "length", "number",      "answer",      "result",    "rate",
	    "score",  "amount",      "probability", "average",   "mean",
	    "height", "width",       "perimeter",   "weight",    "mass",
	    "age",    "maximum",     "minimum",     "angle",     "radius",
	    "time",   "temperature", "median",      "remainder", "count",
	    "chance", "solution",    "root",        NULL};

	return str_is_in_nocase(word, words);
}

/* Whether the text ends in a word that ties the number behind it to the one in
 * front: "boxes of", "3 to"; not "a total of", "is equal to". */
static int is_tied(grpo_str before)
{
	grpo_str word = take_last_word(&before), last;

	if (!str_is_in_nocase(word, ties))
		return 0;
	last = take_last_word(&before);
	return str_is_nocase(word, "to") ? !last.len : !is_measure(last);
}

int cue_has_operand(grpo_str s)
{
	const char *number = start_of_last_number(s);
	grpo_str before = last_clause(slice(s.ptr, number));

	return number < slice_end(s) && has_digit(before) && is_tied(before) &&
	       begins_number(slice(number, slice_end(s)));
}

int cue_leads_on(grpo_str s)
{
	const char *start = s.ptr;

	for (; s.len && !strchr(",;:=.\n", s.ptr[0]); drop(&s, 1)) {
		grpo_str rest = s;

		if (is_digit(s.ptr[0]))
			return 0;
		if (!is_space(s.ptr[0]) && s.ptr[0] != '$')
			continue;
		drop(&rest, 1);
		if (cue_take_any(&rest, ties) && begins_number(rest) &&
		    is_tied(slice(start, rest.ptr)))
			return 1;
	}
	return 0;
}

int cue_exceeds(grpo_str s)
{
	static const char *const sizes[] = {"large", "small", "big",    "many",
					    "much",  "few",   "high",   "low",
					    "long",  "short", "little", NULL};
	int has_value = 0;

	for (; s.len; drop(&s, 1)) {
		grpo_str rest = s;

		has_value |= is_digit(s.ptr[0]);
		if (!has_value || s.ptr[0] != ' ' || !take(&rest, " too "))
			continue;
		if (cue_take_any(&rest, sizes))
			return !has_digit(rest);
	}
	return 0;
}

int cue_goes_on(grpo_str s)
{
	if (!ends(s, "...") && !ends(s, "\xe2\x80\xa6"))
		return 0;
	return s.len > 3 && is_digit(s.ptr[s.len - 4]);
}

grpo_str cue_preferred(grpo_str s)
{
	static const char *const words[] = {" instead of ", " rather than ",
					    NULL};

	for (size_t i = 0; i < s.len; i++)
		for (int k = 0; s.ptr[i] == ' ' && words[k]; k++)
			if (begins_nocase((grpo_str){s.ptr + i, s.len - i},
					  words[k]) &&
			    has_digit(head(s, i)))
				return head(s, i);
	return s;
}

int cue_doubted(grpo_str text, const char *p)
{
	static const char *const words[] = {"i doubt", "doubtful", "unlikely",
					    NULL};
	const char *from = p;

	while (from > text.ptr && p - from < MAX_CLAUSE &&
	       !strchr(",;.!?\n", from[-1]))
		from--;
	return cue_has_any(slice(from, p), words);
}
