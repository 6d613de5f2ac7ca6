/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "expr.h"

/* Text that is cut if the buffer is full. */
struct sink {
	char *out;
	size_t size, len;
};

/* How tightly a node holds its parts together. */
enum tightness {
	LOOSE, /* a, b; a < b */
	SUM,
	PRODUCT,
	SIGN,
	POWER,
	ATOM
};

static void put_bytes(struct sink *s, const char *text, size_t n)
{
	size_t room = s->size - s->len;

	n = n < room ? n : room;
	memcpy(s->out + s->len, text, n);
	s->len += n;
}

static void put(struct sink *s, const char *text)
{
	put_bytes(s, text, strlen(text));
}

static void put_name(struct sink *s, grpo_str name)
{
	if (name.len)
		put_bytes(s, name.ptr, name.len);
}

static void put_integer(struct sink *s, const fmpz_t n)
{
	char *digits = fmpz_get_str(NULL, 10, n);

	put(s, digits);
	flint_free(digits);
}

static void put_kid(struct sink *s, const struct expr *e, enum tightness least);

/* Numbers */

static int is_decimal(const struct expr *e)
{
	return (e->flags & EXPR_DECIMAL) && e->decimals > 0 &&
	       e->decimals <= 1000 && !fmpz_is_one(fmpq_denref(e->value));
}

/* The digits of a decimal, or none where it has more than are printed. */
static int decimal_digits(fmpz_t out, const struct expr *e)
{
	int exact;
	fmpz_t scale;

	fmpz_init(scale);
	fmpz_set_ui(scale, 10);
	fmpz_pow_ui(scale, scale, (ulong)e->decimals);
	fmpz_mul(out, fmpq_numref(e->value), scale);
	exact = fmpz_divisible(out, fmpq_denref(e->value));
	if (exact)
		fmpz_divexact(out, out, fmpq_denref(e->value));
	fmpz_clear(scale);
	return exact;
}

static void put_point(struct sink *s, const fmpz_t digits, int decimals)
{
	char *all = fmpz_get_str(NULL, 10, digits);
	const char *text = all + (all[0] == '-');
	size_t n = strlen(text), after = (size_t)decimals;

	put(s, text == all ? "" : "-");
	if (n > after)
		put_bytes(s, text, n - after);
	else
		put(s, "0");
	put(s, ".");
	for (size_t i = n; i < after; i++)
		put(s, "0");
	put(s, n > after ? text + (n - after) : text);
	flint_free(all);
}

static void put_number(struct sink *s, const struct expr *e)
{
	int done = 0;
	fmpz_t digits;

	if (is_decimal(e)) {
		fmpz_init(digits);
		done = decimal_digits(digits, e);
		if (done)
			put_point(s, digits, e->decimals);
		fmpz_clear(digits);
	}
	if (done)
		return;
	put_integer(s, fmpq_numref(e->value));
	if (!fmpz_is_one(fmpq_denref(e->value))) {
		put(s, "/");
		put_integer(s, fmpq_denref(e->value));
	}
}

/* Lists of kids */

static void put_all(struct sink *s, const struct expr *e, const char *between,
		    enum tightness least)
{
	for (int i = 0; i < e->n; i++) {
		if (i)
			put(s, between);
		put_kid(s, e->kids[i], least);
	}
}

static void put_inside(struct sink *s, const char *open, const struct expr *e,
		       const char *close)
{
	put(s, open);
	put_all(s, e, ", ", LOOSE);
	put(s, close);
}

static void put_sum(struct sink *s, const struct expr *e)
{
	for (int i = 0; i < e->n; i++) {
		const struct expr *kid = e->kids[i];
		int minus = i && kid->kind == EXPR_NEG;

		if (i)
			put(s, minus ? " - " : " + ");
		put_kid(s, minus ? kid->kids[0] : kid, minus ? PRODUCT : SUM);
	}
}

/* Whether it follows a number without a sign between: 2x, 2(x + 1). */
static int follows_number(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_SYMBOL:
	case EXPR_PI:
	case EXPR_E:
	case EXPR_I:
	case EXPR_ADD:
	case EXPR_CALL:
	case EXPR_APPLY:
		return 1;
	case EXPR_POW:
		return follows_number(e->kids[0]);
	default:
		return 0;
	}
}

static int is_plain_number(const struct expr *e)
{
	return e->kind == EXPR_NUMBER && fmpz_is_one(fmpq_denref(e->value));
}

static void put_product(struct sink *s, const struct expr *e)
{
	for (int i = 0; i < e->n; i++) {
		if (i && !(is_plain_number(e->kids[i - 1]) &&
			   follows_number(e->kids[i])))
			put(s, "*");
		put_kid(s, e->kids[i], i ? SIGN : PRODUCT);
	}
}

static void put_pair(struct sink *s, const struct expr *e, const char *between,
		     enum tightness left, enum tightness right)
{
	put_kid(s, e->kids[0], left);
	put(s, between);
	put_kid(s, e->kids[1], right);
}

static void put_plus_minus(struct sink *s, const struct expr *e)
{
	const char *sign = e->sign == '-' ? "∓" : "±";

	if (e->n == 2) {
		put_kid(s, e->kids[0], SUM);
		put(s, " ");
	}
	put(s, sign);
	put(s, e->n == 2 ? " " : "");
	put_kid(s, e->kids[e->n - 1], PRODUCT);
}

/* Functions */

static const char *const names[] = {
    [FN_SQRT] = "sqrt",
    [FN_ROOT] = "root",
    [FN_ABS] = "abs",
    [FN_FLOOR] = "floor",
    [FN_CEIL] = "ceil",
    [FN_FACTORIAL] = "!",
    [FN_BINOMIAL] = "binomial",
    [FN_DOUBLE_FACTORIAL] = "!!",
    [FN_EXP] = "exp",
    [FN_LN] = "ln",
    [FN_LOG] = "log",
    [FN_SIN] = "sin",
    [FN_COS] = "cos",
    [FN_TAN] = "tan",
    [FN_COT] = "cot",
    [FN_SEC] = "sec",
    [FN_CSC] = "csc",
    [FN_ASIN] = "arcsin",
    [FN_ACOS] = "arccos",
    [FN_ATAN] = "arctan",
    [FN_ACOT] = "arccot",
    [FN_ASEC] = "arcsec",
    [FN_ACSC] = "arccsc",
    [FN_SINH] = "sinh",
    [FN_COSH] = "cosh",
    [FN_TANH] = "tanh",
    [FN_COTH] = "coth",
    [FN_SECH] = "sech",
    [FN_CSCH] = "csch",
    [FN_ASINH] = "arsinh",
    [FN_ACOSH] = "arcosh",
    [FN_ATANH] = "artanh",
    [FN_GCD] = "gcd",
    [FN_LCM] = "lcm",
    [FN_MIN] = "min",
    [FN_MAX] = "max",
    [FN_MOD] = "mod",
    [FN_CONJUGATE] = "conj",
    [FN_RE] = "Re",
    [FN_IM] = "Im",
    [FN_ARG] = "arg",
    [FN_SIGN] = "sign",
    [FN_GAMMA] = "gamma",
    [FN_DET] = "det",
    [FN_TRACE] = "trace",
    [FN_TRANSPOSE] = "transpose",
};

static const char *function_name(const struct expr *e)
{
	return e->fn < sizeof names / sizeof *names && names[e->fn]
		   ? names[e->fn]
		   : "function";
}

static void put_call(struct sink *s, const struct expr *e)
{
	if (e->fn == FN_FACTORIAL || e->fn == FN_DOUBLE_FACTORIAL) {
		put_kid(s, e->kids[0], ATOM);
		put(s, function_name(e));
	} else if (e->fn == FN_ABS) {
		put_inside(s, "|", e, "|");
	} else {
		put(s, function_name(e));
		put_inside(s, "(", e, ")");
	}
}

/* sum(k = 1 to n: body) */
static void put_series(struct sink *s, const struct expr *e)
{
	put(s, e->kind == EXPR_SUM ? "sum(" : "product(");
	put_pair(s, e, " = ", LOOSE, LOOSE);
	put(s, " to ");
	put_kid(s, e->kids[2], LOOSE);
	put(s, ": ");
	put_kid(s, e->kids[3], LOOSE);
	put(s, ")");
}

/* Collections */

static void put_matrix(struct sink *s, const struct expr *e)
{
	int columns = e->rows > 0 ? e->n / e->rows : e->n;

	put(s, "[");
	for (int i = 0; i < e->n; i++) {
		if (i)
			put(s, i % columns ? ", " : "; ");
		put_kid(s, e->kids[i], LOOSE);
	}
	put(s, "]");
}

static const char *const signs[] = {
    [OP_EQ] = " = ",      [OP_APPROX] = " ≈ ",    [OP_NE] = " ≠ ",
    [OP_LT] = " < ",      [OP_LE] = " ≤ ",        [OP_GT] = " > ",
    [OP_GE] = " ≥ ",      [OP_IN] = " ∈ ",        [OP_NOT_IN] = " ∉ ",
    [OP_SUBSET] = " ⊂ ",  [OP_CONGRUENT] = " ≡ ", [OP_TO] = " → ",
    [OP_FROM] = " ← ",    [OP_BOTH_WAYS] = " ↔ ", [OP_IMPLIES] = " ⇒ ",
    [OP_FOLLOWS] = " ⇐ ", [OP_IFF] = " ⇔ ",       [OP_SIMILAR] = " ∼ ",
};

static void put_relation(struct sink *s, const struct expr *e)
{
	for (int i = 0; i < e->n; i++) {
		if (i)
			put(s, signs[e->ops[i - 1]]);
		put_kid(s, e->kids[i], SUM);
	}
}

static void put_tuple(struct sink *s, const struct expr *e)
{
	const char open[] = {e->open ? e->open : '(', '\0'};
	const char close[] = {e->close ? e->close : ')', '\0'};

	put_inside(s, open, e, close);
}

/* Any node */

static enum tightness tightness_of(const struct expr *e)
{
	switch (e->kind) {
	case EXPR_NUMBER:
		if (fmpq_sgn(e->value) < 0)
			return SUM;
		return fmpz_is_one(fmpq_denref(e->value)) || is_decimal(e)
			   ? ATOM
			   : PRODUCT;
	case EXPR_ADD:
	case EXPR_NEG:
	case EXPR_PM:
		return SUM;
	case EXPR_MUL:
	case EXPR_DIV:
	case EXPR_UNIT:
		return PRODUCT;
	case EXPR_POW:
	case EXPR_PERCENT:
	case EXPR_DEGREE:
		return POWER;
	case EXPR_LIST:
	case EXPR_RATIO:
	case EXPR_UNION:
	case EXPR_INTERSECTION:
	case EXPR_DIFFERENCE:
	case EXPR_RELATION:
	case EXPR_LABEL:
	case EXPR_WHERE:
		return LOOSE;
	default:
		return ATOM;
	}
}

static void put_leaf(struct sink *s, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_NUMBER:
		put_number(s, e);
		break;
	case EXPR_PI:
		put(s, "π");
		break;
	case EXPR_E:
		put(s, "e");
		break;
	case EXPR_I:
		put(s, "i");
		break;
	case EXPR_INFINITY:
		put(s, "∞");
		break;
	default:
		put_name(s, e->name);
		break;
	}
}

static void put_arithmetic(struct sink *s, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_ADD:
		put_sum(s, e);
		break;
	case EXPR_MUL:
		put_product(s, e);
		break;
	case EXPR_DIV:
		put_pair(s, e, "/", PRODUCT, POWER);
		break;
	case EXPR_NEG:
		put(s, "-");
		put_kid(s, e->kids[0], PRODUCT);
		break;
	case EXPR_POW:
		put_pair(s, e, "^", ATOM, ATOM);
		break;
	case EXPR_PM:
		put_plus_minus(s, e);
		break;
	case EXPR_PERCENT:
	case EXPR_DEGREE:
		put_kid(s, e->kids[0], ATOM);
		put(s, e->kind == EXPR_PERCENT ? "%" : "°");
		break;
	case EXPR_UNIT:
		put_kid(s, e->kids[0], PRODUCT);
		put(s, " ");
		put_name(s, e->name);
		break;
	default:
		put_pair(s, e, "_", ATOM, ATOM); /* BASE */
		break;
	}
}

static void put_node(struct sink *s, const struct expr *e)
{
	switch (e->kind) {
	case EXPR_CALL:
		put_call(s, e);
		break;
	case EXPR_APPLY:
	case EXPR_FORM:
		put_name(s, e->name);
		put_inside(s, "(", e, ")");
		break;
	case EXPR_SUM:
	case EXPR_PROD:
		put_series(s, e);
		break;
	case EXPR_LIST:
		put_all(s, e, ", ", SUM);
		break;
	case EXPR_SET:
		put_inside(s, "{", e, "}");
		break;
	case EXPR_TUPLE:
		put_tuple(s, e);
		break;
	case EXPR_MATRIX:
		put_matrix(s, e);
		break;
	case EXPR_RATIO:
		put_all(s, e, " : ", SUM);
		break;
	case EXPR_UNION:
		put_all(s, e, " ∪ ", SUM);
		break;
	case EXPR_INTERSECTION:
		put_all(s, e, " ∩ ", SUM);
		break;
	case EXPR_DIFFERENCE:
		put_all(s, e, " \\ ", SUM);
		break;
	case EXPR_BUILDER:
		put(s, "{");
		put_all(s, e, " | ", LOOSE);
		put(s, "}");
		break;
	case EXPR_RELATION:
		put_relation(s, e);
		break;
	case EXPR_LABEL:
		put_name(s, e->name);
		put(s, ": ");
		put_kid(s, e->kids[0], SUM);
		break;
	case EXPR_WHERE:
		put_kid(s, e->kids[0], SUM);
		put(s, " ");
		put_name(s, e->name);
		put(s, " ");
		put_kid(s, e->kids[1], SUM);
		break;
	default:
		put_arithmetic(s, e);
		break;
	}
}

static void put_kid(struct sink *s, const struct expr *e, enum tightness least)
{
	int loose = tightness_of(e) < least;

	if (s->len == s->size)
		return;
	if (loose)
		put(s, "(");
	if (e->n)
		put_node(s, e);
	else if (e->kind == EXPR_SET)
		put(s, "{}");
	else if (e->kind == EXPR_TUPLE)
		put_tuple(s, e);
	else
		put_leaf(s, e);
	if (loose)
		put(s, ")");
}

/* A character that the end has cut goes. */
static size_t whole_characters(const char *text, size_t n)
{
	size_t start = n;

	while (start && (text[start - 1] & 0xc0) == 0x80)
		start--;
	if (!start || !(text[start - 1] & 0x80))
		return n;
	start--; /* at the first byte, which says how many there are */
	return start + ((text[start] & 0xe0) == 0xc0   ? 2
			: (text[start] & 0xf0) == 0xe0 ? 3
						       : 4) <=
		       n
		   ? n
		   : start;
}

size_t expr_print(char *out, size_t size, const struct expr *e)
{
	struct sink s = {out, size ? size - 1 : 0, 0};

	if (!size)
		return 0;
	if (e)
		put_kid(&s, e, LOOSE);
	if (s.len == s.size)
		s.len = whole_characters(out, s.len);
	out[s.len] = '\0';
	return s.len;
}
