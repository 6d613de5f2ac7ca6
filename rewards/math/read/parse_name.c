/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "parse_internal.h"
#include "units.h"
#include "../tree/slice.h"

#define MAX_NAME 64

static int is_open(const struct token *t, char c)
{
	return t->kind == T_OPEN && t->sub == (uint8_t)c;
}

/* A name that is put together. */
struct name {
	char text[MAX_NAME];
	size_t n;
};

static void append(struct name *name, grpo_str text)
{
	for (size_t i = 0; i < text.len && name->n < MAX_NAME; i++)
		if (text.ptr[i] != ' ')
			name->text[name->n++] = text.ptr[i];
}

static const struct expr *named(struct parser *p, enum expr_kind kind,
				const struct name *name)
{
	grpo_str text = work_text(p->w, (grpo_str){name->text, name->n});

	return text.ptr ? expr_named(p->w, kind, text) : NULL;
}

/* ------------------------------------------------------------- subscripts */

/* j, k, …, and i below a sum over i. */
static int is_index_letter(const struct parser *p, const struct token *t)
{
	if (t->text.len == 1 && str_same(t->text, p->index))
		return 1;
	return t->kind == T_SYMBOL && t->text.len == 1 &&
	       strchr("jklmnrst", t->text.ptr[0]);
}

/* Whether the subscript is an index that may take any value, as k
 * in a sum, or an expression; otherwise it is a part of the name. */
static int is_index(const struct parser *p)
{
	const struct token *t = p->t;

	if (!is_open(t, '{'))
		return is_index_letter(p, t);
	for (t++; t->kind != T_END && t->kind != T_CLOSE; t++)
		if (t->kind == T_PLUS || t->kind == T_MINUS ||
		    t->kind == T_TIMES || is_index_letter(p, t))
			return 1;
	return 0;
}

static int take_name_part(struct parser *p, struct name *name)
{
	int braces = is_open(p->t, '{'), n = 0;

	append(name, (grpo_str){"_", 1});
	p->t += braces;
	for (; p->t->kind != T_END && p->t->kind != T_CLOSE; p->t++, n++) {
		if (p->t->kind == T_OPEN)
			return -1;
		append(name, p->t->text);
		if (!braces)
			break;
	}
	p->t += p->t->kind != T_END; /* the brace, or the one token */
	return 0;
}

static const struct expr *indexed(struct parser *p, const struct name *name)
{
	const struct expr *index = parse_argument(p);
	struct expr *e = expr_node(p->w, EXPR_APPLY, 1, &index);

	if (e)
		e->name = work_text(p->w, (grpo_str){name->text, name->n});
	return e;
}

static void take_primes(struct parser *p, struct name *name)
{
	while (parse_is(p, T_PRIME, -1)) {
		append(name, (grpo_str){"'", 1});
		p->t++;
	}
	if (!parse_is(p, T_CARET, -1))
		return;
	if (p->t[1].kind == T_PRIME) {
		append(name, (grpo_str){"'", 1});
		p->t += 2;
	} else if (is_open(p->t + 1, '{') && p->t[2].kind == T_PRIME &&
		   p->t[3].kind == T_CLOSE) {
		append(name, (grpo_str){"'", 1});
		p->t += 4;
	}
}

/* ------------------------------------------------- functions by convention */

static int names_function(const struct name *name)
{
	return strchr("fghFGHWN", name->text[0]) &&
	       (name->n == 1 || name->text[1] == '\'' || name->text[1] == '_');
}

/* "^{-1}" of f^{-1}(x) */
static void take_inverse(struct parser *p, struct name *name)
{
	const struct token *t = p->t;

	if (t->kind == T_CARET && is_open(t + 1, '{') && t[2].kind == T_MINUS &&
	    t[3].kind == T_NUMBER && t[3].text.len == 1 &&
	    t[3].text.ptr[0] == '1' && t[4].kind == T_CLOSE &&
	    is_open(t + 5, '(')) {
		append(name, (grpo_str){"^-1", 3});
		p->t += 5;
	}
}

/* "(x)" right behind a letter: P(x), y(t); also P(2) = 5 */
static int is_of_a_letter(const struct token *t)
{
	if (!is_open(t, '(') || t->is_spaced || t[1].kind == T_END ||
	    t[2].kind != T_CLOSE || t[2].sub != '(')
		return 0;
	return t[1].kind == T_SYMBOL ||
	       (t[1].kind == T_NUMBER && t[3].kind == T_REL);
}

static const struct expr *apply(struct parser *p, const struct name *name)
{
	const struct expr *args = parse_open(p);
	struct expr *e;

	if (args && args->kind == EXPR_TUPLE)
		e = expr_node(p->w, EXPR_APPLY, args->n, args->kids);
	else
		e = expr_node(p->w, EXPR_APPLY, 1, &args);
	if (e)
		e->name = work_text(p->w, (grpo_str){name->text, name->n});
	return e;
}

/* \Gamma(5) */
static const struct expr *gamma_of(struct parser *p)
{
	const struct expr *argument = parse_open(p);

	return expr_call(p->w, FN_GAMMA, 1, &argument);
}

/* \zeta(2) is pi^2/6; of odd numbers it is only a name. */
static const struct expr *zeta_of(struct parser *p, const struct name *name)
{
	static const long below[] = {6, 90, 945, 9450, 93555};
	const struct expr *at = parse_open(p);
	struct expr *e;

	for (int k = 0; expr_is(at, EXPR_NUMBER) && k < 5; k++)
		if (fmpq_cmp_si(at->value, 2 * k + 2) == 0)
			return expr_2(p->w, EXPR_DIV,
				      expr_2(p->w, EXPR_POW,
					     expr_leaf(p->w, EXPR_PI), at),
				      expr_integer(p->w, below[k]));
	e = expr_node(p->w, EXPR_APPLY, 1, &at);
	if (e)
		e->name = work_text(p->w, (grpo_str){name->text, name->n});
	return e;
}

/* What follows the first letter of a name. */
static const struct expr *finish(struct parser *p, struct name *name)
{
	take_primes(p, name);
	if (parse_is(p, T_UNDER, -1)) {
		p->t++;
		if (is_index(p))
			return indexed(p, name);
		if (take_name_part(p, name))
			return NULL;
		take_primes(p, name);
	}
	if (is_open(p->t, '(') && name->n == 5 &&
	    memcmp(name->text, "Gamma", 5) == 0)
		return gamma_of(p);
	if (is_open(p->t, '(') &&
	    str_is((grpo_str){name->text, name->n}, "zeta"))
		return zeta_of(p, name);
	if (names_function(name)) {
		take_inverse(p, name);
		if (is_open(p->t, '('))
			return apply(p, name);
	}
	if (is_of_a_letter(p->t))
		return apply(p, name);
	return named(p, EXPR_SYMBOL, name);
}

const struct expr *parse_symbol(struct parser *p)
{
	const struct expr *chosen = parse_selection(p);
	struct name name = {.n = 0};

	if (chosen)
		return chosen;
	append(&name, p->t->text);
	p->t++;
	if (name.n == 0)
		return NULL;
	return finish(p, &name);
}

/* ----------------------------------------------------------------- accents */

static int is_complex_name(grpo_str s)
{
	return s.len == 1 && strchr("zw", s.ptr[0]);
}

/* The unit vector of \hat{i}, \hat\imath or \vec{i}; 0 for other names. */
static char unit_vector(grpo_str accent, grpo_str name)
{
	if (!str_is(accent, "hat") && !str_is(accent, "vec"))
		return '\0';
	if (name.len == 5 && begins(name, "hat_"))
		return name.ptr[4];
	if (str_is(name, "imath") || str_is(name, "jmath"))
		name.len = 1;
	return name.len == 1 && strchr("ijk", name.ptr[0]) ? name.ptr[0] : '\0';
}

/* NULL where the accent is on something else. */
static const struct expr *take_unit_vector(struct parser *p, grpo_str accent)
{
	int braces = is_open(p->t, '{');
	struct name name = {.text = "hat_", .n = 5};

	name.text[4] = unit_vector(accent, p->t[braces].text);
	if (!name.text[4] || (braces && p->t[2].kind != T_CLOSE))
		return NULL;
	p->t += 1 + 2 * braces;
	return finish(p, &name);
}

/* \bar z and \overline{z} are conjugates, \vec{v} and \overline{AB} names. */
const struct expr *parse_accent(struct parser *p)
{
	const struct token *accent = p->t++;
	int braces = is_open(p->t, '{');
	int is_bar =
	    accent->kind == T_OVERLINE ||
	    (accent->text.len == 3 && memcmp(accent->text.ptr, "bar", 3) == 0);
	struct name name = {.n = 0};
	const struct expr *e;

	if (is_bar && (is_complex_name(p->t[braces].text) ||
		       (braces && p->t[2].kind != T_CLOSE &&
			p->t[1].kind != T_SYMBOL && p->t[1].kind != T_WORD))) {
		e = parse_argument(p);
		return expr_call(p->w, FN_CONJUGATE, 1, &e);
	}
	e = take_unit_vector(p, accent->text);
	if (e)
		return e;
	append(&name, accent->text);
	if (!braces && p->t->kind != T_SYMBOL && p->t->kind != T_LEAF &&
	    p->t->kind != T_WORD)
		return NULL;
	if (take_name_part(p, &name))
		return NULL;
	return finish(p, &name);
}

/* ------------------------------------------------------------------- words */

/* Short words that are no products. */
static int is_of_language(grpo_str s)
{
	static const char *const words[] = {
	    "the", "is",  "are", "of",  "for", "all", "no",  "yes", "any",
	    "an",  "to",  "be",  "by",  "as",  "at",  "on",  "if",  "so",
	    "one", "two", "ten", "six", "not", "it",  "its", "was", "has",
	    "per", "odd", "red", "and", "or",  "mph", "DNE", "th",  "st",
	    "nd",  "rd",  "but", "nor", "yet", "may", "can", "out", "off",
	    "too", "how", "why", "who", "his", "her", "our", "let", "get",
	    "am",  "pm",  "AM",  "PM",  "No",  "Yes", "The", NULL};

	return str_is_in(s, words);
}

/* "men" of "5 men", "day" of "7th day", which nobody multiplies. */
static int is_counted(const struct token *t)
{
	static const char *const words[] = {
	    "men", "boy", "egg", "day", "way", "box", "car", "cat", "dog",
	    "hen", "pig", "cow", "hat", "bag", "cup", "pie", "pen", "key",
	    "bus", "toy", "new", "old", "big", "fox", "bee", "ant", "kid",
	    "son", "bar", "can", "jar", "bed", "top", "end", "set", "row",
	    "sum", "out", "low", "dry", "wet", "hot", "oak", "fig", "nut"};
	const struct token *before = t - 1;

	if (!t->is_spaced || (before->kind != T_NUMBER &&
			      before->kind != T_WORD && before->kind != T_TEXT))
		return 0;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (str_is(t->text, words[i]))
			return 1;
	return 0;
}

static int is_vowel(char c)
{
	return strchr("aeiouy", lower(c)) != NULL;
}

/* "Tom", where it names a value: no product of three. */
static int is_first_name(const struct token *t)
{
	grpo_str s = t->text;

	return s.len == 3 && s.ptr[0] >= 'A' && s.ptr[0] <= 'Z' &&
	       s.ptr[1] >= 'a' && s.ptr[2] >= 'a' &&
	       (is_vowel(s.ptr[1]) || is_vowel(s.ptr[0])) &&
	       (t[1].kind == T_COLON ||
		(t[1].kind == T_REL && t[1].sub == OP_EQ) ||
		(t[1].kind == T_NUMBER && t[1].is_spaced) ||
		(t[1].kind == T_WORD && t[1].text.len > 3));
}

/* m, s, ... in upright type. */
static int is_short_unit(const struct token *t)
{
	return t->is_upright && t->text.len == 1 &&
	       strchr("msgNJWVACKLhHFT", t->text.ptr[0]);
}

/* \mu\text{m}: the prefix of a unit in upright type. */
static int is_micro(const struct token *t)
{
	char text[16] = "\\mu";
	size_t n = t[1].text.len;
	struct unit unit;

	if (t->kind != T_SYMBOL || !str_is(t->text, "mu") || !n || n > 8 ||
	    (t[1].kind != T_TEXT && !t[1].is_upright))
		return 0;
	memcpy(text + 3, t[1].text.ptr, n);
	unit_read(&unit, (grpo_str){text, n + 3});
	return unit.is_known && !unit.rest.len;
}

/* h or s of "1 h 15 min", "15 min 20 s", m of "2 m 5 cm" */
static int is_of_compound(const struct token *t)
{
	if (t->kind != T_SYMBOL || t->text.len != 1 || t[-1].kind != T_NUMBER)
		return 0;
	return (t[1].kind == T_NUMBER && unit_is_smaller(t[2].text, t->text)) ||
	       (t[-2].text.len > 1 && t[-2].kind != T_NUMBER &&
		unit_is_smaller(t->text, t[-2].text));
}

/* "sq" of "sq ft" */
static int is_square(const struct token *t)
{
	return (str_is(t->text, "sq") || str_is(t->text, "cu")) &&
	       t[1].kind == T_WORD && unit_is_known(t[1].text);
}

/* C of 5 °C and 5^{\circ}C, with nothing behind it */
static int is_temperature(const struct token *t)
{
	const struct token *sign = t - 1;

	sign -= sign->kind == T_CLOSE;
	return t->kind == T_SYMBOL && sign->kind == T_DEGREE &&
	       (str_is(t->text, "C") || str_is(t->text, "F")) &&
	       (token_ends_item(t[1].kind) || t[1].kind == T_CLOSE);
}

int parse_is_unit(const struct token *t)
{
	const struct token *before = t - 1;

	if (is_temperature(t))
		return 1;
	if (before->kind != T_NUMBER && before->kind != T_CLOSE)
		return 0;
	if (t->kind != T_WORD)
		return is_short_unit(t) || is_micro(t) || is_of_compound(t);
	if (is_square(t))
		return 1;
	return unit_is_known(t->text) ||
	       (t->is_spaced && unit_is_careless(t->text));
}

int parse_is_letters(const struct token *word)
{
	size_t n = word->text.len;

	if (is_of_language(word->text) || parse_is_unit(word) ||
	    is_counted(word) || is_first_name(word))
		return 0;
	if (n <= 3)
		return 1;
	for (size_t i = 0; i < n; i++)
		if (word->text.ptr[i] < 'A' || word->text.ptr[i] > 'Z')
			return 0;
	return n <= 6;
}

int parse_is_capital(const struct expr *e)
{
	return e && e->kind == EXPR_SYMBOL &&
	       (e->name.len == 1
		    ? e->name.ptr[0] >= 'A' && e->name.ptr[0] <= 'Z'
		    : e->name.len == 3 &&
			  memcmp(e->name.ptr, "\xe2\x91", 2) == 0);
}

static const struct expr *letter(struct parser *p, grpo_str one)
{
	if (one.ptr[0] == 'e')
		return expr_leaf(p->w, EXPR_E);
	if (one.ptr[0] == 'i')
		return expr_leaf(p->w, EXPR_I);
	return expr_named(p->w, EXPR_SYMBOL, one);
}

/* A product, or the capitals of a run. */
static const struct expr *product(struct parser *p, int n,
				  const struct expr *const *kids)
{
	struct expr *e = expr_node(p->w, EXPR_MUL, n, kids);
	int capitals = 0;

	while (e && capitals < n && parse_is_capital(kids[capitals]))
		capitals++;
	if (e && capitals == n)
		e->flags = EXPR_RUN;
	return e;
}

/* "xy" is x y; the last letter may have a subscript, a prime or a power. */
const struct expr *parse_word(struct parser *p)
{
	struct token *t = p->t;
	const struct expr *kids[8];
	int n = 0;

	if (parse_is_function(t))
		return parse_function(p);
	if (parse_is_currency(p->t))
		return parse_currency(p);
	if (!parse_is_letters(t) || t->text.len > 6) {
		p->t++;
		return expr_named(p->w, EXPR_TEXT, t->text);
	}
	while (t->text.len > 1 && n < 7) {
		kids[n++] = letter(p, (grpo_str){t->text.ptr, 1});
		t->text.ptr++;
		t->text.len--;
	}
	t->kind =
	    t->text.ptr[0] == 'e' || t->text.ptr[0] == 'i' ? T_LEAF : T_SYMBOL;
	t->sub = t->text.ptr[0] == 'e' ? EXPR_E : EXPR_I;
	kids[n++] = parse_power(p);
	return product(p, n, kids);
}
