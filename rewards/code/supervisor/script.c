/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "checker.h"
#include "trial.h"

extern const char code_python_harness[];
extern const char code_python_split[];
extern const char code_python_checker[];

enum {
	NONCE_BYTES = 16,
	NONCE = 2 * NONCE_BYTES + 1,
	MAX_CALLS = 4096,
	SCRIPT_CPU_MS = 10000,
	SCRIPT_WALL_MS = 120000
};

/* A script that asks for results. */
struct script {
	struct row *row;
	struct outcome *outcome;
	const char *nonce;
	int n_calls;
	int is_over; /* a call ended in a way that no script may judge */
	int passed, is_weak;
};

static int make_nonce(char nonce[NONCE])
{
	unsigned char bytes[NONCE_BYTES];
	size_t i;

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -1;
	for (i = 0; i < NONCE_BYTES; i++)
		(void)snprintf(nonce + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static void fail(struct outcome *o, const char *why)
{
	(void)code_bytes_add(&o->said, why, strlen(why));
	o->verdict = CODE_FAILED;
}

/* ---- one call ---- */

/* The result as one line: it was read, so it holds no more than a value. */
static int reply_value(struct code_view result, struct code_bytes *reply)
{
	struct arena a = {0};
	const struct value *v;
	int rc = -1;

	if (value_read(&v, &a, result, VALUE_TYPED) == 0)
		rc = code_bytes_print(reply, "value ") < 0 ||
			     value_write(reply, v) < 0 ||
			     code_bytes_print(reply, "\n") < 0
			 ? -1
			 : 0;
	arena_free(&a);
	return rc;
}

/* An exception is what some tests expect.  Its name is the last line's, up to
 * the colon. */
static int reply_raised(struct code_view said, struct code_bytes *reply)
{
	struct code_view line = trial_last_line(said);
	size_t n = 0;

	while (n < line.len && n < 64 &&
	       ((line.ptr[n] | 0x20) >= 'a' && (line.ptr[n] | 0x20) <= 'z'))
		n++;
	return code_bytes_print(reply, "raised %.*s\n", (int)n, line.ptr);
}

static int reply_end(struct script *s, const struct jail_end *end,
		     struct code_bytes *reply)
{
	if (s->outcome->verdict == CODE_PASSED) {
		if (reply_value(code_view_of(&end->result), reply) == 0)
			return 0;
		s->outcome->verdict = CODE_WRONG; /* left before it returned */
	} else if (s->outcome->verdict == CODE_RUNTIME_ERROR &&
		   end->how == JAIL_EXITED) {
		return reply_raised(code_view_of(&end->error), reply);
	}
	s->is_over = 1;
	return -1;
}

static int answer_call(struct script *s, struct code_view call,
		       struct code_bytes *reply)
{
	struct test test = {.expect = EXPECT_EQUAL, .call = call};
	struct jail_end end = {0};
	int rc = -1;

	if (++s->n_calls > MAX_CALLS) {
		fail(s->outcome, "the tests call the program too often");
		s->is_over = 1;
		return -1;
	}
	if (trial_program(s->row, code_view_of(&s->row->source), &test, &end,
			  s->outcome) < 0)
		s->is_over = 1;
	else
		rc = reply_end(s, &end, reply);
	if (s->is_over && end.error.len && s->outcome->said.len == 0)
		(void)code_bytes_add(&s->outcome->said, end.error.ptr,
				     end.error.len);
	jail_end_free(&end);
	return rc;
}

/* ---- what the script says ---- */

/* Cuts the word off that the line starts with. */
static int starts(struct code_view *line, const char *word)
{
	size_t n = strlen(word);

	if (line->len < n || memcmp(line->ptr, word, n) != 0)
		return 0;
	line->ptr += n;
	line->len -= n;
	return 1;
}

static int answer(void *ctx, struct code_view line, struct code_bytes *reply)
{
	struct script *s = ctx;

	while (line.len && line.ptr[line.len - 1] == '\n')
		line.len--;
	if (starts(&line, "call "))
		return answer_call(s, line, reply);
	s->passed = 0;
	if (starts(&line, "passed "))
		s->passed = line.len == strlen(s->nonce) &&
			    memcmp(line.ptr, s->nonce, line.len) == 0;
	else if (starts(&line, "weak "))
		s->is_weak = 1;
	else if (starts(&line, "failed ") && s->outcome->said.len == 0)
		(void)code_bytes_add(&s->outcome->said, line.ptr, line.len);
	return 0;
}

static int run_script(struct script *s, struct jail_end *end)
{
	static const char *const argv[] = {"checker.py", NULL};
	const struct tests *t = &s->row->tests;
	const struct jail_file files[] = {
	    {"checker.py", code_view_text(code_python_checker)},
	    {"split.py", code_view_text(code_python_split)},
	    {"harness.py", code_view_text(code_python_harness)},
	    {"script.py", t->script},
	    {"setup.py", t->setup},
	    {"prompt.py", t->prompt},
	    {"entry.txt", t->entry},
	    {"nonce.txt", code_view_text(s->nonce)},
	};
	struct checker_tool tool = {.files = files,
				    .n_files = sizeof(files) / sizeof(files[0]),
				    .argv = argv,
				    .cpu_ms = SCRIPT_CPU_MS,
				    .wall_ms = SCRIPT_WALL_MS,
				    .output_bytes = 32 << 20,
				    .answer = answer,
				    .ctx = s};
	int64_t left = row_time_left(s->row);

	if (left < tool.wall_ms)
		tool.wall_ms = left;
	return checker_python(s->row->grader, &tool, end);
}

void checker_run_script(struct row *row, struct outcome *o, int *is_weak)
{
	char nonce[NONCE];
	struct script s = {.row = row, .outcome = o, .nonce = nonce};
	struct jail_end end = {0};
	int rc = make_nonce(nonce) < 0 ? -1 : run_script(&s, &end);

	*is_weak = s.is_weak;
	if (s.is_over) {
		/* the call's own verdict stands */
	} else if (rc < 0) {
		fail(o, jail_error(row->grader->config.jail));
	} else if (end.how == JAIL_WALL) {
		o->verdict = CODE_TIME;
	} else {
		o->verdict =
		    s.passed && end.how == JAIL_EXITED && end.status == 0
			? CODE_PASSED
			: CODE_WRONG;
	}
	if (o->verdict == CODE_WRONG && o->said.len == 0 && end.error.len)
		(void)code_bytes_add(&o->said, end.error.ptr, end.error.len);
	jail_end_free(&end);
}

/* ---- together ---- */

static int add(struct code_bytes *b, struct code_view part)
{
	return code_bytes_add(b, part.ptr, part.len) < 0
		   ? -1
		   : code_bytes_add(b, "\n", 1);
}

/* The program, the tests, and a last line that only a script gets to that ran
 * to its end. */
static int join_script(struct code_bytes *b, const struct row *row,
		       const char *nonce)
{
	const struct tests *t = &row->tests;

	if (add(b, code_view_of(&row->source)) < 0 || add(b, t->setup) < 0 ||
	    add(b, t->script) < 0)
		return -1;
	if (t->entry.len &&
	    code_bytes_print(b, "check(%.*s)\n", (int)t->entry.len,
			     t->entry.ptr) < 0)
		return -1;
	return code_bytes_print(b, "__import__(\"os\").write(3, b\"%s\")\n",
				nonce);
}

static void judge_together(struct row *row, struct outcome *o,
			   const struct code_bytes *source, const char *nonce)
{
	static const struct test test = {.expect = EXPECT_OUTPUT};
	struct jail_end end = {0};

	if (trial_program(row, code_view_of(source), &test, &end, o) == 0) {
		if (o->verdict == CODE_PASSED &&
		    (end.result.len != strlen(nonce) ||
		     memcmp(end.result.ptr, nonce, end.result.len) != 0))
			o->verdict = CODE_WRONG;
		(void)code_bytes_add(&o->said, end.error.ptr, end.error.len);
	}
	jail_end_free(&end);
}

void checker_run_together(struct row *row, struct outcome *o)
{
	struct code_bytes source = {0};
	char nonce[NONCE];

	if (make_nonce(nonce) < 0 || join_script(&source, row, nonce) < 0)
		fail(o, "out of memory");
	else
		judge_together(row, o, &source, nonce);
	code_bytes_free(&source);
}
