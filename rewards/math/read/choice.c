/* SPDX-License-Identifier: MIT */
#include "choice.h"

#include "claims.h"
#include "../tree/slice.h"

/* Without the command that sets it, as \textbf{, or a parenthesis. */
static grpo_str without_opening(grpo_str s)
{
	size_t n = 1;

	if (s.len && s.ptr[0] == '\\') {
		while (n < s.len && is_letter(s.ptr[n]))
			n++;
		n += n < s.len && s.ptr[n] == '{';
		s = (grpo_str){s.ptr + n, s.len - n};
	}
	if (s.len && s.ptr[0] == '(')
		s = (grpo_str){s.ptr + 1, s.len - 1};
	return s;
}

int choice_is_letter(char c)
{
	return c >= 'A' && c <= 'H';
}

/* Whether a letter of a choice stands alone in it, as in "or (D)". */
static int has_choice(grpo_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (choice_is_letter(s.ptr[i]) &&
		    (i == 0 || !is_letter(s.ptr[i - 1])) &&
		    (i + 1 == s.len || !is_letter(s.ptr[i + 1])))
			return 1;
	return 0;
}

/* Takes what names a choice: "Option C", 选项C, 故选C. */
static int take_noun(grpo_str *s)
{
	int taken = take_word(s, "option") || take_word(s, "choice") ||
		    take(s, "选项") || take(s, "選項") || take(s, "故选") ||
		    take(s, "故選") || take(s, "选") || take(s, "選");

	skip_spaces(s);
	if (taken && (take(s, ":") || take(s, "：")))
		skip_spaces(s);
	if (taken)
		take(s, "(");
	return taken;
}

/* Without the marks around it. */
static grpo_str without_marks(grpo_str s)
{
	static const char *const marks[] = {
	    ")",   "}",   "*",   ".",      ":",       "~",       "$",
	    "\\ ", "\\,", "\\;", "\\quad", "\\qquad", "\\text{", NULL};
	int depth = 0;

	s = trim(s);
	for (int i = 0; marks[i];) {
		i = take(&s, marks[i]) ? 0 : i + 1;
		skip_spaces(&s);
	}
	for (size_t i = 0; i < s.len; i++)
		depth += (s.ptr[i] == '{') - (s.ptr[i] == '}');
	for (; s.len && strchr("}.$* ", s.ptr[s.len - 1]); s.len--)
		if (s.ptr[s.len - 1] == '}' && depth++ >= 0)
			break;
	return s;
}

/* "is correct", with nothing else */
static int is_approval(grpo_str s)
{
	static const char *const words[] = {"is correct",
					    "is right",
					    "is true",
					    "is the answer",
					    "is the correct answer",
					    "is the right answer",
					    "is the correct option",
					    "is the correct choice",
					    "正确",
					    "正確",
					    "是正确的",
					    NULL};

	return str_is_in_nocase(s, words);
}

char choice_of(grpo_str text, grpo_str *content)
{
	grpo_str s = without_opening(trim(text)), rest;
	int is_named;

	*content = (grpo_str){NULL, 0};
	if (!s.len || is_digit(s.ptr[0])) /* as most answers */
		return '\0';
	is_named = take_noun(&s);
	if (!s.len || !choice_is_letter(s.ptr[0]) || claim_calls_wrong(s) ||
	    has_choice((grpo_str){s.ptr + 1, s.len - 1}))
		return '\0';
	rest = without_marks((grpo_str){s.ptr + 1, s.len - 1});
	if ((is_named && !rest.len) || is_approval(rest))
		return s.ptr[0];
	if (s.len < 3 || !strchr(").:", s.ptr[1]) ||
	    (s.ptr[1] != ')' && !strchr(" }~\\", s.ptr[2])))
		return '\0';
	*content = rest;
	return s.ptr[0];
}
