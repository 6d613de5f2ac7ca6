/* SPDX-License-Identifier: MIT */
#include "lex_internal.h"

struct token *lex_last(const struct lexer *l)
{
	return l->out->n ? &l->out->at[l->out->n - 1] : NULL;
}

void lex_put(struct lexer *l, enum token_kind kind, int sub, grpo_str text)
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

void lex_put_word(struct lexer *l, const struct word *word, grpo_str name)
{
	if (word->kind == WORD_DROP) {
		l->is_spaced = 1;
		return;
	}
	lex_put(l, word->kind, word->sub, word->text ? str(word->text) : name);
}

/* {} that is nobody's argument. */
static int is_empty_group(const struct lexer *l)
{
	const struct token *before = lex_last(l);

	if (!begins(l->s, "{}"))
		return 0;
	if (!before)
		return 1;
	switch (before->kind) {
	case T_CARET:
	case T_UNDER:
	case T_FRAC:
	case T_BINOM:
	case T_SQRT:
	case T_ACCENT:
	case T_OVERLINE:
	case T_DOT:
		return 0;
	default:
		return before->kind != T_CLOSE || before->sub != '{';
	}
}

/* A point that ends no sentence: "5. 6". */
static int splits_digits(const struct lexer *l)
{
	const struct token *before = lex_last(l);
	grpo_str rest = rest_at(l, 1);

	skip_spaces(&rest);
	return before && before->kind == T_NUMBER && rest.len &&
	       is_digit(rest.ptr[0]);
}

/* The last sign of 6'1". */
static int is_of_inches(const struct lexer *l)
{
	const struct token *last = lex_last(l);

	return l->out->n > 1 && last->kind == T_NUMBER && !l->is_spaced &&
	       last[-1].kind == T_PRIME;
}

void lex_token(struct lexer *l)
{
	char c = peek(l, 0);

	if (c == '\f' && begins(l->s, "\frac") && lex_mangled(l))
		return;
	if (c == '~' && begins(l->s, "~~") && !is_space(peek(l, 2)) &&
	    peek(l, 2) != '\\') {
		lex_put(l, T_UNKNOWN, 0, (grpo_str){l->s.ptr, 2});
		lex_drop(l, 2); /* ~~5~~ is struck out */
	} else if (c == '"' && is_of_inches(l)) {
		lex_put(l, T_PRIME, 0, (grpo_str){l->s.ptr, 1});
		lex_put(l, T_PRIME, 0, (grpo_str){l->s.ptr, 1});
		lex_drop(l, 1);
	} else if (is_space(c) || c == '~' || c == '$' || c == '"' ||
		   c == '`') {
		l->is_spaced = 1;
		lex_drop(l, 1);
	} else if (is_digit(c) || (c == '.' && is_digit(peek(l, 1)))) {
		lex_number(l);
	} else if (is_letter(c)) {
		lex_letters(l);
	} else if (c == '\\') {
		lex_backslash(l);
	} else if (c == '!') {
		lex_bang(l);
	} else if (c == '*' && begins(l->s, "**")) {
		lex_stars(l);
	} else if ((unsigned char)c >= 0x80) {
		lex_unicode(l);
	} else if (is_empty_group(l)) {
		l->is_spaced = 1;
		lex_drop(l, 2);
	} else if (!lex_sign(l)) {
		if (c != '.' || splits_digits(l))
			lex_put(l, T_UNKNOWN, 0, (grpo_str){l->s.ptr, 1});
		lex_drop(l, 1);
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
	struct lexer l = {.w = w, .out = out, .commas = commas};

	l.s = lex_plain(w, text);
	if (w->status)
		return -1;
	l.n_commas = count_commas(l.s);
	l.is_doubled = is_doubled(l.s);
	/* A sign of two bytes may leave four tokens. */
	l.max = (int)(text.len * 2 + 4);
	*out = (struct tokens){.n = 0};
	out->at = work_alloc(w, ((size_t)l.max + 2) * sizeof *out->at);
	if (!out->at)
		return -1;
	out->at++; /* T_END stands before the first, too */
	while (l.s.len && out->n < l.max)
		lex_token(&l);
	out->at[out->n] = (struct token){.kind = T_END};
	return 0;
}
