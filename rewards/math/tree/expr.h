/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_EXPR_H
#define GRPO_MATH_EXPR_H

/*
 * An answer as a tree, in the memory of a struct work.  Nodes never change
 * after they are made, so trees may share parts.
 */
#include <flint/fmpq.h>

#include "work.h"

enum expr_kind {
	/* leaves */
	EXPR_NUMBER,    /* value; how it was printed */
	EXPR_SYMBOL,    /* name: "x", "x_1", "alpha", "f'" */
	EXPR_PI,        /* the circle's */
	EXPR_E,         /* Euler's */
	EXPR_I,         /* the imaginary unit */
	EXPR_INFINITY,  /* +∞; -∞ is its NEG */
	EXPR_NAMED_SET, /* name: "N", "Z", "Q", "R", "C", "empty" */
	EXPR_TEXT,      /* name: words that are no mathematics */
	/* arithmetic */
	EXPR_ADD, /* two or more */
	EXPR_MUL, /* two or more */
	EXPR_DIV, /* a, b */
	EXPR_NEG, /* a */
	EXPR_POW, /* base, exponent */
	EXPR_PM,  /* a: ±a; a, b: a ± b; op '-': ∓ */
	EXPR_CALL,
	EXPR_APPLY, /* name, arguments: a function that is not known */
	EXPR_SUM,   /* symbol, from, to, body */
	EXPR_PROD,  /* the same */
	EXPR_FORM,  /* name ("int", "lim", "d"), parts: compared as written */
	/* marks on a quantity: what the kid counts */
	EXPR_PERCENT,
	EXPR_DEGREE,
	EXPR_UNIT, /* name: "cm^2"; a ratio to its base unit, see units.h */
	EXPR_BASE, /* number, base: 101_2 (the number as if it were decimal) */
	/* what is said about a value */
	EXPR_LABEL, /* value; name: the words that name it, "area" */
	EXPR_WHERE, /* value, condition (TEXT if it is only words); name: how
		       the condition is tied to it, see CONDITION_… in claims.h
		     */
	/* collections */
	EXPR_LIST,         /* a, b: several answers, in no order */
	EXPR_SET,          /* {a, b} */
	EXPR_TUPLE,        /* (a, b): a point, an open interval, ... */
	EXPR_MATRIX,       /* rows * cols entries, row by row */
	EXPR_RATIO,        /* a : b : c */
	EXPR_UNION,        /* two or more */
	EXPR_INTERSECTION, /* two or more */
	EXPR_DIFFERENCE,   /* a without b */
	EXPR_BUILDER,      /* {a | condition} */
	EXPR_RELATION      /* a < b <= c: n kids, n - 1 ops */
};

enum expr_fn {
	FN_SQRT,      /* x */
	FN_ROOT,      /* x, degree */
	FN_ABS,       /* x; of a complex number too */
	FN_FLOOR,     /* x */
	FN_CEIL,      /* x */
	FN_FACTORIAL, /* n */
	FN_DOUBLE_FACTORIAL,
	FN_BINOMIAL, /* n, k */
	FN_EXP,
	FN_LN,
	FN_LOG, /* x, base */
	FN_SIN,
	FN_COS,
	FN_TAN,
	FN_COT,
	FN_SEC,
	FN_CSC,
	FN_ASIN,
	FN_ACOS,
	FN_ATAN,
	FN_ACOT,
	FN_ASEC,
	FN_ACSC,
	FN_SINH,
	FN_COSH,
	FN_TANH,
	FN_COTH,
	FN_SECH,
	FN_CSCH,
	FN_ASINH,
	FN_ACOSH,
	FN_ATANH,
	FN_GCD, /* two or more */
	FN_LCM, /* two or more */
	FN_MIN, /* one or more */
	FN_MAX, /* one or more */
	FN_MOD, /* a, m */
	FN_CONJUGATE,
	FN_RE,
	FN_IM,
	FN_ARG,
	FN_SIGN,
	FN_GAMMA,
	FN_DET, /* matrix */
	FN_TRACE,
	FN_TRANSPOSE
};

enum expr_op {
	OP_EQ,
	OP_APPROX, /* ≈ */
	OP_NE,
	OP_LT,
	OP_LE,
	OP_GT,
	OP_GE,
	OP_IN,        /* ∈ */
	OP_NOT_IN,    /* ∉ */
	OP_SUBSET,    /* ⊂, ⊆ */
	OP_CONGRUENT, /* ≡ */
	OP_TO,        /* → */
	OP_FROM,      /* ← */
	OP_BOTH_WAYS, /* ↔ */
	OP_IMPLIES,   /* ⇒ */
	OP_FOLLOWS,   /* ⇐ */
	OP_IFF,       /* ⇔ */
	OP_SIMILAR    /* ∼ of figures */
};

/* How a number was printed. */
#define EXPR_DECIMAL 1   /* with a decimal point, or an exponent */
#define EXPR_REPEATS 2   /* 0.\overline{3}: the value is exact */
#define EXPR_TRUNCATED 4 /* "0.333…": more digits would follow */
/* How a product was written. */
#define EXPR_RUN 8 /* as capitals run together: ABC, where the order counts */
/* How a RELATION was written. */
#define EXPR_AT 16 /* A(1, 2), which says that A = (1, 2) */
/* How a TEXT came about. */
#define EXPR_UNREAD 1 /* the whole of an answer that is no mathematics */

struct expr {
	uint8_t kind;  /* enum expr_kind */
	uint8_t fn;    /* CALL: enum expr_fn */
	uint8_t flags; /* NUMBER, MUL, RELATION, TEXT */
	/* TUPLE: '(' or '[', ')' or ']', '<' and '>' for vectors */
	char open, close;
	char sign; /* PM: '+' for ±, '-' for ∓ */
	int n;     /* kids */
	const struct expr **kids;
	/* NUMBER.  As printed, for rounding: "12.50" has 4 significant digits
	 * and 2 decimals; "1.2e3" has 2 and -2. */
	fmpq_t value;
	int digits, decimals;
	struct expr *next_number; /* of the same work */
	union {
		grpo_str name;
		uint8_t *ops; /* RELATION: [n - 1] enum expr_op */
		int rows;     /* MATRIX */
	};
};

/*
 * All of these return NULL on failure (the work's status says why), or if a kid
 * is NULL, so calls can be nested.
 */
const struct expr *expr_leaf(struct work *w, enum expr_kind kind);
const struct expr *expr_named(struct work *w, enum expr_kind kind,
			      grpo_str name);

/** A number without a value yet: set value, digits, decimals and flags. */
struct expr *expr_number(struct work *w);

const struct expr *expr_integer(struct work *w, long value);

/** A node over copies of n pointers. */
struct expr *expr_node(struct work *w, enum expr_kind kind, int n,
		       const struct expr *const *kids);

const struct expr *expr_1(struct work *w, enum expr_kind kind,
			  const struct expr *a);
const struct expr *expr_2(struct work *w, enum expr_kind kind,
			  const struct expr *a, const struct expr *b);
const struct expr *expr_call(struct work *w, enum expr_fn fn, int n,
			     const struct expr *const *args);

/** a - b */
const struct expr *expr_minus(struct work *w, const struct expr *a,
			      const struct expr *b);

/** e with other kids, as many as it has. */
const struct expr *expr_with_kids(struct work *w, const struct expr *e,
				  const struct expr **kids);

/** Whether the trees are the same, written the same way. */
int expr_same(const struct expr *a, const struct expr *b);

/** Whether the kind stands anywhere in it. */
int expr_has(const struct expr *e, enum expr_kind kind);

/** Whether the symbol of that name stands anywhere in it. */
int expr_has_symbol(const struct expr *e, grpo_str name);

/**
 * The tree with `by` substituted for each symbol of that name.
 */
const struct expr *expr_replace(struct work *w, const struct expr *e,
				grpo_str name, const struct expr *by);

/**
 * The first symbols of it, each once, in order; returns how many there are,
 * which may be more than max.  A SUM's own variable is not one.
 */
int expr_symbols(const struct expr *e, grpo_str *names, int max);

/**
 * Writes it as people write mathematics on one line, for notes: "(x + 1)/2".
 * Returns the length; never more than size - 1 bytes and a NUL.
 */
size_t expr_print(char *out, size_t size, const struct expr *e);

static inline int expr_is(const struct expr *e, enum expr_kind kind)
{
	return e && e->kind == kind;
}

static inline int str_same(grpo_str a, grpo_str b)
{
	return a.len == b.len &&
	       (!a.len || __builtin_memcmp(a.ptr, b.ptr, a.len) == 0);
}

#endif
