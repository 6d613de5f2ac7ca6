/* SPDX-License-Identifier: MIT */
/* Equations and inequalities, and the values that they state. */
#include <string.h>

#include "region.h"

/* ------------------------------------------------- equations side by side */

/* Whether a is b with a subscript: x_1 is one of the x. */
static int is_numbered(grpo_str a, grpo_str b)
{
	return a.len > b.len && a.ptr[b.len] == '_' &&
	       memcmp(a.ptr, b.ptr, b.len) == 0;
}

/* x, y, z: an unknown or a coordinate. */
static int is_variable(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && e->name.len == 1 &&
	       strchr("xyz", e->name.ptr[0]);
}

/* "xy = 4" is a curve rather than a value of x y. */
static int is_curve(const struct expr *e)
{
	int n = 0;

	for (int i = 0; e->kind == EXPR_MUL && i < e->n; i++)
		n += is_variable(e->kids[i]);
	return n > 1;
}

/* sin x and |x|, which are not x; |AB| is AB. */
static int is_computed(const struct expr *e)
{
	return e->kind == EXPR_CALL &&
	       (e->fn != FN_ABS || is_variable(e->kids[0]));
}

/* The name of a label that is one, among them e and i. */
static grpo_str name_of(const struct expr *label)
{
	switch (label->kind) {
	case EXPR_SYMBOL:
		return label->name;
	case EXPR_E:
		return (grpo_str){"e", 1};
	case EXPR_I:
		return (grpo_str){"i", 1};
	default:
		return (grpo_str){NULL, 0};
	}
}

static int names_differ(grpo_str a, grpo_str b)
{
	return !str_same(a, b) && !is_numbered(a, b) && !is_numbered(b, a);
}

static int is_capital(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && e->name.ptr[0] >= 'A' &&
	       e->name.ptr[0] <= 'Z';
}

/* 1 and 2, x and 1, the events A and B; x and t are both any number. */
static int arguments_differ(const struct judge *j, const struct expr *a,
			    const struct expr *b)
{
	int is_a = region_is_constant(a), is_b = region_is_constant(b);

	if (is_a && is_b)
		return value_same(j->w, a, b) == VALUE_DIFFERENT;
	if (is_a != is_b)
		return a->kind == EXPR_SYMBOL || b->kind == EXPR_SYMBOL;
	if (a->kind != b->kind && /* n and n + 1 */
	    (a->kind == EXPR_ADD || b->kind == EXPR_ADD))
		return 1;
	return is_capital(a) && is_capital(b) && !expr_same(a, b);
}

/* f(1) and f(2), or f and g; f(x) and f(t) are one function. */
static int calls_differ(const struct judge *j, const struct expr *a,
			const struct expr *b)
{
	if (!str_same(a->name, b->name))
		return 1;
	for (int i = 0; i < a->n && a->n == b->n; i++)
		if (arguments_differ(j, a->kids[i], b->kids[i]))
			return 1;
	return 0;
}

static int labels_differ(const struct judge *j, const struct expr *a,
			 const struct expr *b);

/* (x, y) and (y, x) */
static int tuples_differ(const struct judge *j, const struct expr *a,
			 const struct expr *b)
{
	for (int i = 0; i < a->n && i < b->n; i++)
		if (labels_differ(j, a->kids[i], b->kids[i]))
			return 1;
	return a->n != b->n;
}

/* Names that keep their values apart: y = 2 is another line than x = 2. */
static int labels_differ(const struct judge *j, const struct expr *a,
			 const struct expr *b)
{
	if (!j->o->names)
		return 0;
	if (is_curve(a) || is_curve(b))
		return 1;
	if (is_computed(a) || is_computed(b))
		return !expr_same(a, b);
	if (name_of(a).len && name_of(b).len)
		return names_differ(name_of(a), name_of(b));
	if (a->kind != b->kind)
		return 0;
	if (a->kind == EXPR_TUPLE)
		return tuples_differ(j, a, b);
	if (a->kind == EXPR_CALL) /* |AB| and |CD| */
		return labels_differ(j, a->kids[0], b->kids[0]);
	if (a->kind == EXPR_MUL || a->kind == EXPR_DIV || a->kind == EXPR_RATIO)
		return !expr_same(a, b) &&
		       value_same(j->w, a, b) != VALUE_EQUAL;
	return a->kind == EXPR_APPLY && calls_differ(j, a, b);
}

static int has_symbols_alone(const struct expr *call)
{
	for (int i = 0; i < call->n; i++)
		if (call->kids[i]->kind != EXPR_SYMBOL)
			return 0;
	return call->kind == EXPR_APPLY;
}

/* A name that nobody writes, for the i-th variable. */
static const struct expr *unused_symbol(struct judge *j, int i)
{
	char name[3] = {'\x02', (char)('a' + i % 26), '\0'};

	return expr_named(j->w, EXPR_SYMBOL,
			  work_text(j->w, (grpo_str){name, 2}));
}

/* f(z) = z is f(x) = x: the given value, in the reference's variables; NULL
 * where it has one of these already, as in f(y) = x. */
static const struct expr *in_terms_of(struct judge *j, const struct expr *value,
				      const struct expr *from,
				      const struct expr *to)
{
	if (!has_symbols_alone(from) || !has_symbols_alone(to) ||
	    from->n != to->n || expr_same(from, to))
		return value;
	for (int i = 0; i < from->n; i++)
		value = expr_replace(j->w, value, from->kids[i]->name,
				     unused_symbol(j, i));
	for (int i = 0; i < to->n && value; i++) {
		const struct expr *unused = unused_symbol(j, i);

		if (expr_has_symbol(value, to->kids[i]->name) || !unused)
			return NULL;
		value = expr_replace(j->w, value, unused->name, to->kids[i]);
	}
	return value;
}

/* The one symbol beside the function's own variable; 0 where there are more
 * or none. */
static int constant_of(const struct expr *value, const struct expr *label,
		       grpo_str *name)
{
	grpo_str names[3];
	int n = expr_symbols(value, names, 3), found = 0;

	for (int i = 0; i < n && n <= 2; i++) {
		if (expr_has_symbol(label, names[i]))
			continue;
		*name = names[i];
		found++;
	}
	return found == 1;
}

/* f(x) = a x and f(x) = c x: any constant may have any name. */
static int same_family(struct judge *j, const struct expr *gold,
		       const struct expr *label, const struct expr *given)
{
	grpo_str a, b;

	if (label->kind != EXPR_APPLY || !constant_of(gold, label, &a) ||
	    !constant_of(given, label, &b) || str_same(a, b))
		return 0;
	given = expr_replace(j->w, given, b, expr_named(j->w, EXPR_SYMBOL, a));
	return given && compare_trees(j, gold, given) == 1
		   ? judge_says(j, "the same except for a constant's name")
		   : 0;
}

static int same_zeros(struct judge *j, const struct expr *a,
		      const struct expr *b)
{
	const struct expr *l, *r;

	if (a->n != 2 || b->n != 2)
		return 0;
	l = expr_minus(j->w, a->kids[0], a->kids[1]);
	r = expr_minus(j->w, b->kids[0], b->kids[1]);
	if (!l || !r || value_same_zeros(j->w, l, r) != VALUE_EQUAL)
		return 0;
	return judge_says(j, "equations with the same solutions");
}

/* The m of "a = b (mod m)", or NULL. */
static const struct expr *modulus_of(const struct expr *e)
{
	const struct expr *last = e->kids[e->n - 1];

	return e->ops[e->n - 2] == OP_CONGRUENT && last->kind == EXPR_CALL &&
		       last->fn == FN_MOD
		   ? last->kids[1]
		   : NULL;
}

/* Congruences: to the same modulus, of the same thing. */
static int both_congruences(struct judge *j, const struct expr *gold,
			    const struct expr *given)
{
	const struct expr *a = modulus_of(gold), *b = modulus_of(given);

	if (!a && !b)
		return -1;
	if (!a || !b || compare_trees(j, a, b) != 1 ||
	    compare_trees(j, gold->kids[0], given->kids[0]) != 1)
		return 0;
	return compare_trees(j, gold->kids[gold->n - 1],
			     given->kids[given->n - 1]);
}

static int both_equations(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	const struct expr *a = relation_value(j, gold);
	const struct expr *b = relation_value(j, given);
	const struct expr *la = relation_label(gold),
			  *lb = relation_label(given);
	int rc = both_congruences(j, gold, given);

	if (rc >= 0)
		return rc;
	if (a && b && la && lb) {
		if (labels_differ(j, la, lb))
			return same_zeros(j, gold, given);
		b = in_terms_of(j, b, lb, la);
		j->in_formula++;
		j->in_function += la->kind == EXPR_APPLY;
		rc = b &&
		     (compare_trees(j, a, b) == 1 || same_family(j, a, la, b));
		j->in_formula--;
		j->in_function -= la->kind == EXPR_APPLY;
		if (rc)
			return 1;
	} else if (a && b) {
		return compare_trees(j, a, b);
	}
	return same_zeros(j, gold, given);
}

/* ------------------------------------------------------------ inequalities */

/* The op with its sides changed; -1 for one that has no such. */
int relation_flipped(int op)
{
	switch (op) {
	case OP_LT:
		return OP_GT;
	case OP_GT:
		return OP_LT;
	case OP_LE:
		return OP_GE;
	case OP_GE:
		return OP_LE;
	case OP_EQ:
	case OP_NE:
	case OP_APPROX:
		return op;
	default:
		return -1;
	}
}

/* a < b and c a < c b, by the sign of c. */
static int same_inequality(struct judge *j, const struct expr *a,
			   const struct expr *b)
{
	const struct expr *l = expr_minus(j->w, a->kids[0], a->kids[1]);
	const struct expr *r = expr_minus(j->w, b->kids[0], b->kids[1]);
	int sign = 0, op = b->ops[0];

	/* f(1) > 3 and f(1) > 4: of constants, the same difference. */
	if (l && r && !expr_symbols(l, NULL, 0) && !expr_symbols(r, NULL, 0))
		return a->ops[0] == op &&
		       value_same(j->w, l, r) == VALUE_EQUAL &&
		       judge_says(j, "the same inequality");
	if (!l || !r || value_proportional(j->w, l, r, &sign) != VALUE_EQUAL ||
	    !sign)
		return 0;
	if (a->ops[0] != (sign > 0 ? op : relation_flipped(op)))
		return 0;
	return judge_says(j, "the same inequality");
}

static int same_chain(struct judge *j, const struct expr *a,
		      const struct expr *b, int is_reversed)
{
	if (a->n != b->n)
		return 0;
	for (int i = 0; i < a->n; i++) {
		int k = is_reversed ? b->n - 1 - i : i;

		if (compare_trees(j, a->kids[i], b->kids[k]) != 1)
			return 0;
		if (i == a->n - 1)
			break;
		if (is_reversed ? a->ops[i] != relation_flipped(b->ops[k - 1])
				: a->ops[i] != b->ops[k])
			return 0;
	}
	return judge_says(j, "the same chain");
}

static int both_relations(struct judge *j, const struct expr *gold,
			  const struct expr *given)
{
	if (relation_is_equation(gold) && relation_is_equation(given))
		return both_equations(j, gold, given);
	if (same_chain(j, gold, given, 0) || same_chain(j, gold, given, 1))
		return 1;
	if (gold->n == 2 && given->n == 2 &&
	    relation_flipped(gold->ops[0]) >= 0 &&
	    relation_flipped(given->ops[0]) >= 0)
		return same_inequality(j, gold, given);
	return 0;
}

/* ----------------------------------------------------------------- one side */

/* x in S beside S; "2x in S" says something else. */
static const struct expr *member_of(const struct expr *e)
{
	return e->n == 2 && e->ops[0] == OP_IN && relation_names(e->kids[0])
		   ? e->kids[1]
		   : NULL;
}

static int names_curve(const struct expr *e)
{
	const struct expr *label =
	    relation_is_equation(e) ? relation_label(e) : NULL;

	return label && is_curve(label);
}

/* 2 pi of "2 pi ≈ 6.28" */
static const struct expr *rounded_value(const struct expr *e)
{
	return e->n == 2 && e->ops[0] == OP_APPROX &&
		       region_is_constant(e->kids[0])
		   ? e->kids[0]
		   : NULL;
}

int compare_relations(struct judge *j, const struct expr *gold,
		      const struct expr *given)
{
	int is_gold = gold->kind == EXPR_RELATION;
	int is_given = given->kind == EXPR_RELATION;
	const struct expr *value, *exact;

	if (!is_gold && !is_given)
		return -1;
	if (is_gold && is_given)
		return both_relations(j, gold, given);
	if (is_given && compare_selection(j, gold, given) == 1)
		return 1;
	value = is_gold ? gold : given;
	if (member_of(value))
		value = member_of(value);
	else
		value = relation_is_equation(value) ? relation_value(j, value)
						    : NULL;
	if (!value || (is_gold && names_curve(gold)))
		return 0;
	if (is_gold)
		return compare_trees(j, value, given);
	exact = rounded_value(given);
	return compare_trees(j, gold, value) == 1 ||
	       (exact && compare_trees(j, gold, exact) == 1);
}
