/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "parse_internal.h"
#include "../tree/slice.h"

#define MAX_DIGITS 1000
#define MAX_EXPONENT 1000

/* What a token's text says, without the marks between its digits. */
struct digits {
	char text[MAX_DIGITS + 1];
	int n;        /* digits */
	int decimals; /* of them */
	int has_mark;
	long exponent;
	int has_exponent;
};

static int put_digit(struct digits *d, char c)
{
	if (d->n == MAX_DIGITS)
		return -1;
	d->text[d->n++] = c;
	d->decimals += d->has_mark;
	return 0;
}

static void read_exponent(struct digits *d, grpo_str s)
{
	int is_negative = s.len && s.ptr[0] == '-';

	d->has_exponent = 1;
	for (size_t i = 0; i < s.len; i++)
		if (is_digit(s.ptr[i]) && d->exponent <= MAX_EXPONENT)
			d->exponent = d->exponent * 10 + (s.ptr[i] - '0');
	if (is_negative)
		d->exponent = -d->exponent;
}

/* The comma in "{,}" is the decimal mark unless three digits follow it. */
static int is_decimal_comma(const struct token *t, size_t i)
{
	size_t n = 0;
	int in_braces = i > 0 && t->text.ptr[i - 1] == '{';

	if (t->sub == ',')
		return 1;
	while (++i < t->text.len && !is_digit(t->text.ptr[i]))
		;
	while (i + n < t->text.len && is_digit(t->text.ptr[i + n]))
		n++;
	return in_braces && n != 3;
}

static int read_digits(const struct token *t, struct digits *d)
{
	for (size_t i = 0; i < t->text.len; i++) {
		char c = t->text.ptr[i];

		if (is_digit(c)) {
			if (put_digit(d, c))
				return -1;
		} else if (c == '.' || (c == ',' && is_decimal_comma(t, i))) {
			d->has_mark = 1;
		} else if (c == 'e' || c == 'E') {
			read_exponent(d, (grpo_str){t->text.ptr + i + 1,
						    t->text.len - i - 1});
			break;
		}
	}
	d->text[d->n] = '\0';
	return d->exponent > MAX_EXPONENT || d->exponent < -MAX_EXPONENT ? -1
									 : 0;
}

static void times_power_of_ten(fmpq_t q, long exponent)
{
	fmpz_t power;

	fmpz_init(power);
	fmpz_set_ui(power, 10);
	fmpz_pow_ui(power, power, (ulong)(exponent < 0 ? -exponent : exponent));
	if (exponent < 0)
		fmpq_div_fmpz(q, q, power);
	else
		fmpq_mul_fmpz(q, q, power);
	fmpz_clear(power);
}

static int significant(const struct digits *d)
{
	int zeros = 0;

	while (zeros < d->n && d->text[zeros] == '0')
		zeros++;
	return d->n - zeros;
}

static void set_value(struct expr *e, const struct digits *d)
{
	long small = 0;

	if (d->n <= 15) {
		for (int i = 0; i < d->n; i++)
			small = small * 10 + (d->text[i] - '0');
		fmpz_set_si(fmpq_numref(e->value), small);
	} else {
		fmpz_set_str(fmpq_numref(e->value), d->text, 10);
	}
	if (d->exponent != d->decimals)
		times_power_of_ten(e->value, d->exponent - d->decimals);
	e->digits = significant(d);
	e->decimals = d->decimals - (int)d->exponent;
	if (d->has_mark || d->has_exponent)
		e->flags |= EXPR_DECIMAL;
}

static struct expr *new_number(struct parser *p, const struct token *t,
			       struct digits *d)
{
	struct expr *e;

	*d = (struct digits){.n = 0};
	if (read_digits(t, d)) {
		p->w->status = GRPO_REWARD_BUDGET;
		return NULL;
	}
	e = expr_number(p->w);
	if (e)
		set_value(e, d);
	return e;
}

/* ------------------------------------------------------ repeating decimals */

/* Whether a decimal may end here; what is multiplied goes on. */
static int ends_decimal(const struct token *t)
{
	return t->kind >= T_COMMA || t->kind == T_END || t->kind == T_CLOSE ||
	       t->kind == T_REL || t->kind == T_PERCENT || t->kind == T_TEXT ||
	       t->kind == T_WORD;
}

static int begins_decimal(const struct token *before)
{
	return ends_decimal(before) || before->kind == T_MINUS ||
	       before->kind == T_PLUS || before->kind == T_OPEN ||
	       before->kind == T_DOLLAR;
}

/* 0.58(3), as much of the world writes repeating decimals. */
static int digits_in_brackets(const struct parser *p,
			      const struct token **digits, struct token **after)
{
	struct token *t = p->t;

	if (t->kind != T_OPEN || t->sub != '(' || t->is_spaced ||
	    t[1].kind != T_NUMBER || t[1].is_spaced || t[1].text.len > 50 ||
	    t[2].kind != T_CLOSE || !begins_decimal(t - 2) ||
	    !ends_decimal(t + 3))
		return 0;
	for (size_t i = 0; i < t[1].text.len; i++)
		if (!is_digit(t[1].text.ptr[i]))
			return 0;
	*digits = t + 1;
	*after = t + 3;
	return (int)t[1].text.len;
}

/* Digits under \overline or \dot after the number: their count, 0 for none. */
static int repeating_digits(const struct parser *p, const struct token **digits,
			    struct token **after)
{
	struct token *t = p->t;
	int braces;

	if ((t->kind != T_OVERLINE && t->kind != T_DOT) || t->is_spaced)
		return digits_in_brackets(p, digits, after);
	t++;
	braces = t->kind == T_OPEN && t->sub == '{';
	t += braces;
	if (t->kind != T_NUMBER || t->text.len > 50)
		return 0;
	for (size_t i = 0; i < t->text.len; i++)
		if (!is_digit(t->text.ptr[i]))
			return 0;
	*digits = t++;
	if (braces && t->kind != T_CLOSE)
		return 0;
	*after = t + braces;
	return (int)(*digits)->text.len;
}

/* 0.1\overline{6} = 0.1 + 6/9 * 10^-1 */
static void repeat(struct parser *p, struct expr *e, const struct digits *d)
{
	const struct token *token;
	struct token *after;
	int n = repeating_digits(p, &token, &after);
	struct digits more = {.n = 0};
	fmpq_t tail;
	fmpz_t nines;

	if (!n || read_digits(token, &more))
		return;
	fmpq_init(tail);
	fmpz_init(nines);
	fmpz_set_str(fmpq_numref(tail), more.text, 10);
	fmpz_set_ui(nines, 10);
	fmpz_pow_ui(nines, nines, (ulong)n);
	fmpz_sub_ui(nines, nines, 1);
	fmpq_div_fmpz(tail, tail, nines);
	times_power_of_ten(tail, -d->decimals);
	fmpq_add(e->value, e->value, tail);
	fmpz_clear(nines);
	fmpq_clear(tail);
	e->flags = EXPR_REPEATS;
	p->t = after;
}

/* A number that ends with a point before \overline: "0." */
static const struct expr *finish_decimal(struct parser *p, struct expr *e,
					 const struct digits *d)
{
	if (d->has_mark)
		repeat(p, e, d);
	if (parse_is(p, T_DOTS, -1) && d->has_mark) {
		p->t++;
		e->flags |= EXPR_TRUNCATED;
	}
	return e;
}

/* ---------------------------------------------------------- mixed numbers */

static int is_whole(const struct token *t)
{
	if (t->kind != T_NUMBER)
		return 0;
	for (size_t i = 0; i < t->text.len; i++)
		if (!is_digit(t->text.ptr[i]))
			return 0;
	return t->text.len < 10;
}

static long whole(const struct token *t)
{
	long x = 0;

	for (size_t i = 0; i < t->text.len; i++)
		x = x * 10 + (t->text.ptr[i] - '0');
	return x;
}

/* A whole number in braces; returns what stands behind it, or NULL. */
static struct token *braced(struct token *t, long *value)
{
	if (t->kind != T_OPEN || t->sub != '{' || !is_whole(t + 1) ||
	    t[2].kind != T_CLOSE)
		return NULL;
	*value = whole(t + 1);
	return t + 3;
}

/* The proper fraction that follows; returns what stands behind it, or NULL. */
static struct token *fraction(struct token *t, long *above, long *below)
{
	struct token *end = NULL;

	if (t->kind == T_FRAC) {
		t++;
		if (is_whole(t) && t->text.len == 2) {
			*above = t->text.ptr[0] - '0';
			*below = t->text.ptr[1] - '0';
			end = t + 1;
		} else if (is_whole(t) && t->text.len == 1 && is_whole(t + 1)) {
			*above = whole(t);
			*below = whole(t + 1);
			end = t + 2;
		} else if ((end = braced(t, above))) {
			end = braced(end, below);
		}
	} else if (is_whole(t) && t->is_spaced && t[1].kind == T_DIVIDE &&
		   is_whole(t + 2)) {
		*above = whole(t);
		*below = whole(t + 2);
		end = t + 3;
	}
	return end && *below && *above && *above < *below ? end : NULL;
}

static const struct expr *mixed(struct parser *p, struct expr *e)
{
	long above = 0, below = 0;
	struct token *end = fraction(p->t, &above, &below);
	fmpq_t part;

	if (!end)
		return e;
	fmpq_init(part);
	fmpq_set_si(part, above, (ulong)below);
	fmpq_add(e->value, e->value, part);
	fmpq_clear(part);
	p->t = end;
	return e;
}

/* ------------------------------------------------------------------ bases */

/* "two" of 101_{\text{two}}; 0 for no such word. */
static long base_of_word(const struct token *t)
{
	static const char *const names[] = {"two", "three",  "four",  "five",
					    "six", "seven",  "eight", "nine",
					    "ten", "eleven", "twelve"};

	if (t->kind != T_TEXT && t->kind != T_WORD)
		return 0;
	for (int i = 0; i < (int)(sizeof names / sizeof *names); i++)
		if (t->text.len == strlen(names[i]) &&
		    begins_nocase(t->text, names[i]))
			return i + 2;
	return t->text.len == 7 && begins_nocase(t->text, "sixteen") ? 16 : 0;
}

/* Whether the subscript is a number: 101_2, 101_{2}. */
static int base_token(const struct parser *p, const struct token **base,
		      struct token **after)
{
	struct token *t = p->t + 1;
	int braces = t->kind == T_OPEN && t->sub == '{';

	t += braces;
	if ((!is_whole(t) && !base_of_word(t)) ||
	    (braces && t[1].kind != T_CLOSE))
		return 0;
	*base = t;
	*after = t + 1 + braces;
	return 1;
}

const struct expr *parse_base(struct parser *p, const struct expr *digits)
{
	const struct token *base;
	struct token *after;

	if (!base_token(p, &base, &after))
		return NULL;
	p->t = after;
	return expr_2(p->w, EXPR_BASE, digits,
		      expr_integer(p->w, is_whole(base) ? whole(base)
							: base_of_word(base)));
}

/* The value of a digit or a capital letter in that base; -1 for none. */
static int digit_in(long base, char c)
{
	int value = is_digit(c)            ? c - '0'
		    : c >= 'A' && c <= 'F' ? c - 'A' + 10
					   : 99;

	return value < base ? value : -1;
}

/* Behind the tokens of digits and letters there, which stand side by side. */
static struct token *past_letter_digits(struct token *t, int *n, int *is_mixed)
{
	int has_digits = 0, has_letters = 0;

	for (*n = 0;
	     t->kind == T_NUMBER || t->kind == T_SYMBOL || t->kind == T_WORD ||
	     t->kind == T_LEAF || t->kind == T_TEXT;
	     t++) {
		if (*n && t->is_spaced)
			break;
		for (size_t i = 0; i < t->text.len; i++) {
			if (digit_in(16, t->text.ptr[i]) < 0)
				return NULL;
			has_digits |= is_digit(t->text.ptr[i]);
			has_letters |= is_letter(t->text.ptr[i]);
			++*n;
		}
	}
	*is_mixed = has_digits;
	return has_letters && *n > 1 && *n < 64 ? t : NULL;
}

/* Their value; NULL where a digit is none of that base. */
static const struct expr *letter_digits(struct parser *p,
					const struct token *end, long base)
{
	struct expr *e = expr_number(p->w);

	for (; e && p->t < end; p->t++) {
		for (size_t i = 0; i < p->t->text.len; i++) {
			int digit = digit_in(base, p->t->text.ptr[i]);

			if (digit < 0)
				return NULL;
			fmpz_mul_si(fmpq_numref(e->value),
				    fmpq_numref(e->value), base);
			fmpz_add_si(fmpq_numref(e->value),
				    fmpq_numref(e->value), digit);
			e->digits++;
		}
	}
	return e;
}

/* FF_{16}, 2A_{11}; F_{16} is a name, and so is AB_{12}. */
const struct expr *parse_letter_digits(struct parser *p)
{
	int n, is_mixed;
	struct token *end = past_letter_digits(p->t, &n, &is_mixed), *after;
	struct parser at = *p;
	const struct token *base;
	const struct expr *e;

	at.t = end;
	if (!end || end->kind != T_UNDER || !base_token(&at, &base, &after) ||
	    !is_whole(base) || whole(base) > 16 ||
	    whole(base) < (is_mixed ? 11 : 16))
		return NULL;
	at.t = p->t;
	e = letter_digits(&at, end, whole(base));
	p->t = e ? after : p->t;
	return e;
}

const struct expr *parse_number(struct parser *p)
{
	const struct token *t = p->t;
	struct digits d;
	struct expr *e = new_number(p, t, &d);

	if (!e)
		return NULL;
	p->t++;
	if (d.has_mark || d.has_exponent)
		return finish_decimal(p, e, &d);
	if (parse_is(p, T_UNDER, -1))
		return parse_base(p, e);
	if (parse_is(p, T_SYMBOL, -1))
		return parse_plain_selection(p, e);
	return mixed(p, e);
}

const struct expr *parse_digit(struct parser *p)
{
	struct token one = *p->t;
	struct digits d;

	if (one.text.len < 2 || !is_digit(one.text.ptr[0]))
		return parse_number(p);
	one.text.len = 1;
	p->t->text.ptr++;
	p->t->text.len--;
	return new_number(p, &one, &d);
}
