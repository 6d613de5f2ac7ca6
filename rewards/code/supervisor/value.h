/* SPDX-License-Identifier: MIT */
#ifndef CODE_VALUE_H
#define CODE_VALUE_H

/*
 * Data as trees: the tests of a row, and what a call returned.  Both are JSON.
 * A number keeps its digits, so integers of any size are exact.
 *
 * Typed text is JSON in which every object is a tag for what JSON lacks:
 *
 *	{"t": [...]}          tuple
 *	{"s": [...]}          set
 *	{"d": [k, v, ...]}    dict
 *	{"b": "68656c6c6f"}   bytes
 *	{"o": "name"}         anything else; equals nothing
 *
 * NaN, Infinity and -Infinity are numbers, as in Python's json.
 *
 *	struct arena a = {0};
 *	const struct value *v;
 *
 *	if (value_read(&v, &a, text, VALUE_JSON) == 0)
 *		... value_member(v, "inputs") ...
 *	arena_free(&a);
 */
#include "../shared/bytes.h"

enum { VALUE_MAX_DEPTH = 200, VALUE_MAX_COUNT = 8000000 };

enum value_kind {
	VALUE_NULL,
	VALUE_BOOL,
	VALUE_INT,
	VALUE_FLOAT,
	VALUE_TEXT,
	VALUE_BYTES, /* text holds the hexadecimal digits */
	VALUE_LIST,
	VALUE_TUPLE,
	VALUE_SET,
	VALUE_DICT,
	VALUE_OPAQUE
};

struct value {
	enum value_kind kind;
	int truth;             /* of VALUE_BOOL */
	struct code_view text; /* a number's literal, a text's bytes */
	size_t n;              /* members */
	struct value *items;   /* [n], of a dict [2 * n]: key, value, ... */
};

/** Memory that is freed as one.  Start with {0}. */
struct arena {
	struct arena_block *last;
	size_t n_values;
};

/** Aligned for any object, not cleared; NULL where memory is out. */
void *arena_take(struct arena *a, size_t size);
/** A copy of the bytes; a ptr of NULL where memory is out. */
struct code_view arena_copy(struct arena *a, struct code_view v);
void arena_free(struct arena *a);

enum value_syntax { VALUE_JSON, VALUE_TYPED };

/**
 * Reads one value; blanks around it are fine.  Views point into `text` or the
 * arena.  Returns 0, or -1 where the text is no such value, is too deep, has
 * too many members, or memory is out.
 */
int value_read(const struct value **out, struct arena *a, struct code_view text,
	       enum value_syntax syntax);

/** Appends the value as typed text; 0, or -1 where memory is out. */
int value_write(struct code_bytes *out, const struct value *v);

/** The dict's member of that name (the last one), or NULL. */
const struct value *value_member(const struct value *v, const char *name);
int value_is_list(const struct value *v); /* NULL is none */
int value_is_dict(const struct value *v);
int value_is_text(const struct value *v);
int value_text_is(const struct value *v, const char *text);
/** A finite number as a double; 0 or -1. */
int value_number(double *out, const struct value *v);
/** What Python's bool() says; an opaque value is neither: -1. */
int value_truth(const struct value *v);

struct value_rules {
	double rel, abs; /* tolerance where a float is expected */
	int json_keys;   /* the key 1 of a dict equals an expected "1" */
};

/**
 * Whether a result is what was expected.  Integers are exact, and a bool is
 * none; a float equals an integer only where it has its very value.  A tuple
 * equals a list of the same members.  NaN and opaque values equal nothing.
 */
int value_equal(const struct value *expected, const struct value *got,
		const struct value_rules *rules);

#endif
