/* SPDX-License-Identifier: MIT */
/* Sets of numbers in words: "all real numbers except 4". */
#include "phrases_internal.h"

/* "all real numbers"; *set is its letter. */
static int number_set(const struct phrases *x, int i, const char **set)
{
	static const struct operation table[] = {
	    {"all real numbers", 0, 0, "R"},
	    {"all real values", 0, 0, "R"},
	    {"all reals", 0, 0, "R"},
	    {"any real number", 0, 0, "R"},
	    {"every real number", 0, 0, "R"},
	    {"real numbers", 0, 0, "R"},
	    {"all integers", 0, 0, "Z"},
	    {"any integer", 0, 0, "Z"},
	    {"every integer", 0, 0, "Z"},
	    {"all complex numbers", 0, 0, "C"},
	    {NULL, 0, 0, NULL}};
	int n, the = phrase_at(x, i, "the set of");
	const struct operation *found = phrase_find(table, x, i + the, &n);

	*set = found ? found->text : NULL;
	return found ? the + n : 0;
}

/* "except for x =": what stands before the numbers that are left out. */
static int excepts(const struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"except for", 0, 0, NULL}, {"except", 0, 0, NULL},
	    {"excluding", 0, 0, NULL},  {"other than", 0, 0, NULL},
	    {"but", 0, 0, NULL},        {"apart from", 0, 0, NULL},
	    {"besides", 0, 0, NULL},    {"not equal to", 0, 0, NULL},
	    {NULL, 0, 0, NULL}};
	int n;

	return phrase_find(table, x, i, &n) ? n : 0;
}

static int symbol_and_sign(const struct phrases *x, int i)
{
	return i + 1 < x->n && x->at[i].kind == T_SYMBOL &&
		       x->at[i + 1].kind == T_REL &&
		       x->at[i + 1].token->sub == OP_EQ
		   ? 2
		   : 0;
}

/* The numbers from i on, to the end of the answer, in a set's braces. */
static int put_set(struct phrases *x, int i)
{
	int start = i;

	phrase_put(x, T_OPEN, 'S', "{");
	while (i < x->n) {
		int end;

		i += symbol_and_sign(x, i);
		end = phrase_operand_end(x, i);
		if (end == i)
			return 0;
		phrase_put_group(x, i, end);
		i = end;
		if (i >= x->n || !phrase_ends_item(x, i))
			break;
		while (i < x->n &&
		       (phrase_ends_item(x, i) || phrase_at(x, i, "and")))
			i++;
		phrase_put(x, T_COMMA, 0, ",");
	}
	phrase_put(x, T_CLOSE, 'S', "}");
	return i - start;
}

/* "all real numbers except 4 and 5" */
int phrase_set_without(struct phrases *x, int i)
{
	const char *set;
	int n = number_set(x, i, &set), from = x->n_out, out, more;

	if (!n || x->has_value)
		return 0;
	n += phrase_at(x, i + n, "x") ||
	     (i + n < x->n && x->at[i + n].kind == T_SYMBOL);
	out = excepts(x, i + n);
	if (!out)
		return 0;
	phrase_put(x, T_SET, 0, set);
	phrase_put(x, T_SETMINUS, 0, "\\");
	more = put_set(x, i + n + out);
	if (more)
		return n + out + more;
	x->n_out = from;
	return 0;
}

static void put_interval(struct phrases *x, int op, int i, int end)
{
	int is_high = op == OP_LT || op == OP_LE;

	phrase_put(x, T_OPEN, op == OP_GE ? '[' : '(', "(");
	if (is_high) {
		phrase_put(x, T_MINUS, 0, "-");
		phrase_put(x, T_LEAF, EXPR_INFINITY, "infty");
	} else {
		phrase_put_range(x, i, end);
	}
	phrase_put(x, T_COMMA, 0, ",");
	if (is_high)
		phrase_put_range(x, i, end);
	else
		phrase_put(x, T_LEAF, EXPR_INFINITY, "infty");
	phrase_put(x, T_CLOSE, op == OP_LE ? '[' : '(', ")");
}

/* "all real numbers greater than 3" */
int phrase_half_line(struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"greater than or equal to", 0, OP_GE, NULL},
	    {"less than or equal to", 0, OP_LE, NULL},
	    {"greater than", 0, OP_GT, NULL},
	    {"less than", 0, OP_LT, NULL},
	    {"at least", 0, OP_GE, NULL},
	    {"at most", 0, OP_LE, NULL},
	    {NULL, 0, 0, NULL}};
	const char *set;
	int n = number_set(x, i, &set), words, end;
	const struct operation *op =
	    n ? phrase_find(table, x, i + n, &words) : NULL;

	if (!op || *set != 'R' || x->has_value)
		return 0;
	n += words;
	end = phrase_operand_end(x, i + n);
	if (end == i + n || end < x->n)
		return 0;
	put_interval(x, op->sub, i + n, end);
	return end - i;
}
