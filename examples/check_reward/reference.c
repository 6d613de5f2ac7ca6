/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "reference.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/fault.h"

#define MOST_DIGITS 12 /* so that twice the number still fits */

/* ---------------------------------------------------------------- numbers */

static int64_t power_of_ten(int n)
{
	int64_t p = 1;

	while (n-- > 0)
		p *= 10;
	return p;
}

/* Digits with groups of three, and a decimal point. */
static int read_decimal(struct number *out, size_t *used, const char *text)
{
	int digits = 0, places = -1;
	size_t i = 0;

	*out = (struct number){0, 1, 0};
	for (;; i++) {
		if (isdigit((unsigned char)text[i])) {
			if (digits++ == MOST_DIGITS)
				return 0;
			out->n = 10 * out->n + (text[i] - '0');
			places += places >= 0;
		} else if (text[i] == '.' && places < 0 &&
			   isdigit((unsigned char)text[i + 1])) {
			places = 0;
		} else if (text[i] != ',' || places >= 0 || !digits ||
			   strspn(text + i + 1, "0123456789") != 3) {
			break;
		}
	}
	out->places = places < 0 ? 0 : places;
	out->denominator = power_of_ten(out->places);
	*used = i;
	return digits > 0;
}

static int take(const char **p, const char *text)
{
	size_t n = strlen(text);

	if (strncmp(*p, text, n) != 0)
		return 0;
	*p += n;
	return 1;
}

static int take_whole(int64_t *out, const char **p)
{
	size_t n = strspn(*p, "0123456789");

	*out = 0;
	if (n == 0 || n > MOST_DIGITS)
		return 0;
	for (; n > 0; n--)
		*out = 10 * *out + (*(*p)++ - '0');
	return 1;
}

/* 1/2, \frac{1}{2} or \dfrac{1}{2} */
static int read_fraction(struct number *out, size_t *used, const char *text)
{
	const char *p = text;
	int braces = take(&p, "\\frac{") || take(&p, "\\dfrac{");

	out->places = -1;
	if (!take_whole(&out->n, &p) || !take(&p, braces ? "}{" : "/") ||
	    !take_whole(&out->denominator, &p) || out->denominator == 0 ||
	    (braces && !take(&p, "}")))
		return 0;
	*used = (size_t)(p - text);
	return 1;
}

int number_read(struct number *out, size_t *used, const char *text)
{
	size_t sign = text[0] == '-' || text[0] == '+';

	if (!read_fraction(out, used, text + sign) &&
	    !read_decimal(out, used, text + sign))
		return 0;
	*used += sign;
	if (text[0] == '-')
		out->n = -out->n;
	return 1;
}

const char *number_text(char out[64], const struct number *x)
{
	long long n = x->n < 0 ? -x->n : x->n;
	const char *sign = x->n < 0 ? "-" : "";
	int places = x->places & 15; /* as the compiler sees */

	if (x->places < 0)
		snprintf(out, 64, "%s%lld/%lld", sign, n,
			 (long long)x->denominator);
	else if (x->places == 0)
		snprintf(out, 64, "%s%lld", sign, n);
	else
		snprintf(out, 64, "%s%lld.%0*lld", sign,
			 n / (long long)x->denominator, places,
			 n % (long long)x->denominator);
	return out;
}

double number_value(const struct number *x)
{
	return (double)x->n / (double)x->denominator;
}

struct number number_change(const struct number *x, int64_t times, int64_t plus)
{
	struct number y = *x;

	y.n = x->n * times + x->denominator * plus;
	return y;
}

/* -------------------------------------------------------------- references */

/* The cell's index, or n_columns. */
static size_t find_column(const grpo_reward_row *v, const char *name)
{
	size_t c = 0;

	while (c < v->n_columns &&
	       (v->columns[c].len != strlen(name) ||
		memcmp(v->columns[c].ptr, name, v->columns[c].len) != 0))
		c++;
	return c;
}

static size_t reference_column(const grpo_reward_row *v, const char *name)
{
	static const char *const usual[] = {"answer", "solution", "target",
					    "reference", "ground_truth"};
	size_t c = v->n_columns;

	if (name)
		return find_column(v, name);
	for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
		if ((c = find_column(v, usual[i])) < v->n_columns)
			break;
	return c;
}

/* The content of the last \boxed{…}; 0 if there is none that is closed. */
static int find_box(const char **from, size_t *n, const char *text)
{
	static const char open[] = "\\boxed{";
	const char *p = text, *last = NULL;
	int depth = 1;

	while ((p = strstr(p, open)))
		last = p += sizeof open - 1;
	if (!last)
		return 0;
	for (p = last; *p && depth; p++)
		depth += (*p == '{') - (*p == '}');
	if (depth)
		return 0;
	*from = last;
	*n = (size_t)(p - last) - 1;
	return 1;
}

/* Cuts the text down to the answer, in place. */
static void keep_answer(char *text)
{
	const char *from = text, *hash = NULL;
	size_t n;

	for (const char *p = text; (p = strstr(p, "####")); p += 4)
		hash = p + 4;
	if (hash)
		from = hash;
	n = strlen(from);
	if (!hash)
		find_box(&from, &n, text);
	while (n && strchr(" \t\r\n$", *from))
		from++, n--;
	while (n && strchr(" \t\r\n$.", from[n - 1]))
		n--;
	memmove(text, from, n);
	text[n] = '\0';
}

/* "cm" of " cm", "~\text{ cm}"; "" if it is none that is known. */
static void read_unit(char out[16], const char *text)
{
	static const char *const known[] = {"mm",
					    "cm",
					    "m",
					    "km",
					    "in",
					    "ft",
					    "kg",
					    "g",
					    "s",
					    "min",
					    "h",
					    "inches",
					    "feet",
					    "meters",
					    "miles",
					    "hours",
					    "minutes",
					    "seconds",
					    "days",
					    "dollars",
					    "cents",
					    "degrees",
					    "square inches"};
	char plain[32];
	size_t n = 0;

	if (strncmp(text + strspn(text, " ~\\,"), "text{", 5) == 0)
		text = strchr(text, '{') + 1;
	for (; *text && n < sizeof plain - 1; text++)
		if (*text != '}' && (n || *text != ' '))
			plain[n++] = *text;
	plain[n] = '\0';
	out[0] = '\0';
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (strcmp(known[i], plain) == 0)
			snprintf(out, 16, "%s", known[i]);
}

static void understand(struct reference *r)
{
	size_t used;

	if (!number_read(&r->number, &used, r->text))
		return;
	if (!r->text[used])
		r->is_number = 1;
	else
		read_unit(r->unit, r->text + used);
}

int reference_read(struct reference *out, const struct a_row *row,
		   const char *name)
{
	size_t c = reference_column(&row->v, name), len;
	grpo_cell cell;
	int rc = 0;

	*out = (struct reference){0};
	if (c == row->v.n_columns || !row->v.cells[c].len)
		return 0;
	cell = (grpo_cell){.name = "",
			   .json = row->v.cells[c].ptr,
			   .json_len = row->v.cells[c].len};
	if (cell.json[0] == '"')
		TRY(grpo_cell_text(&out->text, &len, &cell));
	else if (cell.json[0] == '-' || isdigit((unsigned char)cell.json[0]))
		FAIL_IF(!(out->text = strndup(cell.json, cell.json_len)),
			GRPO_ENOMEM, "out of memory");
	if (!out->text)
		return 0;
	keep_answer(out->text);
	understand(out);
out:
	return rc;
}

void reference_dispose(struct reference *r)
{
	free(r->text);
	r->text = NULL;
}
