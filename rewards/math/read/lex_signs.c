/* SPDX-License-Identifier: MIT */
#include "../tree/expr.h"
#include "abroad.h"
#include "lex_internal.h"

struct sign {
	const char *text;
	uint8_t kind, sub;
};

/* Of those that begin alike the longest first; the frequent ones at the
 * front. */
static const struct sign signs[] = {
    {"{", T_OPEN, '{'},    {"}", T_CLOSE, '{'},  {",", T_COMMA, 0},
    {"(", T_OPEN, '('},    {")", T_CLOSE, '('},  {"^", T_CARET, 0},
    {"_", T_UNDER, 0},     {"->", T_REL, OP_TO}, {"-", T_MINUS, 0},
    {"=<", T_REL, OP_LE},  {"==", T_REL, OP_EQ}, {"=>", T_REL, OP_IMPLIES},
    {"=", T_REL, OP_EQ},   {"+-", T_PM, 0},      {"+/-", T_PM, 0},
    {"+", T_PLUS, 0},      {"/", T_DIVIDE, 0},   {"*", T_TIMES, 0},
    {":=", T_REL, OP_EQ},  {":", T_COLON, 0},    {"<=", T_REL, OP_LE},
    {"<>", T_REL, OP_NE},  {"<", T_REL, OP_LT},  {">=", T_REL, OP_GE},
    {">", T_REL, OP_GT},   {"%", T_PERCENT, 0},  {"'", T_PRIME, 0},
    {"[", T_OPEN, '['},    {"]", T_CLOSE, '['},  {"|", T_BAR, 0},
    {";", T_SEMICOLON, 0}, {"&", T_AMP, 0},      {"...", T_DOTS, 0},
};

static int may_be_a_factor(const struct token *t)
{
	return t &&
	       (t->kind == T_NUMBER || t->kind == T_SYMBOL ||
		t->kind == T_LEAF || t->kind == T_WORD || (t->kind == T_CLOSE));
}

/* "!=" is a factorial beside a number, as in 5!=120. */
void lex_bang(struct lexer *l)
{
	grpo_str text = {l->s.ptr, 1};

	if (peek(l, 1) == '=' &&
	    (l->is_spaced || !may_be_a_factor(lex_last(l)) ||
	     lex_last(l)->kind == T_SYMBOL)) {
		lex_put(l, T_REL, OP_NE, text);
		lex_drop(l, 2);
		return;
	}
	lex_put(l, T_BANG, 0, text);
	lex_drop(l, 1);
}

/* "**" is a power between factors, else the mark of bold text. */
void lex_stars(struct lexer *l)
{
	char next = peek(l, 2);
	grpo_str text = {l->s.ptr, 2};
	int is_power =
	    may_be_a_factor(lex_last(l)) &&
	    (is_digit(next) || is_letter(next) || next == '(' || next == '-');

	lex_drop(l, 2);
	if (is_power)
		lex_put(l, T_CARET, 0, text);
	else
		l->is_spaced = 1;
}

int lex_sign(struct lexer *l)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		size_t n;

		if (!begins(l->s, signs[i].text))
			continue;
		n = strlen(signs[i].text);
		lex_put(l, signs[i].kind, signs[i].sub,
			(grpo_str){l->s.ptr, n});
		if (signs[i].sub == '(' || signs[i].sub == '[')
			l->depth += signs[i].kind == T_OPEN ? 1
				    : l->depth > 0          ? -1
							    : 0;
		lex_drop(l, n);
		return 1;
	}
	return 0;
}

int lex_is_relation(grpo_str text)
{
	size_t n = 0;
	const struct word *word = word_sign(text, &n);

	if (word)
		return word->kind == T_REL && n == text.len;
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++)
		if (str_is(text, signs[i].text))
			return signs[i].kind == T_REL;
	return 0;
}

/* A small sign above or below the line: what it is below, and where. */
static const struct small {
	const char *sign, *text;
	uint8_t place; /* T_CARET or T_UNDER */
} smalls[] = {
    {"\xe2\x81\xb0", "0", T_CARET}, {"\xc2\xb9", "1", T_CARET},
    {"\xc2\xb2", "2", T_CARET},     {"\xc2\xb3", "3", T_CARET},
    {"\xe2\x81\xb4", "4", T_CARET}, {"\xe2\x81\xb5", "5", T_CARET},
    {"\xe2\x81\xb6", "6", T_CARET}, {"\xe2\x81\xb7", "7", T_CARET},
    {"\xe2\x81\xb8", "8", T_CARET}, {"\xe2\x81\xb9", "9", T_CARET},
    {"\xe2\x81\xba", "+", T_CARET}, {"\xe2\x81\xbb", "-", T_CARET},
    {"\xe2\x81\xbf", "n", T_CARET}, {"\xe1\xb5\x8f", "k", T_CARET},
    {"\xe2\x81\xb1", "i", T_CARET}, {"\xcb\xa3", "x", T_CARET},
    {"\xe2\x82\x80", "0", T_UNDER}, {"\xe2\x82\x81", "1", T_UNDER},
    {"\xe2\x82\x82", "2", T_UNDER}, {"\xe2\x82\x83", "3", T_UNDER},
    {"\xe2\x82\x84", "4", T_UNDER}, {"\xe2\x82\x85", "5", T_UNDER},
    {"\xe2\x82\x86", "6", T_UNDER}, {"\xe2\x82\x87", "7", T_UNDER},
    {"\xe2\x82\x88", "8", T_UNDER}, {"\xe2\x82\x89", "9", T_UNDER},
    {"\xe2\x82\x99", "n", T_UNDER}, {"\xe2\x82\x96", "k", T_UNDER},
};

static const struct small *find_small(const struct lexer *l, size_t at)
{
	grpo_str rest = {l->s.ptr + at, at < l->s.len ? l->s.len - at : 0};

	for (size_t i = 0; i < sizeof smalls / sizeof *smalls; i++)
		if (begins(rest, smalls[i].sign))
			return &smalls[i];
	return NULL;
}

static void put_small(struct lexer *l, grpo_str text)
{
	if (is_digit(text.ptr[0]))
		lex_put(l, T_NUMBER, 0, text);
	else if (is_letter(text.ptr[0]))
		lex_letter(l, text);
	else
		lex_put(l, text.ptr[0] == '+' ? T_PLUS : T_MINUS, 0, text);
}

/* x⁻¹², a₁₀: a caret and a group; returns 0 where there is no such sign. */
static int take_small(struct lexer *l)
{
	const struct small *first = find_small(l, 0), *next = first;
	char *digits = first ? work_alloc(l->w, l->s.len) : NULL;
	grpo_str whole = l->s;
	size_t n = 0;

	if (!digits)
		return 0;
	lex_put(l, first->place, 0, str(first->place == T_CARET ? "^" : "_"));
	lex_put(l, T_OPEN, '{', (grpo_str){whole.ptr, 0});
	while (next && next->place == first->place) {
		size_t from = n;

		do {
			digits[n++] = next->text[0];
			lex_drop(l, strlen(next->sign));
			next = find_small(l, 0);
		} while (next && next->place == first->place &&
			 is_digit(digits[n - 1]) && is_digit(next->text[0]));
		put_small(l, (grpo_str){digits + from, n - from});
	}
	lex_put(l, T_CLOSE, '{', (grpo_str){l->s.ptr, 0});
	return 1;
}

/* ½: returns 0 where there is no such sign. */
static int take_vulgar(struct lexer *l)
{
	static const struct {
		const char *sign, *above, *below;
	} vulgar[] = {
	    {"\xc2\xbd", "1", "2"},     {"\xc2\xbc", "1", "4"},
	    {"\xc2\xbe", "3", "4"},     {"\xe2\x85\x93", "1", "3"},
	    {"\xe2\x85\x94", "2", "3"}, {"\xe2\x85\x95", "1", "5"},
	    {"\xe2\x85\x99", "1", "6"}, {"\xe2\x85\x9b", "1", "8"},
	};

	for (size_t i = 0; i < sizeof vulgar / sizeof *vulgar; i++) {
		if (!begins(l->s, vulgar[i].sign))
			continue;
		lex_put(l, T_FRAC, 0, (grpo_str){l->s.ptr, 2});
		lex_put(l, T_NUMBER, 0, str(vulgar[i].above));
		lex_put(l, T_NUMBER, 0, str(vulgar[i].below));
		lex_drop(l, strlen(vulgar[i].sign));
		return 1;
	}
	return 0;
}

void lex_unicode(struct lexer *l)
{
	size_t n = 1;
	const struct word *word;

	if (take_small(l) || take_vulgar(l))
		return;
	if (begins(l->s, "‰")) {
		lex_put(l, T_DIVIDE, 0, (grpo_str){l->s.ptr, 3});
		lex_put(l, T_NUMBER, 0, str("1000"));
		lex_drop(l, 3);
		return;
	}
	n = abroad_latin(l->s) ? lex_word_length(l->s) : abroad_letters(l->s);
	if (n) {
		lex_abroad(l, n);
		return;
	}
	n = 1;
	word = word_sign(l->s, &n);
	if (word) {
		lex_put_word(l, word, (grpo_str){l->s.ptr, n});
		lex_drop(l, n);
		return;
	}
	while (((unsigned char)peek(l, n) & 0xc0) == 0x80)
		n++;
	lex_put(l, T_UNKNOWN, 0, (grpo_str){l->s.ptr, n});
	lex_drop(l, n);
}
