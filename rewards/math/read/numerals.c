/* SPDX-License-Identifier: MIT */
#include "numerals.h"
#include "../tree/slice.h"

#define MAX_WHOLE 1000000000000000L

struct entry {
	const char *word;
	long value;
};

static const struct entry smalls[] = {
    {"zero", 0},     {"one", 1},        {"two", 2},       {"three", 3},
    {"four", 4},     {"five", 5},       {"six", 6},       {"seven", 7},
    {"eight", 8},    {"nine", 9},       {"ten", 10},      {"eleven", 11},
    {"twelve", 12},  {"thirteen", 13},  {"fourteen", 14}, {"fifteen", 15},
    {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},    {"forty", 40},    {"fourty", 40},
    {"fifty", 50},   {"sixty", 60},     {"seventy", 70},  {"eighty", 80},
    {"ninety", 90},  {NULL, 0}};

static const struct entry scales[] = {{"thousand", 1000},
				      {"lakh", 100000},
				      {"lac", 100000},
				      {"million", 1000000},
				      {"crore", 10000000},
				      {"billion", 1000000000},
				      {"trillion", 1000000000000},
				      {NULL, 0}};

static const struct entry ordinals[] = {{"first", 1},
					{"second", 2},
					{"third", 3},
					{"fourth", 4},
					{"fifth", 5},
					{"sixth", 6},
					{"seventh", 7},
					{"eighth", 8},
					{"ninth", 9},
					{"tenth", 10},
					{"eleventh", 11},
					{"twelfth", 12},
					{"thirteenth", 13},
					{"fourteenth", 14},
					{"fifteenth", 15},
					{"sixteenth", 16},
					{"seventeenth", 17},
					{"eighteenth", 18},
					{"nineteenth", 19},
					{"twentieth", 20},
					{"thirtieth", 30},
					{"fortieth", 40},
					{"fiftieth", 50},
					{"sixtieth", 60},
					{"seventieth", 70},
					{"eightieth", 80},
					{"ninetieth", 90},
					{"hundredth", 100},
					{"thousandth", 1000},
					{"millionth", 1000000},
					{"billionth", 1000000000},
					{NULL, 0}};

/* The value of the word, with or without an s where is_plural is set; -1 for
 * another word. */
static long look_up(const struct entry *table, grpo_str s, int *is_plural)
{
	char first = s.len ? lower(s.ptr[0]) : '\0';

	for (int i = 0; table[i].word; i++) {
		size_t n;

		if (table[i].word[0] != first ||
		    !begins_nocase(s, table[i].word))
			continue;
		n = strlen(table[i].word);
		if (s.len == n)
			return table[i].value;
		if (is_plural && s.len == n + 1 && lower(s.ptr[n]) == 's') {
			*is_plural = 1;
			return table[i].value;
		}
	}
	return -1;
}

static grpo_str word_at(const grpo_str *words, int n, int i)
{
	return i < n ? words[i] : (grpo_str){NULL, 0};
}

static long small_at(const grpo_str *words, int n, int i)
{
	return look_up(smalls, word_at(words, n, i), NULL);
}

static int is_tens(long value)
{
	return value >= 20 && value % 10 == 0;
}

/* "forty", "forty-two"; returns the words taken. */
static int below_hundred(const grpo_str *words, int n, long *value)
{
	long more;

	*value = small_at(words, n, 0);
	if (*value < 0)
		return 0;
	more = is_tens(*value) ? small_at(words, n, 1) : -1;
	if (more < 1 || more > 9)
		return 1;
	*value += more;
	return 2;
}

static int is_article(grpo_str s)
{
	return str_is_nocase(s, "a") || str_is_nocase(s, "an");
}

/* Up to 999, "a hundred and five"; returns the words taken. */
static int below_thousand(const grpo_str *words, int n, long *value)
{
	int i = below_hundred(words, n, value), k;
	long more;

	if (!i && is_article(word_at(words, n, 0)) &&
	    str_is_nocase(word_at(words, n, 1), "hundred")) {
		*value = 1;
		i = 1;
	}
	if (!i && str_is_nocase(word_at(words, n, 0), "hundred"))
		*value = 1;
	if (!str_is_nocase(word_at(words, n, i), "hundred"))
		return i;
	*value *= 100;
	i++;
	k = i + str_is_nocase(word_at(words, n, i), "and");
	k += below_hundred(words + k, n - k, &more);
	if (k <= i + 1 && small_at(words, n, i) < 0)
		return i;
	*value += more;
	return k;
}

/* A whole number; returns the words taken. */
static int cardinal(const grpo_str *words, int n, long *value)
{
	int i = 0;
	long total = 0, last = MAX_WHOLE;

	for (;;) {
		int and = i && str_is_nocase(word_at(words, n, i), "and");
		long part, scale;
		int k = i + and;

		k += below_thousand(words + k, n - k, &part);
		if (k == i + and) {
			if (i || !is_article(word_at(words, n, 0)))
				break;
			part = 1;
			k = 1;
		}
		scale = look_up(scales, word_at(words, n, k), NULL);
		if (scale > 0 && scale < last && part <= MAX_WHOLE / scale) {
			total += part * scale;
			last = scale;
			i = k + 1;
			continue;
		}
		if (k == 1 && is_article(word_at(words, n, 0)))
			return 0;
		total += part;
		i = k;
		break;
	}
	*value = total;
	return i;
}

/* "third", "twenty-fifths"; returns the words taken. */
static int ordinal(const grpo_str *words, int n, long *value, int *is_plural)
{
	long tens = small_at(words, n, 0), more;

	*is_plural = 0;
	*value = look_up(ordinals, word_at(words, n, 0), is_plural);
	if (*value > 0)
		return 1;
	more = look_up(ordinals, word_at(words, n, 1), is_plural);
	if (!is_tens(tens) || more < 1 || more > 9)
		return 0;
	*value = tens + more;
	return 2;
}

/* What parts are called: "half", "quarters", "thirds"; the words taken. */
static int part_name(const grpo_str *words, int n, long above, long *below)
{
	grpo_str first = word_at(words, n, 0);
	int is_plural, taken;

	if (str_is_nocase(first, "half") || str_is_nocase(first, "halves"))
		*below = 2;
	else if (str_is_nocase(first, "quarter") ||
		 str_is_nocase(first, "quarters"))
		*below = 4;
	else
		*below = 0;
	if (*below)
		return 1;
	taken = ordinal(words, n, below, &is_plural);
	return taken && *below > 2 && is_plural == (above != 1) ? taken : 0;
}

/* "a half", "one third", "three quarters"; returns the words taken. */
static int fraction(const grpo_str *words, int n, long *above, long *below)
{
	int i = 1, k;

	if (is_article(word_at(words, n, 0))) {
		*above = 1;
	} else {
		*above = small_at(words, n, 0);
		i = *above < 1 ? 0 : below_hundred(words, n, above);
	}
	if (!i && str_is_nocase(word_at(words, n, 0), "half"))
		*above = 1;
	else if (!i)
		return 0;
	k = part_name(words + i, n - i, *above, below);
	return k ? i + k : 0;
}

static void read_fraction(struct numeral *out, const grpo_str *words, int n)
{
	out->n = fraction(words, n, &out->above, &out->below);
	if (!out->n)
		out->below = 0;
}

/* "twenty-first", "one hundred and third" are no fractions. */
static void read_ordinal(struct numeral *out, const grpo_str *words, int n)
{
	int is_plural;

	out->n = ordinal(words, n, &out->whole, &is_plural);
	out->is_ordinal = 1;
	if (is_plural)
		out->n = 0;
}

/* "and a half" behind a whole number */
static void add_fraction(struct numeral *out, const grpo_str *words, int n)
{
	int i = out->n, k;

	if (!str_is_nocase(word_at(words, n, i), "and"))
		return;
	k = fraction(words + i + 1, n - i - 1, &out->above, &out->below);
	if (k && out->above < out->below)
		out->n = i + 1 + k;
	else
		out->below = 0;
}

/* "three point one four", as a fraction of the tenth power */
static void add_decimals(struct numeral *out, const grpo_str *words, int n)
{
	int i = out->n + 1;
	long digit;

	if (!str_is_nocase(word_at(words, n, out->n), "point"))
		return;
	out->above = 0;
	out->below = 1;
	while (out->below < 100000000 && (digit = small_at(words, n, i)) >= 0 &&
	       digit < 10) {
		out->above = out->above * 10 + digit;
		out->below *= 10;
		out->n = ++i;
	}
	if (out->below == 1)
		out->below = 0;
}

void numeral_read(struct numeral *out, const grpo_str *words, int n)
{
	*out = (struct numeral){.n = 0};
	read_fraction(out, words, n);
	if (out->n)
		return;
	read_ordinal(out, words, n);
	if (out->n)
		return;
	*out = (struct numeral){.n = 0};
	out->n = cardinal(words, n, &out->whole);
	if (!out->n) {
		add_decimals(out, words, n); /* "point five" */
		return;
	}
	add_fraction(out, words, n);
	if (!out->below)
		add_decimals(out, words, n);
}

long numeral_multiplier(grpo_str word)
{
	static const struct entry others[] = {{"hundred", 100},
					      {"dozen", 12},
					      {"score", 20},
					      {"gross", 144},
					      {"\xe7\x99\xbe", 100},
					      {"\xe5\x8d\x83", 1000},
					      {"\xe4\xb8\x87", 10000},
					      {"\xe8\x90\xac", 10000},
					      {"\xe4\xba\xbf", 100000000},
					      {"\xe5\x84\x84", 100000000},
					      {NULL, 0}};
	int is_plural = 0;
	long value = look_up(scales, word, &is_plural);

	if (value < 0)
		value = look_up(others, word, NULL);
	if (value < 0 && str_is_nocase(word, "dozens"))
		value = 12;
	return value < 0 ? 0 : value;
}

long numeral_divisor(grpo_str word)
{
	int is_plural = 0;
	long value = look_up(ordinals, word, &is_plural);

	if (str_is_nocase(word, "halves"))
		return 2;
	return value > 2 && is_plural ? value : 0;
}
