/* SPDX-License-Identifier: MIT */
/* The same functions on complex balls: principal values. */
#include "number.h"

#define EXP_BITS 40
#define ANGLE_BITS 512

static int below(const acb_t z, slong bits)
{
	return arf_cmpabs_2exp_si(arb_midref(acb_realref(z)), bits) < 0 &&
	       arf_cmpabs_2exp_si(arb_midref(acb_imagref(z)), bits) < 0 &&
	       mag_cmp_2exp_si(arb_radref(acb_realref(z)), bits) < 0 &&
	       mag_cmp_2exp_si(arb_radref(acb_imagref(z)), bits) < 0;
}

static enum outcome not_zero(const acb_t z)
{
	if (!acb_contains_zero(z))
		return GOT;
	return acb_is_zero(z) ? UNDEFINED : VAGUE;
}

static void complex_real(acb_t y, const acb_t z, slong bits)
{
	(void)bits;
	acb_set_arb(y, acb_realref(z));
}

static void complex_imag(acb_t y, const acb_t z, slong bits)
{
	(void)bits;
	acb_set_arb(y, acb_imagref(z));
}

static void complex_conj(acb_t y, const acb_t z, slong bits)
{
	(void)bits;
	acb_conj(y, z);
}

static void complex_abs(acb_t y, const acb_t z, slong bits)
{
	acb_abs(acb_realref(y), z, bits);
	arb_zero(acb_imagref(y));
}

static void complex_arg(acb_t y, const acb_t z, slong bits)
{
	arb_t angle;

	arb_init(angle);
	acb_arg(angle, z, bits);
	acb_set_arb(y, angle);
	arb_clear(angle);
}

static void complex_factorial(acb_t y, const acb_t z, slong bits)
{
	acb_add_ui(y, z, 1, bits);
	acb_gamma(y, y, bits);
}

static void complex_acot(acb_t y, const acb_t z, slong bits)
{
	acb_t quarter;

	acb_init(quarter);
	acb_const_pi(quarter, bits);
	acb_mul_2exp_si(quarter, quarter, -1);
	acb_atan(y, z, bits);
	acb_sub(y, quarter, y, bits);
	acb_clear(quarter);
}

static void complex_asec(acb_t y, const acb_t z, slong bits)
{
	acb_inv(y, z, bits);
	acb_acos(y, y, bits);
}

static void complex_acsc(acb_t y, const acb_t z, slong bits)
{
	acb_inv(y, z, bits);
	acb_asin(y, y, bits);
}

static const struct {
	slong limit; /* |z| is below 2^limit; 0: it may be any */
	void (*f)(acb_t y, const acb_t z, slong bits);
} one[] = {
    [FN_SQRT] = {0, acb_sqrt},
    [FN_ABS] = {0, complex_abs},
    [FN_FACTORIAL] = {EXP_BITS, complex_factorial},
    [FN_EXP] = {EXP_BITS, acb_exp},
    [FN_LN] = {0, acb_log},
    [FN_SIN] = {EXP_BITS, acb_sin},
    [FN_COS] = {EXP_BITS, acb_cos},
    [FN_TAN] = {EXP_BITS, acb_tan},
    [FN_COT] = {EXP_BITS, acb_cot},
    [FN_SEC] = {EXP_BITS, acb_sec},
    [FN_CSC] = {EXP_BITS, acb_csc},
    [FN_ASIN] = {0, acb_asin},
    [FN_ACOS] = {0, acb_acos},
    [FN_ATAN] = {0, acb_atan},
    [FN_ACOT] = {0, complex_acot},
    [FN_ASEC] = {0, complex_asec},
    [FN_ACSC] = {0, complex_acsc},
    [FN_SINH] = {EXP_BITS, acb_sinh},
    [FN_COSH] = {EXP_BITS, acb_cosh},
    [FN_TANH] = {EXP_BITS, acb_tanh},
    [FN_COTH] = {EXP_BITS, acb_coth},
    [FN_SECH] = {EXP_BITS, acb_sech},
    [FN_CSCH] = {EXP_BITS, acb_csch},
    [FN_ASINH] = {0, acb_asinh},
    [FN_ACOSH] = {0, acb_acosh},
    [FN_ATANH] = {0, acb_atanh},
    [FN_CONJUGATE] = {0, complex_conj},
    [FN_RE] = {0, complex_real},
    [FN_IM] = {0, complex_imag},
    [FN_ARG] = {0, complex_arg},
    [FN_GAMMA] = {EXP_BITS, acb_gamma},
};

static enum outcome log_to_base(acb_t z, const acb_t base, slong bits)
{
	enum outcome got = not_zero(base);
	acb_t divisor;

	if (got != GOT)
		return got;
	acb_init(divisor);
	acb_log(divisor, base, bits);
	got = not_zero(divisor);
	if (got == GOT) {
		acb_log(z, z, bits);
		acb_div(z, z, divisor, bits);
	}
	acb_clear(divisor);
	return got;
}

/* A root is the real one of a real number, as its sign is read. */
static enum outcome nth_root(acb_t z, const acb_t n, slong bits)
{
	enum outcome got = UNKNOWN;
	fmpq_t e;

	fmpq_init(e);
	if (acb_is_exact(n) && acb_is_real(n) &&
	    arb_get_unique_fmpz(fmpq_denref(e), acb_realref(n)) &&
	    fmpz_sgn(fmpq_denref(e)) > 0) {
		int real =
		    acb_is_real(z) && (fmpz_is_odd(fmpq_denref(e)) ||
				       arb_is_nonnegative(acb_realref(z)));

		fmpz_one(fmpq_numref(e));
		got = real ? real_pow_exact(acb_realref(z), e, bits)
			   : complex_pow_exact(z, e, bits);
	}
	fmpq_clear(e);
	return got;
}

static int is_principal(enum expr_fn fn)
{
	return (size_t)fn < sizeof one / sizeof *one && one[fn].f;
}

enum outcome complex_call(acb_ptr a, enum expr_fn fn, acb_srcptr b, slong bits)
{
	if (fn == FN_ROOT)
		return nth_root(a, b, bits);
	if ((fn == FN_LN || fn == FN_LOG || fn == FN_ARG) &&
	    acb_contains_zero(a))
		return acb_is_zero(a) ? UNDEFINED : VAGUE;
	if (fn == FN_LOG)
		return log_to_base(a, b, bits);
	if (!is_principal(fn)) /* floor, min, ...: of real numbers */
		return acb_is_real(a) && acb_is_real(b)
			   ? real_call(acb_realref(a), fn, acb_realref(b), bits)
			   : UNKNOWN;
	if (one[fn].limit && !below(a, one[fn].limit))
		return VAGUE;
	one[fn].f(a, a, bits);
	return GOT;
}

/* e^(b ln a) */
enum outcome complex_pow(acb_ptr a, acb_srcptr b, slong bits)
{
	enum outcome got = VAGUE;
	acb_t t;

	if (acb_is_zero(a))
		return arb_is_positive(acb_realref(b)) ? GOT : UNDEFINED;
	if (acb_contains_zero(a))
		return VAGUE;
	acb_init(t);
	acb_log(t, a, bits);
	acb_mul(t, t, b, bits);
	if (below(t, EXP_BITS)) {
		acb_exp(a, t, bits);
		got = GOT;
	}
	acb_clear(t);
	return got;
}

enum outcome complex_pow_exact(acb_ptr a, const fmpq_t b, slong bits)
{
	enum outcome got;
	acb_t e;

	if (fmpq_cmp_si(b, 0) < 0 && acb_contains_zero(a))
		return acb_is_zero(a) ? UNDEFINED : VAGUE;
	if (exact_is_integer(b)) {
		if (fmpz_bits(fmpq_numref(b)) > EXP_BITS ||
		    !below(a, (slong)1 << EXP_BITS))
			return VAGUE;
		acb_pow_fmpz(a, a, fmpq_numref(b), bits);
		return GOT;
	}
	if (fmpz_equal_si(fmpq_numref(b), 1) &&
	    fmpz_equal_si(fmpq_denref(b), 2)) {
		acb_sqrt(a, a, bits);
		return GOT;
	}
	acb_init(e);
	acb_set_fmpq(e, b, bits);
	got = complex_pow(a, e, bits);
	acb_clear(e);
	return got;
}
