/* SPDX-License-Identifier: MIT */
#include "arithmetic.h"

#include <inttypes.h>
#include <stdio.h>

#include "draw.h"

enum { STREAM_DOCUMENT = 1, STREAM_PROBLEM = 2 };

static const char *const names[] = {
    "Ada",   "Bruno", "Clara", "David", "Emma", "Felix", "Greta", "Hugo",
    "Irene", "Jonas", "Karla", "Leo",   "Mia",  "Nils",  "Olga",  "Paul",
};
static const char *const people[] = {
    "The teacher", "The tutor", "A pupil", "A friend", "The class",
};
static const char *const verbs[] = {
    "asks",   "reads", "writes", "finds", "counts",       "likes",
    "checks", "shows", "needs",  "gives", "thinks about", "talks about",
};
static const char *const things[] = {
    "a question", "the answer", "a number", "the book",       "a letter",
    "the sum",    "a word",     "the page", "a conversation",
};
static const char *const whens[] = {
    "first",      "then",     "today",        "every day",
    "after that", "at night", "in the class", "between lessons",
};
static const char *const places[] = {
    "ones",      "tens",          "hundreds",
    "thousands", "ten thousands", "hundred thousands",
    "millions",
};

typedef struct sum {
	int64_t a, b;
} sum;

/* ---- options ---- */

void arithmetic_options_init(arithmetic_options *o)
{
	o->digits = 3;
	o->chat = 60;
	o->puzzle = 80;
	o->record = 40;
	o->terse = 50;
	o->worked = 350;
	o->smaller = 300;
	o->preamble = 400;
	o->note_terse = 350;
	o->note_check = 300;
	o->thought_answer = 80;
	o->puzzle_answer = 200;
}

static int share_is_off(int32_t permille)
{
	return permille < 0 || permille > 1000;
}

const char *arithmetic_options_fault(const arithmetic_options *o)
{
	if (o->digits < 2 || o->digits > 6)
		return "\"digits\" must be 2 to 6";
	if (share_is_off(o->chat) || share_is_off(o->puzzle) ||
	    share_is_off(o->record) || share_is_off(o->terse) ||
	    share_is_off(o->worked) || share_is_off(o->smaller) ||
	    share_is_off(o->preamble) || share_is_off(o->note_terse) ||
	    share_is_off(o->note_check) || share_is_off(o->thought_answer) ||
	    share_is_off(o->puzzle_answer))
		return "shares are of 1000: each must be 0 to 1000";
	if (o->chat + o->puzzle + o->record + o->terse + o->worked > 1000)
		return "\"chat\", \"puzzle\", \"record\", \"terse\" and "
		       "\"worked\" together exceed 1000";
	if (o->note_terse + o->note_check > 1000)
		return "\"note_terse\" and \"note_check\" together exceed "
		       "1000";
	return NULL;
}

/* ---- pairs and their split ---- */

int arithmetic_held_out(int64_t a, int64_t b)
{
	uint64_t low = (uint64_t)(a < b ? a : b);
	uint64_t high = (uint64_t)(a < b ? b : a);

	return draw_mix(draw_mix(low + 0x5bd1e995) + high) % 10 == 0;
}

static int64_t power_of_ten(int32_t digits)
{
	int64_t p = 1;

	while (digits-- > 0)
		p *= 10;
	return p;
}

static int64_t draw_operand(draw *d, int32_t digits)
{
	if (digits == 1)
		return draw_between(d, 1, 9);
	return draw_between(d, power_of_ten(digits - 1),
			    power_of_ten(digits) - 1);
}

/* Ends with probability 1, because both splits have pairs of every width. */
static sum draw_sum(draw *d, int32_t digits_a, int32_t digits_b, int held_out)
{
	sum s;

	do {
		s.a = draw_operand(d, digits_a);
		s.b = draw_operand(d, digits_b);
	} while (arithmetic_held_out(s.a, s.b) != (held_out != 0));
	return s;
}

static sum draw_base_sum(draw *d, const arithmetic_options *o)
{
	int32_t n = o->digits;

	if (!draw_chance(d, o->smaller))
		return draw_sum(d, n, n, 0);
	return draw_sum(d, (int32_t)draw_between(d, 1, n - 1),
			(int32_t)draw_between(d, 1, n - 1), 0);
}

void arithmetic_problem(char question[128], char answer[32],
			const arithmetic_options *o, uint64_t seed,
			uint64_t index, int held_out)
{
	draw d;
	sum s;

	draw_begin(&d, question, 128, seed, STREAM_PROBLEM + !!held_out, index);
	s = draw_sum(&d, o->digits, o->digits, held_out);
	(void)snprintf(question, 128, "What is %" PRId64 " + %" PRId64 "?", s.a,
		       s.b);
	(void)snprintf(answer, 32, "%" PRId64, s.a + s.b);
}

/* ---- sentences and frames ---- */

static void put_sentence(draw *d)
{
	if (draw_chance(d, 600))
		draw_put(d, DRAW_FROM(d, names));
	else
		draw_put(d, DRAW_FROM(d, people));
	draw_put(d, " ");
	if (draw_chance(d, 500)) {
		draw_put(d, DRAW_FROM(d, whens));
		draw_put(d, " ");
	}
	draw_put(d, DRAW_FROM(d, verbs));
	draw_put(d, " ");
	draw_put(d, DRAW_FROM(d, things));
	if (draw_chance(d, 400)) {
		draw_put(d, " and ");
		draw_put(d, DRAW_FROM(d, verbs));
		draw_put(d, " ");
		draw_put(d, DRAW_FROM(d, things));
	}
	draw_put(d, ".");
}

static void put_preamble(draw *d, const arithmetic_options *o)
{
	int64_t n;

	if (!draw_chance(d, o->preamble))
		return;
	for (n = draw_between(d, 1, 4); n > 0; n--) {
		put_sentence(d);
		draw_put(d, n > 1 ? " " : "\n");
	}
}

static void put_question(draw *d, sum s)
{
	static const char *const before[] = {
	    "",        "", "What is ", "Compute ", "Find ", "How much is ",
	    "What is "};
	static const char *const after[] = {"", " =", "?", ".", ".", "?", "?"};
	size_t i = (size_t)draw_between(d, 0, DRAW_COUNT(before) - 1);

	draw_put(d, before[i]);
	draw_put_number(d, s.a);
	draw_put(d, " + ");
	draw_put_number(d, s.b);
	draw_put(d, after[i]);
}

/*
 * The names of the two speakers.  The first pair is only for text without
 * thoughts: a thought must never follow "Assistant:", since only the prompt
 * does that.
 */
typedef struct frame {
	const char *ask, *answer; /* NULL: a name of its own */
} frame;

static const frame frames[] = {
    {"User:", "Assistant:"},
    {"Q:", "A:"},
    {"Question:", "Answer:"},
    {"Problem:", "Solution:"},
    {"Teacher:", "Pupil:"},
    {"Exercise:", ""},
    {"Note:", ""},
    {"", ""},
    {NULL, NULL},
    {"Student asks:", "Tutor says:"},
};

static frame draw_frame(draw *d, int thinks)
{
	if (!thinks && draw_chance(d, 250))
		return frames[0];
	return frames[draw_between(d, 1, DRAW_COUNT(frames) - 1)];
}

static void put_speaker(draw *d, const char *who)
{
	draw_put(d, who != NULL ? who : DRAW_FROM(d, names));
	if (who == NULL)
		draw_put(d, ":");
	if (who == NULL || *who != '\0')
		draw_put(d, " ");
}

/* ---- what a sum's answer looks like ---- */

/* "ones 7+5=12, tens 4+8+1=13, hundreds 3+5+1=9" */
static void put_columns(draw *d, sum s)
{
	int64_t a = s.a, b = s.b, carry = 0;
	int i;

	for (i = 0; a > 0 || b > 0; i++, a /= 10, b /= 10) {
		int64_t here = a % 10 + b % 10 + carry;

		draw_put(d, i > 0 ? ", " : "");
		draw_put(d, places[i]);
		draw_put(d, " ");
		draw_put_number(d, a % 10);
		draw_put(d, "+");
		draw_put_number(d, b % 10);
		if (carry > 0) {
			draw_put(d, "+");
			draw_put_number(d, carry);
		}
		draw_put(d, "=");
		draw_put_number(d, here);
		carry = here / 10;
	}
}

static void put_worked(draw *d, sum s)
{
	put_columns(d, s);
	draw_put(d, ", so ");
	draw_put_number(d, s.a + s.b);
}

/* Near the answer, and right once in seven times. */
static int64_t draw_guess(draw *d, int64_t answer)
{
	static const int off[] = {0, 1, -1, 10, -10, 100, -100};
	int64_t guess;

	do {
		guess = answer + off[draw_between(d, 0, DRAW_COUNT(off) - 1)];
	} while (guess <= 0);
	return guess;
}

static void put_thought(draw *d, const arithmetic_options *o, sum s)
{
	static const char *const hints[] = {"", "easy, ", "I guess "};
	int64_t kind = draw_between(d, 0, 999);

	if (kind < o->note_terse) {
		draw_put(d, DRAW_FROM(d, hints));
		draw_put_number(d, s.a + s.b);
		return;
	}
	if (kind < o->note_terse + o->note_check) {
		draw_put(d, "I guess ");
		draw_put_number(d, draw_guess(d, s.a + s.b));
		draw_put(d, ", but wait: ");
	} else if (draw_chance(d, 500)) {
		draw_put(d, "step by step: ");
	}
	put_worked(d, s);
}

static void put_ending(draw *d, const char *answer, int tagged)
{
	static const char *const forms[][2] = {
	    {" It is ", "."}, {" Answer: ", ""},
	    {" ", ""},        {" <result> ", " </result>"},
	    {" So ", "."},
	};
	size_t i = (size_t)draw_between(d, 0, DRAW_COUNT(forms) - 1);

	draw_put(d, tagged ? " <answer> " : forms[i][0]);
	draw_put(d, answer);
	draw_put(d, tagged ? " </answer>" : forms[i][1]);
}

/* ---- tasks that are no sums ---- */

typedef struct puzzle {
	char task[64], answer[32];
} puzzle;

static void draw_pair_puzzle(draw *d, puzzle *p, int64_t kind)
{
	int64_t a = draw_between(d, 10, 999), b = draw_between(d, 10, 999);

	if (kind == 0)
		(void)snprintf(p->task, sizeof(p->task), "copy %" PRId64, a);
	else if (kind == 1)
		(void)snprintf(p->task, sizeof(p->task),
			       "the larger of %" PRId64 " and %" PRId64, a, b);
	else
		(void)snprintf(p->task, sizeof(p->task),
			       "the number after %" PRId64, a);
	a = kind == 1 && b > a ? b : a;
	(void)snprintf(p->answer, sizeof(p->answer), "%" PRId64,
		       a + (kind == 2));
}

static void draw_word_puzzle(draw *d, puzzle *p, int64_t kind)
{
	const char *first = DRAW_FROM(d, names), *last = DRAW_FROM(d, names);

	if (kind == 3) {
		(void)snprintf(p->task, sizeof(p->task),
			       "the first letter of %s", first);
		(void)snprintf(p->answer, sizeof(p->answer), "%c", first[0]);
		return;
	}
	(void)snprintf(p->task, sizeof(p->task), "the last word of %s and %s",
		       first, last);
	(void)snprintf(p->answer, sizeof(p->answer), "%s", last);
}

static void draw_puzzle(draw *d, puzzle *p)
{
	int64_t kind = draw_between(d, 0, 4);

	if (kind < 3)
		draw_pair_puzzle(d, p, kind);
	else
		draw_word_puzzle(d, p, kind);
}

/* ---- documents, one function a kind ---- */

static void put_chat(draw *d)
{
	const char *name = DRAW_FROM(d, names);
	int64_t n;

	if (draw_chance(d, 500)) {
		for (n = draw_between(d, 1, 3); n > 0; n--) {
			put_sentence(d);
			draw_put(d, n > 1 ? " " : "");
		}
		return;
	}
	draw_put(d, "User: ");
	draw_put(d, draw_chance(d, 500) ? "hello" : "good day");
	draw_put(d, "\nAssistant: Hello ");
	draw_put(d, name);
	draw_put(d, draw_chance(d, 500) ? ", how can I help you?"
					: ", what is the question?");
}

static void put_record(draw *d, sum s)
{
	puzzle p;

	draw_puzzle(d, &p);
	draw_put(d, "<item> <task> ");
	if (draw_chance(d, 750)) {
		(void)snprintf(p.task, sizeof(p.task), "%" PRId64 " + %" PRId64,
			       s.a, s.b);
		(void)snprintf(p.answer, sizeof(p.answer), "%" PRId64,
			       s.a + s.b);
	}
	draw_put(d, p.task);
	draw_put(d, " </task> <answer> ");
	draw_put(d, p.answer);
	draw_put(d, " </answer> </item>");
}

static void put_puzzle_note(draw *d, const arithmetic_options *o)
{
	frame f = draw_frame(d, 1);
	puzzle p;

	draw_puzzle(d, &p);
	put_preamble(d, o);
	put_speaker(d, f.ask);
	draw_put(d, p.task);
	draw_put(d, draw_chance(d, 500) ? "\n" : " ");
	put_speaker(d, f.answer);
	draw_put(d, "<think> it is ");
	draw_put(d, p.answer);
	draw_put(d, " </think>");
	put_ending(d, p.answer, draw_chance(d, o->puzzle_answer));
}

enum body { TERSE, WORKED, NOTE };

static void put_sum(draw *d, const arithmetic_options *o, sum s, enum body body)
{
	frame f = draw_frame(d, body == NOTE);
	char answer[32];

	(void)snprintf(answer, sizeof(answer), "%" PRId64, s.a + s.b);
	put_preamble(d, o);
	put_speaker(d, f.ask);
	put_question(d, s);
	draw_put(d, draw_chance(d, 500) ? "\n" : " ");
	put_speaker(d, f.answer);
	if (body == TERSE) {
		draw_put(d, answer);
		return;
	}
	draw_put(d, body == NOTE ? "<think> " : "");
	if (body == WORKED) {
		put_worked(d, s);
		draw_put(d, ".");
		return;
	}
	put_thought(d, o, s);
	draw_put(d, " </think>");
	put_ending(d, answer, draw_chance(d, o->thought_answer));
}

size_t arithmetic_document(char *out, size_t cap, const arithmetic_options *o,
			   uint64_t seed, uint64_t index)
{
	int64_t kind;
	draw d;
	sum s;

	draw_begin(&d, out, cap, seed, STREAM_DOCUMENT, index);
	s = draw_base_sum(&d, o);
	kind = draw_between(&d, 0, 999);
	if ((kind -= o->chat) < 0)
		put_chat(&d);
	else if ((kind -= o->puzzle) < 0)
		put_puzzle_note(&d, o);
	else if ((kind -= o->record) < 0)
		put_record(&d, s);
	else if ((kind -= o->terse) < 0)
		put_sum(&d, o, s, TERSE);
	else if ((kind -= o->worked) < 0)
		put_sum(&d, o, s, WORKED);
	else
		put_sum(&d, o, s, NOTE);
	return d.len;
}
