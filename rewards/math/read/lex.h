/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_LEX_H
#define GRPO_MATH_LEX_H

/*
 * Tokens of LaTeX and of plain text alike: "\frac{1}{2} \le x", "sqrt(2)/2", "x
 * ≥ 3 and y ≠ 0".  Commands that only affect type setting are dropped: \left,
 * \, \!, $, \displaystyle, \mathbf, ...
 */
#include "../tree/work.h"

enum token_kind {
	T_END,
	T_NUMBER, /* text: digits, grouped as printed; see struct number_text */
	T_SYMBOL, /* text: "x", "alpha" */
	T_WORD,   /* text: letters that are no known word */
	T_TEXT,   /* text: of \text{…} */
	T_LEAF,   /* sub: enum expr_kind of a constant */
	T_SET,    /* text: "R", "empty" */
	T_CALL,   /* sub: enum expr_fn */
	T_LOG,    /* takes a base as its subscript */
	T_SQRT,   /* takes an [index] */
	T_FRAC,
	T_BINOM,
	T_CHOOSE,
	T_OVER,
	T_SUM,
	T_PROD,
	T_FORM,   /* text: "int", "lim" */
	T_ACCENT, /* text: "vec"; the next group is a name */
	T_OVERLINE,
	T_DOT,   /* \dot{3} of a repeating decimal */
	T_ANGLE, /* before an angle or its name; sub: 1 \triangle, 2 \odot */
	T_PLUS,
	T_MINUS,
	T_PM,
	T_MP,
	T_TIMES,
	T_DIVIDE,
	T_CARET,
	T_UNDER,
	T_BANG,
	T_PERCENT,
	T_DOLLAR, /* \$ */
	T_DEGREE,
	T_PRIME,
	T_MOD,
	T_OPEN,  /* sub: '(' '[' '{' (a group) 'S' (\{) '<' 'F' 'C' '|' 'N' */
	T_CLOSE, /* the same */
	T_BAR,   /* | that opens or closes */
	T_MID,   /* | that says "such that" */
	T_REL,   /* sub: enum expr_op */
	T_UNION,
	T_INTERSECTION,
	T_SETMINUS,
	T_COMMA,
	T_SEMICOLON,
	T_COLON,
	T_AND,
	T_OR,
	T_GAP, /* \quad: separates two things */
	T_ROW, /* \\ */
	T_AMP,
	T_BEGIN, /* text: "pmatrix" */
	T_FINISH,
	T_DOTS,
	T_UNKNOWN /* text: a command that is not known, a stray byte */
};

/* How a text is set: its sub. */
enum {
	TEXT_WORDS,   /* \text */
	TEXT_NAME,    /* \mathrm */
	TEXT_OPERATOR /* \operatorname */
};

struct token {
	uint8_t kind; /* enum token_kind */
	uint8_t sub;
	uint8_t is_spaced;  /* white space before it */
	uint8_t is_latex;   /* of a command */
	uint8_t is_upright; /* \mathrm{m}: a unit of one letter may be so */
	grpo_str text;
};

/* Whether it stands between the items of an answer, or at its end. */
static inline int token_ends_item(enum token_kind kind)
{
	return kind == T_END || kind == T_COMMA || kind == T_SEMICOLON ||
	       kind == T_AND || kind == T_OR || kind == T_GAP || kind == T_ROW;
}

/* How commas between digits are read. */
enum lex_commas {
	LEX_COMMAS_GROUP, /* 1,234 is a number; a lone 1,5 is 1.5 */
	LEX_COMMAS_LIST   /* 1,234 are two */
};

struct tokens {
	struct token *at; /* [-1 … n]; the first and the last are T_END */
	int n;
	/* Some comma could also be read the other way. */
	int is_ambiguous;
};

/* Returns 0, or -1 where w->status says why. */
int lex(struct work *w, grpo_str text, enum lex_commas commas,
	struct tokens *out);

#endif
