/* SPDX-License-Identifier: MIT */
/* Functions whose values are rational where they are bounded. */
#include <math.h>

#include "exact.h"

#define NUM(a) fmpq_numref(a)
#define DEN(a) fmpq_denref(a)

/* Whether base^n stays below the limit. */
static int power_fits(slong base, slong n)
{
	return n * (slong)FLINT_BIT_COUNT(base) <= VALUE_MAX_BITS;
}

static enum outcome factorial(fmpq_t out, const fmpq_t a)
{
	slong n = exact_small(a, VALUE_MAX_BITS);

	if (exact_is_integer(a) && fmpq_sgn(a) < 0)
		return UNDEFINED;
	if (n < 0 || !power_fits(n, n))
		return INEXACT;
	fmpz_fac_ui(NUM(out), (ulong)n);
	fmpz_one(DEN(out));
	return GOT;
}

/* (2k)!! = 2^k k!, and (2k - 1)!! = (2k)! / (2k)!!; (-1)!! is 1. */
static enum outcome double_factorial(fmpq_t out, const fmpq_t a)
{
	slong n =
	    fmpz_equal_si(NUM(a), -1) ? 1 : exact_small(a, VALUE_MAX_BITS);
	slong k = n / 2 + n % 2;
	fmpz_t even;

	if (exact_is_integer(a) && fmpq_cmp_si(a, -1) < 0)
		return UNDEFINED;
	if (!exact_is_integer(a) || n < 0 || !power_fits(n, k))
		return INEXACT;
	fmpz_init(even);
	fmpz_fac_ui(even, (ulong)k);
	fmpz_mul_2exp(even, even, (ulong)k);
	if (n % 2) {
		fmpz_fac_ui(NUM(out), 2 * (ulong)k);
		fmpz_divexact(NUM(out), NUM(out), even);
	} else {
		fmpz_set(NUM(out), even);
	}
	fmpz_one(DEN(out));
	fmpz_clear(even);
	return GOT;
}

#define MAX_FALLING 100

/* a (a - 1) ... (a - k + 1) / k! of any a. */
static enum outcome falling(fmpq_t out, const fmpq_t a, slong k)
{
	enum outcome got = GOT;
	fmpq_t p, factor, count;

	fmpq_init(p);
	fmpq_init(factor);
	fmpq_init(count);
	fmpq_one(p);
	for (slong i = 0; i < k && got == GOT; i++) {
		fmpq_sub_si(factor, a, i);
		fmpq_set_si(count, i + 1, 1);
		fmpq_div(factor, factor, count);
		got = exact_mul(p, p, factor);
	}
	if (got == GOT)
		fmpq_swap(out, p);
	fmpq_clear(count);
	fmpq_clear(factor);
	fmpq_clear(p);
	return got;
}

static enum outcome binomial(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
	slong n = exact_small(a, COEFF_MAX), k = exact_small(b, COEFF_MAX);

	if (!exact_is_integer(b))
		return INEXACT;
	if (fmpq_sgn(b) < 0 || (n >= 0 && k > n)) {
		fmpq_zero(out);
		return GOT;
	}
	if (n < 0)
		return k < 0 || k > MAX_FALLING ? INEXACT : falling(out, a, k);
	if (k < 0)
		return INEXACT;
	k = FLINT_MIN(k, n - k);
	if (k > VALUE_MAX_BITS || !power_fits(n, k))
		return INEXACT;
	fmpz_bin_uiui(NUM(out), (ulong)n, (ulong)k);
	fmpz_one(DEN(out));
	return GOT;
}

static enum outcome gcd(fmpq_t out, const fmpq_t a, const fmpq_t b, int least)
{
	if (!exact_is_integer(a) || !exact_is_integer(b))
		return UNDEFINED;
	if (exact_bits(a) + exact_bits(b) > VALUE_MAX_BITS)
		return INEXACT;
	if (least)
		fmpz_lcm(NUM(out), NUM(a), NUM(b));
	else
		fmpz_gcd(NUM(out), NUM(a), NUM(b));
	fmpz_one(DEN(out));
	return GOT;
}

static enum outcome round_down(fmpq_t out, const fmpq_t a)
{
	fmpz_fdiv_q(NUM(out), NUM(a), DEN(a));
	fmpz_one(DEN(out));
	return GOT;
}

static enum outcome round_up(fmpq_t out, const fmpq_t a)
{
	fmpz_cdiv_q(NUM(out), NUM(a), DEN(a));
	fmpz_one(DEN(out));
	return GOT;
}

/* a - m floor(a / m) */
static enum outcome modulo(fmpq_t out, const fmpq_t a, const fmpq_t m)
{
	enum outcome got;
	fmpq_t t;

	fmpq_init(t);
	got = exact_div(t, a, m);
	if (got == GOT && (got = round_down(t, t)) == GOT &&
	    (got = exact_mul(t, t, m)) == GOT)
		fmpq_sub(out, a, t);
	fmpq_clear(t);
	return got;
}

/* ln |a|, roughly */
static double size_of(const fmpq_t a)
{
	return fmpz_dlog(NUM(a)) - fmpz_dlog(DEN(a));
}

#define MAX_LOG_ROOT 12

/* base^(p/q) = x for a q that is tried; p is then the quotient of the
 * logarithms, rounded, and exact arithmetic decides. */
static enum outcome log_as(fmpq_t out, const fmpq_t x, const fmpq_t base,
			   slong q)
{
	double p = size_of(x) / size_of(base) * (double)q;
	int found = 0;
	fmpq_t e, power, want;

	if (fabs(p) > VALUE_MAX_BITS || fabs(p - round(p)) > 1e-6)
		return INEXACT;
	fmpq_init(e);
	fmpq_init(power);
	fmpq_init(want);
	fmpq_set_si(e, (slong)round(p), 1);
	found = exact_pow(power, base, e, 1) == GOT;
	fmpq_set_si(e, q, 1);
	found =
	    found && exact_pow(want, x, e, 1) == GOT && fmpq_equal(want, power);
	if (found)
		fmpq_set_si(out, (slong)round(p), (ulong)q);
	fmpq_clear(want);
	fmpq_clear(power);
	fmpq_clear(e);
	return found ? GOT : INEXACT;
}

static enum outcome logarithm(fmpq_t out, const fmpq_t x, const fmpq_t base)
{
	enum outcome got = INEXACT;

	if (fmpq_sgn(base) <= 0 || fmpq_is_one(base))
		return UNDEFINED;
	if (fmpq_is_zero(x))
		return UNDEFINED;
	if (fmpq_sgn(x) < 0)
		return INEXACT;
	for (slong q = 1; q <= MAX_LOG_ROOT && got != GOT; q++)
		got = log_as(out, x, base, q);
	return got;
}

static enum outcome give(fmpq_t out, slong value)
{
	fmpq_set_si(out, value, 1);
	return GOT;
}

/* Where the values of the rest are rational: at 0 and 1, or nowhere. */
static enum outcome at_zero_or_one(fmpq_t out, enum expr_fn fn, const fmpq_t a)
{
	switch (fn) {
	case FN_LN:
	case FN_ACOSH:
	case FN_ACOS:
	case FN_ASEC:
		return fmpq_is_one(a) ? give(out, 0) : INEXACT;
	case FN_EXP:
	case FN_COS:
	case FN_SEC:
	case FN_COSH:
	case FN_SECH:
		return fmpq_is_zero(a) ? give(out, 1) : INEXACT;
	case FN_SIN:
	case FN_TAN:
	case FN_ASIN:
	case FN_ATAN:
	case FN_SINH:
	case FN_TANH:
	case FN_ASINH:
	case FN_ATANH:
		return fmpq_is_zero(a) ? give(out, 0) : INEXACT;
	case FN_COT:
	case FN_CSC:
	case FN_COTH:
	case FN_CSCH:
	case FN_ACSC:
		return fmpq_is_zero(a) ? UNDEFINED : INEXACT;
	default:
		return INEXACT;
	}
}

static enum outcome gamma_of(fmpq_t out, const fmpq_t a)
{
	fmpq_t n;
	enum outcome got;

	if (!exact_is_integer(a))
		return INEXACT;
	fmpq_init(n);
	fmpq_sub_si(n, a, 1);
	got = factorial(out, n);
	fmpq_clear(n);
	return got;
}

static enum outcome root_of(fmpq_t out, const fmpq_t a, const fmpq_t n,
			    int real)
{
	return exact_is_integer(n) ? exact_root(out, a, NUM(n), real) : INEXACT;
}

static enum outcome square_root(fmpq_t out, const fmpq_t a, int real)
{
	const fmpz two = 2;

	return exact_root(out, a, &two, real);
}

static enum outcome copy(fmpq_t out, const fmpq_t a)
{
	fmpq_set(out, a);
	return GOT;
}

static enum outcome absolute(fmpq_t out, const fmpq_t a)
{
	fmpq_abs(out, a);
	return GOT;
}

enum outcome exact_call(fmpq_t out, enum expr_fn fn, const fmpq_t a,
			const fmpq_t b, int real)
{
	switch (fn) {
	case FN_SQRT:
		return square_root(out, a, real);
	case FN_ROOT:
		return root_of(out, a, b, 1);
	case FN_ABS:
		return absolute(out, a);
	case FN_FLOOR:
		return round_down(out, a);
	case FN_CEIL:
		return round_up(out, a);
	case FN_FACTORIAL:
		return factorial(out, a);
	case FN_DOUBLE_FACTORIAL:
		return double_factorial(out, a);
	case FN_GAMMA:
		return gamma_of(out, a);
	case FN_BINOMIAL:
		return binomial(out, a, b);
	case FN_LOG:
		return logarithm(out, a, b);
	case FN_GCD:
		return gcd(out, a, b, 0);
	case FN_LCM:
		return gcd(out, a, b, 1);
	case FN_MIN:
		return copy(out, fmpq_cmp(a, b) <= 0 ? a : b);
	case FN_MAX:
		return copy(out, fmpq_cmp(a, b) >= 0 ? a : b);
	case FN_MOD:
		return modulo(out, a, b);
	case FN_CONJUGATE:
	case FN_RE:
		return copy(out, a);
	case FN_IM:
		return give(out, 0);
	case FN_ARG:
		return fmpq_is_zero(a)   ? UNDEFINED
		       : fmpq_sgn(a) > 0 ? give(out, 0)
					 : INEXACT;
	case FN_SIGN:
		return give(out, fmpq_sgn(a));
	default:
		return at_zero_or_one(out, fn, a);
	}
}
