/* SPDX-License-Identifier: MIT */
/*
 * countdown: reach a target with + - * / and each given number once.
 *
 * Requirements, with think and answer standing for the tag names that the
 * parameters give:
 *
 *  C1  Columns: "nums", a JSON list of 1 to 64 integers from 0 to 10^15, and
 *      "target", an integer of at most 15 digits.  If a column is absent or
 *      anything else, the row is MISSING.
 *  C2  The answer is the last <answer>…</answer> after the last </think>, or
 *      in the whole text if there is no </think>.  A new <answer> starts over.
 *      No answer, or a blank one: 0, NO_ANSWER.
 *  C3  The answer is one expression of non-negative decimal integers,
 *      + - * /, parentheses, signs before an operand (-3, as in Python), and
 *      white space (Unicode's).  Anything else is 0, UNPARSABLE: "=" and what
 *      follows, other operators (** // ^ %), decimals, exponents, a leading
 *      zero, digits and operators outside ASCII.
 *  C4  More than 4,096 bytes, 512 tokens or 64 levels of parentheses and
 *      signs: 0, BUDGET.
 *  C5  Every given number must be used exactly as often as it is given, and no
 *      other number.  Otherwise the answer is wrong.
 *  C6  The value is an exact fraction and must equal the target.  A division
 *      by zero has no value and is wrong.
 *  C7  The reward is `score` if C5 and C6 hold, else `format_score` (only for
 *      an expression that can be read: C3).  Both are SCORED.
 *  C8  Nothing is computed before C5 holds.  There are then at most 64 numbers
 *      of at most 50 bits each, so no value exceeds a few thousand bits.
 *  C9  Time is linear in the completion.
 *  C10 Parameters: {"score": 1, "format_score": 0, "think": "think",
 *      "answer": "answer"}.
 *
 * differs: TinyZero's grader of this task evaluates the text in Python
 * (44**19**35 never ends), gives its format_score to any text in the tags,
 * compares with a tolerance of 1e-5, and looks only at the last line.
 */
#include <gmp.h>
#include <stdlib.h>
#include "../params.h"
#include "../row.h"

#define MAX_NUMS 64
#define MAX_DIGITS 15
#define MAX_BYTES 4096
#define MAX_TOKENS 512
#define MAX_DEPTH 64

struct state {
	double score, format_score;
	char think[PARAM_NAME_SIZE], answer[PARAM_NAME_SIZE];
	char end_think[PARAM_NAME_SIZE + 3]; /* </think> */
	char open[PARAM_NAME_SIZE + 3], close[PARAM_NAME_SIZE + 3];
};

struct task {
	int64_t nums[MAX_NUMS];
	size_t n;
	int64_t target;
};

/* Parameters (C10) */

static const struct param known[] = {
    {PARAM("score", PARAM_NUMBER, struct state, score)},
    {PARAM("format_score", PARAM_NUMBER, struct state, format_score)},
    {PARAM("think", PARAM_TAG, struct state, think)},
    {PARAM("answer", PARAM_TAG, struct state, answer)},
    {0},
};

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (strcmp(s->think, s->answer) == 0)
		return param_complain(host, "answer",
				      "must differ from \"think\"");
	snprintf(s->end_think, sizeof s->end_think, "</%s>", s->think);
	snprintf(s->open, sizeof s->open, "<%s>", s->answer);
	snprintf(s->close, sizeof s->close, "</%s>", s->answer);
	return 0;
}

static int countdown_open(void **state, const grpo_reward_host *host,
			  grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->score = 1;
	memcpy(s->think, "think", sizeof "think");
	memcpy(s->answer, "answer", sizeof "answer");
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* The task (C1).  cJSON keeps a global variable, so cells are read by hand:
 * score runs on several threads. */

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static grpo_str skip_spaces(grpo_str s)
{
	size_t n;

	for (; s.len && (n = row_space(s)); s.len -= n)
		s.ptr += n;
	return s;
}

/* Takes `c` off the front, with spaces before it. */
static int take(grpo_str *s, char c)
{
	*s = skip_spaces(*s);
	if (!s->len || s->ptr[0] != c)
		return 0;
	s->ptr++;
	s->len--;
	return 1;
}

/* An integer of JSON: a sign, no leading zero, MAX_DIGITS at most. */
static int take_integer(grpo_str *s, int64_t *out)
{
	int negative = take(s, '-');
	int64_t value = 0;
	size_t n = 0;

	for (; n < s->len && is_digit(s->ptr[n]); n++) {
		if (n == MAX_DIGITS || (n == 1 && s->ptr[0] == '0'))
			return 0;
		value = value * 10 + (s->ptr[n] - '0');
	}
	if (n == 0)
		return 0; /* maybe no text at all, and no pointer to move */
	s->ptr += n;
	s->len -= n;
	*out = negative ? -value : value;
	return 1;
}

static int read_nums(struct task *t, grpo_str cell)
{
	t->n = 0;
	if (!take(&cell, '['))
		return 0;
	do {
		if (t->n == MAX_NUMS || !take_integer(&cell, &t->nums[t->n]) ||
		    t->nums[t->n] < 0)
			return 0;
		t->n++;
	} while (take(&cell, ','));
	return take(&cell, ']') && !skip_spaces(cell).len;
}

static int read_task(struct task *t, const grpo_reward_batch *b, size_t i)
{
	grpo_str target = row_cell(b, "target", i);

	return read_nums(t, row_cell(b, "nums", i)) &&
	       take_integer(&target, &t->target) && !skip_spaces(target).len;
}

/* Extraction (C2) */

/* Whether `tag` stands at p, before `end`.  Byte by byte: mostly the second
 * one settles it. */
static int is_at(const char *p, const char *end, const char *tag)
{
	for (; *tag; p++, tag++)
		if (p == end || *p != *tag)
			return 0;
	return 1;
}

static grpo_str find_answer(const struct state *s, grpo_str text)
{
	const char *p = text.ptr, *open = NULL, *end;
	grpo_str found = {NULL, 0};

	if (!text.len)
		return found; /* maybe without a pointer */
	end = p + text.len;
	while ((p = memchr(p, '<', (size_t)(end - p)))) {
		if (is_at(p, end, s->end_think)) {
			found = (grpo_str){NULL, 0};
			open = NULL;
		} else if (is_at(p, end, s->open)) {
			open = p + strlen(s->open);
		} else if (open && is_at(p, end, s->close)) {
			found = (grpo_str){open, (size_t)(p - open)};
			open = NULL;
		}
		p++;
	}
	return found;
}

/* Parsing (C3, C4): text to tokens, tokens to a program in postfix form. */

enum kind { NUMBER, PLUS, MINUS, TIMES, DIVIDE, NEGATE, OPEN, CLOSE, END };

struct token {
	enum kind kind;
	int64_t value; /* NUMBER: -1 where it has more than MAX_DIGITS */
};

struct expression {
	struct token token[MAX_TOKENS + 1]; /* and END */
	struct token code[MAX_TOKENS];      /* postfix */
	size_t n_tokens, n_code, at;
	int depth;
};

static int take_number(grpo_str *s, int64_t *out)
{
	size_t n = 0;

	while (n < s->len && is_digit(s->ptr[n]))
		n++;
	if (n > 1 && s->ptr[0] == '0')
		return GRPO_REWARD_UNPARSABLE;
	if (n > MAX_DIGITS) {
		*out = -1;
		s->ptr += n;
		s->len -= n;
		return 0;
	}
	return take_integer(s, out) ? 0 : GRPO_REWARD_UNPARSABLE;
}

static int tokenize(struct expression *e, grpo_str s)
{
	static const char signs[] = "+-*/()";
	static const enum kind kinds[] = {PLUS,   MINUS, TIMES,
					  DIVIDE, OPEN,  CLOSE};
	int status;

	e->n_tokens = 0;
	for (s = skip_spaces(s); s.len; s = skip_spaces(s)) {
		struct token *t = &e->token[e->n_tokens];
		const char *sign = memchr(signs, s.ptr[0], sizeof signs - 1);

		if (e->n_tokens++ == MAX_TOKENS)
			return GRPO_REWARD_BUDGET;
		if (sign) {
			t->kind = kinds[sign - signs];
			take(&s, *sign);
			continue;
		}
		t->kind = NUMBER;
		status = take_number(&s, &t->value);
		if (status)
			return status;
	}
	e->token[e->n_tokens].kind = END;
	return 0;
}

/*
 * sum     = product { ("+" | "-") product }
 * product = operand { ("*" | "/") operand }
 * operand = { "+" | "-" } ( number | "(" sum ")" )
 *
 * Each returns 0 or a status; every way round passes operand(), which counts
 * the depth.
 */
static int sum(struct expression *e);

static enum kind peek(const struct expression *e)
{
	return e->token[e->at].kind;
}

static void emit(struct expression *e, enum kind kind, int64_t value)
{
	e->code[e->n_code++] = (struct token){kind, value};
}

static int bare_operand(struct expression *e)
{
	int status;

	if (peek(e) == NUMBER) {
		emit(e, NUMBER, e->token[e->at++].value);
		return 0;
	}
	if (peek(e) != OPEN)
		return GRPO_REWARD_UNPARSABLE;
	e->at++;
	status = sum(e);
	if (status)
		return status;
	if (peek(e) != CLOSE)
		return GRPO_REWARD_UNPARSABLE;
	e->at++;
	return 0;
}

static int operand(struct expression *e)
{
	enum kind sign = peek(e);
	int status;

	if (++e->depth > MAX_DEPTH + 1) /* the number itself is one */
		return GRPO_REWARD_BUDGET;
	if (sign == PLUS || sign == MINUS) {
		e->at++;
		status = operand(e);
		if (!status && sign == MINUS)
			emit(e, NEGATE, 0);
	} else {
		status = bare_operand(e);
	}
	e->depth--;
	return status;
}

static int product(struct expression *e)
{
	int status = operand(e);

	while (!status && (peek(e) == TIMES || peek(e) == DIVIDE)) {
		enum kind kind = e->token[e->at++].kind;

		status = operand(e);
		if (!status)
			emit(e, kind, 0);
	}
	return status;
}

static int sum(struct expression *e)
{
	int status = product(e);

	while (!status && (peek(e) == PLUS || peek(e) == MINUS)) {
		enum kind kind = e->token[e->at++].kind;

		status = product(e);
		if (!status)
			emit(e, kind, 0);
	}
	return status;
}

static int parse(struct expression *e, grpo_str text)
{
	int status;

	if (text.len > MAX_BYTES)
		return GRPO_REWARD_BUDGET;
	status = tokenize(e, text);
	if (status)
		return status;
	e->at = e->n_code = 0;
	e->depth = 0;
	status = sum(e);
	if (!status && peek(e) != END)
		return GRPO_REWARD_UNPARSABLE;
	return status;
}

/* Judging */

/* C5 */
static int uses_each_once(const struct expression *e, const struct task *t)
{
	char used[MAX_NUMS] = {0};
	size_t n_used = 0;

	for (size_t i = 0; i < e->n_code; i++) {
		size_t j = 0;

		if (e->code[i].kind != NUMBER)
			continue;
		while (j < t->n && (used[j] || t->nums[j] != e->code[i].value))
			j++;
		if (j == t->n)
			return 0;
		used[j] = 1;
		n_used++;
	}
	return n_used == t->n;
}

/* a = a op b; 0 for a division by zero. */
static int apply(enum kind kind, mpq_t a, const mpq_t b)
{
	switch (kind) {
	case PLUS:
		mpq_add(a, a, b);
		return 1;
	case MINUS:
		mpq_sub(a, a, b);
		return 1;
	case TIMES:
		mpq_mul(a, a, b);
		return 1;
	default:
		if (mpq_sgn(b) == 0)
			return 0;
		mpq_div(a, a, b);
		return 1;
	}
}

static void set_integer(mpq_t q, int64_t value)
{
	char digits[24];

	/* GMP's long may have 32 bits. */
	snprintf(digits, sizeof digits, "%lld", (long long)value);
	mpq_set_str(q, digits, 10);
}

/* C6.  The stack holds a number for each NUMBER of the code at most, and of
 * those there are t->n (C5, C8). */
static int reaches(const struct expression *e, const struct task *t)
{
	mpq_t stack[MAX_NUMS], target;
	size_t n = 0;
	int ok = 1;

	mpq_init(target);
	set_integer(target, t->target);
	for (size_t i = 0; i < t->n; i++)
		mpq_init(stack[i]);
	for (size_t i = 0; ok && i < e->n_code; i++) {
		enum kind kind = e->code[i].kind;

		if (kind == NUMBER) {
			set_integer(stack[n++], e->code[i].value);
		} else if (kind == NEGATE) {
			mpq_neg(stack[n - 1], stack[n - 1]);
		} else {
			n--;
			ok = apply(kind, stack[n - 1], stack[n]);
		}
	}
	ok = ok && mpq_equal(stack[0], target);
	for (size_t i = 0; i < t->n; i++)
		mpq_clear(stack[i]);
	mpq_clear(target);
	return ok;
}

/* C5 and C6; NULL where both hold. */
static const char *find_fault(const struct expression *e, const struct task *t)
{
	if (!uses_each_once(e, t))
		return "does not use each given number exactly once";
	return reaches(e, t) ? NULL : "a different value, or none";
}

static uint8_t score_one(const struct state *s, const struct task *t,
			 const grpo_reward_batch *b, size_t i, double *reward)
{
	grpo_str answer = find_answer(s, b->completions[i]);
	const char *fault;
	struct expression e;
	int status;

	*reward = 0;
	if (!skip_spaces(answer).len)
		return GRPO_REWARD_NO_ANSWER;
	row_say_text(b, i, "answer", answer);
	status = parse(&e, answer);
	if (status)
		return (uint8_t)status;
	fault = find_fault(&e, t);
	row_say(b, i, "rule", "%s", fault ? fault : "reaches the target");
	*reward = fault ? s->format_score : s->score;
	return GRPO_REWARD_SCORED;
}

static int countdown_score(void *state, const grpo_reward_batch *batch,
			   double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++) {
		struct task t;

		rewards[i] = 0;
		status[i] = GRPO_REWARD_MISSING;
		if (read_task(&t, batch, i)) {
			status[i] = score_one(state, &t, batch, i, &rewards[i]);
			continue;
		}
		row_say_missing(batch, i, "nums");
		row_say_missing(batch, i, "target");
	}
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "countdown",
    .version = "1.0",
    .summary =
	"1 if the answer reaches the target with each number used once, else 0",
    .open = countdown_open,
    .score = countdown_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
