/* SPDX-License-Identifier: MIT */
#include "phrases_internal.h"

#include <stdio.h>

#include "claims.h"
#include "units.h"

/* ------------------------------------------------------------------ pieces */

static int is_letter_byte(char c)
{
	return is_letter(c) || (unsigned char)c >= 0x80;
}

/* "nd" of 22nd */
static int is_ending(grpo_str s, size_t at)
{
	static const char *const ends[] = {"st", "nd", "rd", "th"};
	grpo_str rest = {s.ptr + at, s.len - at};

	for (int i = 0; i < 4; i++)
		if (begins(rest, ends[i]) &&
		    (rest.len == 2 || !is_letter(rest.ptr[2])))
			return 1;
	return 0;
}

/* Bytes of a number that stands alone in a text: 12, 1,000, 2.5. */
static size_t number_in(grpo_str s, size_t at)
{
	size_t n = at;

	if (at && !is_space(s.ptr[at - 1]))
		return 0;
	while (n < s.len && (is_digit(s.ptr[n]) ||
			     (strchr(".,", s.ptr[n]) && n + 1 < s.len &&
			      is_digit(s.ptr[n + 1]) && n > at)))
		n++;
	return n == s.len || strchr(" ,;.", s.ptr[n]) || is_ending(s, n)
		   ? n - at
		   : 0;
}

/* Bytes of the word at the front; a multiplier of Chinese is one of its own. */
static size_t word_in(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_letter_byte(s.ptr[n]))
		n++;
	if (n > 2 && (unsigned char)s.ptr[0] >= 0xe3 &&
	    numeral_multiplier(head(s, 3)) && !unit_is_known(head(s, n)))
		return 3; /* 千, and not 千米 */
	return n;
}

static int add_piece(struct piece *out, int n, const struct token *t,
		     enum token_kind kind, grpo_str word)
{
	out[n] = (struct piece){.token = t, .word = word, .kind = kind};
	return n + 1;
}

/* Behind a value, a comma in text ends an item, as it does outside. */
static int splits(char c, int has_value)
{
	return c == ';' || c == ':' || (c == ',' && has_value);
}

static int add_number(struct piece *out, int n, const struct token *t,
		      grpo_str digits, int *has_value)
{
	*has_value = 1;
	return add_piece(out, n, t, T_NUMBER, digits);
}

static int split_text(struct piece *out, int n, const struct token *t,
		      int has_value)
{
	grpo_str s = t->text;
	size_t i = 0, k;
	int first = n;

	while (i < s.len) {
		int ends = i + 1 == s.len || is_space(s.ptr[i + 1]);

		k = i + word_in((grpo_str){s.ptr + i, s.len - i});
		if (k > i)
			n = add_piece(out, n, t, T_WORD,
				      (grpo_str){s.ptr + i, k - i});
		else if ((k = i + number_in(s, i)) > i)
			n = add_number(out, n, t, (grpo_str){s.ptr + i, k - i},
				       &has_value);
		else if (splits(s.ptr[i], has_value) && ends)
			n = add_piece(out, n, t,
				      s.ptr[i] == ';'   ? T_SEMICOLON
				      : s.ptr[i] == ':' ? T_COLON
							: T_COMMA,
				      (grpo_str){s.ptr + i, k = 1});
		i = k > i ? k : i + 1;
	}
	for (int p = first; p < n; p++) {
		out[p].is_inner = n - first > 1;
		out[p].whole =
		    slice(p > first ? slice_end(out[p - 1].word) : s.ptr,
			  p + 1 < n ? slice_end(out[p].word) : slice_end(s));
	}
	return n > first ? n : add_piece(out, n, t, T_TEXT, (grpo_str){0});
}

static int is_name_a(const struct token *t)
{
	return t->kind == T_SYMBOL && t->text.len == 1 &&
	       lower(t->text.ptr[0]) == 'a';
}

static int is_hyphen(const struct token *t)
{
	return t->kind == T_MINUS && !t->is_spaced && t[-1].kind == T_WORD &&
	       t[1].kind == T_WORD && !t[1].is_spaced;
}

static int is_sentence_word(const struct token *t)
{
	if (t->kind == T_UNKNOWN && t->text.len > 1 && !t->is_latex)
		return (unsigned char)t->text.ptr[0] >= 0xe3;
	return t->kind == T_WORD || t->kind == T_AND || is_name_a(t);
}

static int begins_value(enum token_kind kind)
{
	return kind == T_NUMBER || kind == T_FRAC || kind == T_SYMBOL ||
	       kind == T_LEAF || kind == T_CLOSE || kind == T_PERCENT;
}

static int find_pieces(struct piece *out, const struct tokens *tokens)
{
	int n = 0, has_value = 0;

	for (int i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];

		has_value |= begins_value(t->kind);
		if (t->kind == T_COMMA || t->kind == T_SEMICOLON)
			has_value = 0;
		if (t->kind == T_TEXT)
			n = split_text(out, n, t, has_value);
		else
			n = add_piece(out, n, t, t->kind,
				      is_sentence_word(t) ? t->text
							  : (grpo_str){0});
		out[n - 1].is_hyphen = is_hyphen(t);
	}
	return n;
}

/* ----------------------------------------------------------------- writing */

static struct token *grown(struct phrases *x)
{
	int max = x->max_out ? x->max_out * 2 : 32;
	struct token *out = work_alloc(x->w, ((size_t)max + 2) * sizeof *out);

	if (!out)
		return NULL;
	out++; /* T_END stands before the first, too */
	if (x->n_out)
		memcpy(out, x->out, (size_t)x->n_out * sizeof *out);
	x->max_out = max;
	return x->out = out;
}

static void put_token(struct phrases *x, struct token t)
{
	if (x->w->status || (x->n_out == x->max_out && !grown(x)))
		return;
	x->out[x->n_out++] = t;
	if (begins_value((enum token_kind)t.kind))
		x->has_value = 1;
}

void phrase_put(struct phrases *x, enum token_kind kind, int sub,
		const char *text)
{
	put_token(x, (struct token){.kind = (uint8_t)kind,
				    .sub = (uint8_t)sub,
				    .is_spaced = 1,
				    .text = str(text)});
}

void phrase_put_number(struct phrases *x, long value)
{
	char digits[32];
	int n = snprintf(digits, sizeof digits, "%ld", value);
	struct token t = {.kind = T_NUMBER, .is_spaced = 1};

	t.text = work_text(x->w, (grpo_str){digits, (size_t)n});
	put_token(x, t);
}

static void put_in_braces(struct phrases *x, long value)
{
	phrase_put(x, T_OPEN, '{', "{");
	phrase_put_number(x, value);
	phrase_put(x, T_CLOSE, '{', "}");
}

void phrase_put_numeral(struct phrases *x, const struct numeral *v)
{
	if (v->whole || !v->below)
		phrase_put_number(x, v->whole);
	if (!v->below)
		return;
	phrase_put(x, T_FRAC, 0, "frac");
	put_in_braces(x, v->above);
	put_in_braces(x, v->below);
}

void phrase_put_group(struct phrases *x, int i, int end)
{
	phrase_put(x, T_OPEN, '{', "{");
	phrase_put_range(x, i, end);
	phrase_put(x, T_CLOSE, '{', "}");
}

/* Whether piece i goes on with the text that was written last. */
static int continues(const struct phrases *x, int i)
{
	const struct piece *p = &x->at[i];
	const struct token *last = &x->out[x->n_out - 1];

	return x->n_out && i && last->kind == T_TEXT && p->kind == T_WORD &&
	       x->at[i - 1].token == p->token &&
	       slice_end(last->text) == slice_end(x->at[i - 1].whole) &&
	       !(x->has_value && claim_condition(p->word));
}

/* A piece that no rule takes, with the signs around it. */
static void put_piece(struct phrases *x, int i)
{
	const struct piece *p = &x->at[i];
	struct token t = *p->token;

	if (!p->is_inner) {
		put_token(x, t);
	} else if (continues(x, i)) {
		t.text =
		    slice(x->out[x->n_out - 1].text.ptr, slice_end(p->whole));
		x->out[x->n_out - 1].text = t.text;
	} else {
		t.kind = p->kind == T_WORD ? T_TEXT : p->kind;
		t.text = p->kind == T_WORD ? p->whole : p->word;
		while (t.text.len && is_space(t.text.ptr[0]))
			drop(&t.text, 1);
		t.is_spaced = 1;
		put_token(x, t);
	}
}

void phrase_put_range(struct phrases *x, int i, int end)
{
	while (i < end && !x->w->status) {
		int n = phrase_rule(x, i);

		if (!n) {
			put_piece(x, i);
			n = 1;
		}
		i += n;
		if (phrase_ends_item(x, i))
			x->has_value = 0;
	}
}

/* ----------------------------------------------------------------- looking */

/* Whether nothing but blanks and a hyphen is between two words of one text. */
static int is_beside(const struct piece *a, const struct piece *b)
{
	if (a->token != b->token || !a->word.len)
		return 1;
	for (const char *p = slice_end(a->word); p < b->word.ptr; p++)
		if (!is_space(*p) && *p != '-')
			return 0;
	return 1;
}

void phrase_numeral(const struct phrases *x, int i, struct numeral *out)
{
	grpo_str words[NUMERAL_MAX_WORDS];
	int at[NUMERAL_MAX_WORDS + 1], n = 0;

	for (int k = i; k < x->n && n < NUMERAL_MAX_WORDS; k++) {
		if (x->at[k].is_hyphen)
			continue;
		if (!x->at[k].word.len || x->at[k].kind == T_NUMBER ||
		    (k > i && !is_beside(&x->at[k - 1], &x->at[k])))
			break;
		at[n] = k;
		words[n++] = x->at[k].word;
	}
	numeral_read(out, words, n);
	if (out->n)
		out->n = at[out->n - 1] + 1 - i;
}

/* The length of the first of the words, and what stands behind it. */
static size_t first_word(const char **words)
{
	const char *p = *words;
	size_t n = 0;

	while (p[n] && p[n] != ' ')
		n++;
	*words = p[n] ? p + n + 1 : p + n;
	return n;
}

int phrase_at(const struct phrases *x, int i, const char *words)
{
	int k = i;

	if (i >= x->n || !x->at[i].word.len ||
	    lower(x->at[i].word.ptr[0]) != words[0])
		return 0;
	while (*words) {
		const char *word = words;
		size_t n = first_word(&words);
		grpo_str s = k < x->n ? x->at[k].word : (grpo_str){0};

		if (s.len != n)
			return 0;
		for (size_t c = 0; c < n; c++)
			if (lower(s.ptr[c]) != word[c])
				return 0;
		k++;
	}
	return k - i;
}

int phrase_is_value(const struct phrases *x, int i)
{
	struct numeral v;

	if (i >= x->n)
		return 0;
	switch (x->at[i].kind) {
	case T_NUMBER:
	case T_FRAC:
	case T_SQRT:
	case T_LEAF:
	case T_OPEN:
	case T_SYMBOL:
	case T_DOLLAR:
	case T_BINOM:
	case T_LOG:
		return 1;
	case T_CALL:
		return x->at[i].token->is_latex;
	case T_WORD:
		phrase_numeral(x, i, &v);
		return v.n > 0;
	default:
		return 0;
	}
}

int phrase_after_value(const struct phrases *x)
{
	const struct token *last = &x->out[x->n_out - 1];

	if (!x->n_out)
		return 0;
	return last->kind == T_NUMBER || last->kind == T_CLOSE ||
	       last->kind == T_SYMBOL || last->kind == T_LEAF ||
	       last->kind == T_PERCENT || last->kind == T_BANG;
}

int phrase_ends_item(const struct phrases *x, int i)
{
	return i >= x->n || token_ends_item(x->at[i].kind);
}

/* --------------------------------------------------------------------- all */

static int has_words(const struct tokens *tokens, int *n_pieces)
{
	int has = 0;

	*n_pieces = 0;
	for (int i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];

		has |= t->kind == T_TEXT || t->kind == T_WORD ||
		       t->kind == T_UNKNOWN;
		*n_pieces += t->kind == T_TEXT ? (int)t->text.len + 1 : 1;
	}
	return has;
}

int phrases_rewrite(struct work *w, struct tokens *tokens)
{
	struct phrases x = {.w = w};
	struct piece *pieces;
	int n;

	if (!has_words(tokens, &n))
		return 0;
	pieces = work_alloc(w, (size_t)n * sizeof *pieces);
	if (!pieces || !grown(&x))
		return -1;
	x.at = pieces;
	x.n = find_pieces(pieces, tokens);
	phrase_put_range(&x, 0, x.n);
	if (w->status)
		return -1;
	put_token(&x, (struct token){.kind = T_END});
	tokens->at = x.out;
	tokens->n = x.n_out - 1;
	return w->status ? -1 : 0;
}
