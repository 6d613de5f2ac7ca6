/* SPDX-License-Identifier: MIT */
#include "family.h"

#include <string.h>

#include "../tree/slice.h"

/* The item that is read. */
struct reader {
	struct judge *j;
	grpo_str k;
	int parity; /* of k, or -1: not needed yet */
	int needs_parity;
};

static void affine_init(struct affine *a)
{
	for (int i = 0; i < 4; i++)
		fmpq_init(&a->c[i / 2][i % 2]);
}

static void affine_clear(struct affine *a)
{
	for (int i = 0; i < 4; i++)
		fmpq_clear(&a->c[i / 2][i % 2]);
}

static void affine_zero(struct affine *a)
{
	for (int i = 0; i < 4; i++)
		fmpq_zero(&a->c[i / 2][i % 2]);
}

static void affine_add(struct affine *a, const struct affine *b)
{
	for (int i = 0; i < 4; i++)
		fmpq_add(&a->c[i / 2][i % 2], &a->c[i / 2][i % 2],
			 &b->c[i / 2][i % 2]);
}

static void affine_scale(struct affine *a, const fmpq_t by)
{
	for (int i = 0; i < 4; i++)
		fmpq_mul(&a->c[i / 2][i % 2], &a->c[i / 2][i % 2], by);
}

/* a = a b; -1 where k or pi would be squared. */
static int affine_mul(struct affine *a, const struct affine *b)
{
	struct affine product;
	int rc = 0;
	fmpq_t term;

	affine_init(&product);
	fmpq_init(term);
	for (int i = 0; i < 16; i++) {
		int k = (i >> 3 & 1) + (i >> 1 & 1),
		    pi = (i >> 2 & 1) + (i & 1);

		fmpq_mul(term, &a->c[i >> 3 & 1][i >> 2 & 1],
			 &b->c[i >> 1 & 1][i & 1]);
		if (fmpq_is_zero(term))
			continue;
		if (k > 1 || pi > 1)
			rc = -1;
		else
			fmpq_add(&product.c[k][pi], &product.c[k][pi], term);
	}
	for (int i = 0; i < 4; i++)
		fmpq_swap(&a->c[i / 2][i % 2], &product.c[i / 2][i % 2]);
	fmpq_clear(term);
	affine_clear(&product);
	return rc;
}

static int is_rational(const struct affine *a)
{
	return fmpq_is_zero(&a->c[0][1]) && fmpq_is_zero(&a->c[1][0]) &&
	       fmpq_is_zero(&a->c[1][1]);
}

/* ---------------------------------------------------------------- reading */

static int read_affine(struct reader *r, const struct expr *e,
		       struct affine *out);

/* out = out op e */
static int join(struct reader *r, const struct expr *e, struct affine *out)
{
	struct affine part;
	int rc;

	affine_init(&part);
	rc = read_affine(r, e->kids[0], out);
	for (int i = 1; i < e->n && !rc; i++) {
		affine_zero(&part);
		rc = read_affine(r, e->kids[i], &part);
		if (rc)
			break;
		if (e->kind == EXPR_ADD) {
			affine_add(out, &part);
		} else if (e->kind == EXPR_MUL) {
			rc = affine_mul(out, &part);
		} else if (is_rational(&part) && !fmpq_is_zero(&part.c[0][0])) {
			fmpq_inv(&part.c[0][0], &part.c[0][0]);
			affine_scale(out, &part.c[0][0]);
		} else {
			rc = -1;
		}
	}
	affine_clear(&part);
	return rc;
}

static int scaled_by(struct reader *r, const struct expr *e, long above,
		     ulong below, struct affine *out)
{
	fmpq_t by;
	int rc = read_affine(r, e, out);

	fmpq_init(by);
	fmpq_set_si(by, above, below);
	affine_scale(out, by);
	fmpq_clear(by);
	return rc;
}

static int degrees(struct reader *r, const struct expr *e, struct affine *out)
{
	if (scaled_by(r, e->kids[0], 1, 180, out) ||
	    !fmpq_is_zero(&out->c[0][1]) || !fmpq_is_zero(&out->c[1][1]))
		return -1;
	fmpq_swap(&out->c[0][0], &out->c[0][1]);
	fmpq_swap(&out->c[1][0], &out->c[1][1]);
	return 0;
}

static int is_minus_one(const struct expr *e)
{
	if (e->kind == EXPR_NEG)
		return e->kids[0]->kind == EXPR_NUMBER &&
		       fmpq_is_one(e->kids[0]->value);
	return e->kind == EXPR_NUMBER && fmpq_cmp_si(e->value, -1) == 0;
}

/* (-1)^(k + 1), by the parity of k. */
static int sign_of_k(struct reader *r, const struct expr *e, struct affine *out)
{
	struct affine power;
	int rc;

	r->needs_parity = 1;
	affine_init(&power);
	rc = read_affine(r, e->kids[1], &power);
	if (!fmpz_is_one(fmpq_denref(&power.c[0][0])) ||
	    !fmpz_is_one(fmpq_denref(&power.c[1][0])) ||
	    !fmpq_is_zero(&power.c[0][1]) || !fmpq_is_zero(&power.c[1][1]) ||
	    fmpz_is_odd(fmpq_numref(&power.c[1][0])))
		rc = -1;
	fmpq_set_si(&out->c[0][0],
		    fmpz_is_odd(fmpq_numref(&power.c[0][0])) ? -1 : 1, 1);
	affine_clear(&power);
	return rc;
}

/* k, or 2k + parity where that is known. */
static int index_itself(struct reader *r, struct affine *out)
{
	if (r->parity < 0) {
		fmpq_one(&out->c[1][0]);
		return 0;
	}
	fmpq_set_si(&out->c[1][0], 2, 1);
	fmpq_set_si(&out->c[0][0], r->parity, 1);
	return 0;
}

static int read_affine(struct reader *r, const struct expr *e,
		       struct affine *out)
{
	if (work_step(r->j->w, 2))
		return -1;
	switch (e->kind) {
	case EXPR_SYMBOL:
		return str_same(e->name, r->k) ? index_itself(r, out) : -1;
	case EXPR_PI:
		fmpq_one(&out->c[0][1]);
		return 0;
	case EXPR_NEG:
		return scaled_by(r, e->kids[0], -1, 1, out);
	case EXPR_ADD:
	case EXPR_MUL:
	case EXPR_DIV:
		return join(r, e, out);
	case EXPR_DEGREE:
		return degrees(r, e, out);
	case EXPR_POW:
		if (is_minus_one(e->kids[0]) && expr_has_symbol(e, r->k))
			return sign_of_k(r, e, out);
		break;
	default:
		break;
	}
	return value_exact(r->j->w, e, &out->c[0][0]);
}

/* One item, for a parity of k or for all k. */
static int add_progression(struct reader *r, const struct expr *e,
			   struct family *f)
{
	struct affine *a = &f->at[f->n];

	if (f->n == FAMILY_MAX_PROGRESSIONS)
		return -1;
	affine_init(a);
	f->n++;
	return read_affine(r, e, a);
}

static int is_index(grpo_str name)
{
	return name.len == 1 && strchr("kmnlj", lower(name.ptr[0]));
}

static int is_label(const struct family *f, grpo_str name)
{
	return expr_is(f->label, EXPR_SYMBOL) && str_same(f->label->name, name);
}

/* The whole number in e. */
static int find_index(const struct family *f, const struct expr *e,
		      grpo_str *name)
{
	if (expr_symbols(e, name, 1) != 1)
		return 0;
	if (f->index.len && str_same(f->index, *name))
		return 1;
	if (f->is_whole)
		return name->len == 1 && !is_label(f, *name);
	return is_index(*name) &&
	       (expr_has(e, EXPR_PI) || expr_has(e, EXPR_DEGREE));
}

static int add_value(struct judge *j, const struct expr *e, struct family *f)
{
	struct reader r = {.j = j, .parity = -1};
	int n = f->n;

	if (!find_index(f, e, &r.k))
		return -1;
	if (add_progression(&r, e, f) == 0)
		return fmpq_is_zero(&f->at[n].c[1][0]) &&
			       fmpq_is_zero(&f->at[n].c[1][1])
			   ? -1
			   : 0;
	if (!r.needs_parity)
		return -1;
	affine_clear(&f->at[--f->n]);
	for (r.parity = 0; r.parity < 2; r.parity++)
		if (add_progression(&r, e, f))
			return -1;
	return 0;
}

/* "3 (mod 5)" or "-3 (mod 5)" */
static int has_modulus(const struct expr *e)
{
	while (e->kind == EXPR_NEG || (e->kind == EXPR_PM && e->n == 1))
		e = e->kids[0];
	return e->kind == EXPR_CALL && e->fn == FN_MOD;
}

/* x = 3 (mod 5), also with a plain sign of equality */
static int is_congruence(const struct expr *e)
{
	return e->kind == EXPR_RELATION && e->n == 2 &&
	       (e->ops[0] == OP_CONGRUENT ||
		(e->ops[0] == OP_EQ && has_modulus(e->kids[1])));
}

int family_has_modulus(const struct expr *e)
{
	if (e->kind != EXPR_LIST)
		return is_congruence(e);
	for (int i = 0; i < e->n; i++)
		if (is_congruence(e->kids[i]))
			return 1;
	return 0;
}

/* The remainder and the modulus of "3 (mod 5)"; a sign may stand before it. */
static const struct expr *remainder_of(struct judge *j, const struct expr *e,
				       const struct expr **modulus)
{
	const struct expr *r;

	if (e->kind == EXPR_NEG) {
		r = remainder_of(j, e->kids[0], modulus);
		return r ? expr_1(j->w, EXPR_NEG, r) : NULL;
	}
	if (e->kind != EXPR_CALL || e->fn != FN_MOD)
		return NULL;
	*modulus = e->kids[1];
	return e->kids[0];
}

/* 3 (mod 5) is 3 + 5k. */
static int add_remainder(struct judge *j, const struct expr *r,
			 const struct expr *modulus, struct family *f)
{
	struct affine *a = &f->at[f->n];

	if (!r || !modulus || f->n == FAMILY_MAX_PROGRESSIONS)
		return -1;
	affine_init(a);
	f->n++;
	return value_exact(j->w, r, &a->c[0][0]) ||
		       value_exact(j->w, modulus, &a->c[1][0]) ||
		       fmpq_is_zero(&a->c[1][0])
		   ? -1
		   : 0;
}

/* Also one that stands before a comma, with the modulus behind the last. */
static int add_congruence(struct judge *j, const struct expr *e,
			  struct family *f)
{
	const struct expr *modulus = NULL;
	const struct expr *r = remainder_of(j, e, &modulus);

	return r ? add_remainder(j, r, modulus, f)
		 : add_remainder(j, e, f->modulus, f);
}

static int add_label(struct family *f, const struct expr *label)
{
	if (!relation_names(label) || (f->label && !expr_same(f->label, label)))
		return -1;
	f->label = label;
	return 0;
}

/* "k in Z" beside the item. */
static int add_domain(struct judge *j, const struct expr *e, struct family *f)
{
	const struct expr *set;

	if (e->kind != EXPR_RELATION || e->n != 2 || e->ops[0] != OP_IN ||
	    e->kids[0]->kind != EXPR_SYMBOL)
		return -1;
	set = e->kids[1];
	if (set->kind == EXPR_SYMBOL && set->name.len == 1)
		set = expr_named(j->w, EXPR_NAMED_SET, set->name);
	if (!set || (f->domain && !expr_same(f->domain, set)))
		return -1;
	f->domain = set_in_plain_form(j, set, 0);
	f->index = e->kids[0]->name;
	return 0;
}

static int add_item(struct judge *j, const struct expr *e, struct family *f);

static int add_signs(struct judge *j, const struct expr *e, struct family *f)
{
	struct item_list items;

	if (list_items(j, e, &items) || items.n < 2)
		return -1;
	for (int i = 0; i < items.n; i++)
		if (add_item(j, items.at[i], f))
			return -1;
	return 0;
}

static int add_item(struct judge *j, const struct expr *e, struct family *f)
{
	int is_modular = f->modulus || is_congruence(e);

	if (e->kind == EXPR_RELATION && e->n == 2 &&
	    (e->ops[0] == OP_EQ || e->ops[0] == OP_CONGRUENT)) {
		if (add_label(f, e->kids[0]))
			return -1;
		e = e->kids[1];
	}
	if (expr_has(e, EXPR_PM))
		return add_signs(j, e, f);
	if (is_modular || has_modulus(e))
		return add_congruence(j, e, f);
	return add_value(j, e, f);
}

/* {2k + 1 | k in Z}, {x | x = 2k + 1, k in Z}: *e is then 2k + 1. */
static int add_builder(struct judge *j, const struct expr **e, struct family *f)
{
	const struct expr *says = (*e)->kids[1];
	const struct expr *value = list_family(*e);

	if (value == *e)
		return -1;
	*e = value;
	return add_domain(j, says->kind == EXPR_LIST ? says->kids[1] : says, f);
}

/* First what is said of k, then the items. */
int family_read(struct judge *j, const struct expr *e, struct family *f)
{
	int rc = 0;

	if (e->kind == EXPR_WHERE) {
		if (add_domain(j, e->kids[1], f))
			return -1;
		e = e->kids[0];
	}
	if (e->kind == EXPR_BUILDER && add_builder(j, &e, f))
		return -1;
	if (e->kind != EXPR_LIST)
		return add_item(j, e, f);
	for (int i = 0; i < e->n; i++)
		add_domain(j, e->kids[i], f);
	remainder_of(j, e->kids[e->n - 1], &f->modulus);
	for (int i = 0; i < e->n && !rc; i++)
		if (e->kids[i]->kind != EXPR_RELATION ||
		    e->kids[i]->ops[0] != OP_IN)
			rc = add_item(j, e->kids[i], f);
	return rc;
}

void family_clear(struct family *f)
{
	for (int i = 0; i < f->n; i++)
		affine_clear(&f->at[i]);
}
