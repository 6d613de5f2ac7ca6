/* SPDX-License-Identifier: MIT */
/* Which words compute what. */
#include "phrases_internal.h"

const struct operation *phrase_find(const struct operation *table,
				    const struct phrases *x, int i, int *n)
{
	for (; table->words; table++)
		if ((*n = phrase_at(x, i, table->words)))
			return table;
	return NULL;
}

/* ---------------------------------------------------------------- operands */

static int opens(const struct piece *p)
{
	return (p->kind == T_OPEN) - (p->kind == T_CLOSE);
}

/* The end of the operand that begins at piece i: a number in words, or all up
 * to the next word or the end of the item; i where there is none. */
int phrase_operand_end(const struct phrases *x, int i)
{
	struct numeral v;
	int k = i, depth = 0;

	phrase_numeral(x, i, &v);
	if (v.n)
		return i + v.n;
	while (k < x->n && !(x->at[k].word.len && x->at[k].kind != T_NUMBER) &&
	       (depth || !phrase_ends_item(x, k)) &&
	       depth + opens(&x->at[k]) >= 0)
		depth += opens(&x->at[k++]);
	return depth ? i : k;
}

/* "reciprocal of 8": what is written before the operand and behind it. */
static int around(struct phrases *x, int i, int n, const struct operation *op)
{
	int start = i + n, end;

	if (!n || !phrase_is_value(x, start))
		return 0;
	end = phrase_operand_end(x, start);
	if (end == start)
		return 0;
	if (op->kind == T_DIVIDE)
		phrase_put_number(x, 1);
	if (op->kind != T_CARET && op->kind != T_BANG)
		phrase_put(x, op->kind, op->sub, op->text);
	phrase_put_group(x, start, end);
	if (op->kind == T_BANG)
		phrase_put(x, T_BANG, 0, "!");
	if (op->kind == T_CARET) {
		phrase_put(x, T_CARET, 0, "^");
		phrase_put(x, T_NUMBER, 0, op->text);
	}
	return end - i;
}

static int one_operand(struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"reciprocal of", T_DIVIDE, 0, "/"},
	    {"multiplicative inverse of", T_DIVIDE, 0, "/"},
	    {"additive inverse of", T_MINUS, 0, "-"},
	    {"opposite of", T_MINUS, 0, "-"},
	    {"negative of", T_MINUS, 0, "-"},
	    {"square root of", T_SQRT, 2, "sqrt"},
	    {"cube root of", T_SQRT, 3, "cbrt"},
	    {"square of", T_CARET, 0, "2"},
	    {"cube of", T_CARET, 0, "3"},
	    {"factorial of", T_BANG, 0, "!"},
	    {NULL, 0, 0, NULL}};
	int n;
	const struct operation *op = phrase_find(table, x, i, &n);

	return op ? around(x, i, n, op) : 0;
}

static int is_between(const struct phrases *x, int i, const char *word)
{
	return x->at[i].kind == T_AND || x->at[i].kind == T_COMMA ||
	       phrase_at(x, i, "and") || phrase_at(x, i, word);
}

/* "product of 2 and 3", "ratio of 2 to 3", "sum of 1, 2, and 3" */
static int many_operands(struct phrases *x, int i, int n,
			 const struct operation *op)
{
	int start = i + n, end, count = 0, from = x->n_out;

	phrase_put(x, T_OPEN, '{', "{");
	for (;;) {
		end = phrase_operand_end(x, start);
		if (end == start || !phrase_is_value(x, start))
			break;
		phrase_put_group(x, start, end);
		if (++count > 16 || end >= x->n || !is_between(x, end, "to"))
			break;
		phrase_put(x, op->kind, op->sub, op->text);
		start = end;
		while (start < x->n && is_between(x, start, "to"))
			start++;
	}
	phrase_put(x, T_CLOSE, '{', "}");
	if (count > 1 && count <= 16 && end > start)
		return end - i;
	x->n_out = from;
	return 0;
}

static int several_operands(struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"product of", T_TIMES, 0, "*"},
	    {"sum of", T_PLUS, 0, "+"},
	    {"difference of", T_MINUS, 0, "-"},
	    {"difference between", T_MINUS, 0, "-"},
	    {"quotient of", T_DIVIDE, 0, "/"},
	    {"ratio of", T_COLON, 0, ":"},
	    {NULL, 0, 0, NULL}};
	int n;
	const struct operation *op = phrase_find(table, x, i, &n);

	return op ? many_operands(x, i, n, op) : 0;
}

/* "a total of 41", which is 41 */
static int total(struct phrases *x, int i)
{
	int start = i + phrase_at(x, i, "a"), n, end;

	n = phrase_at(x, start, "grand") ? 0 : phrase_at(x, start, "total of");
	start += n;
	if (!n || x->has_value || !phrase_is_value(x, start))
		return 0;
	end = phrase_operand_end(x, start);
	return end < x->n && is_between(x, end, "to") ? 0 : start - i;
}

/* ------------------------------------------------------------------- signs */

/* "negative 12", "minus twelve", "5 times 3" */
static int sign(struct phrases *x, int i)
{
	static const struct operation prefixes[] = {
	    {"negative", T_MINUS, 0, "-"},
	    {"minus", T_MINUS, 0, "-"},
	    {"positive", T_PLUS, 0, "+"},
	    {NULL, 0, 0, NULL}};
	static const struct operation infixes[] = {
	    {"minus", T_MINUS, 0, "-"},
	    {"plus", T_PLUS, 0, "+"},
	    {"times", T_TIMES, 0, "*"},
	    {"multiplied by", T_TIMES, 0, "*"},
	    {"divided by", T_DIVIDE, 0, "/"},
	    {"over", T_DIVIDE, 0, "/"},
	    {"out of", T_DIVIDE, 0, "/"},
	    {"to the power of", T_CARET, 0, "^"},
	    {"equals", T_REL, OP_EQ, "="},
	    {"is equal to", T_REL, OP_EQ, "="},
	    {"is", T_REL, OP_EQ, "="},
	    {"are", T_REL, OP_EQ, "="},
	    {NULL, 0, 0, NULL}};
	int n;
	const struct operation *op =
	    phrase_find(phrase_after_value(x) ? infixes : prefixes, x, i, &n);

	if (!op || !phrase_is_value(x, i + n))
		return 0;
	phrase_put(x, op->kind, op->sub, op->text);
	if (op->kind == T_MINUS || op->kind == T_PLUS || op->kind == T_REL)
		x->has_value = 0; /* a number in words may follow */
	return n;
}

/* Pieces of "in" or "in every" between two numbers that are all of the item. */
static int odds_at(const struct phrases *x, int i)
{
	int n = phrase_at(x, i, "in every"), end;

	if (!n)
		n = phrase_at(x, i, "in");
	if (!n || i + n >= x->n || !phrase_is_value(x, i + n))
		return 0;
	end = phrase_operand_end(x, i + n);
	while (end < x->n && x->at[end].kind == T_CLOSE)
		end++;
	return phrase_ends_item(x, end) ? n : 0;
}

/* Whether nothing but one number, and brackets before it, is written. */
static int is_first_number(const struct phrases *x)
{
	int n = x->n_out - 1;

	if (n < 0 || x->out[n].kind != T_NUMBER)
		return 0;
	while (n && x->out[n - 1].kind == T_OPEN)
		n--;
	return n == 0;
}

/* "1 in 3" */
static int odds(struct phrases *x, int i)
{
	int n = odds_at(x, i);

	if (!n || !is_first_number(x))
		return 0;
	phrase_put(x, T_DIVIDE, 0, "/");
	x->has_value = 0;
	return n;
}

/* "30% of 50" */
static int percent_of(struct phrases *x, int i)
{
	int n = phrase_at(x, i, "of");

	if (n && phrase_at(x, i + n, "the"))
		n++;
	if (!n || !x->n_out || x->out[x->n_out - 1].kind != T_PERCENT ||
	    !phrase_is_value(x, i + n))
		return 0;
	phrase_put(x, T_TIMES, 0, "*");
	x->has_value = 0;
	return n;
}

/* "5 squared" */
static int behind(struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"squared", T_CARET, 0, "2"},
	    {"cubed", T_CARET, 0, "3"},
	    {"factorial", T_BANG, 0, "!"},
	    {"percent", T_PERCENT, 0, "%"},
	    {"per cent", T_PERCENT, 0, "%"},
	    {"degrees", T_DEGREE, 0, "degrees"},
	    {"in binary", T_UNDER, 0, "2"},
	    {"in octal", T_UNDER, 0, "8"},
	    {"in hexadecimal", T_UNDER, 0, "16"},
	    {NULL, 0, 0, NULL}};
	int n;
	const struct operation *op = phrase_find(table, x, i, &n);

	if (!op || !phrase_after_value(x))
		return 0;
	if (op->kind != T_CARET && op->kind != T_UNDER) {
		phrase_put(x, op->kind, 0, op->text);
		return n;
	}
	phrase_put(x, op->kind, 0, op->kind == T_CARET ? "^" : "_");
	x->out[x->n_out - 1].is_spaced = 0;
	phrase_put(x, T_OPEN, '{', "{");
	phrase_put(x, T_NUMBER, 0, op->text);
	phrase_put(x, T_CLOSE, '{', "}");
	return n;
}

/* "101 base 2", "101 in base two" */
static int in_base(struct phrases *x, int i)
{
	int n = phrase_at(x, i, "in base");
	struct numeral v;

	n = n ? n : phrase_at(x, i, "base");
	if (!n || i + n >= x->n || !x->n_out ||
	    x->out[x->n_out - 1].kind != T_NUMBER)
		return 0;
	phrase_numeral(x, i + n, &v);
	if (!v.n && x->at[i + n].kind != T_NUMBER)
		return 0;
	phrase_put(x, T_UNDER, 0, "_");
	phrase_put(x, T_OPEN, '{', "{");
	if (v.n)
		phrase_put_number(x, v.whole);
	else
		phrase_put_range(x, i + n, i + n + 1);
	phrase_put(x, T_CLOSE, '{', "}");
	return n + (v.n ? v.n : 1);
}

/* ------------------------------------------------------------- multipliers */

static void put_power_of_ten(struct phrases *x, int power)
{
	phrase_put(x, T_NUMBER, 0, "10");
	phrase_put(x, T_CARET, 0, "^");
	phrase_put(x, T_OPEN, '{', "{");
	phrase_put_number(x, power);
	phrase_put(x, T_CLOSE, '{', "}");
}

/* The k of 10^k, or 0. */
static int power_of_ten(long value)
{
	int k = 0;

	for (; value > 1 && value % 10 == 0; value /= 10)
		k++;
	return value == 1 ? k : 0;
}

static void put_factor(struct phrases *x, long value)
{
	phrase_put(x, T_TIMES, 0, "*");
	if (power_of_ten(value))
		put_power_of_ten(x, power_of_ten(value));
	else
		phrase_put_number(x, value);
}

static int is_number(const struct token *t)
{
	return t->kind == T_NUMBER || t->kind == T_CLOSE;
}

/* "3 dozen", "2.5 million", "4 tenths", "half a dozen" */
static int multiplier(struct phrases *x, int i)
{
	int skip = phrase_at(x, i, "of a") ? 2 : phrase_at(x, i, "a");
	grpo_str word =
	    i + skip < x->n ? x->at[i + skip].word : (grpo_str){NULL, 0};
	long value = numeral_multiplier(word);

	if (!x->n_out || !is_number(&x->out[x->n_out - 1]))
		return 0;
	if (value) {
		put_factor(x, value);
		return skip + 1;
	}
	value = skip ? 0 : numeral_divisor(word);
	if (!value)
		return 0;
	phrase_put(x, T_DIVIDE, 0, "/");
	phrase_put_number(x, value);
	return 1;
}

/* --------------------------------------------------------- numbers in words */

/* Whether nothing but words follows in the item, and no other number. */
static int stands_last(const struct phrases *x, int i)
{
	struct numeral v;

	for (; !phrase_ends_item(x, i); i++) {
		if (x->at[i].is_hyphen || phrase_at(x, i, "second"))
			continue;
		if (phrase_at(x, i, "and")) {
			phrase_numeral(x, i + 1, &v);
			return v.n > 0 || stands_last(x, i + 1);
		}
		if (x->at[i].kind != T_WORD && x->at[i].kind != T_TEXT &&
		    x->at[i].kind != T_PERCENT && x->at[i].kind != T_DEGREE)
			return 0;
		phrase_numeral(x, i, &v);
		if (v.n)
			return 0;
	}
	return 1;
}

/* "a third of 12", "half of the 8": a product. */
static int fraction_of(struct phrases *x, int i)
{
	static const struct operation table[] = {{"twice", T_NUMBER, 0, "2"},
						 {"double", T_NUMBER, 0, "2"},
						 {"triple", T_NUMBER, 0, "3"},
						 {"thrice", T_NUMBER, 0, "3"},
						 {NULL, 0, 0, NULL}};
	struct numeral v;
	int n, of;
	const struct operation *op = phrase_find(table, x, i, &n);

	if (op && phrase_is_value(x, i + n)) {
		phrase_put(x, op->kind, op->sub, op->text);
		phrase_put(x, T_TIMES, 0, "*");
		x->has_value = 0;
		return n;
	}
	phrase_numeral(x, i, &v);
	of = v.n && v.below ? phrase_at(x, i + v.n, "of") : 0;
	if (!of || !phrase_is_value(x, i + v.n + of))
		return 0;
	phrase_put_numeral(x, &v);
	phrase_put(x, T_TIMES, 0, "*");
	x->has_value = 0;
	return v.n + of;
}

/* Whether a number in words is followed by a word that goes on with it. */
static int goes_on(const struct phrases *x, int i)
{
	static const struct operation table[] = {
	    {"minus", 0, 0, NULL},      {"plus", 0, 0, NULL},
	    {"times", 0, 0, NULL},      {"multiplied by", 0, 0, NULL},
	    {"divided by", 0, 0, NULL}, {"over", 0, 0, NULL},
	    {"out of", 0, 0, NULL},     {"squared", 0, 0, NULL},
	    {"cubed", 0, 0, NULL},      {"to the power of", 0, 0, NULL},
	    {NULL, 0, 0, NULL}};
	int n;

	if (odds_at(x, i) || phrase_at(x, i, "a dozen"))
		return 1;
	return phrase_find(table, x, i, &n) &&
	       (phrase_at(x, i, "squared") || phrase_at(x, i, "cubed") ||
		phrase_is_value(x, i + n));
}

static int number(struct phrases *x, int i)
{
	struct numeral v;

	if (x->has_value && x->n_out && phrase_after_value(x))
		return 0;
	if (phrase_at(x, i, "a dozen") && stands_last(x, i + 2)) {
		phrase_put_number(x, 12);
		return 2;
	}
	phrase_numeral(x, i, &v);
	if (!v.n || (x->has_value && v.is_ordinal) ||
	    phrase_at(x, i + v.n, "of") || phrase_at(x, i, "second"))
		return 0;
	if (!goes_on(x, i + v.n) && !stands_last(x, i + v.n))
		return 0;
	phrase_put_numeral(x, &v);
	return v.n;
}

/* "and" between two quantities in one text */
static int joins(struct phrases *x, int i)
{
	if (!x->at[i].is_inner || !x->has_value || !phrase_at(x, i, "and") ||
	    !phrase_is_value(x, i + 1))
		return 0;
	phrase_put(x, T_AND, 0, "and");
	x->has_value = 0;
	return 1;
}

/* ------------------------------------------------------------- quantifiers */

static int quantifier(struct phrases *x, int i)
{
	static const struct {
		const char *sign, *words;
	} table[] = {{"forall", "for all"},
		     {"\xe2\x88\x80", "for all"},
		     {"exists", "there exists"},
		     {"\xe2\x88\x83", "there exists"}};
	const struct token *t = x->at[i].token;

	if (t->kind != T_UNKNOWN)
		return 0;
	for (size_t k = 0; k < sizeof table / sizeof *table; k++) {
		if (!str_is(t->text, table[k].sign))
			continue;
		phrase_put(x, T_TEXT, 0, table[k].words);
		return 1;
	}
	return 0;
}

int phrase_rule(struct phrases *x, int i)
{
	static int (*const rules[])(struct phrases *,
				    int) = {phrase_set_without,
					    phrase_half_line,
					    several_operands,
					    one_operand,
					    total,
					    fraction_of,
					    odds,
					    percent_of,
					    sign,
					    behind,
					    in_base,
					    multiplier,
					    number,
					    joins};

	if (!x->at[i].word.len)
		return quantifier(x, i);
	for (size_t k = 0; k < sizeof rules / sizeof *rules; k++) {
		int n = rules[k](x, i);

		if (n)
			return n;
	}
	return 0;
}
