/* SPDX-License-Identifier: MIT */
/*
 * repetition: a penalty for repeated n-grams.
 *
 * Requirements:
 *
 *  N1  The completion is cut into units.  Of all runs of `ngram_size` units,
 *      the share that repeats an earlier one is 1 - distinct / all; the
 *      reward is that share of `max_penalty`, a number that is not positive.
 *  N2  With fewer units than `ngram_size`, nothing repeats: 0.
 *  N3  Unit "words": a word is a run of letters, marks and digits, with the
 *      apostrophes between its letters (don't) and the points and commas
 *      between its digits (1,000.5).  Every other sign that can be seen is a
 *      unit of its own, so that "!!!!!" repeats, and so that 3 + 4 and 3 - 4
 *      differ.
 *  N4  In scripts that put no spaces between words (Han, kana, Thai, Lao,
 *      Khmer, Myanmar, Tibetan, Yi) each letter with its marks is a unit.
 *  N5  A word ends after MAX_WORD characters, so text without spaces cannot
 *      hide repetition.
 *  N6  Unit "characters": each letter, digit or sign with its marks is a unit.
 *  N7  Unit "tokens": the token ids from the host.  If it has none, the call
 *      fails and says so.
 *  N8  White space only separates, and what cannot be seen (control and
 *      format characters) is passed over: neither tells two units apart.
 *      Nor do case, full or half width, or whether an accent is composed:
 *      units are compared in the compatibility decomposition with case
 *      folded (Unicode's NFKD and case folding, character by character).
 *  N9  A byte that is no UTF-8 is a sign.
 *  N10 Units and runs are compared in full: a hash collision does not make them
 *      equal.  The hash is keyed when the plug-in opens; the key can change how
 *      long a search takes, but never its result.
 *  N11 Time is linear in the completion.  More than 1 MiB of text or 1,048,576
 *      tokens: max_penalty, BUDGET.  Anything below takes at most about 80 MiB
 *      of memory.
 *  N12 Every other row is SCORED.
 *  N13 Parameters: {"ngram_size": 3, "max_penalty": -1, "unit": "words" |
 *      "characters" | "tokens"}; ngram_size is from 1 to 100.
 *
 * differs: TRL's reward of this name counts token ids ("unit": "tokens"),
 * Open-R1's counts what str.split() leaves, lower-cased: there, words with a
 * comma and without one differ, and text without spaces is one word.
 */
#include <stdlib.h>
#include <time.h>
#include <utf8proc.h>
#include "../params.h"
#include "../row.h"
#include "spans.h"

#define MAX_BYTES 1048576
#define MAX_TOKENS 1048576
#define MAX_NGRAM 100
#define MAX_WORD 32 /* characters */

enum { WORDS, CHARACTERS, TOKENS };

struct state {
	int unit;
	int64_t n; /* ngram_size */
	double max_penalty;
	uint64_t key; /* of the hash */
	const grpo_reward_host *host;
};

/* Parameters (N13) */

static const struct param known[] = {
    {PARAM("ngram_size", PARAM_COUNT, struct state, n)},
    {PARAM("max_penalty", PARAM_NUMBER, struct state, max_penalty)},
    {PARAM("unit", PARAM_CHOICE, struct state, unit),
     .words = {"words", "characters", "tokens"}},
    {0},
};

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	if (params_read(s, NULL, known, host, params) < 0)
		return -1;
	if (s->n < 1 || s->n > MAX_NGRAM)
		return param_complain(host, "ngram_size",
				      "expected 1 to 100 units");
	if (s->max_penalty > 0)
		return param_complain(
		    host, "max_penalty",
		    "is positive and would reward repetition");
	return 0;
}

/* N10: it may differ from one run of the program to the next. */
static uint64_t draw_key(const void *address)
{
	struct timespec now = {0};

	timespec_get(&now, TIME_UTC);
	return (uint64_t)(uintptr_t)address * 0x9e3779b97f4a7c15u ^
	       (uint64_t)now.tv_nsec << 32 ^ (uint64_t)now.tv_sec;
}

static int repetition_open(void **state, const grpo_reward_host *host,
			   grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->n = 3;
	s->max_penalty = -1;
	s->host = host;
	s->key = draw_key(s);
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* Characters (N3, N4, N8, N9) */

enum sort { SPACE, UNSEEN, LETTER, DIGIT, MARK, SIGN };

/* c is negative for a byte that is no UTF-8. */
static enum sort sort_of(utf8proc_int32_t c)
{
	utf8proc_category_t cat = utf8proc_category(c);

	if (c < 0)
		return SIGN;
	if (c == ' ' || (c >= '\t' && c <= '\r') || c == 0x85 ||
	    (cat >= UTF8PROC_CATEGORY_ZS && cat <= UTF8PROC_CATEGORY_ZP))
		return SPACE;
	if (cat == UTF8PROC_CATEGORY_CC || cat == UTF8PROC_CATEGORY_CF)
		return UNSEEN;
	if (cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO)
		return LETTER;
	if (cat >= UTF8PROC_CATEGORY_MN && cat <= UTF8PROC_CATEGORY_ME)
		return MARK;
	if (cat >= UTF8PROC_CATEGORY_ND && cat <= UTF8PROC_CATEGORY_NO)
		return DIGIT;
	return SIGN;
}

/* N4: blocks of the scripts that put no spaces between words. */
static int is_spaceless(utf8proc_int32_t c)
{
	static const utf8proc_int32_t block[][2] = {
	    {0x0e00, 0x0fff},   /* Thai, Lao, Tibetan */
	    {0x1000, 0x109f},   /* Myanmar */
	    {0x1780, 0x17ff},   /* Khmer */
	    {0x3005, 0x3007},   /* Han iteration mark, zero */
	    {0x3040, 0x312f},   /* kana, Bopomofo */
	    {0x31a0, 0x31ff},   /* Bopomofo, strokes, kana */
	    {0x3400, 0x4dbf},   /* Han */
	    {0x4e00, 0xa4cf},   /* Han, Yi */
	    {0xf900, 0xfaff},   /* Han, compatibility */
	    {0xff66, 0xff9f},   /* kana, half width */
	    {0x1aff0, 0x1b16f}, /* kana */
	    {0x20000, 0x3ffff}, /* Han */
	};

	for (size_t i = 0; i < sizeof block / sizeof *block; i++)
		if (c >= block[i][0] && c <= block[i][1])
			return 1;
	return 0;
}

/* The character at p, or -1; returns its bytes, at least 1. */
static size_t take_character(const char *p, size_t n, utf8proc_int32_t *c)
{
	utf8proc_ssize_t bytes = utf8proc_iterate((const utf8proc_uint8_t *)p,
						  (utf8proc_ssize_t)n, c);

	if (bytes > 0)
		return (size_t)bytes;
	*c = -1;
	return 1;
}

/* Units */

struct unit {
	uint32_t from, to;     /* bytes of the completion */
	uint32_t key, key_len; /* folded code points, in units.folded */
};

struct units {
	struct unit *at; /* [n] */
	size_t n, cap;
	utf8proc_int32_t *folded; /* [n_folded] */
	size_t n_folded, cap_folded;
};

/* The completion as it is cut. */
struct cut {
	struct units *units;
	int unit;         /* WORDS or CHARACTERS */
	enum sort last;   /* of the character before; SPACE: begin anew */
	size_t n_in_word; /* characters */
};

/* N8: the folded code points of c at the end of units.folded.  Returns how
 * many there are, or -1. */
static int fold(struct units *u, utf8proc_int32_t c, unsigned char byte)
{
	static const utf8proc_option_t how =
	    UTF8PROC_CASEFOLD | UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE |
	    UTF8PROC_IGNORE;
	enum { MOST = 32 }; /* of one character; 18 in Unicode so far */
	int boundary = UTF8PROC_BOUNDCLASS_START;
	utf8proc_ssize_t n;

	if (spans_grow(&u->folded, &u->cap_folded, u->n_folded + MOST,
		       sizeof *u->folded) < 0)
		return -1;
	if (c < 0x80) { /* ASCII, for speed; or a byte that is no UTF-8 */
		u->folded[u->n_folded++] = c < 0                  ? -1 - byte
					   : c >= 'A' && c <= 'Z' ? c + 32
								  : c;
		return 1;
	}
	n = utf8proc_decompose_char(c, u->folded + u->n_folded, MOST, how,
				    &boundary);
	if (n < 0 || n > MOST) {
		u->folded[u->n_folded] = c;
		n = 1;
	}
	u->n_folded += (size_t)n;
	return (int)n;
}

/* Whether c continues the unit before it (N3 to N6). */
static int continues(const struct cut *cut, utf8proc_int32_t c, enum sort sort)
{
	if (cut->last == SPACE)
		return 0;
	if (sort == MARK)
		return cut->n_in_word < MAX_WORD;
	return cut->unit == WORDS && (sort == LETTER || sort == DIGIT) &&
	       (cut->last == LETTER || cut->last == DIGIT) &&
	       cut->n_in_word < MAX_WORD && !is_spaceless(c);
}

/* Whether the sign c stands between two letters, or two digits, of a word. */
static int joins(const struct cut *cut, utf8proc_int32_t c, const char *next,
		 size_t n)
{
	utf8proc_int32_t after;

	if (cut->unit != WORDS || n == 0 || cut->n_in_word >= MAX_WORD)
		return 0;
	take_character(next, n, &after);
	if (c == '\'' || c == 0x2019)
		return cut->last == LETTER && sort_of(after) == LETTER;
	if (c == '.' || c == ',')
		return cut->last == DIGIT && sort_of(after) == DIGIT;
	return 0;
}

static int add_character(struct cut *cut, utf8proc_int32_t c, size_t from,
			 size_t to, unsigned char byte, int begins)
{
	struct units *u = cut->units;
	struct unit *unit;
	int n;

	if (begins) {
		if (spans_grow(&u->at, &u->cap, u->n + 1, sizeof *u->at) < 0)
			return -1;
		u->at[u->n++] =
		    (struct unit){(uint32_t)from, 0, (uint32_t)u->n_folded, 0};
		cut->n_in_word = 0;
	}
	unit = &u->at[u->n - 1];
	n = fold(u, c, byte);
	if (n < 0)
		return -1;
	unit->to = (uint32_t)to;
	unit->key_len += (uint32_t)n;
	cut->n_in_word++;
	return 0;
}

/* Cuts the text; -1 where memory is out. */
static int cut_text(struct units *u, int unit, grpo_str text)
{
	struct cut cut = {.units = u, .unit = unit, .last = SPACE};

	for (size_t at = 0, n; at < text.len; at += n) {
		const char *p = text.ptr + at;
		utf8proc_int32_t c;
		enum sort sort;
		int join;

		n = take_character(p, text.len - at, &c);
		sort = sort_of(c);
		if (sort == UNSEEN)
			continue;
		if (sort == SPACE) {
			cut.last = SPACE;
			continue;
		}
		join = sort == SIGN && joins(&cut, c, p + n, text.len - at - n);
		if (add_character(&cut, c, at, at + n, (unsigned char)*p,
				  !join && !continues(&cut, c, sort)) < 0)
			return -1;
		if (!join && sort != MARK)
			cut.last = is_spaceless(c) ? SIGN : sort;
		else if (cut.last == SPACE)
			cut.last = SIGN;
	}
	return 0;
}

/* Counting (N1, N10) */

/* The number of each unit: the same for the same folded text. */
static int number_units(uint32_t *number, const struct units *u, uint64_t key)
{
	struct spans words;
	int rc = spans_create(&words, u->n, key);

	for (size_t i = 0; rc == 0 && i < u->n; i++)
		number[i] = spans_add(&words, u->folded + u->at[i].key,
				      u->at[i].key_len * sizeof *u->folded);
	spans_free(&words);
	return rc;
}

struct repeats {
	size_t all, distinct;
	size_t most, at; /* the run that is there most often, and its start */
};

/* Over the numbers [n] of the units; runs of `size`. */
static int count_repeats(struct repeats *r, const uint32_t *number, size_t n,
			 size_t size, uint64_t key)
{
	struct spans runs;
	int rc;

	*r = (struct repeats){0};
	if (n < size)
		return 0;
	r->all = n - size + 1;
	rc = spans_create(&runs, r->all, key);
	for (size_t i = 0; rc == 0 && i < r->all; i++) {
		uint32_t run =
		    spans_add(&runs, number + i, size * sizeof *number);

		if (runs.at[run].count > r->most) {
			r->most = runs.at[run].count;
			r->at = i;
		}
	}
	r->distinct = runs.n;
	spans_free(&runs);
	return rc;
}

/* Text runs from the first to the last unit of a run, for people to read. */
static grpo_str run_text(const struct units *u, size_t at, size_t size,
			 grpo_str text)
{
	uint32_t from = u->at[at].from, to = u->at[at + size - 1].to;

	return (grpo_str){text.ptr + from, to - from};
}

static void say_repeats(const struct state *s, const struct repeats *r,
			const struct units *u, const grpo_reward_batch *b,
			size_t i)
{
	row_say(b, i, "repeats",
		"%zu of %zu runs of %d, the most frequent %zu "
		"times",
		r->all - r->distinct, r->all, (int)s->n, r->most);
	if (r->most > 1 && u->n)
		row_say_text(
		    b, i, "most frequent",
		    run_text(u, r->at, (size_t)s->n, b->completions[i]));
}

/* Both return 0, or -1 where memory is out. */
static int count_text(struct repeats *r, struct units *u, const struct state *s,
		      grpo_str text)
{
	uint32_t *number;
	int rc = cut_text(u, s->unit, text);

	if (rc < 0)
		return rc;
	number = malloc((u->n ? u->n : 1) * sizeof *number);
	if (!number)
		return -1;
	rc = number_units(number, u, s->key);
	if (rc == 0)
		rc = count_repeats(r, number, u->n, (size_t)s->n, s->key);
	free(number);
	return rc;
}

static int count_row(struct repeats *r, struct units *u, const struct state *s,
		     const grpo_reward_batch *b, size_t i)
{
	if (s->unit != TOKENS)
		return count_text(r, u, s, b->completions[i]);
	return count_repeats(r, (const uint32_t *)b->tokens[i],
			     (size_t)b->n_tokens[i], (size_t)s->n, s->key);
}

/* Scoring */

static int is_too_long(const struct state *s, const grpo_reward_batch *b,
		       size_t i)
{
	if (s->unit == TOKENS)
		return row_tokens(b, i) > MAX_TOKENS;
	return b->completions[i].len > MAX_BYTES;
}

static int score_one(const struct state *s, const grpo_reward_batch *b,
		     size_t i, double *reward, uint8_t *status)
{
	struct repeats r = {0};
	struct units u = {0};
	int rc = 0;

	*reward = 0;
	*status = GRPO_REWARD_SCORED;
	if (s->unit == TOKENS && row_tokens(b, i) < 0)
		return param_complain(
		    s->host, "unit",
		    "is \"tokens\", but the host provides none; use \"words\"");
	if (is_too_long(s, b, i)) {
		*reward = s->max_penalty;
		*status = GRPO_REWARD_BUDGET;
		return 0;
	}
	if (s->unit != TOKENS || row_tokens(b, i) > 0)
		rc = count_row(&r, &u, s, b, i);
	if (rc == 0 && r.all > r.distinct)
		*reward = (double)(r.all - r.distinct) / (double)r.all *
			  s->max_penalty;
	if (rc == 0)
		say_repeats(s, &r, &u, b, i);
	else
		param_complain(s->host, "score", "out of memory");
	free(u.at);
	free(u.folded);
	return rc;
}

static int repetition_score(void *state, const grpo_reward_batch *batch,
			    double *rewards, uint8_t *status)
{
	for (size_t i = 0; i < batch->n; i++)
		if (score_one(state, batch, i, &rewards[i], &status[i]) < 0)
			return -1;
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "repetition",
    .version = "1.0",
    .summary = "the share of n-grams that repeat, as a penalty: 0 to "
	       "max_penalty",
    .open = repetition_open,
    .score = repetition_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
