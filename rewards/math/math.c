/* SPDX-License-Identifier: MIT */
/*
 * math: does the completion's answer mean the same as the reference?
 *
 * Requirements, with think and answer standing for the tag names that the
 * parameters give:
 *
 * Extraction
 *  M1  Only the text after the last </think> counts, and nothing from an
 *      unclosed <think> on; without either, the whole text.  `think` null:
 *      always the whole text.  Tokens that end a turn ("<|im_end|>", "</s>",
 *      …) are cut off the end.
 *  M2  The sources of an answer, in the order of `extract`.  Of the sources in
 *      one list, the one that ends last in the text counts (words without a
 *      number after an anchor only count if there is nothing else):
 *      "answer_tag"    the last <answer>…</answer>: a box in it, else all of
 *                      it, else what the other sources find in it, unless its
 *                      words deny or change that
 *      "boxed"         the last \boxed{…} or \fbox{…} (braces counted, \{ and
 *                      \} not) that is not blank or inside another
 *      "hash"          the text after the last #### on its line, if it has a
 *                      digit and no words (GSM8K)
 *      "final_answer"  the value after the last "final answer"
 *      "answer"        the value after the last "answer": "the answer is 5",
 *                      "**Answer:** 5", "Answer $5$", in any of a dozen
 *                      languages, or the choice of "option C is correct"; the
 *                      words alone, if they deny or doubt it ("is not 5"),
 *                      make another value of it ("is the reciprocal of 9") or
 *                      tie it to another number ("is 36 boxes of 12")
 *      "whole"         the whole text, if it has at most 4,096 bytes and no
 *                      word that marks it as a sentence; its last line, if
 *                      that alone is mathematics
 *      "math"          the last $…$ or \(…\) on one line, or $$…$$ or \[…\] in
 *                      one paragraph
 *      "number"        the last number in plain text, with everything that
 *                      operators join to it: "$1,234.50", "2/3", "x = 3 + 4i"
 *  M3  No source, or only blank ones: wrong, NO_ANSWER.
 *  M4  Boxes belong to one answer with several parts if there are fewer than 10
 *      characters between them, or fewer than 70 with a comma, a semicolon,
 *      "and" or "or" among them and different contents (unless "no", "wait", …
 *      retracts the first); formulas, only if nothing else is between them.
 *      The same box twice is one part.  A list of guesses is therefore an
 *      answer that lists them all.
 *  M5  A percent sign, a degree sign or a unit directly after a part's box or
 *      formula belongs to it.
 *  M6  An unclosed box counts if no box is closed: the rest of its line or
 *      formula.  So does \boxed 5.  An unclosed answer block counts if no
 *      block is closed: the rest of the text.
 *  M7  If the completion was cut at its limit (LENGTH), an unclosed box, and
 *      any other answer that reaches the end of the text, is not an answer: its
 *      last digits may be missing.
 *  M8  `strict`: unclosed text never counts (M6), an answer block must be a
 *      box or all answer, and `extract` is [["answer_tag", "boxed"]] unless it
 *      is given.
 *
 * Reading and comparing
 *  M9  The first answer found is the answer: if it cannot be read, it is
 *      UNPARSABLE, whatever else the text contains.  Only "whole" is skipped if
 *      it has words, since it may be a sentence.
 *  M10 Too long or too deep to read or to decide: BUDGET.
 *
 * Reference
 *  M11 Column `column`: a JSON string, a number (every digit counts), or a list
 *      of these; matching one entry is enough.  In a string, the reference is
 *      the text after the last "####", else its boxes, else all of it, else the
 *      answer that a text with a solution states.
 *  M12 No readable reference (absent, another type, longer than 64 KiB; only
 *      the first 64 of a list are read): MISSING, whatever the completion says.
 *
 *  M13 The reward is `score` if right, `wrong_score` if wrong; for these
 *      statuses it is `no_answer_score`, `unparsable_score` or `budget_score`,
 *      which default to `wrong_score`.
 *  M14 Time is linear in the completion; reading and comparing have a budget.
 *  M15 Parameters: {"score": 1, "wrong_score": 0, "no_answer_score",
 *      "unparsable_score", "budget_score", "column": "answer", "think":
 *      "think" | null, "answer": "answer" | null, "strict": false, "extract":
 *      [["answer_tag", "boxed", "hash", "final_answer"], "answer", "whole",
 *      ["math", "number"]]}, and those of comparing.
 *  M16 Values are compared, not texts: README.md says what counts as equal.
 *  M17 Nothing is dropped unless it is known to be harmless: what one side says
 *      alone and what is left out is explained under "left_out".
 */
#include <stdlib.h>

#include "../params.h"
#include "../row.h"
#include "compare/compare.h"
#include "read/gold.h"
#include "value/value.h"

struct state {
	double score, wrong_score;
	double no_answer_score, unparsable_score, budget_score;
	char column[PARAM_TEXT_SIZE];
	struct extract_options extract;
	struct compare_options comparing;
};

/* Parameters (M15) */

static int expect_sources(const cJSON *p, const grpo_reward_host *host)
{
	return param_complain(
	    host, p->string,
	    "expected a list of \"answer_tag\", \"boxed\", \"hash\", "
	    "\"final_answer\", \"answer\", \"whole\", \"math\" and \"number\", "
	    "each at most once, or of lists of them");
}

/* Returns 0, or -1 for a name that is not known or was there before. */
static int add_source(uint8_t *ranks, const cJSON *name, uint8_t rank)
{
	const char *text = cJSON_GetStringValue(name);

	for (int s = 0; text && extract_names[s]; s++) {
		if (strcmp(text, extract_names[s]) == 0 && ranks[s] == 0) {
			ranks[s] = rank;
			return 0;
		}
	}
	return -1;
}

static int read_extract(void *field, const cJSON *p,
			const grpo_reward_host *host)
{
	uint8_t *ranks = field, rank = 0;

	memset(ranks, 0, EXTRACT_N_SOURCES);
	if (!cJSON_IsArray(p) || !p->child)
		return expect_sources(p, host);
	for (const cJSON *q = p->child; q; q = q->next) {
		const cJSON *name = cJSON_IsArray(q) ? q->child : q;

		if (rank++ == EXTRACT_N_SOURCES || !name)
			return expect_sources(p, host);
		for (; name; name = cJSON_IsArray(q) ? name->next : NULL)
			if (add_source(ranks, name, rank) < 0)
				return expect_sources(p, host);
	}
	return 0;
}

static int read_tolerance(void *field, const cJSON *p,
			  const grpo_reward_host *host)
{
	double *out = field;

	*out = cJSON_GetNumberValue(p);
	if (!(*out >= 0 && *out <= 1))
		return param_complain(host, p->string,
				      "expected a number from 0 to 1");
	return 0;
}

static const struct param known[] = {
    /* the first: its bit in `given` is 1 */
    {PARAM("extract", PARAM_OWN, struct state, extract.rank),
     .read = read_extract},
    {PARAM("strict", PARAM_BOOL, struct state, extract.strict)},
    {PARAM("think", PARAM_TAG_NULL, struct state, extract.think)},
    {PARAM("answer", PARAM_TAG_NULL, struct state, extract.answer)},
    {PARAM("column", PARAM_COLUMN, struct state, column)},
    {PARAM("score", PARAM_NUMBER, struct state, score)},
    {PARAM("wrong_score", PARAM_NUMBER, struct state, wrong_score)},
    {PARAM("no_answer_score", PARAM_NUMBER, struct state, no_answer_score)},
    {PARAM("unparsable_score", PARAM_NUMBER, struct state, unparsable_score)},
    {PARAM("budget_score", PARAM_NUMBER, struct state, budget_score)},
    {PARAM("percent", PARAM_CHOICE, struct state, comparing.percent),
     .words = {"either", "hundredths", "unit"}},
    {PARAM("degrees", PARAM_CHOICE, struct state, comparing.degrees),
     .words = {"either", "angle", "unit"}},
    {PARAM("units", PARAM_CHOICE, struct state, comparing.units),
     .words = {"optional", "required", "ignored"}},
    {PARAM("form", PARAM_CHOICE, struct state, comparing.form),
     .words = {"any", "simplified", "integer"}},
    {PARAM("rounding", PARAM_BOOL, struct state, comparing.rounding)},
    {PARAM("digits", PARAM_COUNT, struct state, comparing.digits)},
    {PARAM("tolerance", PARAM_OWN, struct state, comparing.tolerance),
     .read = read_tolerance},
    {PARAM("ordered", PARAM_BOOL, struct state, comparing.ordered)},
    {PARAM("names", PARAM_BOOL, struct state, comparing.names)},
    {PARAM("inequalities", PARAM_BOOL, struct state, comparing.inequalities)},
    {0},
};

static void set_defaults(struct state *s)
{
	extract_defaults(&s->extract);
	compare_defaults(&s->comparing);
	memcpy(s->column, "answer", sizeof "answer");
	s->score = 1;
	s->no_answer_score = s->unparsable_score = s->budget_score = NAN;
}

static int read_params(struct state *s, const grpo_reward_host *host,
		       grpo_str params)
{
	uint32_t given;

	if (params_read(s, &given, known, host, params) < 0)
		return -1;
	if (s->extract.think[0] &&
	    strcmp(s->extract.think, s->extract.answer) == 0)
		return param_complain(host, "answer",
				      "must differ from \"think\"");
	if (s->extract.strict && !(given & 1))
		extract_strict_ranks(&s->extract);
	if (isnan(s->no_answer_score))
		s->no_answer_score = s->wrong_score;
	if (isnan(s->unparsable_score))
		s->unparsable_score = s->wrong_score;
	if (isnan(s->budget_score))
		s->budget_score = s->wrong_score;
	return 0;
}

static int math_open(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	set_defaults(s);
	if (read_params(s, host, params) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

/* Judging */

/* A row, on its way. */
struct row {
	const struct state *s;
	struct work *w;
	const grpo_reward_batch *batch;
	size_t i;
};

/* "1 and 2" of two parts. */
static void say_found(const struct row *r, const struct found *f)
{
	char text[ROW_NOTE_BYTES];
	size_t n = 0;

	if (!row_is_explained(r->batch))
		return;
	for (int i = 0; i < f->n_parts && n < sizeof text; i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%s%.*s", i ? " and " : "",
		    f->part[i].len < sizeof text ? (int)f->part[i].len
						 : (int)sizeof text,
		    f->part[i].ptr);
	row_say(r->batch, r->i, "answer", "%s", text);
	row_say(r->batch, r->i, "source", "%s", extract_names[f->source]);
}

static void say_answer(const struct row *r, const char *name,
		       const struct answer *a)
{
	char text[ROW_NOTE_BYTES];

	if (!row_is_explained(r->batch))
		return;
	answer_print(text, sizeof text, a);
	row_say(r->batch, r->i, name, "%s", text);
}

/* M9: the first that can be read.  Returns 0 or a status. */
static int read_answer(const struct row *r, const struct answer **out)
{
	grpo_str text = r->batch->completions[r->i];
	int is_cut = r->batch->finish[r->i] == GRPO_REWARD_FINISH_LENGTH;
	struct found found[EXTRACT_MAX_FOUND];
	int n = extract_answers(&r->s->extract, text, is_cut, found);
	int status = GRPO_REWARD_NO_ANSWER;

	for (int i = 0; i < n; i++) {
		r->w->status = 0;
		*out = answer_read(r->w, &found[i]);
		if (*out || i == n - 1)
			say_found(r, &found[i]);
		if (*out)
			return 0;
		status = r->w->status ? r->w->status : GRPO_REWARD_UNPARSABLE;
		if (status != GRPO_REWARD_UNPARSABLE)
			break;
	}
	return status;
}

/* "north (words on one side only); …" */
static void say_report(const struct row *r, const struct compare_report *report)
{
	char text[ROW_NOTE_BYTES] = "";
	size_t n = 0;

	row_say(r->batch, r->i, "rule", "%s", report->rule);
	if (!row_is_explained(r->batch) || !report->n_left_out)
		return;
	for (int i = 0; i < report->n_left_out && n < sizeof text; i++)
		n += (size_t)snprintf(
		    text + n, sizeof text - n, "%s%.*s (%s)", i ? "; " : "",
		    (int)report->left_out[i].text.len,
		    report->left_out[i].text.ptr, report->left_out[i].why);
	row_say(r->batch, r->i, "left_out", "%s", text);
}

/* Returns 0 and the verdict, or a status. */
static int compare_all(const struct row *r, const struct golds *golds,
		       const struct answer *given, int *is_right)
{
	struct compare_report report = {.rule = ""};
	int status = 0;

	*is_right = 0;
	for (int i = 0; i < golds->n && !*is_right; i++) {
		r->w->status = 0;
		*is_right =
		    compare_answers(r->w, &r->s->comparing, golds->at[i], given,
				    &report) == VERDICT_RIGHT;
		if (r->w->status)
			status = r->w->status;
		if (*is_right || i == golds->n - 1)
			say_answer(r, "gold", golds->at[i]);
	}
	say_report(r, &report);
	return *is_right ? 0 : status;
}

/* The references first, because whether they can be used must not depend on the
 * completion.  They have their own steps, so the answer still gets all of its
 * steps. */
static int judge(const struct row *r, int *is_right)
{
	const struct answer *given = NULL;
	struct golds golds;
	int status;

	*is_right = 0;
	work_reset(r->w);
	status =
	    golds_read(&golds, r->w, row_cell(r->batch, r->s->column, r->i));
	if (!status && golds.n == 0)
		status = GRPO_REWARD_MISSING;
	if (status) {
		row_say_missing(r->batch, r->i, r->s->column);
		row_say(r->batch, r->i, "rule", "the reference cannot be read");
		return status;
	}
	r->w->steps = WORK_STEPS;
	status = read_answer(r, &given);
	if (status) {
		row_say(r->batch, r->i, "rule", "no readable answer");
		return status;
	}
	say_answer(r, "parsed", given);
	return compare_all(r, &golds, given, is_right);
}

static double score_of(const struct state *s, int status, int is_right)
{
	switch (status) {
	case GRPO_REWARD_NO_ANSWER:
		return s->no_answer_score;
	case GRPO_REWARD_UNPARSABLE:
		return s->unparsable_score;
	case GRPO_REWARD_BUDGET:
		return s->budget_score;
	default:
		return is_right ? s->score : s->wrong_score;
	}
}

static int math_score(void *state, const grpo_reward_batch *batch,
		      double *rewards, uint8_t *status)
{
	struct work w;
	struct row r = {.s = state, .w = &w, .batch = batch};

	value_begin_thread();
	work_init(&w);
	for (size_t i = 0; i < batch->n; i++) {
		int is_right;

		r.i = i;
		status[i] = (uint8_t)judge(&r, &is_right);
		rewards[i] = score_of(state, status[i], is_right);
	}
	work_clear(&w);
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "math",
    .version = "1.0",
    .summary = "1 if the answer means the same as the reference, else 0",
    .open = math_open,
    .score = math_score,
    .close = free,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
