/* SPDX-License-Identifier: MIT */
#include "units_internal.h"

#include <limits.h>
#include <string.h>

#include "../tree/slice.h"

/* ------------------------------------------------------------------ one unit
 */

static const struct unit_entry *find(const struct unit_entry *table,
				     grpo_str name)
{
	if (!name.len)
		return NULL;
	for (; table->name; table++)
		if (name.ptr[0] == table->name[0] && str_is(name, table->name))
			return table;
	return NULL;
}

static grpo_str without(grpo_str s, const char *ending)
{
	size_t n = strlen(ending);

	if (s.len > n && ends(s, ending))
		s.len -= n;
	return s;
}

struct prefix {
	const char *letter, *name;
	int tens;
	const char *only; /* symbols that take it, or NULL: all */
};

static const struct prefix prefixes[] = {
    {"k", "kilo", 3, NULL},     {"M", "mega", 6, NULL},
    {"G", "giga", 9, NULL},     {"T", "tera", 12, NULL},
    {"P", "peta", 15, "bBW"},   {"m", "milli", -3, "mgsAKNPJWCVFSTHLleEqG\xce"},
    {"c", "centi", -2, "mgLl"}, {"d", "deci", -1, "mgLl"},
    {"h", "hecto", 2, "Pl"},    {"\xc2\xb5", "micro", -6, NULL},
    {"n", "nano", -9, NULL},    {"p", "pico", -12, "mgsFACVWJ"},
    {"f", "femto", -15, "msF"},
};
#define N_PREFIXES (sizeof prefixes / sizeof *prefixes)

static int takes(const struct prefix *p, const struct unit_entry *e)
{
	return !p->only || strchr(p->only, e->name[0]) != NULL;
}

/* A symbol, with its prefix. */
static const struct unit_entry *find_symbol(grpo_str s, int *tens)
{
	const struct unit_entry *e = find(unit_plain, s);

	*tens = 0;
	if (!e)
		e = find(unit_symbols, s);
	for (size_t i = 0; !e && i < N_PREFIXES; i++) {
		grpo_str rest = s;

		if (!take(&rest, prefixes[i].letter))
			continue;
		e = find(unit_symbols, rest);
		if (e && !takes(&prefixes[i], e))
			e = NULL;
		*tens = prefixes[i].tens;
	}
	if (e)
		return e;
	*tens = 0;
	return s.len > 2 && s.len < 5 ? find(unit_plain, without(s, "s"))
				      : NULL;
}

#define MAX_NAME 24

/* A name in any case, also of many, with its prefix. */
static const struct unit_entry *find_name(grpo_str s, int *tens)
{
	char text[MAX_NAME];
	grpo_str name = {text, s.len};
	const struct unit_entry *e;

	*tens = 0;
	if (s.len < 2 || s.len >= sizeof text)
		return NULL;
	for (size_t i = 0; i < s.len; i++)
		text[i] = lower(s.ptr[i]);
	e = find(unit_names, name);
	if (!e && name.len > 2)
		e = find(unit_names, name = without(name, "s"));
	for (size_t i = 0; !e && i < N_PREFIXES; i++) {
		grpo_str rest = name;

		if (!take(&rest, prefixes[i].name))
			continue;
		skip_spaces(&rest); /* \kilo\meter */
		e = find(unit_names, rest);
		*tens = prefixes[i].tens;
	}
	return e;
}

/* Symbols that people also write in capitals or without: Km, KG, hz. */
static const struct unit_entry *find_careless(grpo_str s, int *tens)
{
	static const char *const symbols[] = {"km", "cm",  "mm",  "kg",  "mg",
					      "mL", "kHz", "MHz", "GHz", "kWh",
					      "ft", "mph", "hr",  "lb",  "in"};
	size_t n;

	for (size_t i = 0; i < sizeof symbols / sizeof *symbols; i++) {
		const char *p = symbols[i];

		for (n = 0; n < s.len && p[n]; n++)
			if (lower(s.ptr[n]) != lower(p[n]))
				break;
		if (n == s.len && !p[n])
			return find_symbol(str(p), tens);
	}
	return NULL;
}

static const struct unit_entry *look_up(grpo_str s, int *tens)
{
	const struct unit_entry *e = find_symbol(s, tens);

	if (!e)
		e = find_name(s, tens);
	return e ? e : find_careless(s, tens);
}

int unit_is_smaller(grpo_str part, grpo_str whole)
{
	struct unit a, b;
	fmpq_t factor;
	int is;

	unit_read(&a, part);
	unit_read(&b, whole);
	if (!a.is_known || a.rest.len || !b.is_known || b.rest.len)
		return 0;
	fmpq_init(factor);
	is = unit_factor(&a, &b, factor) && fmpq_cmp_ui(factor, 1) < 0;
	fmpq_clear(factor);
	return is;
}

/* Whether a run of small letters is a unit and no product of letters. */
static int is_sure(grpo_str s)
{
	static const char *const words[] = {
	    "mm",  "cm",  "dm",  "km",  "mg",  "kg", "ml",  "mL", "ms",
	    "min", "hr",  "in",  "ft",  "yd",  "mi", "lb",  "oz", "kJ",
	    "kW",  "kV",  "kN",  "mA",  "mV",  "kB", "KB",  "MB", "GB",
	    "TB",  "Pa",  "Hz",  "kb",  "mW",  "MW", "GW",  "mN", "mJ",
	    "MJ",  "mT",  "mF",  "nF",  "pF",  "mH", "Gb",  "Mb", "Tb",
	    "kb",  "sec", "hrs", "lbs", "mol", "Rs", "US$", NULL};

	return str_is_in(s, words);
}

int unit_is_currency(grpo_str word)
{
	const struct unit_entry *e = find(unit_plain, word);

	return e && e->factor[0].dimension >= UNIT_CENT;
}

int unit_is_careless(grpo_str word)
{
	int tens;

	return find_careless(word, &tens) != NULL;
}

int unit_is_known(grpo_str word)
{
	int tens;

	if (word.len < 2)
		return 0;
	if (is_sure(word) || find_name(word, &tens) ||
	    (unsigned char)word.ptr[0] >= 0x80)
		return look_up(word, &tens) != NULL;
	return word.len > 2 &&
	       (find_symbol(word, &tens) || find_careless(word, &tens));
}

/* ---------------------------------------------------------------- the text */

/* A unit's text in one way of writing, and where each byte came from. */
#define MAX_TEXT 96
struct plain {
	char text[MAX_TEXT + 4];
	size_t at[MAX_TEXT + 4];
	size_t n;
};

static void put(struct plain *p, const char *text, size_t from)
{
	for (; *text && p->n < MAX_TEXT; text++) {
		p->at[p->n] = from;
		p->text[p->n++] = *text;
	}
}

/* Signs and commands, and what stands for them. */
static const char *const signs[][2] = {
    {"parts per million", "ppm"},
    {"parts per billion", "ppb"},
    {"\\Omega", "\xce\xa9"},
    {"\xe2\x84\xa6", "\xce\xa9"},
    {"Omega", "\xce\xa9"},
    {"\\mu ", "\xc2\xb5"},
    {"\\mu", "\xc2\xb5"},
    {"\xce\xbc", "\xc2\xb5"},
    {"\\cdot", "*"},
    {"\\times", "*"},
    {"\xc2\xb7", "*"},
    {"\xe2\x8b\x85", "*"},
    {"\xe2\x80\xa2", "*"},
    {"\\text", " "},
    {"\\mathrm", " "},
    {"\\rm", " "},
    {"\\ ", " "},
    {"\\,", " "},
    {"\\;", " "},
    {"\\$", "$"},
    {"{", ""},
    {"}", ""},
    {"~", " "},
    {"\xc2\xb2", "^2"},
    {"\xc2\xb3", "^3"},
    {"\xe2\x81\xbb", "^-"},
    {"\xc2\xb9", "1"},
    {"\xe2\x88\x92", "-"},
    {"\\", " "},
};

static void make_plain(struct plain *p, grpo_str s)
{
	grpo_str rest = s;

	p->n = 0;
	while (rest.len) {
		size_t from = (size_t)(rest.ptr - s.ptr), i = 0;

		while (i < sizeof signs / sizeof *signs &&
		       !begins(rest, signs[i][0]))
			i++;
		if (i < sizeof signs / sizeof *signs) {
			put(p, signs[i][1], from);
			drop(&rest, strlen(signs[i][0]));
		} else {
			char one[2] = {rest.ptr[0], '\0'};

			put(p, one, from);
			drop(&rest, 1);
		}
	}
}

static int is_of_word(char c)
{
	return is_letter(c) || (unsigned char)c >= 0x80;
}

/* The next word, sign or digits of it. */
static grpo_str next(grpo_str *s)
{
	size_t n = 0;

	while (s->len && (is_space(s->ptr[0]) || strchr("*.", s->ptr[0])))
		drop(s, 1);
	while (n < s->len && is_of_word(s->ptr[n]))
		n++;
	if (n < s->len && s->ptr[n] == '$') /* US$ */
		n++;
	while (n == 0 && s->len && is_digit(s->ptr[0]) && n < s->len &&
	       is_digit(s->ptr[n]))
		n++;
	n += n == 0 && s->len;
	drop(s, n);
	return (grpo_str){s->ptr - n, n};
}

/* --------------------------------------------------------------- compounds */

static int power_of_word(grpo_str s)
{
	static const char *const twos[] = {"square", "sq", "squared", "Square"};
	static const char *const threes[] = {"cubic", "cu", "cubed", "Cubic"};

	for (size_t i = 0; i < sizeof twos / sizeof *twos; i++) {
		if (str_is(s, twos[i]))
			return 2;
		if (str_is(s, threes[i]))
			return 3;
	}
	return 0;
}

/* *a *= b; 0 where it would not fit. */
static int times(long *a, long b)
{
	if (*a > LONG_MAX / b)
		return 0;
	*a *= b;
	return 1;
}

static int multiply(struct unit *out, const struct unit_entry *e, int tens,
		    int power)
{
	int is_below = power < 0, n = is_below ? -power : power;

	for (int i = 0; i < UNIT_FACTORS && e->factor[i].power; i++)
		out->power[e->factor[i].dimension] =
		    (signed char)(out->power[e->factor[i].dimension] +
				  power * e->factor[i].power);
	out->tens += power * (e->tens + tens);
	for (int i = 0; i < n; i++)
		if (!times(is_below ? &out->below : &out->above, e->above) ||
		    !times(is_below ? &out->above : &out->below, e->below))
			return 0;
	return 1;
}

/* "^2", "2", "-1", "squared" behind a unit; 1 where there is none. */
static int power_behind(grpo_str *s)
{
	grpo_str rest = *s, word = next(&rest);
	int power, sign = 1;

	if (str_is(word, "^"))
		word = next(&rest);
	if (str_is(word, "-")) {
		sign = -1;
		word = next(&rest);
	}
	if (word.len == 1 && word.ptr[0] >= '1' && word.ptr[0] <= '9')
		power = word.ptr[0] - '0';
	else
		power = sign > 0 && (str_is(word, "squared") ||
				     str_is(word, "cubed"))
			    ? power_of_word(word)
			    : 0;
	if (!power)
		return 1;
	*s = rest;
	return sign * power;
}

/* A unit of one or two words at the front: "cm", "light years". */
static const struct unit_entry *take_unit(grpo_str *s, int *tens)
{
	grpo_str rest = *s, word = next(&rest), more = rest, second;
	const struct unit_entry *e = NULL;

	if (!word.len)
		return NULL;
	second = next(&more);
	if (second.len && is_letter(second.ptr[0]))
		e = find_name(slice(word.ptr, slice_end(second)), tens);
	if (e) {
		*s = more;
		return e;
	}
	e = look_up(word, tens);
	if (e)
		*s = rest;
	return e;
}

struct reader {
	grpo_str s;
	int sign, ahead; /* of the powers that follow */
};

/* "/", "per", "square" and brackets; 0 where none stands first. */
static int take_sign(struct reader *r)
{
	grpo_str rest = r->s, word = next(&rest);

	if (str_is(word, "/") || str_is(word, "per"))
		r->sign = -1;
	else if (power_of_word(word))
		r->ahead = power_of_word(word);
	else if (!str_is(word, "(") && !str_is(word, ")"))
		return 0;
	r->s = rest;
	return 1;
}

static int take_factor(struct reader *r, struct unit *out)
{
	int tens, power;
	const struct unit_entry *e = take_unit(&r->s, &tens);

	if (!e)
		return 0;
	power = power_behind(&r->s);
	power = r->sign * (power != 1 ? power : r->ahead);
	r->ahead = 1;
	return power > -10 && power < 10 && multiply(out, e, tens, power);
}

static grpo_str rest_of(const struct plain *p, grpo_str left, grpo_str text)
{
	size_t i = (size_t)(left.ptr - p->text);

	return left.len && i < p->n
		   ? slice(text.ptr + p->at[i], slice_end(text))
		   : (grpo_str){slice_end(text), 0};
}

void unit_read(struct unit *out, grpo_str text)
{
	struct plain p;
	struct reader r = {.sign = 1, .ahead = 1};
	grpo_str left;

	*out = (struct unit){.above = 1, .below = 1};
	make_plain(&p, text);
	r.s = left = (grpo_str){p.text, p.n};
	while (r.s.len) {
		if (take_sign(&r))
			continue;
		if (!take_factor(&r, out))
			break;
		out->is_known = 1;
		left = r.s;
	}
	while (left.len &&
	       (is_space(left.ptr[0]) || strchr(".)*", left.ptr[0])))
		drop(&left, 1);
	out->rest = trim(rest_of(&p, left, text));
}

int unit_factor(const struct unit *a, const struct unit *b, fmpq_t factor)
{
	int tens = a->tens - b->tens;
	fmpq_t other;
	fmpz_t power;

	if (memcmp(a->power, b->power, sizeof a->power) != 0)
		return 0;
	fmpq_init(other);
	fmpz_init_set_ui(power, 10);
	fmpz_pow_ui(power, power, (ulong)(tens < 0 ? -tens : tens));
	fmpq_set_si(factor, a->above, (ulong)a->below);
	fmpq_set_si(other, b->above, (ulong)b->below);
	fmpq_canonicalise(factor);
	fmpq_canonicalise(other);
	fmpq_div(factor, factor, other);
	if (tens < 0)
		fmpq_div_fmpz(factor, factor, power);
	else
		fmpq_mul_fmpz(factor, factor, power);
	fmpz_clear(power);
	fmpq_clear(other);
	return 1;
}
