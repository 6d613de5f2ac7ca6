/* SPDX-License-Identifier: MIT */
#include "../tree/expr.h"
#include "lex_internal.h"

/* \mathbb{R}, \mathbb R */
static void take_blackboard(struct lexer *l)
{
	size_t at = 0;

	while (is_space(peek(l, at)) || peek(l, at) == '{')
		at++;
	if (!is_letter(peek(l, at)))
		return;
	lex_put(l, strchr("NZQRC", peek(l, at)) ? T_SET : T_SYMBOL, 0,
		(grpo_str){l->s.ptr + at, 1});
	at++;
	while (peek(l, at) == '}' && at < l->s.len && at < 8)
		at++;
	lex_drop(l, at);
}

/* \mathbf{i}: a unit vector; returns 0 for other letters. */
static int take_unit_vector(struct lexer *l)
{
	static const char *const names[] = {"hat_i", "hat_j", "hat_k"};
	size_t at = 0, braces;
	char c;

	while (is_space(peek(l, at)))
		at++;
	braces = peek(l, at) == '{';
	at += braces;
	c = peek(l, at);
	if (c < 'i' || c > 'k' || is_letter(peek(l, at + 1)) ||
	    (braces && peek(l, at + 1) != '}'))
		return 0;
	lex_put(l, T_SYMBOL, 0, str(names[c - 'i']));
	lex_drop(l, at + 1 + braces);
	return 1;
}

/* The name in \begin{name}, with what array has behind it. */
static void take_environment(struct lexer *l, enum token_kind kind)
{
	grpo_str inner = {NULL, 0};
	size_t n = peek(l, 0) == '{' ? lex_group(l->s, &inner) : 0;

	lex_drop(l, n);
	inner = trim(inner);
	if (kind == T_BEGIN && begins(inner, "array") && peek(l, 0) == '{') {
		grpo_str columns;

		lex_drop(l, lex_group(l->s, &columns));
	}
	if (str_is(inner, "comment")) {
		lex_put(l, T_UNKNOWN, 0, inner);
		return;
	}
	l->matrices += kind == T_BEGIN ? 1 : l->matrices > 0 ? -1 : 0;
	lex_put(l, kind, 0, inner);
}

/* \left|\right. is a bar of which nobody knows whether it opens. */
static int is_half(grpo_str s)
{
	skip_spaces(&s);
	return begins(s, "\\right.") || str_is(s, "\\right");
}

/* \left and \right: a bar beside them opens or closes, a point is nothing. */
static void take_side(struct lexer *l, int opens)
{
	while (is_space(peek(l, 0)))
		lex_drop(l, 1);
	if (peek(l, 0) == '.') {
		lex_drop(l, 1);
	} else if (peek(l, 0) == '|' && opens && is_half(rest_at(l, 1))) {
		lex_put(l, T_BAR, 0, (grpo_str){l->s.ptr, 1});
		lex_drop(l, 1);
	} else if (peek(l, 0) == '|') {
		lex_put(l, opens ? T_OPEN : T_CLOSE, '|',
			(grpo_str){l->s.ptr, 1});
		lex_drop(l, 1);
	} else if (begins(l->s, "\\|")) {
		lex_put(l, opens ? T_OPEN : T_CLOSE, 'N',
			(grpo_str){l->s.ptr, 2});
		lex_drop(l, 2);
	}
}

/* Bytes of the group that comes next. */
static size_t group_length(const struct lexer *l)
{
	grpo_str inner;

	return peek(l, 0) == '{' ? lex_group(l->s, &inner) : 0;
}

/* "\\not=", "\\not\\in"; 0 where another sign follows. */
static int take_not(struct lexer *l)
{
	grpo_str rest = l->s;
	int op = OP_NE;

	skip_spaces(&rest);
	if (take(&rest, "\\in") && !(rest.len && is_letter(rest.ptr[0])))
		op = OP_NOT_IN;
	else if (!take(&rest, "=") && !take(&rest, "{=}"))
		return 0;
	lex_put(l, T_REL, op, (grpo_str){l->s.ptr, 1});
	lex_drop(l, l->s.len - rest.len);
	return 1;
}

/* What a command that leaves no token does beside. */
static void take_dropped(struct lexer *l, grpo_str name)
{
	grpo_str inner;

	if ((str_is(name, "mathbf") || str_is(name, "boldsymbol") ||
	     str_is(name, "bm")) &&
	    take_unit_vector(l))
		return;
	if (str_is(name, "left") || str_is(name, "right"))
		take_side(l, name.ptr[0] == 'l');
	else if (str_is(name, "textcolor") || str_is(name, "colorbox"))
		lex_drop(l, group_length(l));
	else if (str_is(name, "fcolorbox")) {
		lex_drop(l, group_length(l));
		lex_drop(l, group_length(l));
	} else if ((str_is(name, "hspace") || str_is(name, "vspace") ||
		    str_is(name, "phantom") || str_is(name, "color") ||
		    str_is(name, "label") || str_is(name, "tag")) &&
		   peek(l, 0) == '{')
		lex_drop(l, lex_group(l->s, &inner));
}

/* A command that is not known; "\\quadx" lacks a space. */
/* \cancel{5}: what is struck out is no answer. */
static int strikes_out(grpo_str name)
{
	static const char *const commands[] = {
	    "cancel", "bcancel", "xcancel", "hcancel", "sout", "st", NULL};

	return str_is_in(name, commands);
}

static void take_unknown(struct lexer *l, grpo_str name)
{
	if (strikes_out(name)) {
		lex_put(l, T_UNKNOWN, 0, str("~~"));
		return;
	}
	if (name.len > 4 && begins(name, "quad")) {
		lex_put(l, T_GAP, 0, (grpo_str){name.ptr, 4});
		l->s.ptr -= name.len - 4;
		l->s.len += name.len - 4;
		return;
	}
	lex_put(l, T_UNKNOWN, 0, name);
}

/* The group of a unit as text, \kilo\meter as "kilo meter". */
static void take_unit(struct lexer *l)
{
	grpo_str inner;
	size_t n = peek(l, 0) == '{' ? lex_group(l->s, &inner) : 0;
	char *text = n ? work_alloc(l->w, inner.len + 1) : NULL;

	if (!text)
		return;
	for (size_t i = 0; i < inner.len; i++)
		text[i] = inner.ptr[i] == '\\' ? ' ' : inner.ptr[i];
	lex_put(l, T_TEXT, TEXT_WORDS, trim((grpo_str){text, inner.len}));
	lex_drop(l, n);
}

/* siunitx: \SI{5}{m/s}, \ang{30}; the number is read, the unit is text. */
static void take_quantity(struct lexer *l, grpo_str name)
{
	grpo_str number, rest;
	size_t n = lex_group(l->s, &number);

	if (peek(l, 0) != '{' || !n) {
		take_unknown(l, name);
		return;
	}
	lex_drop(l, n);
	rest = l->s;
	l->s = number;
	while (l->s.len && l->out->n < l->max)
		lex_token(l);
	l->s = rest;
	if (str_is(name, "ang"))
		lex_put(l, T_DEGREE, 0, name);
	else
		take_unit(l);
}

static void take_command(struct lexer *l)
{
	grpo_str name = {l->s.ptr, count_letters(l->s, 0)};
	const struct word *word = word_find(name, WORD_COMMAND);
	int n = l->out->n;

	lex_drop(l, name.len);
	if (str_is(name, "mathbb") || str_is(name, "Bbb"))
		take_blackboard(l);
	else if (str_is(name, "not") && take_not(l))
		return;
	else if (str_is(name, "SI") || str_is(name, "qty") ||
		 str_is(name, "ang"))
		take_quantity(l, name);
	else if (str_is(name, "si") || str_is(name, "unit"))
		take_unit(l);
	else if (!word)
		take_unknown(l, name);
	else if (word->kind == T_BEGIN || word->kind == T_FINISH)
		take_environment(l, word->kind);
	else if (word->kind == WORD_TEXT)
		lex_text(l, begins(name, "operatorname") ? TEXT_OPERATOR
			    : str_is(name, "mathrm")     ? TEXT_NAME
							 : TEXT_WORDS);
	else if (word->kind == WORD_DROP)
		take_dropped(l, name);
	else
		lex_put_word(l, word, name);
	if (l->out->n > n)
		l->out->at[n].is_latex = 1;
}

/* \\, with the [2pt] that may follow it. */
static void take_row(struct lexer *l)
{
	size_t at = 0;

	lex_put(l, T_ROW, 0, (grpo_str){l->s.ptr, 0});
	if (peek(l, 0) != '[')
		return;
	while (at < 12 && peek(l, at) && peek(l, at) != ']')
		at++;
	if (peek(l, at) == ']' && at > 3 && is_letter(peek(l, at - 1)) &&
	    is_letter(peek(l, at - 2)))
		lex_drop(l, at + 1);
}

/* After a backslash, not a letter. */
static void take_escaped(struct lexer *l)
{
	char c = peek(l, 0);
	grpo_str text = {l->s.ptr, 1};

	lex_drop(l, l->s.len > 0);
	switch (c) {
	case '{':
		lex_put(l, T_OPEN, 'S', text);
		l->depth++;
		break;
	case '}':
		lex_put(l, T_CLOSE, 'S', text);
		l->depth -= l->depth > 0;
		break;
	case '%':
		lex_put(l, T_PERCENT, 0, text);
		break;
	case '$':
		lex_put(l, T_DOLLAR, 0, text);
		break;
	case '|':
		lex_put(l, T_BAR, 'N', text);
		break;
	case '\\':
		take_row(l);
		break;
	case '^': /* escaped by Markdown */
		lex_put(l, T_CARET, 0, text);
		break;
	case '*':
		lex_put(l, T_TIMES, 0, text);
		break;
	case '-':
		lex_put(l, T_MINUS, 0, text);
		break;
	case '+':
		lex_put(l, T_PLUS, 0, text);
		break;
	case '_':
	case '!':
		break;
	case '#':
	case '&':
	case '~':
	case '?':
	case '@':
		lex_put(l, T_UNKNOWN, 0, text);
		break;
	default: /* \, \; \: \[ \( and other space */
		l->is_spaced = 1;
	}
}

/* "\f" made of \frac by a careless program. */
int lex_mangled(struct lexer *l)
{
	size_t at = 0;

	while (peek(l, at) == '\\')
		at++;
	if (peek(l, at) != '\f' ||
	    !begins((grpo_str){l->s.ptr + at + 1, l->s.len - at - 1}, "rac"))
		return 0;
	lex_put(l, T_FRAC, 0, (grpo_str){l->s.ptr + at + 1, 3});
	lex_drop(l, at + 4);
	return 1;
}

void lex_backslash(struct lexer *l)
{
	size_t slashes = 1;

	if (lex_mangled(l))
		return;
	if (l->is_doubled && peek(l, 1) == '\\')
		slashes = 2;
	else if (!l->matrices && peek(l, 1) == '\\' && is_letter(peek(l, 2)) &&
		 word_find((grpo_str){l->s.ptr + 2, count_letters(l->s, 2)},
			   WORD_COMMAND))
		slashes = 2;
	lex_drop(l, slashes);
	if (is_letter(peek(l, 0)))
		take_command(l);
	else
		take_escaped(l);
}
