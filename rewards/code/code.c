/* SPDX-License-Identifier: MIT */
/*
 * code: does the program in the completion pass the row's tests?
 *
 *  C1  The program is the last block between fences that is tagged with the
 *      language or not tagged, behind the thought (extract.h).  Without one the
 *      status is NO_ANSWER, also where the last fence is not closed.
 *  C2  The column `tests` has the tests, in the format of one of the known
 *      datasets or in our own (README.md).  A row whose tests can't be used is
 *      MISSING, and says why.
 *  C3  The language is the row's column `language`, else the parameter.  A
 *      language that is not known, or whose interpreter or compiler is not
 *      installed, makes the row MISSING.
 *  C4  A program that doesn't compile, ends badly, takes too long or too much,
 *      or prints too much is SCORED: it is the completion's doing.
 *  C5  A sandbox that fails makes the row FAILED, and never 0.
 *  C6  The reward is 1 if all tests passed (credit "all"), the share that
 *      passed ("fraction"), or Open-R1's ("codeforces").
 *  C7  `open` fails where the machine can't isolate programs, or less well than
 *      least_tier asks for; the line says what is missing.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../json_text.h"
#include "../row.h"
#include "client.h"
#include "credit.h"
#include "extract.h"
#include "settings.h"

struct state {
	struct settings settings;
	const grpo_reward_host *host;
	struct code_client *client;
	struct code_hello hello;
};

/* ------------------------------------------------------------------- open */

static const char *or_null(const char *text)
{
	return text[0] ? text : NULL;
}

static void log_warning(void *ctx, const char *text)
{
	const grpo_reward_host *host = ctx;

	host->log(host->ctx, GRPO_REWARD_LOG_WARN, text);
}

static int start(struct state *s)
{
	const struct settings *o = &s->settings;
	struct code_client_config config = {.least_tier = o->least_tier,
					    .python = or_null(o->python),
					    .cc = or_null(o->cc),
					    .cxx = or_null(o->cxx),
					    .supervisor =
						or_null(o->supervisor),
					    .workers = o->workers,
					    .log = log_warning};
	char why[512], line[600];

	/* the host is the plug-in's for as long as it is open */
	memcpy(&config.log_ctx, &s->host, sizeof config.log_ctx);
	if (code_client_open(&s->client, &s->hello, &config, why, sizeof why) <
	    0) {
		snprintf(line, sizeof line, "programs cannot be run: %s", why);
		s->host->log(s->host->ctx, GRPO_REWARD_LOG_ERROR, line);
		return -1;
	}
	snprintf(line, sizeof line,
		 "programs run at tier %s (docs/code-sandbox.md)",
		 s->hello.tier);
	s->host->log(s->host->ctx, GRPO_REWARD_LOG_INFO, line);
	return 0;
}

static int code_open(void **state, const grpo_reward_host *host,
		     grpo_str params)
{
	struct state *s = calloc(1, sizeof *s);

	if (!s)
		return param_complain(host, "params", "out of memory");
	s->host = host;
	if (settings_read(&s->settings, host, params) < 0 || start(s) < 0) {
		free(s);
		return -1;
	}
	*state = s;
	return 0;
}

static void code_close(void *state)
{
	struct state *s = state;

	code_client_close(s->client);
	free(s);
}

/* -------------------------------------------------------------- one row */

/* What a row needs until it is graded. */
struct row {
	struct code_bytes program, entry, prompt, language_text;
	int language;
	enum extract_result found;
	int is_missing;
};

static void free_row(struct row *r)
{
	code_bytes_free(&r->program);
	code_bytes_free(&r->entry);
	code_bytes_free(&r->prompt);
	code_bytes_free(&r->language_text);
}

/* A cell that is a JSON string, decoded; 0, or -1 where memory is out.  Another
 * cell, and none, is the empty text. */
static int read_text(struct code_bytes *out, grpo_str cell)
{
	if (!cell.len || cell.ptr[0] != '"')
		return 0;
	out->ptr = malloc(cell.len);
	if (!out->ptr)
		return -1;
	out->cap = cell.len;
	out->len = json_text(out->ptr, cell);
	return 0;
}

static int is_null(grpo_str cell)
{
	return !cell.len || (cell.len == 4 && memcmp(cell.ptr, "null", 4) == 0);
}

static int has_language(const struct code_hello *h, int language)
{
	return language == CODE_PYTHON ? h->has_python
	       : language == CODE_C    ? h->has_c
				       : h->has_cpp;
}

/* C3 */
static int find_language(struct row *r, const struct state *s,
			 const grpo_reward_batch *b, size_t i)
{
	grpo_str cell = row_cell(b, s->settings.language_column, i);

	if (read_text(&r->language_text, cell) < 0)
		return -1;
	r->language = s->settings.language;
	if (r->language_text.len)
		r->language =
		    code_language_find(code_view_of(&r->language_text));
	if (r->language < 0) {
		row_say(b, i, "why", "unknown language \"%.*s\"",
			(int)(r->language_text.len < 40 ? r->language_text.len
							: 40),
			r->language_text.ptr);
		return -1;
	}
	if (!has_language(&s->hello, r->language)) {
		row_say(b, i, "why", "no %s is installed here",
			r->language == CODE_PYTHON ? "Python" : "compiler");
		return -1;
	}
	return 0;
}

static int prepare(struct row *r, const struct state *s,
		   const grpo_reward_batch *b, size_t i)
{
	const struct settings *o = &s->settings;

	if (is_null(row_cell(b, o->tests, i))) {
		row_say_missing(b, i, o->tests);
		return -1;
	}
	if (find_language(r, s, b, i) < 0 ||
	    read_text(&r->entry, row_cell(b, o->entry_point, i)) < 0 ||
	    read_text(&r->prompt, row_cell(b, o->code_prompt, i)) < 0)
		return -1;
	r->found = extract_program(&r->program, b->completions[i], r->language);
	return 0;
}

static struct code_request request_of(const struct row *r,
				      const struct state *s,
				      const grpo_reward_batch *b, size_t i)
{
	const struct settings *o = &s->settings;
	grpo_str tests = row_cell(b, o->tests, i);

	return (struct code_request){
	    .source = code_view_of(&r->program),
	    .language = code_view_text(code_language_name(r->language)),
	    .tests = {tests.ptr, tests.len},
	    .format = code_view_text(o->tests_format),
	    .entry = code_view_of(&r->entry),
	    .prompt = code_view_of(&r->prompt),
	    .limits = {.cpu_ms = o->cpu_ms,
		       .wall_ms = o->wall_ms,
		       .memory_bytes = o->memory_mb << 20,
		       .output_bytes = o->output_kb << 10,
		       .compile_ms = o->compile_ms},
	    .deadline_ms = o->row_timeout_ms,
	    .stop_first = o->credit == CREDIT_ALL,
	    .explain = row_is_explained(b),
	    .only_check = r->found != EXTRACT_FOUND};
}

/* Lines "name\ttext" of the supervisor. */
static void explain_note(const grpo_reward_batch *b, size_t i,
			 const struct code_bytes *note)
{
	const char *p = note->ptr, *end = p ? p + note->len : p;

	while (row_is_explained(b) && p < end) {
		const char *line = memchr(p, '\n', (size_t)(end - p));
		const char *tab = memchr(p, '\t', (size_t)(end - p));
		char name[32];

		if (!line || !tab || tab > line)
			return;
		snprintf(name, sizeof name, "%.*s", (int)(tab - p), p);
		row_say_text(b, i, name,
			     (grpo_str){tab + 1, (size_t)(line - tab - 1)});
		p = line + 1;
	}
}

static void explain_response(const grpo_reward_batch *b, size_t i,
			     const struct state *s,
			     const struct code_response *r)
{
	if (!row_is_explained(b))
		return;
	row_say(b, i, "verdict", "%s", code_verdict_word(r->verdict));
	row_say(b, i, "tests", "%lld of %lld passed%s", (long long)r->n_passed,
		(long long)r->n_tests,
		r->is_weak ? ", judged by the exit status alone" : "");
	explain_note(b, i, &r->note);
	row_say(b, i, "tier", "%s", s->hello.tier);
	row_say(b, i, "limits",
		"%lld ms of processor time, %lld ms in all, %lld MB, %lld KB "
		"of output",
		(long long)s->settings.cpu_ms, (long long)s->settings.wall_ms,
		(long long)s->settings.memory_mb,
		(long long)s->settings.output_kb);
}

/* ------------------------------------------------------------- the batch */

struct batch {
	struct row *rows;
	struct code_request *requests;
	struct code_response *responses;
	size_t *of; /* [n] the row of request j */
	size_t n;   /* requests */
};

static void free_batch(struct batch *x, size_t n_rows)
{
	for (size_t i = 0; x->rows && i < n_rows; i++)
		free_row(&x->rows[i]);
	for (size_t j = 0; x->responses && j < x->n; j++)
		code_response_free(&x->responses[j]);
	free(x->rows);
	free(x->requests);
	free(x->responses);
	free(x->of);
}

static int make_batch(struct batch *x, size_t n)
{
	*x = (struct batch){.rows = calloc(n, sizeof *x->rows),
			    .requests = calloc(n, sizeof *x->requests),
			    .responses = calloc(n, sizeof *x->responses),
			    .of = calloc(n, sizeof *x->of)};
	return x->rows && x->requests && x->responses && x->of ? 0 : -1;
}

static void put(double *rewards, uint8_t *status, size_t i,
		struct credit_result r)
{
	rewards[i] = r.reward;
	status[i] = r.status;
}

/* Rows without tests are decided here.  Of one without a program the tests are
 * looked at all the same: where they can't be used it is missing (R3). */
static void sort_rows(struct batch *x, const struct state *s,
		      const grpo_reward_batch *b, double *rewards,
		      uint8_t *status)
{
	for (size_t i = 0; i < b->n; i++) {
		struct row *r = &x->rows[i];

		if (prepare(r, s, b, i) < 0) {
			put(rewards, status, i,
			    (struct credit_result){0, GRPO_REWARD_MISSING});
			continue;
		}
		x->requests[x->n] = request_of(r, s, b, i);
		x->of[x->n++] = i;
	}
}

/* A row whose tests were looked at, and of which there is no program. */
static struct credit_result judge_no_program(const struct state *s,
					     const grpo_reward_batch *b,
					     size_t i, const struct row *row,
					     const struct code_response *r)
{
	enum credit way = (enum credit)s->settings.credit;

	if (r->verdict != CODE_PASSED) {
		explain_response(b, i, s, r);
		return credit_of_response(r, way);
	}
	row_say(b, i, "why", "%s", extract_why(row->found));
	credit_measure(b, i, NULL);
	return credit_of_no_program(row->found, way);
}

static struct credit_result judge(const struct state *s,
				  const grpo_reward_batch *b, size_t i,
				  const struct row *row,
				  const struct code_response *r)
{
	if (row->found != EXTRACT_FOUND)
		return judge_no_program(s, b, i, row, r);
	explain_response(b, i, s, r);
	credit_measure(b, i, r);
	return credit_of_response(r, (enum credit)s->settings.credit);
}

static int code_score(void *state, const grpo_reward_batch *b, double *rewards,
		      uint8_t *status)
{
	struct state *s = state;
	int64_t most = s->settings.batch_timeout_ms;
	int64_t until = most ? code_client_now() + most : 0;
	struct batch x;

	if (make_batch(&x, b->n) < 0) {
		free_batch(&x, b->n);
		return param_complain(s->host, "score", "out of memory");
	}
	sort_rows(&x, s, b, rewards, status);
	code_client_grade(s->client, x.requests, x.responses, x.n, until);
	for (size_t j = 0; j < x.n; j++) {
		size_t i = x.of[j];

		put(rewards, status, i,
		    judge(s, b, i, &x.rows[i], &x.responses[j]));
	}
	free_batch(&x, b->n);
	return 0;
}

static const grpo_reward_plugin plugin = {
    .struct_size = sizeof plugin,
    .abi_minor = GRPO_REWARD_ABI_MINOR,
    .flags = GRPO_REWARD_THREADSAFE,
    .name = "code",
    .version = "1.0",
    .summary = "1 if the program passes its tests, run in a sandbox; with "
	       "credit the share that passed, or Open-R1's -1 to 1.1",
    .open = code_open,
    .score = code_score,
    .close = code_close,
};

const grpo_reward_plugin *grpo_reward_plugin_v1(void)
{
	return &plugin;
}
