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

/* Whether the word in front of it takes a number as its operand. */
static int is_tied(grpo_str before)
{
	grpo_str word;
	size_t n;

	while (before.len && !is_letter(before.ptr[before.len - 1]) &&
	       strchr(" $\\(-", before.ptr[before.len - 1]))
		before.len--;
	for (n = before.len; n && is_letter(before.ptr[n - 1]);)
		n--;
	word = slice(before.ptr + n, slice_end(before));
	return str_is_in_nocase(word, ties);
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
	for (; s.len && !strchr(",;:=.\n", s.ptr[0]); drop(&s, 1)) {
		grpo_str rest = s;

		if (is_digit(s.ptr[0]))
			return 0;
		if ((is_space(s.ptr[0]) || s.ptr[0] == '$') && s.len > 1) {
			drop(&rest, 1);
			if (cue_take_any(&rest, ties))
				return begins_number(rest);
		}
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
