/* SPDX-License-Identifier: MIT */
#include "dates.h"

#include <stdio.h>

#include "../tree/slice.h"

struct date {
	int day, month, year; /* 0: not read */
};

/* The month that the word names, by its first three letters or in full. */
static int month_of(grpo_str word)
{
	static const char *const months[] = {"january", "february", "march",
					     "april",   "may",      "june",
					     "july",    "august",   "september",
					     "october", "november", "december"};

	for (int m = 0; m < 12; m++) {
		grpo_str full = str(months[m]);

		if (word.len != 3 && word.len != full.len &&
		    !(m == 8 && word.len == 4))
			continue;
		full.len = word.len;
		for (size_t i = 0; i < word.len; i++)
			if (lower(word.ptr[i]) != full.ptr[i])
				full.len = 0;
		if (full.len)
			return m + 1;
	}
	return 0;
}

/* The next run of letters or of digits; empty at the end or at another sign. */
static grpo_str next(grpo_str *s)
{
	int is_number;
	size_t n = 0;

	while (s->len && (is_space(s->ptr[0]) || strchr(",.{}~$", s->ptr[0])))
		drop(s, 1);
	is_number = s->len && is_digit(s->ptr[0]);
	while (n < s->len &&
	       (is_number ? is_digit(s->ptr[n]) : is_letter(s->ptr[n])))
		n++;
	drop(s, n);
	return (grpo_str){s->ptr - n, n};
}

static int is_filler(grpo_str word)
{
	static const char *const words[] = {"st",  "nd", "rd",   "th", "of",
					    "the", "on", "text", NULL};

	return str_is_in(word, words);
}

static int number(grpo_str digits)
{
	int n = 0;

	for (size_t i = 0; i < digits.len; i++)
		n = n * 10 + digits.ptr[i] - '0';
	return n;
}

/* A number of one or two digits is the day, of four the year. */
static int take_number(struct date *d, grpo_str digits)
{
	int *part = digits.len == 4 ? &d->year : &d->day;

	if (digits.len == 3 || digits.len > 4 || *part)
		return 0;
	*part = number(digits);
	return *part > 0 && (part == &d->year || *part <= 31);
}

static int read_words(struct date *d, grpo_str s)
{
	for (;;) {
		grpo_str word;

		while (take(&s, "\\text") || take(&s, "\\,") || take(&s, "\\ "))
			;
		word = next(&s);
		if (!word.len)
			return !s.len && d->month && d->day;
		if (is_digit(word.ptr[0])) {
			if (!take_number(d, word))
				return 0;
		} else if (month_of(word) && !d->month) {
			d->month = month_of(word);
		} else if (!is_filler(word)) {
			return 0;
		}
	}
}

/* 2021-03-14: with these zeros no difference of numbers. */
static int read_iso(struct date *d, grpo_str s)
{
	if (s.len != 10 || s.ptr[4] != '-' || s.ptr[7] != '-')
		return 0;
	for (size_t i = 0; i < 10; i++)
		if (i != 4 && i != 7 && !is_digit(s.ptr[i]))
			return 0;
	d->year = number((grpo_str){s.ptr, 4});
	d->month = number((grpo_str){s.ptr + 5, 2});
	d->day = number((grpo_str){s.ptr + 8, 2});
	return d->month >= 1 && d->month <= 12 && d->day >= 1 && d->day <= 31;
}

int date_read(grpo_str text, char out[DATE_SIZE])
{
	struct date d = {0};

	text = trim(text);
	if (text.len < 5 || text.len > 60)
		return 0;
	if (take(&text, "\\text{") && ends(text, "}"))
		text.len--;
	if (!read_iso(&d, text)) {
		d = (struct date){0};
		if (!read_words(&d, text))
			return 0;
	}
	snprintf(out, DATE_SIZE, "%04d-%02d-%02d", d.year, d.month, d.day);
	return 1;
}
