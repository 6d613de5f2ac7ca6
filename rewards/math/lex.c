/* SPDX-License-Identifier: MIT */
#include "lex.h"

#include <string.h>

#include "expr.h"
#include "words.h"

struct lexer {
	struct work *w;
	grpo_str s; /* what is left */
	struct tokens *out;
	enum lex_commas commas;
	int n_commas;   /* bare ones, in all of the text */
	int depth;      /* of brackets */
	int matrices;   /* that are open */
	int is_doubled; /* "\\frac" stands for "\frac" */
	int is_spaced;  /* before the next token */
	int max;
};

/* ---------------------------------------------------------------- text */

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static int is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' ||
	       c == '\v';
}

static char peek(const struct lexer *l, size_t i)
{
	return i < l->s.len ? l->s.ptr[i] : '\0';
}

static void drop(struct lexer *l, size_t n)
{
	l->s.ptr += n;
	l->s.len -= n;
}

static int begins(grpo_str s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && memcmp(s.ptr, with, n) == 0;
}

static grpo_str str(const char *text)
{
	return (grpo_str){text, strlen(text)};
}

static size_t count_digits(grpo_str s, size_t from)
{
	size_t n = from;

	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return n - from;
}

static size_t count_letters(grpo_str s, size_t from)
{
	size_t n = from;

	while (n < s.len && is_letter(s.ptr[n]))
		n++;
	return n - from;
}

static grpo_str trim(grpo_str s)
{
	while (s.len && (is_space(s.ptr[0]) || s.ptr[0] == '~')) {
		s.ptr++;
		s.len--;
	}
	while (s.len && (is_space(s.ptr[s.len - 1]) || s.ptr[s.len - 1] == '~'))
		s.len--;
	return s;
}

static struct token *last(const struct lexer *l)
{
	return l->out->n ? &l->out->at[l->out->n - 1] : NULL;
}

static void put(struct lexer *l, enum token_kind kind, int sub, grpo_str text)
{
	struct token *t = &l->out->at[l->out->n];

	if (l->out->n >= l->max)
		return;
	l->out->n++;
	*t = (struct token){.kind = (uint8_t)kind,
			    .sub = (uint8_t)sub,
			    .is_spaced = (uint8_t)l->is_spaced,
			    .text = text};
	l->is_spaced = 0;
}

static void put_word(struct lexer *l, const struct word *word, grpo_str name)
{
	if (word->kind == WORD_DROP) {
		l->is_spaced = 1;
		return;
	}
	put(l, word->kind, word->sub, word->text ? str(word->text) : name);
}

/* ------------------------------------------------------------- numbers */

/* Bytes of a mark between groups of three digits, or 0. */
static size_t group_mark(const struct lexer *l, size_t at)
{
	static const char *const sure[] = {",\\!",  "{,}",  "{, }", "\\,",
					   " {, }", " {,}", NULL};
	grpo_str rest = {l->s.ptr + at, l->s.len - at};
	size_t n;

	for (int i = 0; sure[i]; i++) {
		if (!begins(rest, sure[i]))
			continue;
		n = strlen(sure[i]);
		while (n < rest.len && rest.ptr[n] == ' ')
			n++;
		return n;
	}
	if (l->commas == LEX_COMMAS_GROUP &&
	    (begins(rest, ",") || begins(rest, " ")))
		return 1;
	return 0;
}

/* Groups after the first `n` digits; returns how far the number goes. */
static size_t take_groups(struct lexer *l, size_t n)
{
	size_t at = n, mark;
	int n_bare = 0, has_zero = 0;

	if (n == 0 || n > 3 || peek(l, 0) == '0')
		return n;
	while ((mark = group_mark(l, at)) &&
	       count_digits(l->s, at + mark) == 3) {
		n_bare += mark == 1;
		has_zero |= peek(l, at + mark) == '0';
		at += mark + 3;
	}
	/* Nobody lists "1, 000". */
	l->out->is_ambiguous |= n_bare && !has_zero;
	return at;
}

/* A comma as the decimal mark, after n digits; returns its bytes. */
static size_t decimal_comma(struct lexer *l, size_t n)
{
	grpo_str rest = {l->s.ptr + n, l->s.len - n};

	if (n == 0)
		return 0;
	if (begins(rest, "{,}"))
		return count_digits(rest, 3) ? 3 : 0;
	if (l->commas != LEX_COMMAS_GROUP || l->n_commas != 1 || l->depth > 0 ||
	    !begins(rest, ",") || !count_digits(rest, 1))
		return 0;
	l->out->is_ambiguous = 1;
	return 1;
}

/* "e-3" after a number: not "3e", nor "3e-2", which may be 3 e - 2. */
static size_t exponent(const struct lexer *l, size_t at, int has_point)
{
	char e = peek(l, at);
	size_t sign = peek(l, at + 1) == '-' || peek(l, at + 1) == '+';
	size_t n = count_digits(l->s, at + 1 + sign);

	if ((e != 'e' && e != 'E') || !n ||
	    is_letter(peek(l, at + 1 + sign + n)))
		return 0;
	if (e == 'e' && sign && n < 2 && !has_point)
		return 0;
	return 1 + sign + n;
}

/* "\\overline{3}" of 0.\overline{3} */
static int repeats_at(const struct lexer *l, size_t at)
{
	grpo_str rest = {l->s.ptr + at, at < l->s.len ? l->s.len - at : 0};

	return begins(rest, "\\overline") || begins(rest, "\\dot{");
}

static void take_number(struct lexer *l)
{
	size_t digits = count_digits(l->s, 0), at = take_groups(l, digits);
	size_t mark = 0;
	int sub = 0;

	if (peek(l, at) == '.' &&
	    (is_digit(peek(l, at + 1)) || repeats_at(l, at + 1))) {
		mark = 1;
	} else if (at == digits && (mark = decimal_comma(l, at))) {
		sub = ',';
	}
	if (mark)
		at += mark + count_digits(l->s, at + mark);
	at += exponent(l, at, mark > 0);
	put(l, T_NUMBER, sub, (grpo_str){l->s.ptr, at});
	drop(l, at);
}

/* ------------------------------------------------------ words and text */

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

static void put_letter(struct lexer *l, grpo_str name)
{
	if (name.ptr[0] == 'e')
		put(l, T_LEAF, EXPR_E, name);
	else if (name.ptr[0] == 'i')
		put(l, T_LEAF, EXPR_I, name);
	else
		put(l, T_SYMBOL, 0, name);
}

/* "orW" behind 1, of "W = 1orW = -1". */
static int joins_at(const struct lexer *l, grpo_str *name)
{
	size_t n = begins(*name, "or") ? 2 : begins(*name, "and") ? 3 : 0;
	const struct token *before = last(l);

	if (!n || name->len != n + 1 || l->is_spaced || !before ||
	    (before->kind != T_NUMBER && before->kind != T_CLOSE))
		return 0;
	name->len = n;
	return 1;
}

static void take_letters(struct lexer *l)
{
	grpo_str name = {l->s.ptr, count_letters(l->s, 0)};
	const struct word *known = name.len > 1 ? find_any_case(name) : NULL;

	if (!known && joins_at(l, &name))
		known = find_any_case(name);
	if (name.len == 1)
		put_letter(l, name);
	else if (known)
		put_word(l, known, name);
	else
		put(l, T_WORD, 0, name);
	drop(l, name.len);
}

/* Bytes of the group that the text begins with, without its braces; 0 bytes
 * are taken where it is not closed. */
static size_t group(grpo_str s, grpo_str *inner)
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
	word = text.len && count_letters(text, 0) == text.len
		   ? find_any_case(text)
		   : NULL;
	return word && (word->kind == T_AND || word->kind == T_OR) ? word
								   : NULL;
}

/* The text of a \text{…}; 0 where it is mathematics after all. */
static int put_text(struct lexer *l, grpo_str text, int is_name)
{
	const struct word *word = joining(text);
	char first = text.len ? text.ptr[0] : '\0';

	if (word) {
		put(l, word->kind, 0, text);
		return 1;
	}
	if (!text.len) {
		l->is_spaced = 1;
		return 1;
	}
	if (is_digit(first) || first == '$' || first == '\\' || first == '{' ||
	    ((first == '-' || first == '.') && text.len > 1 &&
	     is_digit(text.ptr[1])))
		return 0;
	if (count_letters(text, 0) == text.len && text.len > 1)
		word = find_any_case(text);
	if (word && word->kind != WORD_DROP) {
		put_word(l, word, text);
		return 1;
	}
	if (is_name && text.len == 1 && is_letter(first)) {
		put_letter(l, text);
		last(l)->is_upright = 1;
	} else
		put(l, T_TEXT, is_name, text);
	return 1;
}

/* After \text or its like. */
static void take_text(struct lexer *l, int is_name)
{
	grpo_str rest = l->s, inner;
	size_t n;

	while (rest.len && is_space(rest.ptr[0])) {
		rest.ptr++;
		rest.len--;
	}
	if (!rest.len || rest.ptr[0] != '{')
		return;
	n = group(rest, &inner);
	if (n && put_text(l, trim(inner), is_name))
		drop(l, (size_t)(rest.ptr - l->s.ptr) + n);
}

/* ------------------------------------------------------------- commands */

/* \mathbb{R}, \mathbb R */
static void take_blackboard(struct lexer *l)
{
	size_t at = 0;

	while (is_space(peek(l, at)) || peek(l, at) == '{')
		at++;
	if (!is_letter(peek(l, at)))
		return;
	put(l, strchr("NZQRC", peek(l, at)) ? T_SET : T_SYMBOL, 0,
	    (grpo_str){l->s.ptr + at, 1});
	at++;
	while (peek(l, at) == '}' && at < l->s.len && at < 8)
		at++;
	drop(l, at);
}

/* The name in \begin{name}, with what array has behind it. */
static void take_environment(struct lexer *l, enum token_kind kind)
{
	grpo_str inner = {NULL, 0};
	size_t n = peek(l, 0) == '{' ? group(l->s, &inner) : 0;

	drop(l, n);
	inner = trim(inner);
	if (kind == T_BEGIN && begins(inner, "array") && peek(l, 0) == '{') {
		grpo_str columns;

		drop(l, group(l->s, &columns));
	}
	l->matrices += kind == T_BEGIN ? 1 : l->matrices > 0 ? -1 : 0;
	put(l, kind, 0, inner);
}

/* \left and \right: a bar beside them opens or closes, a point is nothing. */
static void take_side(struct lexer *l, int opens)
{
	while (is_space(peek(l, 0)))
		drop(l, 1);
	if (peek(l, 0) == '.') {
		drop(l, 1);
	} else if (peek(l, 0) == '|') {
		put(l, opens ? T_OPEN : T_CLOSE, '|', (grpo_str){l->s.ptr, 1});
		drop(l, 1);
	} else if (begins(l->s, "\\|")) {
		put(l, opens ? T_OPEN : T_CLOSE, 'N', (grpo_str){l->s.ptr, 2});
		drop(l, 2);
	}
}

static int names_side(grpo_str name, const char *side)
{
	return name.len == strlen(side) &&
	       memcmp(name.ptr, side, name.len) == 0;
}

/* What a command that leaves no token does beside. */
static void take_dropped(struct lexer *l, grpo_str name)
{
	grpo_str inner;

	if (names_side(name, "left") || names_side(name, "right"))
		take_side(l, name.ptr[0] == 'l');
	else if ((names_side(name, "hspace") || names_side(name, "vspace") ||
		  names_side(name, "phantom") || names_side(name, "color") ||
		  names_side(name, "label") || names_side(name, "tag")) &&
		 peek(l, 0) == '{')
		drop(l, group(l->s, &inner));
}

/* A command that is not known; "\\quadx" lacks a space. */
static void take_unknown(struct lexer *l, grpo_str name)
{
	if (name.len > 4 && begins(name, "quad")) {
		put(l, T_GAP, 0, (grpo_str){name.ptr, 4});
		l->s.ptr -= name.len - 4;
		l->s.len += name.len - 4;
		return;
	}
	put(l, T_UNKNOWN, 0, name);
}

static void take_command(struct lexer *l)
{
	grpo_str name = {l->s.ptr, count_letters(l->s, 0)};
	const struct word *word = word_find(name, WORD_COMMAND);
	int n = l->out->n;

	drop(l, name.len);
	if (names_side(name, "mathbb") || names_side(name, "Bbb"))
		take_blackboard(l);
	else if (!word)
		take_unknown(l, name);
	else if (word->kind == T_BEGIN || word->kind == T_FINISH)
		take_environment(l, word->kind);
	else if (word->kind == WORD_TEXT)
		take_text(l, names_side(name, "mathrm") ||
				 begins(name, "operatorname"));
	else if (word->kind == WORD_DROP)
		take_dropped(l, name);
	else
		put_word(l, word, name);
	if (l->out->n > n)
		l->out->at[n].is_latex = 1;
}

/* \\, with the [2pt] that may follow it. */
static void take_row(struct lexer *l)
{
	size_t at = 0;

	put(l, T_ROW, 0, (grpo_str){l->s.ptr, 0});
	if (peek(l, 0) != '[')
		return;
	while (at < 12 && peek(l, at) && peek(l, at) != ']')
		at++;
	if (peek(l, at) == ']' && at > 3 && is_letter(peek(l, at - 1)) &&
	    is_letter(peek(l, at - 2)))
		drop(l, at + 1);
}

/* After a backslash, not a letter. */
static void take_escaped(struct lexer *l)
{
	char c = peek(l, 0);
	grpo_str text = {l->s.ptr, 1};

	drop(l, l->s.len > 0);
	switch (c) {
	case '{':
		put(l, T_OPEN, 'S', text);
		l->depth++;
		break;
	case '}':
		put(l, T_CLOSE, 'S', text);
		l->depth -= l->depth > 0;
		break;
	case '%':
		put(l, T_PERCENT, 0, text);
		break;
	case '$':
		put(l, T_DOLLAR, 0, text);
		break;
	case '|':
		put(l, T_BAR, 'N', text);
		break;
	case '\\':
		take_row(l);
		break;
	case '_':
	case '!':
		break;
	default: /* \, \; \: \[ \( and other space */
		l->is_spaced = 1;
	}
}

/* "\f" made of \frac by a careless program. */
static int take_mangled(struct lexer *l)
{
	size_t at = 0;

	while (peek(l, at) == '\\')
		at++;
	if (peek(l, at) != '\f' ||
	    !begins((grpo_str){l->s.ptr + at + 1, l->s.len - at - 1}, "rac"))
		return 0;
	put(l, T_FRAC, 0, (grpo_str){l->s.ptr + at + 1, 3});
	drop(l, at + 4);
	return 1;
}

static void take_backslash(struct lexer *l)
{
	size_t slashes = 1;

	if (take_mangled(l))
		return;
	if (l->is_doubled && peek(l, 1) == '\\')
		slashes = 2;
	else if (!l->matrices && peek(l, 1) == '\\' && is_letter(peek(l, 2)) &&
		 word_find((grpo_str){l->s.ptr + 2, count_letters(l->s, 2)},
			   WORD_COMMAND))
		slashes = 2;
	drop(l, slashes);
	if (is_letter(peek(l, 0)))
		take_command(l);
	else
		take_escaped(l);
}

/* ---------------------------------------------------------------- signs */

struct sign {
	const char *text;
	uint8_t kind, sub;
};

/* The longest first. */
static const struct sign signs[] = {
    {"...", T_DOTS, 0},   {"<=", T_REL, OP_LE},  {">=", T_REL, OP_GE},
    {"=<", T_REL, OP_LE}, {"==", T_REL, OP_EQ},  {":=", T_REL, OP_EQ},
    {"<>", T_REL, OP_NE}, {"+-", T_PM, 0},       {"+/-", T_PM, 0},
    {"=", T_REL, OP_EQ},  {"<", T_REL, OP_LT},   {">", T_REL, OP_GT},
    {"+", T_PLUS, 0},     {"-", T_MINUS, 0},     {"*", T_TIMES, 0},
    {"/", T_DIVIDE, 0},   {"^", T_CARET, 0},     {"_", T_UNDER, 0},
    {"%", T_PERCENT, 0},  {"'", T_PRIME, 0},     {"(", T_OPEN, '('},
    {")", T_CLOSE, '('},  {"[", T_OPEN, '['},    {"]", T_CLOSE, '['},
    {"{", T_OPEN, '{'},   {"}", T_CLOSE, '{'},   {"|", T_BAR, 0},
    {",", T_COMMA, 0},    {";", T_SEMICOLON, 0}, {":", T_COLON, 0},
    {"&", T_AMP, 0},
};

static int may_be_a_factor(const struct token *t)
{
	return t &&
	       (t->kind == T_NUMBER || t->kind == T_SYMBOL ||
		t->kind == T_LEAF || t->kind == T_WORD || (t->kind == T_CLOSE));
}

/* "!=" is a factorial beside a number, as in 5!=120. */
static void take_bang(struct lexer *l)
{
	grpo_str text = {l->s.ptr, 1};

	if (peek(l, 1) == '=' && (l->is_spaced || !may_be_a_factor(last(l)) ||
				  last(l)->kind == T_SYMBOL)) {
		put(l, T_REL, OP_NE, text);
		drop(l, 2);
		return;
	}
	put(l, T_BANG, 0, text);
	drop(l, 1);
}

/* "**" is a power between factors, else the mark of bold text. */
static void take_stars(struct lexer *l)
{
	char next = peek(l, 2);
	grpo_str text = {l->s.ptr, 2};
	int is_power =
	    may_be_a_factor(last(l)) &&
	    (is_digit(next) || is_letter(next) || next == '(' || next == '-');

	drop(l, 2);
	if (is_power)
		put(l, T_CARET, 0, text);
	else
		l->is_spaced = 1;
}

static int take_sign(struct lexer *l)
{
	for (size_t i = 0; i < sizeof signs / sizeof *signs; i++) {
		size_t n = strlen(signs[i].text);

		if (!begins(l->s, signs[i].text))
			continue;
		put(l, signs[i].kind, signs[i].sub, (grpo_str){l->s.ptr, n});
		if (signs[i].sub == '(' || signs[i].sub == '[')
			l->depth += signs[i].kind == T_OPEN ? 1
				    : l->depth > 0          ? -1
							    : 0;
		drop(l, n);
		return 1;
	}
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
		put(l, T_NUMBER, 0, text);
	else if (is_letter(text.ptr[0]))
		put_letter(l, text);
	else
		put(l, text.ptr[0] == '+' ? T_PLUS : T_MINUS, 0, text);
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
	put(l, first->place, 0, str(first->place == T_CARET ? "^" : "_"));
	put(l, T_OPEN, '{', (grpo_str){whole.ptr, 0});
	while (next && next->place == first->place) {
		size_t from = n;

		do {
			digits[n++] = next->text[0];
			drop(l, strlen(next->sign));
			next = find_small(l, 0);
		} while (next && next->place == first->place &&
			 is_digit(digits[n - 1]) && is_digit(next->text[0]));
		put_small(l, (grpo_str){digits + from, n - from});
	}
	put(l, T_CLOSE, '{', (grpo_str){l->s.ptr, 0});
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
		put(l, T_FRAC, 0, (grpo_str){l->s.ptr, 2});
		put(l, T_NUMBER, 0, str(vulgar[i].above));
		put(l, T_NUMBER, 0, str(vulgar[i].below));
		drop(l, strlen(vulgar[i].sign));
		return 1;
	}
	return 0;
}

static void take_unicode(struct lexer *l)
{
	size_t n = 1;
	const struct word *word;

	if (take_small(l) || take_vulgar(l))
		return;
	word = word_sign(l->s, &n);
	if (word) {
		put_word(l, word, (grpo_str){l->s.ptr, n});
		drop(l, n);
		return;
	}
	while (((unsigned char)peek(l, n) & 0xc0) == 0x80)
		n++;
	put(l, T_UNKNOWN, 0, (grpo_str){l->s.ptr, n});
	drop(l, n);
}

static void take_token(struct lexer *l)
{
	char c = peek(l, 0);

	if (begins(l->s, "\frac") && take_mangled(l))
		return;
	if (is_space(c) || c == '~' || c == '$' || c == '"' || c == '`') {
		l->is_spaced = 1;
		drop(l, 1);
	} else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
		take_number(l);
	} else if (is_letter(c)) {
		take_letters(l);
	} else if (c == '\\') {
		take_backslash(l);
	} else if (c == '!') {
		take_bang(l);
	} else if (begins(l->s, "**")) {
		take_stars(l);
	} else if ((unsigned char)c >= 0x80) {
		take_unicode(l);
	} else if (!take_sign(l)) {
		if (c != '.') /* of a sentence */
			put(l, T_UNKNOWN, 0, (grpo_str){l->s.ptr, 1});
		drop(l, 1);
	}
}

/* ------------------------------------------------------------------ all */

static int count_commas(grpo_str s)
{
	int n = 0;

	for (size_t i = 0; i < s.len; i++)
		n += s.ptr[i] == ',' && !(i && s.ptr[i - 1] == '{') &&
		     !(i && s.ptr[i - 1] == '\\');
	return n;
}

/* Whether commands have two backslashes, as in JSON that was not decoded. */
static int is_doubled(grpo_str s)
{
	int doubled = 0;

	for (size_t i = 0; i + 1 < s.len; i++) {
		if (s.ptr[i] != '\\')
			continue;
		if (is_letter(s.ptr[i + 1]))
			return 0;
		if (s.ptr[i + 1] == '\\' && i + 2 < s.len) {
			grpo_str rest = {s.ptr + i + 2, s.len - i - 2};

			rest.len = count_letters(rest, 0);
			doubled |= rest.len > 1 &&
				   word_find(rest, WORD_COMMAND) != NULL;
		}
		i++;
	}
	return doubled;
}

int lex(struct work *w, grpo_str text, enum lex_commas commas,
	struct tokens *out)
{
	struct lexer l = {.w = w,
			  .s = text,
			  .out = out,
			  .commas = commas,
			  .n_commas = count_commas(text),
			  .is_doubled = is_doubled(text)};

	/* A sign of two bytes may leave four tokens. */
	l.max = (int)(text.len * 2 + 4);
	*out = (struct tokens){.n = 0};
	out->at = work_alloc(w, ((size_t)l.max + 2) * sizeof *out->at);
	if (!out->at)
		return -1;
	out->at++; /* T_END stands before the first, too */
	while (l.s.len && out->n < l.max)
		take_token(&l);
	out->at[out->n] = (struct token){.kind = T_END};
	return 0;
}
