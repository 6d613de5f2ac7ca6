/* SPDX-License-Identifier: MIT */
/*
 * math: is the number in the box the right one, exactly?
 *
 * Requirements, with think and answer standing for the tag names that the
 * parameters give:
 *
 * Extraction
 *  M1  Only what follows the last </think> is looked at; the whole text where
 *      there is no </think>.
 *  M2  The answer is in the last \boxed{…} or \fbox{…} that is closed (braces
 *      counted, \{ and \} not), or in the last <answer>…</answer>, whichever
 *      ends later; in an answer block with a box in it, it is in the box.
 *  M3  None of them, or a blank one: wrong, NO_ANSWER.
 *
 * Parsing
 *  M4  Around the number may stand: white space, "~", "\ ", "\," "\;" "\!";
 *      $…$, $$…$$, \(…\), \[…\]; \boxed{…}; and one period at the end.
 *  M5  A number is an optional sign (+, -, or U+2212), an optional $ or \$,
 *      and digits with an optional fraction ("3", "3.50", ".5"), thousands in
 *      threes ("1,234", also "1{,}234" and "1,\!234"), an exponent
 *      ("1.5e-3").
 *  M6  A fraction is number/number, or a sign and \frac, \dfrac, \tfrac or
 *      \cfrac of two numbers in braces or two digits.  A zero below cannot be
 *      read.
 *  M7  A percent sign (% or \%) after either means hundredths: 50% is 0.5,
 *      not 50.
 *  M8  Anything else is wrong, UNPARSABLE.
 *  M9  More than 4,096 bytes, 1,000 digits in a number or an exponent beyond
 *      ±1,000: wrong, BUDGET.  No number that is computed with has more than
 *      about 2,000 digits.
 *
 * Comparison
 *  M10 Equal as exact fractions: 0.5 is 1/2, 0.333 is not 1/3.
 *
 * Reference
 *  M11 Column "answer": a JSON number, every digit of which counts, or a
 *      string.  In a string the reference is what follows the last "####"
 *      (GSM8K), else the last box, else all of it.  It is read by the same
 *      rules (M4 to M9).  Absent, another type, longer than 64 KiB or not to
 *      be read: MISSING.
 *
 *  M12 The reward is `score` where right, `wrong_score` where wrong.
 *  M13 Time is linear in the completion.
 *  M14 Parameters: {"score": 1, "wrong_score": 0, "think": "think",
 *      "answer": "answer"}.
 */
#include <cjson/cJSON.h>
#include <gmp.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "grpo/reward.h"

#define NAME_BYTES 32
#define MAX_BYTES 4096
#define MAX_GOLD_BYTES 65536
#define MAX_DIGITS 1000
#define MAX_EXPONENT 1000
#define MAX_WRAPS 8 /* $…$ in \boxed{…} in … */
#define MAX_BOXES 32

struct state {
	double score, wrong_score;
	char think[NAME_BYTES + 1], answer[NAME_BYTES + 1];
	char end_think[NAME_BYTES + 4]; /* </think> */
	char open[NAME_BYTES + 4], close[NAME_BYTES + 4];
};

/* Parameters (M14) */

static int complain(const grpo_reward_host *host, const char *key,
		    const char *what)
{
	char line[160];

	snprintf(line, sizeof line, "\"%.40s\": %s", key, what);
	host->log(host->ctx, GRPO_REWARD_LOG_ERROR, line);
	return -1;
}

static int read_score(double *out, const cJSON *p, const grpo_reward_host *host)
{
	*out = cJSON_GetNumberValue(p);
	if (!isfinite(*out))
		return complain(host, p->string, "expected a number");
	return 0;
}

static int read_name(char *name, const cJSON *p, const grpo_reward_host *host)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
	const char *text = cJSON_GetStringValue(p);
	size_t n = text ? strspn(text, letters) : 0;

	if (n == 0 || n > NAME_BYTES || text[n])
		return complain(host, p->string,
				"expected a tag's name, without brackets, of "
				"at most 32 letters, digits, '_' and '-'");
	memcpy(name, text, n + 1);
	return 0;
}

static int read_param(struct state *s, const cJSON *p,
		      const grpo_reward_host *host)
{
	if (strcmp(p->string, "score") == 0)
		return read_score(&s->score, p, host);
	if (strcmp(p->string, "wrong_score") == 0)
		return read_score(&s->wrong_score, p, host);
	if (strcmp(p->string, "think") == 0)
		return read_name(s->think, p, host);
	if (strcmp(p->string, "answer") == 0)
		return read_name(s->answer, p, host);
	return complain(host, p->string,
			"unknown parameter (known: score, wrong_score, think, "
			"answer)");
}

static int read_params(struct state *s, const cJSON *params,
		       const grpo_reward_host *host)
{
	if (!cJSON_IsObject(params))
		return complain(host, "params", "expected a JSON object");
	for (const cJSON *p = params->child; p; p = p->next)
		if (read_param(s, p, host) < 0)
			return -1;
	if (strcmp(s->think, s->answer) == 0)
		return complain(host, "answer",
				"expected another name than \"think\" has");
	snprintf(s->end_think, sizeof s->end_think, "</%s>", s->think);
	snprintf(s->open, sizeof s->open, "<%s>", s->answer);
	snprintf(s->close, sizeof s->close, "</%s>", s->answer);
	return 0;
}

static int math_open(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);
	cJSON *json;
	int rc;

	if (!s)
		return complain(host, "params", "out of memory");
	s->score = 1;
	memcpy(s->think, "think", sizeof "think");
	memcpy(s->answer, "answer", sizeof "answer");
	json = cJSON_ParseWithLength(params.ptr, params.len);
	rc = read_params(s, json, host);
	cJSON_Delete(json);
	if (rc < 0)
		free(s);
	else
		*state = s;
	return rc;
}

/* Text */

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Byte by byte: mostly the first one settles it. */
static int begins(grpo_str s, const char *with)
{
	for (size_t i = 0; with[i]; i++)
		if (i == s.len || s.ptr[i] != with[i])
			return 0;
	return 1;
}

static int ends(grpo_str s, const char *with)
{
	size_t n = strlen(with);

	return s.len >= n && memcmp(s.ptr + s.len - n, with, n) == 0;
}

static void drop(grpo_str *s, size_t n)
{
	s->ptr += n;
	s->len -= n;
}

static int take(grpo_str *s, const char *what)
{
	if (!begins(*s, what))
		return 0;
	drop(s, strlen(what));
	return 1;
}

/* "\\ " stands before " ": cut_spaces takes the first that fits. */
static const char *const spaces[] = {"\\ ", " ", "\t",  "\n",  "\r",  "\v",
				     "\f",  "~", "\\,", "\\;", "\\!", NULL};

static void skip_spaces(grpo_str *s)
{
	for (int i = 0; spaces[i];)
		i = take(s, spaces[i]) ? 0 : i + 1;
}

static void cut_spaces(grpo_str *s)
{
	for (int i = 0; spaces[i];) {
		int there = ends(*s, spaces[i]);

		s->len -= there ? strlen(spaces[i]) : 0;
		i = there ? 0 : i + 1;
	}
}

/* Extraction (M1, M2): slices of the text; ptr NULL where there is none. */

/* What follows the last </think>. */
static grpo_str after_thought(const struct state *s, grpo_str text)
{
	grpo_str rest = text, at = text;
	const char *p;

	while (at.len && (p = memchr(at.ptr, '<', at.len))) {
		drop(&at, (size_t)(p - at.ptr));
		if (take(&at, s->end_think))
			rest = at;
		else
			drop(&at, 1);
	}
	return rest;
}

static grpo_str find_block(const struct state *s, grpo_str text)
{
	grpo_str found = {NULL, 0}, at = text;
	const char *open = NULL, *p;

	while (at.len && (p = memchr(at.ptr, '<', at.len))) {
		drop(&at, (size_t)(p - at.ptr));
		if (begins(at, s->open)) {
			open = p + strlen(s->open);
		} else if (open && begins(at, s->close)) {
			found = (grpo_str){open, (size_t)(p - open)};
			open = NULL;
		}
		drop(&at, 1);
	}
	return found;
}

/* Boxes that are open, the last MAX_BOXES of them: a ring. */
struct boxes {
	const char *start[MAX_BOXES];
	size_t depth[MAX_BOXES]; /* of braces, inside the box */
	size_t top, n;
};

static void push_box(struct boxes *b, const char *start, size_t depth)
{
	b->top = (b->top + 1) % MAX_BOXES;
	b->start[b->top] = start;
	b->depth[b->top] = depth;
	b->n += b->n < MAX_BOXES;
}

static int pop_box(struct boxes *b, size_t depth, const char **start)
{
	if (!b->n || b->depth[b->top] != depth)
		return 0;
	*start = b->start[b->top];
	b->top = (b->top + MAX_BOXES - 1) % MAX_BOXES;
	b->n--;
	return 1;
}

/* "\boxed{" with spaces before the brace. */
static int take_box(grpo_str *s)
{
	if (!take(s, "\\boxed") && !take(s, "\\fbox"))
		return 0;
	while (s->len && s->ptr[0] == ' ')
		drop(s, 1);
	return take(s, "{");
}

static grpo_str find_box(grpo_str text)
{
	grpo_str found = {NULL, 0}, at = text;
	struct boxes boxes = {.n = 0};
	const char *start;
	size_t depth = 0;

	while (at.len) {
		const char *p = at.ptr;

		if (p[0] == '\\') {
			if (take_box(&at))
				push_box(&boxes, at.ptr, ++depth);
			else if (at.ptr == p)
				drop(&at, at.len > 1 ? 2 : 1);
			continue;
		}
		if (p[0] == '{')
			depth++;
		if (p[0] == '}' && pop_box(&boxes, depth, &start))
			found = (grpo_str){start, (size_t)(p - start)};
		if (p[0] == '}' && depth > 0)
			depth--;
		drop(&at, 1);
	}
	return found;
}

static grpo_str find_answer(const struct state *s, grpo_str completion)
{
	grpo_str text = after_thought(s, completion);
	grpo_str block = find_block(s, text), box = find_box(text);
	grpo_str inner;

	if (!block.ptr ||
	    (box.ptr && box.ptr + box.len > block.ptr + block.len))
		return box;
	inner = find_box(block);
	return inner.ptr ? inner : block;
}

/* Parsing (M4 to M9): each takes what it reads off the front, and returns 0
 * or a status. */

static int take_sign(grpo_str *s)
{
	int negative = begins(*s, "-") || begins(*s, "\xe2\x88\x92");

	if (take(s, "+") || take(s, "-") || take(s, "\xe2\x88\x92"))
		skip_spaces(s);
	return negative;
}

struct digits {
	char text[MAX_DIGITS + 1];
	size_t n;        /* seen, also those that text has no room for */
	size_t fraction; /* of them after the point */
	long exponent;
};

static size_t count_digits(grpo_str s)
{
	size_t n = 0;

	while (n < s.len && is_digit(s.ptr[n]))
		n++;
	return n;
}

static void take_digits(grpo_str *s, size_t n, struct digits *d)
{
	for (size_t i = 0; i < n; i++, d->n++)
		if (d->n < MAX_DIGITS)
			d->text[d->n] = s->ptr[i];
	drop(s, n);
}

/* Groups of three after the first one. */
static void take_thousands(grpo_str *s, struct digits *d)
{
	static const char *const marks[] = {",\\!", "{,}", ",", NULL};
	int i = 0;

	while (marks[i]) {
		grpo_str rest = *s;

		if (take(&rest, marks[i]) && count_digits(rest) == 3) {
			take_digits(&rest, 3, d);
			*s = rest;
			i = 0;
		} else {
			i++;
		}
	}
}

static void take_exponent(grpo_str *s, struct digits *d)
{
	grpo_str rest = *s;
	int negative;
	size_t n;

	if (!take(&rest, "e") && !take(&rest, "E"))
		return;
	negative = begins(rest, "-");
	if (!take(&rest, "-"))
		take(&rest, "+");
	n = count_digits(rest);
	if (n == 0)
		return;
	for (size_t i = 0; i < n && d->exponent <= MAX_EXPONENT; i++)
		d->exponent = d->exponent * 10 + (rest.ptr[i] - '0');
	d->exponent = negative ? -d->exponent : d->exponent;
	drop(&rest, n);
	*s = rest;
}

static void set_digits(mpq_t q, struct digits *d)
{
	long scale = d->exponent - (long)d->fraction;
	mpz_t power;

	d->text[d->n] = '\0';
	mpq_set_str(q, d->text, 10);
	mpz_init(power);
	mpz_ui_pow_ui(power, 10, (unsigned long)labs(scale));
	if (scale < 0)
		mpz_set(mpq_denref(q), power);
	else
		mpz_mul(mpq_numref(q), mpq_numref(q), power);
	mpq_canonicalize(q);
	mpz_clear(power);
}

/* Digits, thousands, fraction, exponent; no sign. */
static int take_unsigned(grpo_str *s, mpq_t q)
{
	struct digits d = {.n = 0};
	size_t n = count_digits(*s);
	grpo_str rest;

	take_digits(s, n, &d);
	if (n > 0 && n <= 3 && d.text[0] != '0')
		take_thousands(s, &d);
	rest = *s;
	if (take(&rest, ".") && count_digits(rest) > 0) {
		d.fraction = count_digits(rest);
		take_digits(&rest, d.fraction, &d);
		*s = rest;
	}
	if (d.n == 0)
		return GRPO_REWARD_UNPARSABLE;
	take_exponent(s, &d);
	if (d.n > MAX_DIGITS || labs(d.exponent) > MAX_EXPONENT)
		return GRPO_REWARD_BUDGET;
	set_digits(q, &d);
	return 0;
}

static int take_number(grpo_str *s, mpq_t q)
{
	int negative = take_sign(s), status;

	if (!take(s, "\\$"))
		take(s, "$");
	status = take_unsigned(s, q);
	if (!status && negative)
		mpq_neg(q, q);
	return status;
}

/* a = a / b */
static int divide(mpq_t a, mpq_t b)
{
	if (mpq_sgn(b) == 0)
		return GRPO_REWARD_UNPARSABLE;
	mpq_div(a, a, b);
	return 0;
}

/* One argument of \frac: {number}, or a digit. */
static int take_argument(grpo_str *s, mpq_t q)
{
	int status;

	skip_spaces(s);
	if (s->len && is_digit(s->ptr[0])) {
		mpq_set_ui(q, (unsigned long)(s->ptr[0] - '0'), 1);
		drop(s, 1);
		return 0;
	}
	if (!take(s, "{"))
		return GRPO_REWARD_UNPARSABLE;
	skip_spaces(s);
	status = take_number(s, q);
	skip_spaces(s);
	if (!status && !take(s, "}"))
		return GRPO_REWARD_UNPARSABLE;
	return status;
}

static int take_frac(grpo_str *s, mpq_t q, mpq_t below)
{
	int status = take_argument(s, q);

	if (!status)
		status = take_argument(s, below);
	return status ? status : divide(q, below);
}

static int take_quotient(grpo_str *s, mpq_t q, mpq_t below)
{
	int status = take_number(s, q);

	skip_spaces(s);
	if (status || !take(s, "/"))
		return status;
	skip_spaces(s);
	status = take_number(s, below);
	return status ? status : divide(q, below);
}

static int is_frac(const grpo_str *s, grpo_str *after, int *negative)
{
	*after = *s;
	*negative = take_sign(after);
	return take(after, "\\frac") || take(after, "\\dfrac") ||
	       take(after, "\\tfrac") || take(after, "\\cfrac");
}

/* M5 to M7, and nothing after it. */
static int read_value(grpo_str s, mpq_t q)
{
	int negative, status;
	grpo_str after;
	mpq_t other;

	mpq_init(other);
	if (is_frac(&s, &after, &negative)) {
		s = after;
		status = take_frac(&s, q, other);
		if (!status && negative)
			mpq_neg(q, q);
	} else {
		status = take_quotient(&s, q, other);
	}
	skip_spaces(&s);
	if (!status && (take(&s, "\\%") || take(&s, "%"))) {
		mpq_set_ui(other, 100, 1);
		status = divide(q, other);
	}
	mpq_clear(other);
	return !status && s.len ? GRPO_REWARD_UNPARSABLE : status;
}

/* Takes one pair of wrappings off; 0 where there is none. */
static int unwrap(grpo_str *s)
{
	static const char *const pairs[][2] = {
	    {"$$", "$$"},   {"$", "$"},        {"\\(", "\\)"},
	    {"\\[", "\\]"}, {"\\boxed{", "}"}, {"\\fbox{", "}"}};

	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		size_t a = strlen(pairs[i][0]), b = strlen(pairs[i][1]);

		if (s->len < a + b || !begins(*s, pairs[i][0]) ||
		    !ends(*s, pairs[i][1]))
			continue;
		drop(s, a);
		s->len -= b;
		return 1;
	}
	return 0;
}

/* M4, then the value. */
static int parse(grpo_str s, mpq_t q)
{
	int has_period = 0;

	if (s.len > MAX_BYTES)
		return GRPO_REWARD_BUDGET;
	for (int i = 0; i < MAX_WRAPS; i++) {
		skip_spaces(&s);
		cut_spaces(&s);
		if (!has_period && ends(s, ".")) {
			has_period = 1;
			s.len--;
			cut_spaces(&s);
		}
		if (!unwrap(&s))
			break;
	}
	if (!s.len)
		return GRPO_REWARD_NO_ANSWER;
	return read_value(s, q);
}

/* Reference (M11).  cJSON keeps a global variable, so cells are read by hand:
 * score runs on several threads. */

static unsigned hex4(const char *p)
{
	unsigned x = 0;

	for (int i = 0; i < 4; i++) {
		char c = p[i];

		x = x * 16 + (unsigned)(is_digit(c) ? c - '0'
					: c >= 'a'  ? c - 'a' + 10
						    : c - 'A' + 10);
	}
	return x;
}

/* \uXXXX as UTF-8; halves of a pair come out as two ill-formed characters,
 * which no number has. */
static size_t put_utf8(char *out, unsigned c)
{
	if (c < 0x80) {
		out[0] = (char)c;
		return 1;
	}
	if (c < 0x800) {
		out[0] = (char)(0xc0 | c >> 6);
		out[1] = (char)(0x80 | (c & 0x3f));
		return 2;
	}
	out[0] = (char)(0xe0 | c >> 12);
	out[1] = (char)(0x80 | (c >> 6 & 0x3f));
	out[2] = (char)(0x80 | (c & 0x3f));
	return 3;
}

/* The text of a JSON string, without its quotes, into out [s.len]; returns
 * its length.  The host has checked that it is JSON; a stray escape is kept
 * as it stands. */
static size_t decode(char *out, grpo_str s)
{
	static const char escapes[] = "\"\\/bfnrt";
	static const char meant[] = "\"\\/\b\f\n\r\t";
	size_t n = 0;

	while (s.len) {
		const char *e = NULL;

		if (s.ptr[0] == '\\' && s.len > 1)
			e = memchr(escapes, s.ptr[1], sizeof escapes - 1);
		if (e) {
			out[n++] = meant[e - escapes];
			drop(&s, 2);
		} else if (begins(s, "\\u") && s.len >= 6) {
			n += put_utf8(out + n, hex4(s.ptr + 2));
			drop(&s, 6);
		} else {
			out[n++] = s.ptr[0];
			drop(&s, 1);
		}
	}
	return n;
}

/* The reference in a text: after "####", or in a box, or all of it. */
static grpo_str find_gold(grpo_str text)
{
	grpo_str box = find_box(text);

	for (size_t at = text.len; at >= 4; at--)
		if (memcmp(text.ptr + at - 4, "####", 4) == 0)
			return (grpo_str){text.ptr + at, text.len - at};
	return box.ptr ? box : text;
}

static int read_string(grpo_str cell, mpq_t q)
{
	grpo_str text = {cell.ptr + 1, cell.len - 2};
	char *buffer;
	int status;

	if (text.len > MAX_GOLD_BYTES)
		return GRPO_REWARD_MISSING;
	buffer = malloc(text.len + 1);
	if (!buffer)
		return GRPO_REWARD_FAILED;
	text.len = decode(buffer, text);
	text.ptr = buffer;
	status = parse(find_gold(text), q) ? GRPO_REWARD_MISSING : 0;
	free(buffer);
	return status;
}

static int read_gold(grpo_str cell, mpq_t q)
{
	skip_spaces(&cell);
	cut_spaces(&cell);
	if (cell.len >= 2 && cell.ptr[0] == '"')
		return read_string(cell, q);
	if (cell.len && (cell.ptr[0] == '-' || is_digit(cell.ptr[0])))
		return parse(cell, q) ? GRPO_REWARD_MISSING : 0;
	return GRPO_REWARD_MISSING;
}

/* Judging */

static grpo_str find_cell(const grpo_reward_batch *b, const char *name,
			  size_t i)
{
	for (size_t c = 0; c < b->n_columns; c++)
		if (b->columns[c].len == strlen(name) &&
		    memcmp(b->columns[c].ptr, name, b->columns[c].len) == 0)
			return b->cells[c * b->n + i];
	return (grpo_str){NULL, 0};
}

static uint8_t score_one(const struct state *s, grpo_str completion,
			 grpo_str cell, double *reward)
{
	grpo_str answer;
	mpq_t gold, got;
	int status;

	*reward = s->wrong_score;
	mpq_init(gold);
	mpq_init(got);
	status = read_gold(cell, gold);
	if (!status) {
		answer = find_answer(s, completion);
		status =
		    answer.ptr ? parse(answer, got) : GRPO_REWARD_NO_ANSWER;
		if (!status && mpq_equal(gold, got)) /* M10 */
			*reward = s->score;
	}
	mpq_clear(gold);
	mpq_clear(got);
	return (uint8_t)status;
}

static int math_score(void *state, const grpo_reward_batch *batch,
		      double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++)
		status[i] =
		    score_one(state, batch->completions[i],
			      find_cell(batch, "answer", i), &rewards[i]);
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "math",
    .version = "1.0",
    .summary = "the boxed number is the row's answer: 1, else 0",
    .open = math_open,
    .score = math_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
