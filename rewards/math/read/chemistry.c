/* SPDX-License-Identifier: MIT */
#include "chemistry.h"

#include "../tree/slice.h"

#define MAX_TEXT 400 /* of a formula, as written */

static const char elements[] =
    " H He Li Be B C N O F Ne Na Mg Al Si P S Cl Ar K Ca Sc Ti V Cr Mn Fe Co "
    "Ni Cu Zn Ga Ge As Se Br Kr Rb Sr Y Zr Nb Mo Tc Ru Rh Pd Ag Cd In Sn Sb "
    "Te I Xe Cs Ba La Ce Pr Nd Pm Sm Eu Gd Tb Dy Ho Er Tm Yb Lu Hf Ta W Re "
    "Os Ir Pt Au Hg Tl Pb Bi Po At Rn Fr Ra Ac Th Pa U Np Pu Am Cm Bk Cf Es "
    "Fm Md No Lr ";

struct scan {
	grpo_str s; /* what is left */
	char *out;
	size_t n, max;
	int elements, digits, charges, arrows, isotopes, coefficients;
	int is_upright, is_sure_markup;
	int in_species; /* behind its first element */
	int has_plain_digits;
};

static void put(struct scan *c, char x)
{
	if (c->n < c->max)
		c->out[c->n++] = x;
}

static char last(const struct scan *c)
{
	return c->n ? c->out[c->n - 1] : '\0';
}

static int is_element(grpo_str s, size_t n)
{
	char name[5] = {' ', 0, 0, 0, 0};

	for (size_t i = 0; i < n; i++)
		name[i + 1] = s.ptr[i];
	name[n + 1] = ' ';
	return strstr(elements, name) != NULL;
}

static int take_element(struct scan *c)
{
	size_t n =
	    c->s.len > 1 && c->s.ptr[1] >= 'a' && c->s.ptr[1] <= 'z' ? 2 : 1;

	if (!(c->s.ptr[0] >= 'A' && c->s.ptr[0] <= 'Z') || !is_element(c->s, n))
		return 0;
	for (size_t i = 0; i < n; i++)
		put(c, c->s.ptr[i]);
	drop(&c->s, n);
	c->elements++;
	c->in_species++;
	return 1;
}

/* Type styles, braces and space, which say nothing. */
static int take_setting(struct scan *c)
{
	static const char *const upright[] = {"\\mathrm", "\\ce",     "\\rm",
					      "\\text",   "\\textrm", NULL};
	static const char *const nothing[] = {
	    "\\left", "\\right", "\\,", "\\;", "\\!", "\\ ", "{",
	    "}",      "$",       "~",   " ",   "\n",  "_",   NULL};

	for (int i = 0; upright[i]; i++) {
		size_t n = strlen(upright[i]);

		if (!begins(c->s, upright[i]) ||
		    (c->s.len > n && is_letter(c->s.ptr[n])))
			continue;
		c->is_upright |= i < 3;
		c->is_sure_markup |= i == 1;
		drop(&c->s, n);
		return 1;
	}
	for (int i = 0; nothing[i]; i++)
		if (take(&c->s, nothing[i]))
			return 1;
	return 0;
}

/* Small signs: ₂ is 2, ³⁺ is ^{3+}; 0 where there is none. */
static char small_below(grpo_str *s)
{
	if (s->len > 2 && begins(*s, "\xe2\x82") &&
	    (unsigned char)s->ptr[2] >= 0x80 &&
	    (unsigned char)s->ptr[2] <= 0x89) {
		char digit = (char)('0' + ((unsigned char)s->ptr[2] - 0x80));

		drop(s, 3);
		return digit;
	}
	return '\0';
}

static char small_above(grpo_str *s)
{
	static const struct {
		const char *sign;
		char is;
	} above[] = {{"\xc2\xb9", '1'},     {"\xc2\xb2", '2'},
		     {"\xc2\xb3", '3'},     {"\xe2\x81\xb4", '4'},
		     {"\xe2\x81\xba", '+'}, {"\xe2\x81\xbb", '-'}};

	for (size_t i = 0; i < sizeof above / sizeof *above; i++)
		if (take(s, above[i].sign))
			return above[i].is;
	return '\0';
}

static int ends_species(grpo_str s)
{
	while (s.len && (strchr("}$", s.ptr[0])))
		drop(&s, 1);
	return !s.len || is_space(s.ptr[0]) || s.ptr[0] == '\\' ||
	       begins(s, "->") || begins(s, "\xe2\x86\x92") ||
	       begins(s, "\xe2\x87\x8c");
}

/* The charge from its digit and sign, in either order. */
static void put_charge(struct scan *c, char digit, char sign)
{
	put(c, '^');
	if (digit && digit != '1')
		put(c, digit);
	put(c, sign);
	c->charges++;
}

/* ^{2-}, ^+, ³⁺; of isotopes, ^{14} before the element. */
static int take_raised(struct scan *c)
{
	grpo_str s = c->s;
	char digit = '\0', sign = '\0', next;
	int braces = 0, small = 0;

	if (take(&s, "^")) {
		braces = take(&s, "{");
		while (s.len && (is_digit(s.ptr[0]) || s.ptr[0] == '+' ||
				 s.ptr[0] == '-')) {
			if (is_digit(s.ptr[0]) && digit)
				return 0;
			*(is_digit(s.ptr[0]) ? &digit : &sign) = s.ptr[0];
			drop(&s, 1);
			if (!braces && sign)
				break;
		}
		if (braces && !take(&s, "}"))
			return 0;
	} else {
		for (; (next = small_above(&s)); small++)
			*(is_digit(next) ? &digit : &sign) = next;
		if (!small)
			return 0;
	}
	if (!sign || !c->in_species)
		return 0;
	put_charge(c, digit, sign);
	c->s = s;
	return 1;
}

/* The numbers of ^{14}_6C */
static int take_isotope(struct scan *c)
{
	grpo_str s = c->s;

	if (c->in_species || !(take(&s, "^") || take(&s, "_")))
		return 0;
	take(&s, "{");
	if (!s.len || !is_digit(s.ptr[0]))
		return 0;
	put(c, c->s.ptr[0]);
	for (; s.len && is_digit(s.ptr[0]); drop(&s, 1))
		put(c, s.ptr[0]);
	take(&s, "}");
	c->isotopes++;
	c->s = s;
	return 1;
}

/* The last digits that were put, taken back as a charge: Fe3+, SO42-. */
static char digit_of_charge(struct scan *c)
{
	char digit = last(c);
	int two = c->n > 1 && is_digit(c->out[c->n - 2]);

	if (!is_digit(digit) || (!two && c->in_species > 1))
		return '\0';
	c->n--;
	return digit;
}

/* + and - behind a species, or + between two. */
static int take_sign(struct scan *c)
{
	char sign = c->s.ptr[0];
	grpo_str rest = c->s;

	if (sign != '+' && sign != '-')
		return 0;
	if (begins(c->s, "->"))
		return 0;
	drop(&rest, 1);
	if (c->in_species && !is_space(c->s.ptr[-1]) && ends_species(rest) &&
	    last(c) != '+') {
		put_charge(c, digit_of_charge(c), sign);
	} else {
		if (sign == '-' || !c->in_species)
			return 0;
		put(c, '+');
		c->in_species = 0;
	}
	c->s = rest;
	return 1;
}

static int take_arrow(struct scan *c)
{
	static const char *const both[] = {"\\rightleftharpoons",
					   "\\leftrightarrow", "\xe2\x87\x8c",
					   "<=>", NULL};
	static const char *const one[] = {"\\longrightarrow",
					  "\\rightarrow",
					  "\\to",
					  "->",
					  "\xe2\x86\x92",
					  NULL};
	char is = '\0';

	for (int i = 0; both[i] && !is; i++)
		is = take(&c->s, both[i]) ? '=' : '\0';
	for (int i = 0; one[i] && !is; i++)
		is = take(&c->s, one[i]) ? '>' : '\0';
	if (!is || !c->in_species)
		return 0;
	put(c, is);
	c->arrows++;
	c->in_species = 0;
	return 1;
}

static int take_digit(struct scan *c)
{
	char digit = small_below(&c->s);

	if (!digit) {
		if (!is_digit(c->s.ptr[0]))
			return 0;
		digit = c->s.ptr[0];
		c->has_plain_digits |= c->in_species && is_letter(c->s.ptr[-1]);
		drop(&c->s, 1);
	}
	put(c, digit);
	*(c->in_species ? &c->digits : &c->coefficients) += 1;
	return 1;
}

/* ( and ), (aq), the point of a hydrate */
static int take_other(struct scan *c)
{
	static const char *const states[] = {"(aq)", "(s)", "(l)", "(g)"};
	char bracket = c->s.ptr[0];

	for (int i = 0; i < 4; i++) {
		if (!take(&c->s, states[i]))
			continue;
		for (const char *p = states[i]; *p; p++)
			put(c, *p);
		return 1;
	}
	if (take(&c->s, "\\cdot") || take(&c->s, "\xc2\xb7")) {
		put(c, '.');
		return c->in_species;
	}
	if (!strchr("()[]", bracket))
		return 0;
	put(c, bracket);
	drop(&c->s, 1);
	return 1;
}

/* II and IV are numbers. */
static int is_roman(const struct scan *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (!strchr("IVXLCDM", c->out[i]))
			return 0;
	return 1;
}

static int is_sure(const struct scan *c)
{
	if (c->is_sure_markup || c->charges || c->isotopes)
		return 1;
	if (c->arrows || is_roman(c))
		return c->digits > 0;
	return (c->is_upright && (c->elements > 1 || c->digits)) ||
	       (c->has_plain_digits && c->elements > 1);
}

static int has_capital(grpo_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z')
			return 1;
	return 0;
}

void chemistry_read(struct work *w, grpo_str text, struct chemistry *out)
{
	struct scan c = {.s = text, .max = text.len * 2 + 2};

	*out = (struct chemistry){.is_sure = 0};
	if (!text.len || text.len > MAX_TEXT || !has_capital(text))
		return;
	c.out = work_alloc(w, c.max);
	if (!c.out)
		return;
	while (c.s.len)
		if (!take_arrow(&c) && !take_raised(&c) && !take_isotope(&c) &&
		    !take_digit(&c) && !take_sign(&c) && !take_other(&c) &&
		    !take_element(&c) && !take_setting(&c))
			return;
	if (!c.elements || !c.in_species || (c.coefficients && !c.arrows))
		return;
	out->text = (grpo_str){c.out, c.n};
	out->is_sure = is_sure(&c);
}
