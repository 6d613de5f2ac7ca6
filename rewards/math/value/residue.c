/* SPDX-License-Identifier: MIT */
#include "residue.h"

#include <flint/ulong_extras.h>
#include <math.h>

#include "exact.h"
#include "long.h"
#include "points.h"

#define NUM(a) fmpq_numref(a)
#define DEN(a) fmpq_denref(a)

/* Primes above 2^PRIME_BITS; behind the last follow the next ones. */
#define PRIME_BITS 60
static const ulong primes[] = {
    UINT64_C(1315423911371583473), UINT64_C(1645504557321206143),
    UINT64_C(1877421131917273153), UINT64_C(2147483647917263563)};
#define N_PRIMES ((int)(sizeof primes / sizeof *primes))
#define MAX_PRIMES 2000
#define NEXT_PRIME_STEPS 40

#define LEAST 3       /* primes for two functions to be equal */
#define MAX_SKIPPED 3 /* primes at which a divisor is 0 */
#define MAX_N 1000000 /* of n! */
#define POWER_STEPS 4
#define INVERSE_STEPS 2

/* Sizes */

/* The value is over / under.  In bits: the sizes of both, as sums of the sizes
 * of all coefficients where there are symbols. */
struct height {
	double over, under;
	int is_known;
};

static const struct height unknown = {0, 0, 0};

static struct height height_of(struct work *w, const struct expr *e);

static double bits_of(const fmpz_t a)
{
	return fmpz_is_zero(a) ? 0 : (double)fmpz_bits(a);
}

static struct height height_of_number(const fmpq_t q)
{
	return (struct height){bits_of(NUM(q)), bits_of(DEN(q)), 1};
}

static struct height height_of_constant(struct work *w, const struct expr *e)
{
	struct height h = unknown;
	fmpq_t q;

	fmpq_init(q);
	if (value_exact(w, e, q) == 0)
		h = height_of_number(q);
	fmpq_clear(q);
	return h;
}

static struct height sum_of(struct height a, struct height b)
{
	return (struct height){fmax(a.over + b.under, b.over + a.under) + 1,
			       a.under + b.under, a.is_known && b.is_known};
}

static struct height product_of(struct height a, struct height b)
{
	return (struct height){a.over + b.over, a.under + b.under,
			       a.is_known && b.is_known};
}

static struct height turned(struct height a)
{
	return (struct height){a.under, a.over, a.is_known};
}

static struct height fold_height(struct work *w, const struct expr *e)
{
	struct height h = height_of(w, e->kids[0]);

	for (int i = 1; i < e->n && h.is_known; i++) {
		struct height next = height_of(w, e->kids[i]);

		if (e->kind == EXPR_DIV)
			next = turned(next);
		h = e->kind == EXPR_ADD ? sum_of(h, next) : product_of(h, next);
	}
	return h;
}

static struct height height_of_power(struct work *w, const struct expr *e)
{
	struct height h = unknown;
	double times;
	fmpz_t n;

	fmpz_init(n);
	if (long_integer(w, e->kids[1], n)) {
		h = height_of(w, e->kids[0]);
		times = fabs(fmpz_get_d(n));
		h.over *= times;
		h.under *= times;
		if (fmpz_sgn(n) < 0)
			h = turned(h);
	}
	fmpz_clear(n);
	return h;
}

/* n! has at most n log2(n) bits, as has all that is made of factorials here. */
static struct height height_of_call(struct work *w, const struct expr *e)
{
	struct height h = unknown;
	double n;
	fmpz_t argument;

	if (e->fn != FN_FACTORIAL && e->fn != FN_BINOMIAL &&
	    e->fn != FN_DOUBLE_FACTORIAL)
		return height_of_constant(w, e);
	fmpz_init(argument);
	if (long_integer(w, e->kids[0], argument)) {
		n = fabs(fmpz_get_d(argument)) + 2;
		h = (struct height){n * log2(n), 1, 1};
	}
	fmpz_clear(argument);
	return h;
}

static struct height height_of(struct work *w, const struct expr *e)
{
	if (work_step(w, 1))
		return unknown;
	switch (e->kind) {
	case EXPR_NUMBER:
		return height_of_number(e->value);
	case EXPR_SYMBOL:
		return (struct height){0, 0, 1};
	case EXPR_ADD:
	case EXPR_MUL:
	case EXPR_DIV:
		return fold_height(w, e);
	case EXPR_NEG:
	case EXPR_UNIT:
		return height_of(w, e->kids[0]);
	case EXPR_PERCENT:
		return product_of(height_of(w, e->kids[0]),
				  (struct height){0, 7, 1});
	case EXPR_POW:
		return height_of_power(w, e);
	case EXPR_CALL:
		return height_of_call(w, e);
	default:
		return height_of_constant(w, e);
	}
}

/* Residues */

struct field {
	struct work *w;
	ulong p, inverse;
};

static enum outcome residue(const struct field *f, const struct expr *e,
			    ulong *out);

static ulong times(const struct field *f, ulong a, ulong b)
{
	return n_mulmod2_preinv(a, b, f->p, f->inverse);
}

/* a = a / b; a divisor of 0 modulo this prime says nothing. */
static enum outcome divide(const struct field *f, ulong *a, ulong b)
{
	if (!b)
		return VAGUE;
	if (work_step(f->w, INVERSE_STEPS))
		return UNKNOWN;
	*a = times(f, *a, n_invmod(b, f->p));
	return GOT;
}

static enum outcome residue_of_number(const struct field *f, const fmpq_t q,
				      ulong *out)
{
	*out = fmpz_fdiv_ui(NUM(q), f->p);
	return fmpz_is_one(DEN(q)) ? GOT
				   : divide(f, out, fmpz_fdiv_ui(DEN(q), f->p));
}

static enum outcome residue_of_constant(const struct field *f,
					const struct expr *e, ulong *out)
{
	enum outcome got = UNKNOWN;
	fmpq_t q;

	fmpq_init(q);
	if (value_exact(f->w, e, q) == 0)
		got = residue_of_number(f, q, out);
	fmpq_clear(q);
	return got;
}

static enum outcome apply(const struct field *f, enum expr_kind kind, ulong *a,
			  ulong b)
{
	if (kind == EXPR_DIV)
		return divide(f, a, b);
	*a = kind == EXPR_ADD ? n_addmod(*a, b, f->p) : times(f, *a, b);
	return GOT;
}

static enum outcome fold(const struct field *f, const struct expr *e,
			 ulong *out)
{
	enum outcome got = residue(f, e->kids[0], out);
	ulong next;

	for (int i = 1; i < e->n && got == GOT; i++) {
		got = residue(f, e->kids[i], &next);
		if (got == GOT)
			got = apply(f, (enum expr_kind)e->kind, out, next);
	}
	return got;
}

/* base^n by Fermat: a^(p - 1) is 1. */
static enum outcome raise_to(const struct field *f, ulong *base, const fmpz_t n)
{
	ulong e = fmpz_fdiv_ui(n, f->p - 1);

	if (!*base && fmpz_sgn(n) < 0)
		return VAGUE;
	if (!*base)
		*base = fmpz_is_zero(n);
	else
		*base = n_powmod2_ui_preinv(*base, e, f->p, f->inverse);
	return work_step(f->w, POWER_STEPS) ? UNKNOWN : GOT;
}

static enum outcome power(const struct field *f, const struct expr *e,
			  ulong *out)
{
	enum outcome got;
	fmpz_t n;

	fmpz_init(n);
	if (long_integer(f->w, e->kids[1], n)) {
		got = residue(f, e->kids[0], out);
		if (got == GOT)
			got = raise_to(f, out, n);
	} else {
		got = residue_of_constant(f, e, out);
	}
	fmpz_clear(n);
	return got;
}

/* n from 0 to MAX_N, or -1. */
static long small(const struct field *f, const struct expr *e)
{
	long n = -1;
	fmpz_t value;

	fmpz_init(value);
	if (long_integer(f->w, e, value) && fmpz_sgn(value) >= 0 &&
	    fmpz_cmp_si(value, MAX_N) <= 0)
		n = (long)fmpz_get_si(value);
	fmpz_clear(value);
	return n;
}

static enum outcome factorial(const struct field *f, long n, ulong *out)
{
	if (n < 0 || work_step(f->w, 1 + n / 32))
		return UNKNOWN;
	*out = n_factorial_mod2_preinv((ulong)n, f->p, f->inverse);
	return GOT;
}

static enum outcome binomial(const struct field *f, long n, long k, ulong *out)
{
	ulong below, rest;

	if (n < 0 || k < 0)
		return UNKNOWN;
	*out = 0;
	if (k > n)
		return GOT;
	if (factorial(f, n, out) != GOT || factorial(f, k, &below) != GOT ||
	    factorial(f, n - k, &rest) != GOT)
		return UNKNOWN;
	return divide(f, out, times(f, below, rest));
}

static enum outcome call(const struct field *f, const struct expr *e,
			 ulong *out)
{
	if (e->fn == FN_FACTORIAL)
		return factorial(f, small(f, e->kids[0]), out);
	if (e->fn == FN_BINOMIAL && e->n == 2)
		return binomial(f, small(f, e->kids[0]), small(f, e->kids[1]),
				out);
	return residue_of_constant(f, e, out);
}

static enum outcome negative(const struct field *f, const struct expr *e,
			     ulong *out)
{
	enum outcome got = residue(f, e->kids[0], out);

	*out = n_negmod(got == GOT ? *out : 0, f->p);
	return got;
}

static enum outcome hundredth(const struct field *f, const struct expr *e,
			      ulong *out)
{
	enum outcome got = residue(f, e->kids[0], out);

	return got == GOT ? divide(f, out, 100) : got;
}

static enum outcome residue(const struct field *f, const struct expr *e,
			    ulong *out)
{
	if (work_step(f->w, 1))
		return UNKNOWN;
	switch (e->kind) {
	case EXPR_NUMBER:
		return residue_of_number(f, e->value, out);
	case EXPR_SYMBOL:
		*out = points_hash(f->p, e->name.ptr, e->name.len) % f->p;
		return GOT;
	case EXPR_ADD:
	case EXPR_MUL:
	case EXPR_DIV:
		return fold(f, e, out);
	case EXPR_NEG:
		return negative(f, e, out);
	case EXPR_UNIT:
		return residue(f, e->kids[0], out);
	case EXPR_PERCENT:
		return hundredth(f, e, out);
	case EXPR_POW:
		return power(f, e, out);
	case EXPR_CALL:
		return call(f, e, out);
	default:
		return residue_of_constant(f, e, out);
	}
}

/* Comparison */

/* The i-th, after `last`. */
static ulong prime(struct work *w, int i, ulong last)
{
	if (i < N_PRIMES)
		return primes[i];
	return work_step(w, NEXT_PRIME_STEPS) ? 0 : n_nextprime(last, 0);
}

/* GOT where they agree, INEXACT where they do not. */
static enum outcome beside(const struct field *f, const struct expr *a,
			   const struct expr *b)
{
	ulong x, y;
	enum outcome got = residue(f, a, &x);

	if (got == GOT)
		got = residue(f, b, &y);
	if (got != GOT)
		return got;
	return x == y ? GOT : INEXACT;
}

/* Over n primes. */
static enum value_verdict over_primes(struct work *w, const struct expr *a,
				      const struct expr *b, int n)
{
	struct field f = {.w = w};
	int agreed = 0;

	for (int i = 0; i < n + MAX_SKIPPED && agreed < n; i++) {
		enum outcome got;

		f.p = prime(w, i, f.p);
		if (!f.p)
			return VALUE_UNDECIDED;
		f.inverse = n_preinvert_limb(f.p);
		got = beside(&f, a, b);
		if (got == INEXACT)
			return VALUE_DIFFERENT;
		if (got == UNKNOWN || got == UNDEFINED)
			return VALUE_UNDECIDED;
		agreed += got == GOT;
	}
	return agreed == n ? VALUE_EQUAL : VALUE_UNDECIDED;
}

static enum value_verdict too_long(struct work *w)
{
	if (!w->status)
		w->status = GRPO_REWARD_BUDGET;
	return VALUE_UNDECIDED;
}

/* Of constants, whose residues agree for one prime. */
static enum value_verdict write_out(struct work *w, const struct expr *a,
				    const struct expr *b, double bits)
{
	enum outcome got;

	if (!(bits <= LONG_MAX_BITS))
		return over_primes(w, a, b, N_PRIMES) == VALUE_DIFFERENT
			   ? VALUE_DIFFERENT
			   : too_long(w);
	got = long_same(w, a, b);
	if (got == GOT)
		return VALUE_EQUAL;
	return got == INEXACT ? VALUE_DIFFERENT : too_long(w);
}

/* Of functions, by so many primes that no difference holds them all. */
static enum value_verdict at_points(struct work *w, const struct expr *a,
				    const struct expr *b, double bits)
{
	if (bits >= (double)PRIME_BITS * (MAX_PRIMES - 1))
		return too_long(w);
	return over_primes(w, a, b,
			   FLINT_MAX(LEAST, 1 + (int)(bits / PRIME_BITS)));
}

enum value_verdict residues_same(struct work *w, const struct expr *a,
				 const struct expr *b)
{
	int is_function =
	    expr_symbols(a, NULL, 0) > 0 || expr_symbols(b, NULL, 0) > 0;
	enum value_verdict verdict = over_primes(w, a, b, 1);
	struct height h;

	if (verdict != VALUE_EQUAL)
		return verdict;
	h = sum_of(height_of(w, a), height_of(w, b));
	if (!h.is_known)
		return too_long(w);
	return is_function ? at_points(w, a, b, h.over)
			   : write_out(w, a, b, fmax(h.over, h.under));
}
