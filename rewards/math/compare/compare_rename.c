/* SPDX-License-Identifier: MIT */
/* Expressions that are equal except for names that can be chosen freely. */
#include <string.h>

#include "compare_internal.h"

/* ---------------------------------------------------------------- names */

/* n and N */
static int same_letter(grpo_str a, grpo_str b)
{
	return a.len == 1 && b.len == 1 && (a.ptr[0] ^ b.ptr[0]) == 32;
}

/* k of x = k pi */
static int is_index(grpo_str name)
{
	return name.len == 1 && strchr("kmnlN", name.ptr[0]);
}

/* C, c_1, K: what an integral leaves open. */
static int is_constant(grpo_str name)
{
	return strchr("CcKkAB", name.ptr[0]) &&
	       (name.len == 1 || name.ptr[1] == '_');
}

/* Whether there is a variable that such a constant may stand beside. */
static int has_variable(const struct expr *e)
{
	grpo_str names[8];
	int n = expr_symbols(e, names, 8);

	for (int i = 0; i < n && i < 8; i++)
		if (names[i].len == 1 && strchr("xytsuzr", names[i].ptr[0]))
			return 1;
	return expr_has_symbol(e, (grpo_str){"theta", 5});
}

static int may_rename(const struct expr *gold, int n_symbols, grpo_str a,
		      grpo_str b)
{
	if (same_letter(a, b))
		return 1;
	if (is_index(a) && is_index(b) && n_symbols == 1)
		return expr_has(gold, EXPR_PI) || expr_has(gold, EXPR_DEGREE);
	return is_constant(a) && is_constant(b) && has_variable(gold) &&
	       (strchr("Cc", a.ptr[0]) || strchr("Cc", b.ptr[0]));
}

/* ------------------------------------------------------------- a few names */

#define MAX_OWN 2 /* names that one side has alone */

/* The symbols of a that b lacks; their count, which may be more than MAX_OWN.
 */
static int own_symbols(const struct expr *a, const struct expr *b,
		       grpo_str *own)
{
	grpo_str names[8];
	int n = expr_symbols(a, names, 8), found = 0;

	for (int i = 0; i < n && n <= 8; i++) {
		if (expr_has_symbol(b, names[i]))
			continue;
		if (found < MAX_OWN)
			own[found] = names[i];
		found++;
	}
	return found;
}

static int same_with(struct judge *j, const struct expr *gold,
		     const struct expr *given, const grpo_str *to,
		     const grpo_str *from, int n)
{
	for (int i = 0; i < n; i++)
		given = expr_replace(j->w, given, from[i],
				     expr_named(j->w, EXPR_SYMBOL, to[i]));
	return given && value_same(j->w, gold, given) == VALUE_EQUAL;
}

/* Where one or two names are only on one side: each for each. */
static int same_few(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	grpo_str a[MAX_OWN], b[MAX_OWN], turned[MAX_OWN];
	int n = own_symbols(gold, given, a), symbols;

	if (n < 1 || n > MAX_OWN || own_symbols(given, gold, b) != n)
		return 0;
	symbols = expr_symbols(gold, turned, MAX_OWN);
	for (int i = 0; i < n; i++)
		if (j->o->names && !may_rename(gold, symbols, a[i], b[i]))
			return 0;
	if (same_with(j, gold, given, a, b, n))
		return 1;
	turned[0] = b[n - 1];
	turned[n - 1] = b[0];
	return n > 1 && same_with(j, gold, given, a, turned, n);
}

/* --------------------------------------------------------------- all names */

/* The given with the reference's names in the order in which they appear. */
static const struct expr *rename_all(struct judge *j, const struct expr *gold,
				     const struct expr *given)
{
	grpo_str a[8], b[8];
	int n = expr_symbols(gold, a, 8);

	if (j->o->names || n < 1 || n > 8 || expr_symbols(given, b, 8) != n)
		return NULL;
	/* Through unused names, so that two names can be swapped. */
	for (int pass = 0; pass < 2; pass++) {
		for (int i = 0; i < n; i++) {
			char own[3] = {'\x01', (char)('a' + i), 0};
			grpo_str between = work_text(j->w, (grpo_str){own, 2});
			const struct expr *to = expr_named(
			    j->w, EXPR_SYMBOL, pass ? a[i] : between);

			given = expr_replace(j->w, given, pass ? between : b[i],
					     to);
			if (!given)
				return NULL;
		}
	}
	return given;
}

int compare_renamed(struct judge *j, const struct expr *gold,
		    const struct expr *given)
{
	const struct expr *renamed;

	if (same_few(j, gold, given))
		return judge_says(j, "the same except for a name");
	renamed = rename_all(j, gold, given);
	return renamed && value_same(j->w, gold, renamed) == VALUE_EQUAL
		   ? judge_says(j, "the same except for the variables' names")
		   : 0;
}

/* t of (t, 2t) */
static int is_parameter(grpo_str name)
{
	if (name.len == 1)
		return strchr("tskrmncpuv", name.ptr[0]) != NULL;
	return memchr(name.ptr, '_', name.len) == NULL; /* \lambda */
}

/* The given point of a line, (s, 2s), in the reference's parameter. */
const struct expr *compare_in_parameter(struct judge *j,
					const struct expr *gold,
					const struct expr *given)
{
	grpo_str a, b;

	if (expr_symbols(gold, &a, 1) != 1 || expr_symbols(given, &b, 1) != 1 ||
	    str_same(a, b) || !is_parameter(a) || !is_parameter(b))
		return NULL;
	return expr_replace(j->w, given, b, expr_named(j->w, EXPR_SYMBOL, a));
}
