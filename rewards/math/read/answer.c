/* SPDX-License-Identifier: MIT */
#include "answer.h"

#include <string.h>

#include "choice.h"
#include "dates.h"
#include "lex.h"
#include "parse.h"
#include "phrases.h"
#include "units.h"
#include "../tree/slice.h"

/* -------------------------------------------------------------------- keys */

struct key {
	char *text;
	size_t n, max;
	int words; /* of two letters or more */
};

static void put(struct key *k, char c)
{
	if (k->n < k->max)
		k->text[k->n++] = c;
}

/* Words without their capitals and spaces; letters and short words, such as GB
 * and Gb, keep their own. */
static void put_text(struct key *k, grpo_str s, int keeps_capitals)
{
	int is_long = 0, is_word = 0;

	for (size_t i = 0; i + 1 < s.len; i++)
		is_long |= is_letter(s.ptr[i]) && is_letter(s.ptr[i + 1]);
	for (size_t i = 0; i + 3 < s.len; i++)
		is_word |= is_letter(s.ptr[i]) && is_letter(s.ptr[i + 1]) &&
			   is_letter(s.ptr[i + 2]) && is_letter(s.ptr[i + 3]);
	if (s.len && (unsigned char)s.ptr[0] >= 0x80) /* another script */
		k->words++;
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (c >= 'A' && c <= 'Z' && is_word && !keeps_capitals)
			c = (char)(c + 32);
		if (c != ' ' && c != '\n' && c != '\t' && c != '.')
			put(k, c);
	}
	k->words += is_long;
}

/* Kinds whose text is what they are. */
static int is_text(const struct token *t)
{
	switch (t->kind) {
	case T_SYMBOL:
	case T_WORD:
	case T_TEXT:
	case T_LEAF:
	case T_SET:
	case T_CALL:
	case T_FORM:
	case T_ACCENT:
	case T_BEGIN:
	case T_AND:
	case T_OR:
	case T_UNKNOWN:
		return 1;
	default:
		return 0;
	}
}

/* Apart from a number before it: 1 23 is not 12 3. */
static void put_number(struct key *k, grpo_str s)
{
	if (k->n && k->text[k->n - 1] >= '0' && k->text[k->n - 1] <= '9')
		put(k, ' ');
	for (size_t i = 0; i < s.len; i++)
		put(k, s.ptr[i]);
}

/* ∼ or ≅, and the sign behind ∇. */
static int is_told_by_text(const struct token *t)
{
	return (t->kind == T_REL && t->sub == OP_APPROX) ||
	       (t->kind == T_TIMES && t[-1].kind == T_FORM);
}

static void put_token(struct key *k, const struct token *t)
{
	if (t->kind == T_GAP)
		return;
	if (t->kind == T_NUMBER) {
		put_number(k, t->text);
	} else if (is_text(t)) { /* \lambda is not \Lambda */
		put_text(k, t->text, t->kind == T_SYMBOL);
	} else if (is_told_by_text(t)) {
		put_text(k, t->text, 0);
	} else {
		put(k, (char)(128 + t->kind));
		put(k, (char)t->sub);
	}
}

/* "(C)" is "C". */
static grpo_str without_parentheses(grpo_str s)
{
	const char open[2] = {(char)(128 + T_OPEN), '('};
	const char close[2] = {(char)(128 + T_CLOSE), '('};

	if (s.len > 2 && s.ptr[0] == '(' && s.ptr[s.len - 1] == ')')
		return (grpo_str){s.ptr + 1, s.len - 2};
	if (s.len > 4 && s.len <= 6 && memcmp(s.ptr, open, 2) == 0 &&
	    memcmp(s.ptr + s.len - 2, close, 2) == 0)
		return (grpo_str){s.ptr + 2, s.len - 4};
	return s;
}

/* Whether the first of n tokens opens a brace that the last one closes. */
static int is_in_braces(const struct token *t, int n)
{
	int depth = 0, i = 0;

	do {
		if (t[i].sub == '{')
			depth += (t[i].kind == T_OPEN) - (t[i].kind == T_CLOSE);
	} while (depth > 0 && ++i < n);
	return n > 1 && i == n - 1;
}

static int add_key(struct work *w, struct key *k, grpo_str text,
		   const struct tokens *tokens)
{
	size_t more = text.len + 2 * (size_t)tokens->n + 2;
	const struct token *t = tokens->at;
	int n = tokens->n;
	char *grown = work_alloc(w, k->n + more);

	if (!grown)
		return -1;
	if (k->n)
		memcpy(grown, k->text, k->n);
	k->text = grown;
	k->max = k->n + more;
	if (k->n)
		put(k, (char)(128 + T_COMMA)), put(k, 0);
	for (; is_in_braces(t, n); t++)
		n -= 2;
	for (int i = 0; i < n; i++)
		put_token(k, &t[i]);
	return 0;
}

/* ------------------------------------------------------------------- parts */

static int is_word(const struct token *t)
{
	return t->kind == T_WORD || t->kind == T_TEXT || t->kind == T_CALL;
}

/* The percent sign, degrees, or unit of measure behind a part. */
static const struct expr *mark(struct work *w, const struct expr *e,
			       grpo_str after)
{
	struct tokens tokens;
	struct expr *marked;

	if (!e || !after.len || lex(w, after, LEX_COMMAS_LIST, &tokens))
		return e;
	if (tokens.at[0].kind == T_PERCENT)
		return e->kind == EXPR_PERCENT ? e : expr_1(w, EXPR_PERCENT, e);
	if (tokens.at[0].kind == T_DEGREE ||
	    (tokens.at[0].kind == T_CARET &&
	     (tokens.at[1].kind == T_DEGREE || tokens.at[2].kind == T_DEGREE)))
		return e->kind == EXPR_DEGREE ? e : expr_1(w, EXPR_DEGREE, e);
	if (!is_word(&tokens.at[0]) || !unit_is_known(tokens.at[0].text) ||
	    e->kind == EXPR_UNIT)
		return e;
	marked = expr_node(w, EXPR_UNIT, 1, &e);
	if (marked)
		marked->name = tokens.at[0].text;
	return marked;
}

/* "0.333...": the points say that more digits follow; nobody knows what those
 * of "5..." say. */
static int goes_on(grpo_str s)
{
	size_t n = s.len;

	while (n && s.ptr[n - 1] == '.')
		n--;
	return s.len - n >= 3 && n && is_digit(s.ptr[n - 1]);
}

/* Without the points of the sentence it ends. */
static grpo_str without_points(grpo_str s)
{
	s = trim(s);
	if (goes_on(s))
		return s;
	while (ends(s, "."))
		s = trim((grpo_str){s.ptr, s.len - 1});
	return s;
}

static const struct expr *read_part(struct work *w, const struct found *f,
				    int i, enum lex_commas commas,
				    struct key *key, int *is_ambiguous)
{
	grpo_str text = without_points(f->part[i]);
	struct tokens tokens;

	if (text.len > ANSWER_MAX_BYTES) {
		w->status = GRPO_REWARD_BUDGET;
		return NULL;
	}
	if (lex(w, text, commas, &tokens) ||
	    (key && add_key(w, key, text, &tokens)))
		return NULL;
	*is_ambiguous |= tokens.is_ambiguous;
	if (phrases_rewrite(w, &tokens))
		return NULL;
	return mark(w, parse_answer(w, &tokens), f->after[i]);
}

/* All parts, each an answer: one, or a LIST. */
static const struct expr *read_parts(struct work *w, const struct found *f,
				     enum lex_commas commas, struct key *key,
				     int *is_ambiguous)
{
	const struct expr *parts[FOUND_MAX_PARTS];
	struct expr *list;
	int is_whole = 1;

	for (int i = 0; i < f->n_parts; i++) {
		parts[i] = read_part(w, f, i, commas, key, is_ambiguous);
		is_whole &= parts[i] != NULL;
	}
	if (!is_whole)
		return NULL;
	if (f->n_parts == 1)
		return parts[0];
	list = expr_node(w, EXPR_LIST, f->n_parts, parts);
	if (list)
		list->sign = ',';
	return list;
}

/* ----------------------------------------------------------------- phrases */

/* Words that say something mathematical, without their spaces. */
static const struct phrase {
	const char *words;
	const char *set; /* of NAMED_SET */
} phrases[] = {
    {"nosolution", "empty"},        {"nosolutions", "empty"},
    {"norealsolution", "empty"},    {"norealsolutions", "empty"},
    {"nosolutionexists", "empty"},  {"nosolutionsexist", "empty"},
    {"thereisnosolution", "empty"}, {"therearenosolutions", "empty"},
    {"nosuchnumber", "empty"},      {"none", "empty"},
    {"emptyset", "empty"},          {"theemptyset", "empty"},
    {"allrealnumbers", "R"},        {"allreals", "R"},
    {"realnumbers", "R"},           {"allreal", "R"},
    {"anyrealnumber", "R"},         {"thesetofallrealnumbers", "R"},
    {"allintegers", "Z"},           {"allrealnumbersx", "R"},
};

/* NULL where the key is none of them. */
static const struct expr *phrase(struct work *w, grpo_str key)
{
	if (!key.len || !strchr("natre", lower(key.ptr[0])))
		return NULL;
	for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++) {
		const struct phrase *p = &phrases[i];

		if (!begins_nocase(key, p->words) ||
		    key.len != strlen(p->words))
			continue;
		return expr_named(w, EXPR_NAMED_SET,
				  (grpo_str){p->set, strlen(p->set)});
	}
	return NULL;
}

/* The tokens as text, without what only sets type. */
static void put_tokens(struct key *k, const struct tokens *tokens)
{
	for (int i = 0; i < tokens->n; i++) {
		const struct token *t = &tokens->at[i];

		if ((t->kind == T_OPEN || t->kind == T_CLOSE) && t->sub == '{')
			continue;
		put(k, ' ');
		for (size_t c = 0; c < t->text.len; c++)
			put(k, t->text.ptr[c]);
	}
}

/* An answer that is no mathematics: its words, with all that stands among
 * them. */
static const struct expr *whole_text(struct work *w, const struct found *f)
{
	struct key k = {.n = 0};
	struct tokens tokens;
	struct expr *e;

	for (int i = 0; i < f->n_parts; i++)
		k.max += 3 * f->part[i].len + 8;
	k.text = work_alloc(w, k.max);
	for (int i = 0; k.text && i < f->n_parts; i++) {
		if (lex(w, without_points(f->part[i]), LEX_COMMAS_GROUP,
			&tokens))
			return NULL;
		put(&k, i ? ',' : ' ');
		put_tokens(&k, &tokens);
	}
	e = expr_node(w, EXPR_TEXT, 0, NULL);
	if (e) {
		e->name = trim((grpo_str){k.text, k.n});
		e->flags = EXPR_UNREAD;
	}
	return e;
}

/* A date is its own reading, in one form for all ways of writing it. */
static void read_date(struct work *w, grpo_str text, struct answer *a)
{
	char form[DATE_SIZE];

	if (!date_read(text, form))
		return;
	a->reading[0] = expr_named(w, EXPR_TEXT, work_text(w, str(form)));
	a->reading[1] = NULL;
}

/* The number of ③, which may also be the name of a choice; NULL for others. */
static const struct expr *circled(struct work *w, const struct expr *e)
{
	if (!e || e->kind != EXPR_SYMBOL || e->name.len != 3 ||
	    !begins(e->name, "\xe2\x91"))
		return NULL;
	return expr_integer(w, (unsigned char)e->name.ptr[2] - 0xa0 + 1);
}

/* What is said beside the letter of a choice. */
static const struct expr *read_content(struct work *w, grpo_str text)
{
	struct found content = {.n_parts = 1, .part = {text}};
	int is_ambiguous = 0;
	const struct expr *e =
	    read_part(w, &content, 0, LEX_COMMAS_GROUP, NULL, &is_ambiguous);

	return e || w->status ? e : whole_text(w, &content);
}

/* "C) 7" */
static void read_choice(struct work *w, grpo_str text, struct answer *a)
{
	grpo_str content;

	a->choice = choice_of(text, &content);
	if (a->choice && content.len)
		a->content = read_content(w, content);
}

const struct answer *answer_read(struct work *w, const struct found *f)
{
	struct answer *a = work_alloc(w, sizeof *a);
	struct key key = {.n = 0};
	int is_ambiguous = 0;
	const struct expr *said;

	if (!a || !f->n_parts)
		return NULL;
	a->reading[0] = read_parts(w, f, LEX_COMMAS_GROUP, &key, &is_ambiguous);
	if (is_ambiguous && !w->status)
		a->reading[1] =
		    read_parts(w, f, LEX_COMMAS_LIST, NULL, &is_ambiguous);
	if (w->status)
		return NULL;
	a->key = without_parentheses((grpo_str){key.text, key.n});
	said = phrase(w, a->key);
	if (said)
		a->reading[0] = said;
	if (f->n_parts == 1)
		read_date(w, f->part[0], a);
	if (!a->reading[0]) {
		a->reading[0] = a->reading[1];
		a->reading[1] = NULL;
	}
	if (!a->reading[0] && key.words && a->key.len)
		a->reading[0] = whole_text(w, f);
	if (w->status)
		return NULL;
	if (!a->reading[1])
		a->reading[1] = circled(w, a->reading[0]);
	if (f->n_parts == 1)
		read_choice(w, f->part[0], a);
	if (a->key.len == 1 && choice_is_letter(a->key.ptr[0]))
		a->choice = a->key.ptr[0];
	if (f->n_parts == 1)
		chemistry_read(w, trim(f->part[0]), &a->formula);
	/* If it is not mathematics, it must at least be words. */
	return a->reading[0] || a->formula.is_sure || a->choice ||
		       (key.words && a->key.len)
		   ? a
		   : NULL;
}

size_t answer_print(char *out, size_t size, const struct answer *a)
{
	size_t n = 0;

	if (a->reading[0])
		return expr_print(out, size, a->reading[0]);
	for (size_t i = 0; i < a->key.len && n + 1 < size; i++)
		if ((unsigned char)a->key.ptr[i] >= ' ' &&
		    (unsigned char)a->key.ptr[i] < 128)
			out[n++] = a->key.ptr[i];
	if (size)
		out[n] = '\0';
	return n;
}
