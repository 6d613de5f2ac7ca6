/* SPDX-License-Identifier: MIT */
/* PLACEHOLDER: reads rational numbers only. */
#include "answer.h"
#include "compare.h"
#include "slice.h"
#include <gmp.h>
#include <stdio.h>
#include <stdlib.h>
#define MAX_BYTES 4096
#define MAX_DIGITS 1000
#define MAX_EXPONENT 1000
#define MAX_WRAPS 8
struct answer { int n; fmpq *v[FOUND_MAX_PARTS]; };
/* "\\ " stands before " ": cut_tex takes the first that fits. */
static const char *const spaces[] = {"\\ ", " ", "\t",  "\n",  "\r",  "\v",
				     "\f",  "~", "\\,", "\\;", "\\!", NULL};

static void skip_tex(grpo_str *s)
{
	for (int i = 0; spaces[i];)
		i = take(s, spaces[i]) ? 0 : i + 1;
}

static void cut_tex(grpo_str *s)
{
	for (int i = 0; spaces[i];) {
		int there = ends(*s, spaces[i]);

		s->len -= there ? strlen(spaces[i]) : 0;
		i = there ? 0 : i + 1;
	}
}

/* Parsing (M4 to M9): each takes what it reads off the front, and returns 0
 * or a status. */

static int take_sign(grpo_str *s)
{
	int negative = begins(*s, "-") || begins(*s, "\xe2\x88\x92");

	if (take(s, "+") || take(s, "-") || take(s, "\xe2\x88\x92"))
		skip_tex(s);
	return negative;
}

struct digits {
	char text[MAX_DIGITS + 1];
	size_t n;        /* seen, also those that text has no room for */
	size_t fraction; /* of them after the point */
	long exponent;
};

static size_t count_digits(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return n;
}

static void take_digits(grpo_str *s, size_t n, struct digits *d)
{
	for (size_t i = 0; i < n; i++, d->n++)
		if (d->n < MAX_DIGITS)
			d->text[d->n] = s->ptr[i];
	drop(s, n);
}

/* Groups of three after the first one. */
static void take_thousands(grpo_str *s, struct digits *d)
{
	static const char *const marks[] = {",\\!", "{,}", ",", NULL};
	int i = 0;

	while (marks[i]) {
		grpo_str rest = *s;

		if (take(&rest, marks[i]) && count_digits(rest) == 3) {
			take_digits(&rest, 3, d);
			*s = rest;
			i = 0;
		} else {
			i++;
		}
	}
}

static void take_exponent(grpo_str *s, struct digits *d)
{
	grpo_str rest = *s;
	int negative;
	size_t n;

	if (!take(&rest, "e") && !take(&rest, "E"))
		return;
	negative = begins(rest, "-");
	if (!take(&rest, "-"))
		take(&rest, "+");
	n = count_digits(rest);
	if (n == 0)
		return;
	for (size_t i = 0; i < n && d->exponent <= MAX_EXPONENT; i++)
		d->exponent = d->exponent * 10 + (rest.ptr[i] - '0');
	d->exponent = negative ? -d->exponent : d->exponent;
	drop(&rest, n);
	*s = rest;
}

static void set_digits(mpq_t q, struct digits *d)
{
	long scale = d->exponent - (long)d->fraction;
	mpz_t power;

	d->text[d->n] = '\0';
	mpq_set_str(q, d->text, 10);
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)labs(scale));
	if (scale < 0)
		mpz_set(mpq_denref(q), power);
	else
		mpz_mul(mpq_numref(q), mpq_numref(q), power);
	mpq_canonicalize(q);
	mpz_clear(power);
}

/* Digits, thousands, fraction, exponent; no sign. */
static int take_unsigned(grpo_str *s, mpq_t q)
{
	struct digits d = {.n = 0};
	size_t n = count_digits(*s);
	grpo_str rest;

	take_digits(s, n, &d);
	if (n > 0 && n <= 3 && d.text[0] != '0')
		take_thousands(s, &d);
	rest = *s;
	if (take(&rest, ".") && count_digits(rest) > 0) {
		d.fraction = count_digits(rest);
		take_digits(&rest, d.fraction, &d);
		*s = rest;
	}
	if (d.n == 0)
		return GRPO_REWARD_UNPARSABLE;
	take_exponent(s, &d);
	if (d.n > MAX_DIGITS || labs(d.exponent) > MAX_EXPONENT)
		return GRPO_REWARD_BUDGET;
	set_digits(q, &d);
	return 0;
}

static int take_number(grpo_str *s, mpq_t q)
{
	int negative = take_sign(s), status;

	if (!take(s, "\\$"))
		take(s, "$");
	status = take_unsigned(s, q);
	if (!status && negative)
		mpq_neg(q, q);
	return status;
}

/* a = a / b */
static int divide(mpq_t a, mpq_t b)
{
	if (mpq_sgn(b) == 0)
		return GRPO_REWARD_UNPARSABLE;
	mpq_div(a, a, b);
	return 0;
}

/* One argument of \frac: {number}, or a digit. */
static int take_argument(grpo_str *s, mpq_t q)
{
	int status;

	skip_tex(s);
	if (s->len && is_digit(s->ptr[0])) {
		mpq_set_ui(q, (unsigned long)(s->ptr[0] - '0'), 1);
		drop(s, 1);
		return 0;
	}
	if (!take(s, "{"))
		return GRPO_REWARD_UNPARSABLE;
	skip_tex(s);
	status = take_number(s, q);
	skip_tex(s);
	if (!status && !take(s, "}"))
		return GRPO_REWARD_UNPARSABLE;
	return status;
}

static int take_frac(grpo_str *s, mpq_t q, mpq_t below)
{
	int status = take_argument(s, q);

	if (!status)
		status = take_argument(s, below);
	return status ? status : divide(q, below);
}

static int take_quotient(grpo_str *s, mpq_t q, mpq_t below)
{
	int status = take_number(s, q);

	skip_tex(s);
	if (status || !take(s, "/"))
		return status;
	skip_tex(s);
	status = take_number(s, below);
	return status ? status : divide(q, below);
}

static int is_frac(const grpo_str *s, grpo_str *after, int *negative)
{
	*after = *s;
	*negative = take_sign(after);
	return take(after, "\\frac") || take(after, "\\dfrac") ||
	       take(after, "\\tfrac") || take(after, "\\cfrac");
}

/* M5 to M7, and nothing after it. */
static int read_value(grpo_str s, mpq_t q)
{
	int negative, status;
	grpo_str after;
	mpq_t other;

	mpq_init(other);
	if (is_frac(&s, &after, &negative)) {
		s = after;
		status = take_frac(&s, q, other);
		if (!status && negative)
			mpq_neg(q, q);
	} else {
		status = take_quotient(&s, q, other);
	}
	skip_tex(&s);
	if (!status && (take(&s, "\\%") || take(&s, "%"))) {
		mpq_set_ui(other, 100, 1);
		status = divide(q, other);
	}
	mpq_clear(other);
	return !status && s.len ? GRPO_REWARD_UNPARSABLE : status;
}

/* Takes one pair of wrappings off; 0 where there is none. */
static int unwrap(grpo_str *s)
{
	static const char *const pairs[][2] = {
	    {"$$", "$$"},   {"$", "$"},        {"\\(", "\\)"},
	    {"\\[", "\\]"}, {"\\boxed{", "}"}, {"\\fbox{", "}"}};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);

		if (s->len < a + b || !begins(*s, pairs[i][0]) ||
		    !ends(*s, pairs[i][1]))
			continue;
		drop(s, a);
		s->len -= b;
		return 1;
	}
	return 0;
}

/* M4, then the value. */
static int parse(grpo_str s, mpq_t q)
{
	int has_period = 0;

	if (s.len > MAX_BYTES)
		return GRPO_REWARD_BUDGET;
	for (int i = 0; i < MAX_WRAPS; i++) {
		skip_tex(&s);
		cut_tex(&s);
		if (!has_period && ends(s, ".")) {
			has_period = 1;
			s.len--;
			cut_tex(&s);
		}
		if (!unwrap(&s))
			break;
	}
	if (!s.len)
		return GRPO_REWARD_NO_ANSWER;
	return read_value(s, q);
}


const struct answer *answer_read(struct work *w, const struct answer_options *o, const struct found *f)
{
	struct answer *a = work_alloc(w, sizeof *a);
	(void)o;
	for (int i = 0; a && i < f->n_parts; i++) {
		struct expr *e = expr_number(w);
		grpo_str after = f->after[i];
		mpq_t q;
		int status;
		if (!e) return NULL;
		mpq_init(q);
		status = parse(f->part[i], q);
		if (!status) fmpq_set_mpq(e->value, q);
		mpq_clear(q);
		if (status) { w->status = status == GRPO_REWARD_BUDGET ? status : 0; return NULL; }
		skip_spaces(&after);
		if (begins(after, "%") || begins(after, "\\%") || take_word(&after, "percent") || take_word(&after, "pct")) {
			fmpz_t c; fmpz_init_set_ui(c, 100); fmpq_div_fmpz(e->value, e->value, c); fmpz_clear(c);
		}
		a->v[a->n++] = &e->value[0];
	}
	return a;
}
size_t answer_print(char *out, size_t size, const struct answer *a)
{
	size_t n = 0;
	for (int i = 0; i < a->n; i++) { char *s = fmpq_get_str(NULL, 10, a->v[i]); n += (size_t)snprintf(out + n, n < size ? size - n : 0, "%s%s", i ? ", " : "", s); flint_free(s); if (n >= size) n = size - 1; }
	return n;
}
enum verdict compare_answers(struct work *w, const struct compare_options *o, const struct answer *g, const struct answer *x, const char **rule)
{
	uint32_t used = 0;
	(void)w; (void)o;
	*rule = "equal fractions";
	if (g->n != x->n) return VERDICT_WRONG;
	for (int i = 0; i < g->n; i++) {
		int j = 0;
		while (j < x->n && ((used >> j & 1) || !fmpq_equal(g->v[i], x->v[j]))) j++;
		if (j == x->n) { *rule = "different fractions"; return VERDICT_WRONG; }
		used |= 1u << j;
	}
	return VERDICT_RIGHT;
}
void value_clear_thread(void);
void value_clear_thread(void) { flint_cleanup(); }
