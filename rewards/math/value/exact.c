/* SPDX-License-Identifier: MIT */
#include "exact.h"

#define NUM(a) fmpq_numref(a)
#define DEN(a) fmpq_denref(a)

static int is_small(const fmpq_t a)
{
	return !COEFF_IS_MPZ(*NUM(a)) && !COEFF_IS_MPZ(*DEN(a));
}

long exact_bits(const fmpq_t a)
{
	return is_small(a) ? 0 : (long)(fmpz_bits(NUM(a)) + fmpz_bits(DEN(a)));
}

int exact_is_integer(const fmpq_t a)
{
	return fmpz_is_one(DEN(a));
}

long exact_small(const fmpq_t a, long max)
{
	if (!exact_is_integer(a) || COEFF_IS_MPZ(*NUM(a)) || *NUM(a) < 0 ||
	    *NUM(a) > max)
		return -1;
	return *NUM(a);
}

static int product_fits(const fmpz_t a, const fmpz_t b)
{
	return fmpz_bits(a) + fmpz_bits(b) <= VALUE_MAX_BITS;
}

enum outcome exact_add(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
	if (!(is_small(a) && is_small(b)) &&
	    !(product_fits(NUM(a), DEN(b)) && product_fits(NUM(b), DEN(a)) &&
	      product_fits(DEN(a), DEN(b))))
		return INEXACT;
	fmpq_add(out, a, b);
	return GOT;
}

enum outcome exact_mul(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
	if (!(is_small(a) && is_small(b)) &&
	    !(product_fits(NUM(a), NUM(b)) && product_fits(DEN(a), DEN(b))))
		return INEXACT;
	fmpq_mul(out, a, b);
	return GOT;
}

enum outcome exact_div(fmpq_t out, const fmpq_t a, const fmpq_t b)
{
	if (fmpq_is_zero(b))
		return UNDEFINED;
	if (!(is_small(a) && is_small(b)) &&
	    !(product_fits(NUM(a), DEN(b)) && product_fits(DEN(a), NUM(b))))
		return INEXACT;
	fmpq_div(out, a, b);
	return GOT;
}

/* Of 0, 1 or -1, whose powers have no size. */
static enum outcome pow_of_unit(fmpq_t out, const fmpq_t base,
				const fmpz_t exponent)
{
	if (fmpq_is_zero(base) && fmpz_sgn(exponent) < 0)
		return UNDEFINED;
	if (fmpz_is_zero(exponent))
		fmpq_one(out);
	else if (fmpz_is_even(exponent))
		fmpq_mul(out, base, base);
	else
		fmpq_set(out, base);
	return GOT;
}

/* Of |a|, which isn't 0. */
static double log2_of(const fmpz_t a)
{
	double log;
	fmpz_t size;

	fmpz_init(size);
	fmpz_abs(size, a);
	log = fmpz_dlog(size) / 0.6931471805599453;
	fmpz_clear(size);
	return log;
}

static enum outcome pow_integer(fmpq_t out, const fmpq_t base,
				const fmpz_t exponent)
{
	double bits;

	if (exact_is_integer(base) && fmpz_cmpabs(NUM(base), DEN(base)) <= 0)
		return pow_of_unit(out, base, exponent);
	if (COEFF_IS_MPZ(*exponent))
		return INEXACT;
	bits = fmpz_cmpabs(NUM(base), DEN(base)) > 0 ? log2_of(NUM(base))
						     : log2_of(DEN(base));
	if (!(bits * (double)FLINT_ABS(*exponent) <= VALUE_MAX_BITS))
		return INEXACT;
	fmpq_pow_si(out, base, *exponent);
	return GOT;
}

/* The n-th root of a, at least 0, where it is an integer. */
static int integer_root(fmpz_t out, const fmpz_t a, slong n)
{
	fmpz_t power;
	int found;

	if (fmpz_is_zero(a) || fmpz_is_one(a)) {
		fmpz_set(out, a);
		return 1;
	}
	if ((ulong)n >= fmpz_bits(a))
		return 0;
	fmpz_init(power);
	fmpz_root(out, a, n);
	fmpz_pow_ui(power, out, (ulong)n);
	found = fmpz_equal(power, a);
	fmpz_clear(power);
	return found;
}

/* The n-th root of a number that is not negative. */
static enum outcome root_of_positive(fmpq_t out, const fmpq_t a, slong n)
{
	fmpq_t root;
	int found;

	fmpq_init(root);
	found = integer_root(NUM(root), NUM(a), n) &&
		integer_root(DEN(root), DEN(a), n);
	if (found)
		fmpq_set(out, root);
	fmpq_clear(root);
	return found ? GOT : INEXACT;
}

enum outcome exact_root(fmpq_t out, const fmpq_t a, const fmpz_t n, int real)
{
	int negative = fmpq_sgn(a) < 0;
	enum outcome got = INEXACT;
	fmpq_t size;

	if (fmpz_sgn(n) <= 0)
		return UNDEFINED;
	if (negative && (!real || fmpz_is_even(n)))
		return real ? UNDEFINED : INEXACT;
	if (COEFF_IS_MPZ(*n))
		return INEXACT;
	fmpq_init(size);
	fmpq_abs(size, a);
	got = root_of_positive(out, size, *n);
	if (got == GOT && negative)
		fmpq_neg(out, out);
	fmpq_clear(size);
	return got;
}

enum outcome exact_pow(fmpq_t out, const fmpq_t base, const fmpq_t exponent,
		       int real)
{
	enum outcome got;
	fmpq_t r;

	if (exact_is_integer(exponent))
		return pow_integer(out, base, NUM(exponent));
	fmpq_init(r);
	got = exact_root(r, base, DEN(exponent), real);
	if (got == GOT)
		got = pow_integer(out, r, NUM(exponent));
	fmpq_clear(r);
	return got;
}

/* The digits as a number in that base, from the last one up. */
static enum outcome read_digits(fmpz_t out, const char *digits, slong base)
{
	fmpz_zero(out);
	for (; *digits; digits++) {
		if (*digits - '0' >= base)
			return UNDEFINED;
		fmpz_mul_si(out, out, base);
		fmpz_add_ui(out, out, (ulong)(*digits - '0'));
	}
	return GOT;
}

#define MAX_BASE 1000
#define MAX_BASE_DIGITS 400

/* The decimal point is moved out of a, and back in the other base. */
enum outcome exact_in_base(fmpq_t out, const fmpq_t a, int decimals,
			   const fmpq_t base)
{
	char digits[MAX_BASE_DIGITS + 2];
	slong b = exact_small(base, MAX_BASE);
	enum outcome got = INEXACT;
	fmpz_t scale, whole;

	if (b < 2 || fmpq_sgn(a) < 0)
		return UNDEFINED;
	if (decimals < 0 || decimals > MAX_BASE_DIGITS ||
	    fmpz_bits(NUM(a)) > 3 * MAX_BASE_DIGITS)
		return INEXACT;
	fmpz_init(whole);
	fmpz_init(scale);
	fmpz_set_ui(scale, 10);
	fmpz_pow_ui(scale, scale, (ulong)decimals);
	fmpz_mul(whole, NUM(a), scale);
	if (!fmpz_divisible(whole, DEN(a)))
		got = UNDEFINED;
	else {
		fmpz_divexact(whole, whole, DEN(a));
		if (fmpz_sizeinbase(whole, 10) <= MAX_BASE_DIGITS)
			got = read_digits(whole,
					  fmpz_get_str(digits, 10, whole), b);
	}
	if (got == GOT) {
		fmpz_set_si(scale, b);
		fmpz_pow_ui(scale, scale, (ulong)decimals);
		fmpq_set_fmpz_frac(out, whole, scale);
	}
	fmpz_clear(scale);
	fmpz_clear(whole);
	return got;
}
