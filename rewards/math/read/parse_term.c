/* SPDX-License-Identifier: MIT */
/* Factors that only their neighbours tell: "x" as a sign of multiplication,
 * remainders, combinations, and complex numbers by their angle. */
#include <string.h>

#include "../tree/slice.h"
#include "parse_internal.h"

static int is_open(const struct token *t, char c)
{
	return t->kind == T_OPEN && t->sub == (uint8_t)c;
}

static int is_close(const struct token *t, char c)
{
	return t->kind == T_CLOSE && t->sub == (uint8_t)c;
}

static int is_letter_of(const struct token *t, const char *letters)
{
	return t->kind == T_SYMBOL && t->text.len == 1 &&
	       strchr(letters, t->text.ptr[0]);
}

/* ------------------------------------------------------------------ times */

/* "1.6 x 10^-19", "3 x 4": no variable stands before a number. */
int parse_is_times(const struct token *t)
{
	if (!is_letter_of(t, "xX") || t->is_latex || t[-1].kind != T_NUMBER ||
	    t[1].kind != T_NUMBER)
		return 0;
	return (t->is_spaced && t[1].is_spaced) ||
	       (str_is(t[1].text, "10") && t[2].kind == T_CARET);
}

/* -------------------------------------------------------------- remainders */

/* All digits of "\pmod 12", where TeX would take the first alone. */
static const struct expr *modulus(struct parser *p)
{
	return is_open(p->t, '{') ? parse_argument(p) : parse_power(p);
}

/* a mod m, a (mod m); e is a.  Returns 0 where there is none. */
int parse_take_modulus(struct parser *p, const struct expr **e)
{
	int round = is_open(p->t, '(') && p->t[1].kind == T_MOD;
	const struct expr *args[2] = {*e, NULL};

	if (!round && p->t->kind != T_MOD)
		return 0;
	p->t += 1 + round;
	args[1] = round ? parse_sum(p) : modulus(p);
	if (round && !parse_take(p, T_CLOSE, '('))
		args[1] = NULL;
	*e = expr_call(p->w, FN_MOD, 2, args);
	return 1;
}

/* ------------------------------------------------------------ combinations */

/* n over k, or n (n - 1) … (n - k + 1). */
static const struct expr *selection(struct parser *p, char letter,
				    const struct expr *n, const struct expr *k)
{
	const struct expr *both[2] = {n, k};
	const struct expr *chosen = expr_call(p->w, FN_BINOMIAL, 2, both);

	return letter == 'C' ? chosen
			     : expr_2(p->w, EXPR_MUL, chosen,
				      expr_call(p->w, FN_FACTORIAL, 1, &k));
}

/* "7" or "{7}", and where it ends; -1 for something else. */
static long index_at(struct token **t)
{
	int braces = is_open(*t, '{');
	const struct token *number = *t + braces;
	long n = 0;

	if (number->kind != T_NUMBER || number->text.len > 5 ||
	    (braces && !is_close(number + 1, '{')))
		return -1;
	for (size_t i = 0; i < number->text.len; i++) {
		if (!is_digit(number->text.ptr[i]))
			return -1;
		n = n * 10 + (number->text.ptr[i] - '0');
	}
	*t += 1 + 2 * braces;
	return n;
}

/* C_7^3, A_7^3: NULL where it is a name with an index to a power. */
const struct expr *parse_selection(struct parser *p)
{
	char letter = p->t->text.len == 1 ? p->t->text.ptr[0] : '\0';
	struct token *t = p->t + 1;
	int below_first = t->kind == T_UNDER;
	long first, second;

	if ((letter != 'C' && letter != 'A' && letter != 'P') ||
	    (t->kind != T_UNDER && t->kind != T_CARET))
		return NULL;
	t++;
	first = index_at(&t);
	if (first < 0 || t->kind != (below_first ? T_CARET : T_UNDER))
		return NULL;
	t++;
	second = index_at(&t);
	if (second < 0 || is_open(t, '('))
		return NULL;
	if ((below_first ? first : second) < (below_first ? second : first))
		return NULL;
	p->t = t;
	return selection(p, letter,
			 expr_integer(p->w, below_first ? first : second),
			 expr_integer(p->w, below_first ? second : first));
}

/* Whether "C" and a sign for what is below follow. */
static int is_before_selection(const struct token *t)
{
	return is_letter_of(t, "CP") && t[1].kind == T_UNDER;
}

/* _7C_3, ^nC_k */
const struct expr *parse_left_index(struct parser *p)
{
	const struct expr *n, *k;
	char letter;

	p->t++;
	n = parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	if (!n || !is_before_selection(p->t))
		return NULL;
	letter = p->t->text.ptr[0];
	p->t += 2;
	k = parse_is(p, T_NUMBER, -1) ? parse_number(p) : parse_argument(p);
	return k ? selection(p, letter, n, k) : NULL;
}

/* "{}" before an index on the left. */
int parse_is_empty_group(const struct token *t)
{
	return is_open(t, '{') && is_close(t + 1, '{') &&
	       (t[2].kind == T_UNDER || t[2].kind == T_CARET);
}

/* 7C3: e is the number. */
const struct expr *parse_plain_selection(struct parser *p, const struct expr *e)
{
	const struct token *t = p->t;
	char letter = t->text.len == 1 ? t->text.ptr[0] : '\0';

	if (!is_letter_of(t, "CP") || t->is_spaced || t->is_latex ||
	    t[1].kind != T_NUMBER || t[1].is_spaced)
		return e;
	p->t++;
	return selection(p, letter, e, parse_number(p));
}

/* ------------------------------------------------------------------ angles */

/* cos a + i sin a */
const struct expr *parse_cis(struct parser *p, const struct expr *angle)
{
	const struct expr *sine = expr_call(p->w, FN_SIN, 1, &angle);

	return expr_2(p->w, EXPR_ADD, expr_call(p->w, FN_COS, 1, &angle),
		      expr_2(p->w, EXPR_MUL, expr_leaf(p->w, EXPR_I), sine));
}

/* Whether the ∠ there, behind e, gives the angle of a complex number, and does
 * not name the angle ABC. */
int parse_is_polar(const struct token *t, const struct expr *e)
{
	if (t->kind != T_ANGLE || t->sub || expr_symbols(e, NULL, 0))
		return 0;
	t += t[1].kind == T_MINUS;
	return t[1].kind == T_NUMBER || t[1].kind == T_FRAC ||
	       t[1].kind == T_LEAF || t[1].kind == T_OPEN;
}
