/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "../tree/expr.h"
#include "abroad.h"
#include "lex_internal.h"
#include "numerals.h"

static const struct word *find_any_case(grpo_str name)
{
	char lower[16];
	const struct word *found = word_find(name, WORD_PLAIN);

	if (found || name.len < 2 || name.len >= sizeof lower)
		return found;
	for (size_t i = 0; i < name.len; i++)
		lower[i] = (char)(name.ptr[i] >= 'A' && name.ptr[i] <= 'Z'
				      ? name.ptr[i] + 32
				      : name.ptr[i]);
	found = word_find((grpo_str){lower, name.len}, WORD_PLAIN);
	if (found && found->kind != T_AND && found->kind != T_OR &&
	    found->kind != T_PERCENT && found->kind != T_DEGREE &&
	    found->kind != T_LEAF)
		return NULL;
	return found;
}

void lex_letter(struct lexer *l, grpo_str name)
{
	if (name.ptr[0] == 'e')
		lex_put(l, T_LEAF, EXPR_E, name);
	else if (name.ptr[0] == 'i')
		lex_put(l, T_LEAF, EXPR_I, name);
	else
		lex_put(l, T_SYMBOL, 0, name);
}

/* "orW" behind 1, of "W = 1orW = -1". */
static int joins_at(const struct lexer *l, grpo_str *name)
{
	size_t n = begins(*name, "or") ? 2 : begins(*name, "and") ? 3 : 0;
	const struct token *before = lex_last(l);

	if (!n || name->len != n + 1 || l->is_spaced || !before ||
	    (before->kind != T_NUMBER && before->kind != T_CLOSE))
		return 0;
	name->len = n;
	return 1;
}

/* G_kG_n, a_ib_j: TeX takes the first letter alone; v_max is meant as a whole.
 */
static int is_subscript_of_one(const struct lexer *l, grpo_str name)
{
	const struct token *before = lex_last(l);

	if (!before || before->kind != T_UNDER || name.len < 2)
		return 0;
	return peek(l, name.len) == '_' || (lower(name.ptr[0]) == name.ptr[0] &&
					    lower(name.ptr[1]) != name.ptr[1]);
}

/* "p.m." behind a time; 0 where it is not there. */
static int take_half_day(struct lexer *l)
{
	const struct token *before = lex_last(l);

	if (!before || before->kind != T_NUMBER ||
	    (!begins_nocase(l->s, "a.m") && !begins_nocase(l->s, "p.m")))
		return 0;
	lex_put(l, T_WORD, 0, str(lower(l->s.ptr[0]) == 'a' ? "am" : "pm"));
	lex_drop(l, l->s.len > 3 && l->s.ptr[3] == '.' ? 4 : 3);
	return 1;
}

size_t lex_word_length(grpo_str s)
{
	size_t n = 0, more;

	do {
		n += count_letters(s, n);
		more = abroad_latin((grpo_str){s.ptr + n, s.len - n});
		n += more;
	} while (more);
	return n;
}

/* Whether a value stands before, as one does before "or" and its like. */
static int is_behind_value(const struct lexer *l)
{
	const struct token *t = lex_last(l);

	return t && (t->kind == T_NUMBER || t->kind == T_CLOSE ||
		     t->kind == T_SYMBOL || t->kind == T_LEAF ||
		     t->kind == T_PERCENT || t->kind == T_DEGREE ||
		     t->kind == T_TEXT || t->kind == T_WORD ||
		     t->kind == T_SET || t->kind == T_BANG);
}

static void put_joining(struct lexer *l, char sign, size_t n)
{
	lex_put(l, sign == '|' ? T_OR : T_AND, 0, (grpo_str){l->s.ptr, n});
	lex_drop(l, n);
}

/* "个或": what it counts, and the word that joins. */
static void put_letters(struct lexer *l, size_t n)
{
	grpo_str word = {l->s.ptr, n};
	size_t joining = is_behind_value(l) ? abroad_ends_joining(word) : 0;

	if (n > joining)
		lex_put(l, T_TEXT, TEXT_WORDS, head(word, n - joining));
	lex_drop(l, n - joining);
	if (joining)
		put_joining(l, abroad_joins(head(l->s, joining)), joining);
}

/* 负5 is -5, and 正负5 is ±5. */
static int take_negative(struct lexer *l, grpo_str word)
{
	char next = peek(l, word.len);
	int is_sign = str_is(word, "负") || str_is(word, "負");
	int is_both = str_is(word, "正负") || str_is(word, "正負");

	if ((!is_sign && !is_both) ||
	    !(is_digit(next) || next == '\\' || next == '$'))
		return 0;
	lex_put(l, is_sign ? T_MINUS : T_PM, 0, word);
	lex_drop(l, word.len);
	return 1;
}

/* What Chinese numbers count: 三个. */
static int is_counting(grpo_str s)
{
	static const char *const words[] = {
	    "个", "個", "人", "元", "种", "種", "次", "只", "天", "年",
	    "名", "位", "本", "条", "岁", "米", "枚", "つ", NULL};

	return !s.len || str_is_in(s, words);
}

/* 二十三, and 三 of 三个, but not of 三角形 or 一5. */
static int take_chinese_number(struct lexer *l, grpo_str word)
{
	const struct token *before = lex_last(l);
	long value;
	size_t n = numeral_chinese(word, &value);
	char digits[24];
	int len;

	if (!n || is_digit(peek(l, word.len)) ||
	    (before && before->kind == T_NUMBER) ||
	    !is_counting((grpo_str){word.ptr + n, word.len - n}))
		return 0;
	len = snprintf(digits, sizeof digits, "%ld", value);
	lex_put(l, T_NUMBER, 0,
		work_text(l->w, (grpo_str){digits, (size_t)len}));
	lex_drop(l, n);
	return 1;
}

/* x, or f(3). */
static int is_behind_name(const struct lexer *l)
{
	const struct token *t = lex_last(l);

	return t && (t->kind == T_SYMBOL || t->kind == T_CLOSE);
}

void lex_abroad(struct lexer *l, size_t n)
{
	grpo_str word = {l->s.ptr, n};
	char sign = is_behind_value(l) ? abroad_joins(word) : 0;

	if (sign)
		put_joining(l, sign, n);
	else if (is_behind_name(l) && abroad_equals(word)) {
		lex_put(l, T_REL, OP_EQ, word);
		lex_drop(l, n);
	} else if (!take_negative(l, word) && !take_chinese_number(l, word))
		put_letters(l, n);
}

/* "2 oder 7": joining words of ASCII letters have spaces around them. */
static int joins_abroad(const struct lexer *l, grpo_str name)
{
	return name.len <= 4 && l->is_spaced && is_behind_value(l) &&
	       is_space(peek(l, name.len)) && abroad_joins(name);
}

void lex_letters(struct lexer *l)
{
	grpo_str name = {l->s.ptr, count_letters(l->s, 0)};
	const struct word *known = name.len > 1 ? find_any_case(name) : NULL;

	if (name.len == 1 && take_half_day(l))
		return;
	if (lex_word_length(l->s) > name.len) {
		lex_abroad(l, lex_word_length(l->s));
		return;
	}
	if (!known && joins_abroad(l, name)) {
		put_joining(l, abroad_joins(name), name.len);
		return;
	}
	if (!known && joins_at(l, &name))
		known = find_any_case(name);
	if (!known && is_subscript_of_one(l, name))
		name.len = 1;
	if (name.len == 1)
		lex_letter(l, name);
	else if (known)
		lex_put_word(l, known, name);
	else
		lex_put(l, T_WORD, 0, name);
	lex_drop(l, name.len);
}

/* Bytes of the group that the text begins with, without its braces; 0 bytes
 * are taken where it is not closed. */
size_t lex_group(grpo_str s, grpo_str *inner)
{
	int depth = 0;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\\')
			i++;
		else if (s.ptr[i] == '{')
			depth++;
		else if (s.ptr[i] == '}' && --depth == 0) {
			*inner = (grpo_str){s.ptr + 1, i - 1};
			return i + 1;
		}
	}
	return 0;
}

/* "and", ", and", "or": the word that joins, or NULL. */
static const struct word *joining(grpo_str text)
{
	const struct word *word;

	while (text.len && (text.ptr[0] == ',' || is_space(text.ptr[0]))) {
		text.ptr++;
		text.len--;
	}
	if (abroad_joins(text))
		return word_find(str(abroad_joins(text) == '|' ? "or" : "and"),
				 WORD_PLAIN);
	word = text.len && count_letters(text, 0) == text.len
		   ? find_any_case(text)
		   : NULL;
	return word && (word->kind == T_AND || word->kind == T_OR) ? word
								   : NULL;
}

/* The text of a \text{…}; 0 where it is mathematics after all. */
static int is_minus(grpo_str text)
{
	return str_is(text, "-") || str_is(text, "\xe2\x88\x92") ||
	       str_is(text, "\xe2\x80\x93");
}

static int put_text(struct lexer *l, grpo_str text, int set)
{
	const struct word *word = joining(text);
	char first = text.len ? text.ptr[0] : '\0';

	if (word) {
		lex_put(l, word->kind, 0, text);
		return 1;
	}
	if (!text.len) {
		l->is_spaced = 1;
		return 1;
	}
	if (is_minus(text)) {
		lex_put(l, T_MINUS, 0, text);
		return 1;
	}
	if (lex_is_relation(text))
		return 0;
	if (is_digit(first) || first == '$' || first == '\\' || first == '{' ||
	    ((first == '-' || first == '.') && text.len > 1 &&
	     is_digit(text.ptr[1])))
		return 0;
	if (count_letters(text, 0) == text.len && text.len > 1)
		word = find_any_case(text);
	if (word && word->kind != WORD_DROP) {
		lex_put_word(l, word, text);
		return 1;
	}
	if (set && text.len == 1 && is_letter(first)) {
		lex_letter(l, text);
		lex_last(l)->is_upright = 1;
	} else
		lex_put(l, T_TEXT, set, text);
	return 1;
}

/* After \text or its like. */
void lex_text(struct lexer *l, int set)
{
	grpo_str rest = l->s, inner;
	size_t n;

	while (rest.len && is_space(rest.ptr[0])) {
		rest.ptr++;
		rest.len--;
	}
	if (!rest.len || rest.ptr[0] != '{')
		return;
	n = lex_group(rest, &inner);
	if (!n || !put_text(l, trim(inner), set))
		return;
	lex_drop(l, (size_t)(rest.ptr - l->s.ptr) + n);
	if (inner.len && is_space(inner.ptr[inner.len - 1]))
		l->is_spaced = 1;
}
