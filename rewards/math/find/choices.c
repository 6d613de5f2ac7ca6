/* SPDX-License-Identifier: MIT */
/* Sentences that choose: "option C is correct". */
#include "cues.h"
#include "../tree/slice.h"

#define MAX_CLAIM 80 /* bytes of a sentence that chooses, behind its letter */

static int take_mark(grpo_str *s)
{
	static const char *const marks[] = {"*",  "(", "（", "[",  "$",
					    "\"", "“", "「", "_",  ")",
					    "）", "]", "”",  "」", NULL};

	for (int i = 0; marks[i]; i++)
		if (take(s, marks[i]))
			return 1;
	return 0;
}

int cue_take_letter(grpo_str *s, grpo_str *letter)
{
	static const char *const nouns[] = {"option", "choice", "answer",
					    "选项",   "選項",   NULL};
	grpo_str at = *s;

	skip_spaces(&at);
	cue_take_any(&at, nouns);

	do
		skip_spaces(&at);
	while (take_mark(&at) || cue_take_colon(&at));
	if (!at.len || at.ptr[0] < 'A' || at.ptr[0] > 'H' ||
	    (at.len > 1 && (is_letter(at.ptr[1]) || is_digit(at.ptr[1]))))
		return 0;
	*letter = head(at, 1);
	drop(&at, 1);
	*s = at;
	return 1;
}

static int names_choice_alone(grpo_str s)
{
	for (grpo_str at = s; at.len; drop(&at, 1))
		if (at.ptr[0] >= 'A' && at.ptr[0] <= 'H' &&
		    is_word_start(s, at.ptr) &&
		    (at.len == 1 || !is_letter(at.ptr[1])))
			return 1;
	return 0;
}

/* To the end of the sentence or of its line. */
static grpo_str claim_of(grpo_str s)
{
	s = first_line(head(s, MAX_CLAIM));
	for (size_t i = 0; i < s.len; i++) {
		grpo_str rest = {s.ptr + i, s.len - i};

		if (begins(rest, "。") || begins(rest, ". ") ||
		    begins(rest, "; "))
			return head(s, i);
	}
	return s;
}

/* Whether a sentence or a clause begins at p: "So B is correct". */
static int begins_clause(grpo_str text, const char *p)
{
	static const char *const openings[] = {
	    ".",    ":",    ",",     ";",         "*",    "\n",
	    "so",   "thus", "hence", "therefore", "that", "因此",
	    "所以", "，",   "。",    "：",        NULL};
	grpo_str before = slice(text.ptr, p);

	while (before.len && before.ptr[before.len - 1] == ' ')
		before.len--;
	if (!before.len)
		return 1;
	for (int i = 0; openings[i]; i++) {
		size_t n = strlen(openings[i]);

		if (before.len >= n &&
		    begins_nocase(
			slice(slice_end(before) - n, slice_end(before)),
			openings[i]))
			return 1;
	}
	return 0;
}

/* "option C" at the front, or "C is". */
static int take_choice(grpo_str text, grpo_str *s, grpo_str *letter)
{
	static const char *const nouns[] = {
	    "option",  "choice",    "选项",      "選項",    "选择支", "選択肢",
	    "보기",    "вариант",   "Вариант",   "opción",  "opção",  "opzione",
	    "réponse", "phương án", "Phương án", "antwort", NULL};
	grpo_str at = *s;

	if (cue_take_any(&at, nouns)) {
		*s = at;
		return cue_take_letter(s, letter);
	}
	take(&at, "(");
	return at.len && at.ptr[0] >= 'A' && at.ptr[0] <= 'H' &&
	       begins_clause(text, s->ptr) && cue_take_letter(s, letter) &&
	       (begins(*s, " is ") || begins(*s, ") is ") ||
		(s->len && (unsigned char)s->ptr[0] >= 0xe3));
}

/* Bytes that a choice begins with. */
static int may_choose(char c)
{
	return c == '(' || (c >= 'A' && c <= 'H') ||
	       strchr("acopr", lower(c)) || (unsigned char)c >= 0xc0;
}

/* Whether the words before p in its clause take back what follows: "if option
 * C", "nobody says that option C". */
static int is_supposed(grpo_str text, const char *p)
{
	static const char *const words[] = {
	    "if",        "is",      "not",    "n't",    "n’t",    "never",
	    "false",     "nobody",  "no",     "doubt",  "doubts", "unless",
	    "whether",   "suppose", "assume", "wrong",  "untrue", "deny",
	    "incorrect", "neither", "nor",    "either", "both",   "or",
	    "and",       "如果",    "假设",   "若",     "不",     "并非",
	    "非",        "если",    "не",     "si",     "wenn",   "nicht",
	    "pas",       NULL};
	const char *from = p;

	while (from > text.ptr && p - from < MAX_CLAIM &&
	       !strchr(",;.:\n", from[-1]))
		from--;
	return cue_has_any(slice(from, p), words);
}

int cue_chosen(grpo_str text, const char *p, grpo_str *letter)
{
	static const char *const approving[] = {
	    "correct",  "right",    "true",     "the answer", "the best",
	    "正确",     "正確",     "对",       "正しい",     "正解",
	    "정답",     "옳",       "맞",       "верен",      "правильный",
	    "верный",   "correcta", "correcto", "correta",    "corretta",
	    "correcte", "richtig",  "bonne",    "đúng",       NULL};
	static const char *const denying[] = {
	    "not",     "n't",     "n’t",       "never",     "cannot", "no",
	    "nor",     "不",      "没",        "錯",        "错",     "误",
	    "誤",      "ない",    "ません",    "아니",      "않",     "не",
	    "pas",     "nicht",   "non",       "não",       "không",  "if",
	    "whether", "neither", "eliminate", "rule",      "?",      "？",
	    "almost",  "nearly",  "partly",    "partially", "only",   "吗",
	    "是否",    "か",      "false",     NULL};
	grpo_str s = slice(p, slice_end(text)), claim;

	if (!may_choose(p[0]) || !cue_begins_word(text, p) ||
	    !take_choice(text, &s, letter))
		return 0;
	claim = claim_of(s);
	return cue_has_any(claim, approving) && !cue_has_any(claim, denying) &&
	       !names_choice_alone(claim) && !is_supposed(text, p);
}
