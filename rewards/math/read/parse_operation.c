/* SPDX-License-Identifier: MIT */
/* Operators that do not commute: f ∘ g, x ⊗ y, the product of vectors. */
#include <string.h>

#include "../tree/slice.h"
#include "parse_internal.h"

static const struct {
	const char *text, *name;
} operators[] = {
    {"circ", "compose"},  {"∘", "compose"},     {"otimes", "otimes"},
    {"⊗", "otimes"},      {"oplus", "oplus"},   {"⊕", "oplus"},
    {"star", "star"},     {"⋆", "star"},        {"diamond", "diamond"},
    {"⋄", "diamond"},     {"rtimes", "rtimes"}, {"⋊", "rtimes"},
    {"ltimes", "ltimes"}, {"⋉", "ltimes"},      {"ominus", "ominus"},
    {"⊖", "ominus"},      {"odot", "odot"},     {"⊙", "odot"},
    {"times", "cross"},   {"×", "cross"},
};

/* The name of the operator, or NULL. */
static const char *operator_at(const struct token *t)
{
	size_t n = sizeof operators / sizeof *operators;

	if (t->kind != T_UNKNOWN && t->kind != T_DEGREE && t->kind != T_TIMES)
		return NULL;
	for (size_t i = 0; i < n; i++)
		if (str_is(t->text, operators[i].text))
			return operators[i].name;
	return NULL;
}

static int is_vector(const struct expr *e)
{
	return e->kind == EXPR_SYMBOL && begins(e->name, "vec_");
}

static int opens_name(const struct token *t)
{
	return t->kind == T_SYMBOL || t->kind == T_LEAF ||
	       t->kind == T_ACCENT || t->kind == T_WORD ||
	       (t->kind == T_OPEN && t->sub == '(');
}

/* A degree stands behind numbers, a composition between functions. */
int parse_is_operation(const struct token *t, const struct expr *e)
{
	if ((t->kind == T_TIMES && !is_vector(e)) || !operator_at(t))
		return 0;
	if (t->kind == T_TIMES)
		return t[1].kind == T_ACCENT;
	if (t->kind == T_DEGREE)
		return opens_name(t + 1) && expr_symbols(e, NULL, 0);
	return opens_name(t + 1) || t[1].kind == T_NUMBER ||
	       t[1].kind == T_CALL;
}

int parse_is_composed(const struct expr *e)
{
	return e->kind == EXPR_APPLY && str_is(e->name, "compose");
}

#define MAX_COMPOSED 16

/* f ∘ (g ∘ h) and (f ∘ g) ∘ h are f ∘ g ∘ h. */
static struct expr *compose(struct parser *p, const struct expr *a,
			    const struct expr *b)
{
	const struct expr *kids[2 * MAX_COMPOSED] = {a}, *sides[2] = {a, b};
	int n = 0;

	for (int i = 0; i < 2; i++) {
		int is =
		    parse_is_composed(sides[i]) && sides[i]->n <= MAX_COMPOSED;
		int more = is ? sides[i]->n : 1;

		memcpy(kids + n, is ? sides[i]->kids : &sides[i],
		       (size_t)more * sizeof *kids);
		n += more;
	}
	return expr_node(p->w, EXPR_APPLY, n, kids);
}

const struct expr *parse_operation(struct parser *p, const struct expr *e)
{
	const char *name = operator_at(p->t);
	const struct expr *both[2] = {e, NULL};
	struct expr *applied = NULL;

	p->t++;
	both[1] = parse_power(p);
	if (both[1] && strcmp(name, "compose") == 0)
		applied = compose(p, both[0], both[1]);
	else
		applied = expr_node(p->w, EXPR_APPLY, 2, both);
	if (applied)
		applied->name = str(name);
	return applied;
}

/* (f ∘ g)(x): a function by the name of what is composed. */
const struct expr *parse_composed(struct parser *p, const struct expr *e,
				  const struct expr *at)
{
	char name[64];
	size_t n = expr_print(name, sizeof name, e);
	struct expr *applied = expr_node(p->w, EXPR_APPLY, 1, &at);

	if (applied)
		applied->name = work_text(p->w, (grpo_str){name, n});
	return applied;
}
