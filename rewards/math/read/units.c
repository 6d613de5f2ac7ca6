/* SPDX-License-Identifier: MIT */
#include "units.h"
#include "../tree/slice.h"

#include <limits.h>
#include <string.h>

enum dimension {
	LENGTH,
	MASS,
	TIME,
	MONEY,
	ANGLE,
	DATA,
	CURRENT,
	AMOUNT,
	ELECTRONVOLT
};

/* clang-format off */
static const struct {
	const char *name;
	int dimension, power;
	long above, below; /* of metre, gram, second, cent, degree, byte */
} table[] = {
    {"mm", LENGTH, 1, 1, 1000},        {"millimeter", LENGTH, 1, 1, 1000},
    {"cm", LENGTH, 1, 1, 100},         {"centimeter", LENGTH, 1, 1, 100},
    {"dm", LENGTH, 1, 1, 10},          {"decimeter", LENGTH, 1, 1, 10},
    {"m", LENGTH, 1, 1, 1},            {"meter", LENGTH, 1, 1, 1},
    {"km", LENGTH, 1, 1000, 1},        {"kilometer", LENGTH, 1, 1000, 1},
    {"in", LENGTH, 1, 254, 10000},     {"inch", LENGTH, 1, 254, 10000},
    {"inche", LENGTH, 1, 254, 10000},
    {"ft", LENGTH, 1, 3048, 10000},    {"foot", LENGTH, 1, 3048, 10000},
    {"feet", LENGTH, 1, 3048, 10000},
    {"yd", LENGTH, 1, 9144, 10000},    {"yard", LENGTH, 1, 9144, 10000},
    {"mi", LENGTH, 1, 1609344, 1000},  {"mile", LENGTH, 1, 1609344, 1000},
    {"mg", MASS, 1, 1, 1000},          {"milligram", MASS, 1, 1, 1000},
    {"g", MASS, 1, 1, 1},              {"gram", MASS, 1, 1, 1},
    {"kg", MASS, 1, 1000, 1},          {"kilogram", MASS, 1, 1000, 1},
    {"ton", MASS, 1, 1000000, 1},      {"tonne", MASS, 1, 1000000, 1},
    {"lb", MASS, 1, 45359237, 100000}, {"pound", MASS, 1, 45359237, 100000},
    {"oz", MASS, 1, 45359237, 1600000},{"ounce", MASS, 1, 45359237, 1600000},
    {"s", TIME, 1, 1, 1},              {"sec", TIME, 1, 1, 1},
    {"second", TIME, 1, 1, 1},         {"ms", TIME, 1, 1, 1000},
    {"min", TIME, 1, 60, 1},           {"minute", TIME, 1, 60, 1},
    {"h", TIME, 1, 3600, 1},           {"hr", TIME, 1, 3600, 1},
    {"hour", TIME, 1, 3600, 1},        {"day", TIME, 1, 86400, 1},
    {"week", TIME, 1, 604800, 1},
    {"cent", MONEY, 1, 1, 1},          {"dollar", MONEY, 1, 100, 1},
    {"$", MONEY, 1, 100, 1},           {"buck", MONEY, 1, 100, 1},
    {"degree", ANGLE, 1, 1, 1},        {"deg", ANGLE, 1, 1, 1},
    {"byte", DATA, 1, 1, 1},           {"kb", DATA, 1, 1000, 1},
    {"liter", LENGTH, 3, 1, 1000},     {"litre", LENGTH, 3, 1, 1000},
    {"l", LENGTH, 3, 1, 1000},
    {"ml", LENGTH, 3, 1, 1000000},     {"milliliter", LENGTH, 3, 1, 1000000},
};
/* clang-format on */

/* Symbols of physics, which keep their capitals and may have a prefix: mN.
 * thousands: of what the base units, with the gram for mass, come to. */
static const struct {
	const char *symbol;
	int thousands;
	signed char power[UNIT_DIMENSIONS];
} symbols[] = {
    {"m", 0, {[LENGTH] = 1}},
    {"s", 0, {[TIME] = 1}},
    {"A", 0, {[CURRENT] = 1}},
    {"mol", 0, {[AMOUNT] = 1}},
    {"eV", 0, {[ELECTRONVOLT] = 1}},
    {"Hz", 0, {[TIME] = -1}},
    {"N", 1, {[LENGTH] = 1, [MASS] = 1, [TIME] = -2}},
    {"Pa", 1, {[LENGTH] = -1, [MASS] = 1, [TIME] = -2}},
    {"J", 1, {[LENGTH] = 2, [MASS] = 1, [TIME] = -2}},
    {"W", 1, {[LENGTH] = 2, [MASS] = 1, [TIME] = -3}},
    {"V", 1, {[LENGTH] = 2, [MASS] = 1, [TIME] = -3, [CURRENT] = -1}},
};

struct word {
	char text[24];
	size_t n;
};

/* Lower case, and without the s of many. */
static int normal(struct word *w, grpo_str s)
{
	if (s.len == 0 || s.len >= sizeof w->text)
		return -1;
	for (size_t i = 0; i < s.len; i++)
		w->text[i] =
		    (char)(s.ptr[i] >= 'A' && s.ptr[i] <= 'Z' ? s.ptr[i] + 32
							      : s.ptr[i]);
	w->n = s.len;
	w->text[w->n] = '\0';
	if (w->n > 2 && w->text[w->n - 1] == 's')
		w->text[--w->n] = '\0';
	if (w->n > 4 && memcmp(w->text + w->n - 5, "metre", 5) == 0)
		memcpy(w->text + w->n - 5, "meter", 5);
	return 0;
}

static int find(grpo_str s)
{
	struct word w;

	if (normal(&w, s))
		return -1;
	for (int i = 0; i < (int)(sizeof table / sizeof *table); i++)
		if (strcmp(table[i].name, w.text) == 0)
			return i;
	return -1;
}

int unit_is_known(grpo_str word)
{
	return word.len > 1 && find(word) >= 0;
}

/* ------------------------------------------------------------- compounds */

/* Past spaces, braces, and commands of LaTeX, "\\mathrm{". */
static void skip_to_word(grpo_str *s)
{
	int in_command = 0;

	while (s->len &&
	       (in_command ? is_letter(s->ptr[0])
			   : !is_letter(s->ptr[0]) &&
				 !strchr("0123456789/^-$", s->ptr[0]))) {
		in_command |= s->ptr[0] == '\\';
		s->ptr++;
		s->len--;
	}
	if (in_command && s->len)
		skip_to_word(s);
}

/* The next word or digit run or sign of the text. */
static grpo_str next(grpo_str *s)
{
	size_t n = 0;
	grpo_str out;

	skip_to_word(s);
	while (n < s->len && is_letter(s->ptr[n]))
		n++;
	n += n == 0 && s->len;
	out = (grpo_str){s->ptr, n};
	s->ptr += n;
	s->len -= n;
	return out;
}

static int power_of_word(grpo_str s)
{
	return str_is(s, "square") || str_is(s, "sq") || str_is(s, "squared")
		   ? 2
	       : str_is(s, "cubic") || str_is(s, "cubed") ? 3
							  : 0;
}

/* out's size *= (above / below)^power; 0 where numbers would not fit. */
static int scale(struct unit *out, long above, long below, int power)
{
	int times = power < 0 ? -power : power;

	while (times--) {
		long *up = power > 0 ? &out->above : &out->below;
		long *down = power > 0 ? &out->below : &out->above;

		if (*up > LONG_MAX / above || *down > LONG_MAX / below)
			return 0;
		*up *= above;
		*down *= below;
	}
	return 1;
}

/* out *= unit^power */
static int multiply(struct unit *out, int i, int power)
{
	out->power[table[i].dimension] =
	    (signed char)(out->power[table[i].dimension] +
			  power * table[i].power);
	return scale(out, table[i].above, table[i].below, power);
}

static int find_symbol(grpo_str s)
{
	for (int i = 0; i < (int)(sizeof symbols / sizeof *symbols); i++)
		if (str_is(s, symbols[i].symbol))
			return i;
	return -1;
}

/* The same for a symbol of physics; 0 where it is none, too. */
static int multiply_symbol(struct unit *out, grpo_str s, int power)
{
	static const struct {
		char letter;
		int thousands;
	} prefixes[] = {{'k', 1}, {'M', 2}, {'G', 3}, {'m', -1}, {'n', -3}};
	int thousands = 0, i = find_symbol(s);

	for (size_t k = 0; i < 0 && k < sizeof prefixes / sizeof *prefixes;
	     k++) {
		if (s.len < 2 || s.ptr[0] != prefixes[k].letter)
			continue;
		i = find_symbol((grpo_str){s.ptr + 1, s.len - 1});
		thousands = prefixes[k].thousands;
	}
	if (i < 0)
		return 0;
	for (int k = 0; k < UNIT_DIMENSIONS; k++)
		out->power[k] =
		    (signed char)(out->power[k] + power * symbols[i].power[k]);
	return scale(out, 1000, 1, power * (thousands + symbols[i].thousands));
}

/* "^2", "2", "squared" behind a unit. */
static int power_behind(grpo_str *s)
{
	grpo_str rest = *s, word = next(&rest);
	int power;

	if (str_is(word, "^"))
		word = next(&rest);
	if (word.len != 1 || word.ptr[0] < '2' || word.ptr[0] > '4') {
		power = str_is(word, "squared") || str_is(word, "cubed")
			    ? power_of_word(word)
			    : 1;
	} else {
		power = word.ptr[0] - '0';
	}
	if (power > 1)
		*s = rest;
	return power;
}

void unit_read(struct unit *out, grpo_str text)
{
	int sign = 1, ahead = 1, n = 0;

	*out = (struct unit){.above = 1, .below = 1};
	while (text.len) {
		grpo_str word = next(&text);
		int i, power;

		if (!word.len)
			break;
		if (str_is(word, "/") || str_is(word, "per")) {
			sign = -1;
			continue;
		}
		if (power_of_word(word)) {
			ahead = power_of_word(word);
			continue;
		}
		i = find(word);
		power = power_behind(&text);
		power = sign * (power > 1 ? power : ahead);
		if (i >= 0 ? !multiply(out, i, power)
			   : !multiply_symbol(out, word, power))
			return;
		ahead = 1;
		n++;
	}
	out->is_known = n > 0;
}

int unit_factor(const struct unit *a, const struct unit *b, fmpq_t factor)
{
	fmpq_t other;

	if (memcmp(a->power, b->power, sizeof a->power) != 0)
		return 0;
	fmpq_init(other);
	fmpq_set_si(factor, a->above, (ulong)a->below);
	fmpq_set_si(other, b->above, (ulong)b->below);
	fmpq_canonicalise(factor);
	fmpq_canonicalise(other);
	fmpq_div(factor, factor, other);
	fmpq_clear(other);
	return 1;
}
