/* SPDX-License-Identifier: MIT */
/* Functions by their names: factorial(6), erf(x), \operatorname{rank}(A). */
#include <string.h>

#include "../tree/slice.h"
#include "parse_internal.h"

/* Names that are shorter than words. */
static int is_short_name(grpo_str s)
{
	static const char *const names[] = {
	    "erf", "pow", "var", "Var", "cov", "Cov", "dim", "ker", "adj",
	    "tr",  "Tr",  "ord", "rk",  "sqr", "cis", "mex", "Res", "res",
	    "Li",  "li",  "Si",  "Ci",  "Ei",  "lb",  "ld",  "ind", "rad",
	    "nCr", "nPr", "sup", "rot", "fib", "len", "sum", "avg", NULL};

	return str_is_in(s, names);
}

/* Words that name what is in the brackets and compute nothing. */
static int is_naming(grpo_str s)
{
	static const char *const names[] = {
	    "option", "options", "choice",      "choices", "answer", "answers",
	    "point",  "points",  "coordinates", "vertex",  "case",   "part",
	    "vector", "pair",    "interval",    "value",   "approx", "about",
	    "where",  "when",    "with",        "from",    "such",   "that",
	    "then",   "given",   "letter",      NULL};

	return str_is_in_nocase(s, names);
}

static int is_one_word(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_letter(s.ptr[n]))
		n++;
	return n == s.len && n > 1 && !is_naming(s);
}

static int begins_argument(const struct token *t)
{
	return t->kind == T_SYMBOL || t->kind == T_LEAF || t->kind == T_FRAC ||
	       t->kind == T_SQRT || t->kind == T_NUMBER || t->kind == T_BEGIN ||
	       (t->kind == T_OPEN && strchr("({[S", t->sub));
}

int parse_is_function(const struct token *t)
{
	const struct token *next = t + 1;
	int has_brackets =
	    next->kind == T_OPEN && next->sub == '(' && !next->is_spaced;

	if (t->kind != T_TEXT && t->kind != T_WORD)
		return 0;
	if (str_is(t->text, "cis"))
		return begins_argument(next);
	if (t->kind == T_TEXT && t->sub == TEXT_OPERATOR)
		return begins_argument(next) && is_one_word(t->text) &&
		       !parse_is_unit(t);
	if (!has_brackets || !is_one_word(t->text) || parse_is_unit(t))
		return 0;
	return t->kind == T_TEXT || t->text.len > 3 || is_short_name(t->text);
}

/* ------------------------------------------------------------------ calls */

static const struct {
	const char *name;
	uint8_t n, fn; /* arguments */
} known[] = {
    {"factorial", 1, FN_FACTORIAL},
    {"binomial", 2, FN_BINOMIAL},
    {"binom", 2, FN_BINOMIAL},
    {"comb", 2, FN_BINOMIAL},
    {"nCr", 2, FN_BINOMIAL},
    {"choose", 2, FN_BINOMIAL},
    {"ceiling", 1, FN_CEIL},
    {"sign", 1, FN_SIGN},
    {"signum", 1, FN_SIGN},
    {"conjugate", 1, FN_CONJUGATE},
    {"real", 1, FN_RE},
    {"imag", 1, FN_IM},
    {"transpose", 1, FN_TRANSPOSE},
};

/* A function of n arguments; one that is not known is its own. */
static const struct expr *call(struct parser *p, grpo_str name, int n,
			       const struct expr *const *args)
{
	struct expr *e;

	if (n == 1 && str_is(name, "cis"))
		return parse_cis(p, args[0]);
	if (n == 2 && str_is(name, "pow"))
		return expr_2(p->w, EXPR_POW, args[0], args[1]);
	if (n == 1 && expr_has(args[0], EXPR_MATRIX) &&
	    (str_is(name, "tr") || str_is(name, "Tr") || str_is(name, "trace")))
		return expr_call(p->w, FN_TRACE, 1, args);
	for (size_t i = 0; i < sizeof known / sizeof *known; i++)
		if (n == known[i].n && str_is(name, known[i].name))
			return expr_call(p->w, (enum expr_fn)known[i].fn, n,
					 args);
	e = expr_node(p->w, EXPR_APPLY, n, args);
	if (e)
		e->name = name;
	return e;
}

const struct expr *parse_function(struct parser *p)
{
	grpo_str name = p->t->text;
	int has_brackets;
	const struct expr *arg;

	p->t++;
	has_brackets = parse_is(p, T_OPEN, '(');
	arg = has_brackets ? parse_open(p) : parse_power(p);
	if (arg && has_brackets && arg->kind == EXPR_TUPLE)
		return call(p, name, arg->n, arg->kids);
	return arg ? call(p, name, 1, &arg) : NULL;
}
