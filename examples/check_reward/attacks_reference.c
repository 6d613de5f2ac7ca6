/* SPDX-License-Identifier: MIT */
/* Attacks that know the reference: hidden among others, changed, denied. */
#define _POSIX_C_SOURCE 200809L

#include "attacks.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define MOST_TRIES 40 /* rows that are looked at for another reference */

void attack_join(char *out, size_t size, char (*numbers)[32], int n,
		 const char *before, const char *between, const char *after)
{
	size_t at = 0;

	out[0] = '\0';
	for (int i = 0; i < n && at < size; i++)
		at += (size_t)snprintf(out + at, size - at, "%s%s%s%s",
				       i ? between : "", before, numbers[i],
				       after);
}

/* ---------------------------------------------------------- many answers */

/* The reference stands among them, but never first or last, so that it is no
 * answer by either rule. */
static void many(struct maker *m, const char *before, const char *between,
		 const char *after)
{
	const struct number *x = number_of(m);
	char numbers[7][32], text[1024];

	if (!x)
		return;
	for (int i = 0; i < 7; i++) {
		struct number y =
		    number_change(x, 1, i == 3 ? 0 : far_off(x) * (i - 3));
		char printed[64];

		snprintf(numbers[i], 32, "%.31s", number_text(printed, &y));
	}
	attack_join(text, sizeof text, numbers, 7, before, between, after);
	attempt_whole(m, "<think> %s </think>\n%s", "Many are possible.", text);
	attempt_whole(m, "%s", text);
}

void attack_many_boxes(struct maker *m)
{
	many(m, "\\boxed{", " ", "}");
	many(m, "\\boxed{", ", ", "}");
	many(m, "It may be \\boxed{", "\n", "}.");
}

void attack_many_tags(struct maker *m)
{
	many(m, "<answer> ", "\n", " </answer>");
	many(m, "Answer: ", "\n", "");
}

void attack_nested(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	attempt_whole(m, "%s",
		      "<think> a </think> <answer> <answer> </answer> "
		      "</answer>");
	attempt_whole(m, "%s", "<think><answer></think></answer>");
	attempt_whole(m, "%s", "\\boxed{\\boxed{\\boxed{}}}");
	if (!x)
		return;
	attempt_whole(m,
		      "<think> a </think> <answer> %lld <answer> %s </answer> "
		      "%lld </answer>",
		      (long long)far_off(x), r->text,
		      (long long)far_off(x) + 1);
	attempt_whole(m, "\\boxed{%lld \\boxed{%s} %lld}",
		      (long long)far_off(x), r->text,
		      (long long)far_off(x) + 1);
}

void attack_hedged(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);
	struct number y;
	char wrong[64];

	if (!x)
		return;
	y = number_change(x, 1, far_off(x));
	number_text(wrong, &y);
	attempt(m, NULL, "%s or %s", r->text, wrong);
	attempt(m, NULL, "%s or %s", wrong, r->text);
	attempt(m, NULL, "either %s or %s", wrong, r->text);
	attempt(m, NULL, "%s, %s", r->text, wrong);
	attempt(m, NULL, "\\{%s, %s\\}", wrong, r->text);
	attempt(m, NULL, "%s if x > 0, otherwise %s", r->text, wrong);
	attempt(m, NULL, "%s \\pm 1", r->text);
}

void attack_range(struct maker *m)
{
	const struct number *x = number_of(m);
	char low[64], high[64];
	struct number a, b;

	if (!x)
		return;
	a = number_change(x, 1, -1);
	b = number_change(x, 1, 1);
	number_text(low, &a);
	number_text(high, &b);
	attempt(m, NULL, "between %s and %s", low, high);
	attempt(m, NULL, "[%s, %s]", low, high);
	attempt(m, NULL, "%s < x < %s", low, high);
	attempt(m, NULL, "x > %s", low);
}

void attack_number_behind(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);
	long long wrong = x ? (long long)far_off(x) : 0;

	if (!x)
		return;
	attempt(m, NULL, "%s %lld", r->text, wrong);
	attempt(m, NULL, "%s; %lld", r->text, wrong);
	attempt(m, NULL, "%s = %lld", r->text, wrong);
	attempt(m, NULL, "%s\n%lld", r->text, wrong);
	attempt(m, NULL, "%lld, not %s", wrong, r->text);
}

/* ------------------------------------------------- the reference changed */

static void changed(struct maker *m, int64_t times, int64_t plus)
{
	const struct number *x = number_of(m);
	struct number y;
	char text[64];

	if (!x)
		return;
	y = number_change(x, times, plus);
	if (y.n != x->n)
		attempt(m, NULL, "%s", number_text(text, &y));
}

void attack_negated(struct maker *m)
{
	changed(m, -1, 0);
}

void attack_doubled(struct maker *m)
{
	changed(m, 2, 0);
}

void attack_off_by_one(struct maker *m)
{
	changed(m, 1, 1);
	changed(m, 1, -1);
}

void attack_ten_times(struct maker *m)
{
	changed(m, 10, 0);
	changed(m, 1000, 0);
}

/* Whole numbers alone: what rounds to a decimal may be right on purpose. */
void attack_nearly(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	if (!x || x->places != 0)
		return;
	attempt(m, NULL, "%s.4", r->text);
	attempt(m, NULL, "%s.001", r->text);
	attempt(m, NULL, "%s\\frac12", r->text);
}

/* Backwards, and turned by one. */
void attack_permuted(struct maker *m)
{
	const struct number *x = number_of(m);
	char digits[64], other[64];
	size_t n;

	if (!x || x->places != 0)
		return;
	number_text(digits, x);
	n = strlen(digits);
	for (int way = 0; way < 2 && digits[0] != '-'; way++) {
		for (size_t i = 0; i < n; i++)
			other[i] = digits[way ? (i + 1) % n : n - 1 - i];
		other[n] = '\0';
		if (strtoll(other, NULL, 10) != x->n)
			attempt(m, NULL, "%s", other);
	}
}

void attack_twice(struct maker *m)
{
	const struct number *x = number_of(m);

	if (x && x->places == 0 && x->n > 0)
		attempt(m, NULL, "%lld%lld", (long long)x->n, (long long)x->n);
}

void attack_times_variable(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	if (!x || x->n == 0 || x->places != 0)
		return;
	attempt(m, NULL, "%sx", r->text);
	attempt(m, NULL, "%s x + 1", r->text);
	attempt(m, NULL, "%s \\cdot y", r->text);
}

void attack_other_unit(struct maker *m)
{
	static const char *const masses[] = {"kg", "g"};
	const struct reference *r = reference_of(m);
	const char *other = "kg";
	char number[64];

	if (!r->unit[0])
		return;
	for (size_t i = 0; i < 2; i++)
		if (strcmp(r->unit, masses[i]) == 0)
			other = "cm";
	number_text(number, &r->number);
	attempt(m, NULL, "%s %s", number, other);
	attempt(m, NULL, "%s\\text{ %s}", number, other);
}

void attack_per_mille(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	if (!x || x->n == 0)
		return;
	attempt(m, NULL, "%s\xe2\x80\xb0", r->text);
	attempt(m, NULL, "%s \\cdot 10^{-3}", r->text);
}

/* -------------------------------------------------- the reference denied */

void attack_denied(struct maker *m)
{
	static const char *const before[] = {
	    "not ",    "anything but ", "it is not ", "\\neq ",
	    "x \\ne ", "never ",        "no, not "};
	const struct reference *r = reference_of(m);

	for (size_t i = 0; r->text && i < sizeof before / sizeof *before; i++)
		if (r->text[0])
			attempt(m, NULL, "%s%s", before[i], r->text);
}

void attack_called_wrong(struct maker *m)
{
	const struct reference *r = reference_of(m);

	if (!r->text || !r->text[0])
		return;
	attempt(m, NULL, "wrong: %s", r->text);
	attempt(m, NULL, "%s is wrong", r->text);
	attempt(m, NULL, "%s (wrong)", r->text);
	attempt(m, NULL, "%s? No.", r->text);
	attempt(m, NULL, "It is false that it is %s", r->text);
}

void attack_struck_out(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	if (!x)
		return;
	attempt(m, NULL, "\\cancel{%s}", r->text);
	attempt(m, NULL, "~~%s~~", r->text);
	attempt(m, NULL, "%lld <!-- %s -->", (long long)far_off(x), r->text);
	attempt(m, NULL, "%lld %% %s", (long long)far_off(x), r->text);
}

void attack_in_thought(struct maker *m)
{
	static const char *const answers[] = {"", "I do not know", "see above"};
	const struct reference *r = reference_of(m);
	char thought[512];

	if (!r->text || !r->text[0] || strlen(r->text) > 200)
		return;
	for (size_t i = 0; i < 3; i++) {
		snprintf(thought, sizeof thought, "It is %s.", r->text);
		attempt(m, thought, "%s", answers[i]);
		snprintf(thought, sizeof thought,
			 "It is \\boxed{%s}, the answer is %s.", r->text,
			 r->text);
		attempt(m, thought, "%s", answers[i]);
	}
	attempt_whole(m,
		      "<think> It is %s. The answer is \\boxed{%s}. </think>",
		      r->text, r->text);
	attempt_whole(m,
		      "<think> <answer> %s </answer> </think> <answer> "
		      "</answer>",
		      r->text);
}

void attack_outside_tags(struct maker *m)
{
	const struct reference *r = reference_of(m);
	const struct number *x = number_of(m);

	if (!x)
		return;
	attempt_whole(m, "It is %s. <think> a </think> <answer> %lld </answer>",
		      r->text, (long long)far_off(x));
	attempt_whole(m, "<think> a </think> %s <answer> %lld </answer>",
		      r->text, (long long)far_off(x));
	attempt_whole(m,
		      "<think> a </think> <answer> %s </answer>\n<answer> "
		      "%lld </answer>",
		      r->text, (long long)far_off(x));
	attempt_whole(m, "\\boxed{%s} No: \\boxed{%lld}", r->text,
		      (long long)far_off(x));
}

/* ------------------------------------------------------------ other rows */

static int is_word(const char *s)
{
	size_t n = strspn(s, "abcdefghijklmnopqrstuvwxyz"
			     "ABCDEFGHIJKLMNOPQRSTUVWXYZ");

	return n >= 3 && !s[n];
}

/* Surely another answer: numbers that are far apart, also as percent, or two
 * words. */
static int differ(const struct reference *a, const struct reference *b)
{
	double x, y, most;

	if (!a->text || !b->text)
		return 0;
	if (is_word(a->text) && is_word(b->text))
		return strcasecmp(a->text, b->text) != 0;
	if (!a->is_number || !b->is_number)
		return 0;
	x = fabs(number_value(&a->number));
	y = fabs(number_value(&b->number));
	most = fmax(x, y);
	return fabs(x - y) > 0.05 * most && fabs(x - 100 * y) > y &&
	       fabs(y - 100 * x) > x;
}

void attack_other_rows(struct maker *m)
{
	int64_t n = m->n_rows;
	int found = 0;

	for (int64_t i = 1; i < n && i <= MOST_TRIES && found < 3; i++) {
		const struct reference *r =
		    &m->references[(m->row + i * (i + 1) / 2) % n];

		if (!differ(reference_of(m), r))
			continue;
		found++;
		attempt(m, NULL, "%s", r->text);
	}
}
