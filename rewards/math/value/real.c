/* SPDX-License-Identifier: MIT */
/* Elementary functions on real balls: UNDEFINED if a whole ball lies outside
 * the domain.  A ball that contains the end of the domain is cut there, since
 * there are no values outside. */
#include "number.h"

/* Beyond these sizes results have no use, and some would take for ever. */
#define EXP_BITS 40    /* |x| < 2^40 in e^x */
#define ANGLE_BITS 512 /* |x| < 2^512 in sin x */

static int below(const arb_t x, slong bits)
{
	return arf_cmpabs_2exp_si(arb_midref(x), bits) < 0 &&
	       mag_cmp_2exp_si(arb_radref(x), bits) < 0;
}

/* Domains: GOT where f may be called. */

static enum outcome anywhere(const arb_t x)
{
	(void)x;
	return GOT;
}

static enum outcome in_exp(const arb_t x)
{
	return below(x, EXP_BITS) ? GOT : VAGUE;
}

static enum outcome in_angles(const arb_t x)
{
	return below(x, ANGLE_BITS) ? GOT : VAGUE;
}

static enum outcome not_negative(const arb_t x)
{
	return arb_is_negative(x) ? UNDEFINED : GOT;
}

static enum outcome positive(const arb_t x)
{
	if (arb_is_positive(x))
		return GOT;
	return arb_is_nonpositive(x) ? UNDEFINED : VAGUE;
}

static enum outcome not_zero(const arb_t x)
{
	if (!arb_contains_zero(x))
		return GOT;
	return arb_is_zero(x) ? UNDEFINED : VAGUE;
}

/* Compares |x| with 1: -1, 0 where the ball holds it, 1. */
static int beside_one(const arb_t x)
{
	arb_t size, one;
	int side;

	arb_init(size);
	arb_init(one);
	arb_abs(size, x);
	arb_one(one);
	side = arb_lt(size, one) ? -1 : arb_gt(size, one);
	arb_clear(one);
	arb_clear(size);
	return side;
}

static enum outcome within_one(const arb_t x)
{
	return beside_one(x) > 0 ? UNDEFINED : GOT;
}

static enum outcome inside_one(const arb_t x)
{
	int side = beside_one(x);

	return side < 0 ? GOT : side > 0 ? UNDEFINED : VAGUE;
}

static enum outcome beyond_one(const arb_t x)
{
	return beside_one(x) < 0 ? UNDEFINED : GOT;
}

static enum outcome from_one(const arb_t x)
{
	return arb_is_negative(x) ? UNDEFINED : beyond_one(x);
}

/* Functions that Arb lacks, or has without the cut. */

/* sqrt(1 - x^2) */
static void co_sine(arb_t y, const arb_t x, slong bits)
{
	arb_mul(y, x, x, bits);
	arb_sub_ui(y, y, 1, bits);
	arb_neg(y, y);
	arb_sqrtpos(y, y, bits);
}

static void real_asin(arb_t y, const arb_t x, slong bits)
{
	arb_t c;

	arb_init(c);
	co_sine(c, x, bits);
	arb_atan2(y, x, c, bits);
	arb_clear(c);
}

static void real_acos(arb_t y, const arb_t x, slong bits)
{
	arb_t c;

	arb_init(c);
	co_sine(c, x, bits);
	arb_atan2(y, c, x, bits);
	arb_clear(c);
}

/* From 0 to pi. */
static void real_acot(arb_t y, const arb_t x, slong bits)
{
	arb_t quarter;

	arb_init(quarter);
	arb_const_pi(quarter, bits);
	arb_mul_2exp_si(quarter, quarter, -1);
	arb_atan(y, x, bits);
	arb_sub(y, quarter, y, bits);
	arb_clear(quarter);
}

static void real_asec(arb_t y, const arb_t x, slong bits)
{
	arb_inv(y, x, bits);
	real_acos(y, y, bits);
}

static void real_acsc(arb_t y, const arb_t x, slong bits)
{
	arb_inv(y, x, bits);
	real_asin(y, y, bits);
}

/* ln(x + sqrt(x^2 - 1)) */
static void real_acosh(arb_t y, const arb_t x, slong bits)
{
	arb_t root;

	arb_init(root);
	arb_mul(root, x, x, bits);
	arb_sub_ui(root, root, 1, bits);
	arb_sqrtpos(root, root, bits);
	arb_add(y, x, root, bits);
	arb_log(y, y, bits);
	arb_clear(root);
}

static void real_factorial(arb_t y, const arb_t x, slong bits)
{
	arb_add_ui(y, x, 1, bits);
	arb_gamma(y, y, bits);
}

static void real_abs(arb_t y, const arb_t x, slong bits)
{
	(void)bits;
	arb_abs(y, x);
}

static void real_same(arb_t y, const arb_t x, slong bits)
{
	(void)bits;
	arb_set(y, x);
}

static void real_zero(arb_t y, const arb_t x, slong bits)
{
	(void)x, (void)bits;
	arb_zero(y);
}

static void real_sign(arb_t y, const arb_t x, slong bits)
{
	(void)bits;
	arb_sgn(y, x);
}

static void real_arg(arb_t y, const arb_t x, slong bits)
{
	if (arb_is_negative(x))
		arb_const_pi(y, bits);
	else
		arb_zero(y);
}

static const struct {
	enum outcome (*domain)(const arb_t x);
	void (*f)(arb_t y, const arb_t x, slong bits);
} one[] = {
    [FN_SQRT] = {not_negative, arb_sqrtpos},
    [FN_ABS] = {anywhere, real_abs},
    [FN_FLOOR] = {in_angles, arb_floor},
    [FN_CEIL] = {in_angles, arb_ceil},
    [FN_FACTORIAL] = {in_exp, real_factorial},
    [FN_EXP] = {in_exp, arb_exp},
    [FN_LN] = {positive, arb_log},
    [FN_SIN] = {in_angles, arb_sin},
    [FN_COS] = {in_angles, arb_cos},
    [FN_TAN] = {in_angles, arb_tan},
    [FN_COT] = {in_angles, arb_cot},
    [FN_SEC] = {in_angles, arb_sec},
    [FN_CSC] = {in_angles, arb_csc},
    [FN_ASIN] = {within_one, real_asin},
    [FN_ACOS] = {within_one, real_acos},
    [FN_ATAN] = {anywhere, arb_atan},
    [FN_ACOT] = {anywhere, real_acot},
    [FN_ASEC] = {beyond_one, real_asec},
    [FN_ACSC] = {beyond_one, real_acsc},
    [FN_SINH] = {in_exp, arb_sinh},
    [FN_COSH] = {in_exp, arb_cosh},
    [FN_TANH] = {in_exp, arb_tanh},
    [FN_COTH] = {in_exp, arb_coth},
    [FN_SECH] = {in_exp, arb_sech},
    [FN_CSCH] = {in_exp, arb_csch},
    [FN_ASINH] = {anywhere, arb_asinh},
    [FN_ACOSH] = {from_one, real_acosh},
    [FN_ATANH] = {inside_one, arb_atanh},
    [FN_CONJUGATE] = {anywhere, real_same},
    [FN_RE] = {anywhere, real_same},
    [FN_IM] = {anywhere, real_zero},
    [FN_ARG] = {not_zero, real_arg},
    [FN_SIGN] = {anywhere, real_sign},
    [FN_GAMMA] = {in_exp, arb_gamma},
};

/* Functions of two. */

static enum outcome log_to_base(arb_t x, const arb_t base, slong bits)
{
	enum outcome got = positive(x);
	arb_t divisor;

	if (got != GOT || (got = positive(base)) != GOT)
		return got;
	arb_init(divisor);
	arb_log(divisor, base, bits);
	got = not_zero(divisor);
	if (got == GOT) {
		arb_log(x, x, bits);
		arb_div(x, x, divisor, bits);
	}
	arb_clear(divisor);
	return got;
}

/* n! / (k! (n - k)!) of n and k that are not negative. */
static enum outcome binomial(arb_t n, const arb_t k, slong bits)
{
	arb_t rest, f;

	if (!below(n, EXP_BITS) || arb_is_negative(n) || arb_is_negative(k))
		return UNKNOWN;
	arb_init(rest);
	arb_init(f);
	arb_sub(rest, n, k, bits);
	real_factorial(n, n, bits);
	real_factorial(f, k, bits);
	arb_div(n, n, f, bits);
	real_factorial(f, rest, bits);
	arb_div(n, n, f, bits);
	arb_clear(f);
	arb_clear(rest);
	return GOT;
}

static enum outcome floored(arb_t x, slong bits)
{
	enum outcome got = VAGUE;
	fmpz_t n;

	fmpz_init(n);
	arb_floor(x, x, bits);
	if (arb_get_unique_fmpz(n, x)) {
		arb_set_fmpz(x, n);
		got = GOT;
	}
	fmpz_clear(n);
	return got;
}

/* x - m floor(x / m) */
static enum outcome modulo(arb_t x, const arb_t m, slong bits)
{
	enum outcome got = not_zero(m);
	arb_t t;

	if (got != GOT)
		return got;
	arb_init(t);
	arb_div(t, x, m, bits);
	got = below(t, ANGLE_BITS) ? floored(t, bits) : VAGUE;
	if (got == GOT) {
		arb_mul(t, t, m, bits);
		arb_sub(x, x, t, bits);
	}
	arb_clear(t);
	return got;
}

/* The n-th root; n is an integer and its ball exact, or there is none. */
static enum outcome nth_root(arb_t x, const arb_t n, slong bits)
{
	enum outcome got = UNKNOWN;
	fmpq_t e;

	fmpq_init(e);
	if (arb_is_exact(n) && arb_get_unique_fmpz(fmpq_denref(e), n) &&
	    fmpz_sgn(fmpq_denref(e)) > 0) {
		fmpz_one(fmpq_numref(e));
		got = real_pow_exact(x, e, bits);
	}
	fmpq_clear(e);
	return got;
}

enum outcome real_call(arb_t a, enum expr_fn fn, const arb_t b, slong bits)
{
	enum outcome got;

	switch (fn) {
	case FN_LOG:
		return log_to_base(a, b, bits);
	case FN_ROOT:
		return nth_root(a, b, bits);
	case FN_BINOMIAL:
		return binomial(a, b, bits);
	case FN_MOD:
		return modulo(a, b, bits);
	case FN_MIN:
		arb_min(a, a, b, bits);
		return GOT;
	case FN_MAX:
		arb_max(a, a, b, bits);
		return GOT;
	default:
		break;
	}
	if ((size_t)fn >= sizeof one / sizeof *one || !one[fn].f)
		return UNKNOWN;
	got = one[fn].domain(a);
	if (got == GOT)
		one[fn].f(a, a, bits);
	return got;
}

/* Powers. */

/* e^(b ln a) of a positive a. */
static enum outcome positive_pow(arb_t a, const arb_t b, slong bits)
{
	enum outcome got;
	arb_t t;

	arb_init(t);
	arb_log(t, a, bits);
	arb_mul(t, t, b, bits);
	got = in_exp(t);
	if (got == GOT)
		arb_exp(a, t, bits);
	arb_clear(t);
	return got;
}

/* 0^b, and (a ball around 0)^b: at most its largest size to the power b. */
static enum outcome pow_near_zero(arb_t a, const arb_t b, slong bits)
{
	enum outcome got;

	if (!arb_is_positive(b))
		return arb_is_zero(a) && arb_is_nonpositive(b) ? UNDEFINED
							       : VAGUE;
	if (arb_is_zero(a))
		return GOT;
	arb_get_mag(arb_radref(a), a);
	arf_set_mag(arb_midref(a), arb_radref(a));
	mag_zero(arb_radref(a));
	got = positive_pow(a, b, bits);
	if (got != GOT)
		return got;
	arb_get_mag(arb_radref(a), a);
	arf_zero(arb_midref(a));
	return GOT;
}

enum outcome real_pow(arb_t a, const arb_t b, slong bits)
{
	if (arb_is_positive(a))
		return positive_pow(a, b, bits);
	if (arb_contains_zero(a))
		return pow_near_zero(a, b, bits);
	return arb_contains_int(b) ? VAGUE : UNDEFINED;
}

/* a^n = e^(n ln |a|), with a's sign where n is odd. */
static enum outcome pow_huge(arb_t a, const fmpz_t n, slong bits)
{
	int minus = arb_is_negative(a) && fmpz_is_odd(n);
	enum outcome got;
	arb_t e;

	if (arb_contains_zero(a))
		return VAGUE;
	arb_init(e);
	arb_set_fmpz(e, n);
	arb_abs(a, a);
	got = positive_pow(a, e, bits);
	if (minus)
		arb_neg(a, a);
	arb_clear(e);
	return got;
}

static enum outcome pow_integer(arb_t a, const fmpz_t n, slong bits)
{
	if (fmpz_sgn(n) < 0 && arb_contains_zero(a))
		return arb_is_zero(a) ? UNDEFINED : VAGUE;
	if (fmpz_bits(n) > EXP_BITS)
		return pow_huge(a, n, bits);
	if (!below(a, (slong)1 << EXP_BITS))
		return VAGUE;
	arb_pow_fmpz(a, a, n, bits);
	return GOT;
}

#define MAX_ROOT 100

/* Of a base that isn't negative: x^(3/2) is the square root's cube. */
static enum outcome pow_fraction(arb_t a, const fmpq_t b, slong bits)
{
	enum outcome got;
	arb_t e;

	if (arb_is_positive(a) && fmpz_cmp_ui(fmpq_denref(b), MAX_ROOT) <= 0) {
		arb_root_ui(a, a, fmpz_get_ui(fmpq_denref(b)), bits);
		return pow_integer(a, fmpq_numref(b), bits);
	}
	arb_init(e);
	arb_set_fmpq(e, b, bits);
	got = real_pow(a, e, bits);
	arb_clear(e);
	return got;
}

enum outcome real_pow_exact(arb_t a, const fmpq_t b, slong bits)
{
	int negative = arb_is_negative(a);
	enum outcome got;

	if (exact_is_integer(b))
		return pow_integer(a, fmpq_numref(b), bits);
	if (negative && fmpz_is_even(fmpq_denref(b)))
		return UNDEFINED;
	if (negative)
		arb_neg(a, a);
	got = pow_fraction(a, b, bits);
	if (negative && fmpz_is_odd(fmpq_numref(b)))
		arb_neg(a, a);
	return got;
}
