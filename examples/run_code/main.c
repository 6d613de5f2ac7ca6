/* SPDX-License-Identifier: MIT */
/*
 * run_code: one program against one file of tests, as the code reward judges
 * them in training.
 *
 *	run_code solution.py tests.json
 *	run_code --doctor
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/json_out.h"
#include "examples/program.h"
#include "examples/screen.h"
#include "grpo/log.h"
#include "grpo/reward_set.h"
#include "grpo/version.h"
#include "options.h"

#ifndef GRPO_LIBEXECDIR
#define GRPO_LIBEXECDIR "/usr/local/libexec/grpo"
#endif
#define NOT_JUDGED 2
/* No program has a line like it. */
#define FENCE "~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~"

struct text {
	char *ptr;
	size_t len;
};

/* ------------------------------------------------------------------ files */

/* Room for more, and for a NUL behind it. */
static int make_room(struct text *t, size_t *cap, const char *path)
{
	char *more;

	if (t->len + 1 < *cap)
		return 0;
	*cap = 2 * *cap + 4096;
	more = realloc(t->ptr, *cap);
	if (!more)
		return fail(GRPO_ENOMEM, "%s: out of memory", path);
	t->ptr = more;
	return 0;
}

static int read_all(struct text *out, FILE *f, const char *path)
{
	size_t cap = 0, n;
	int rc = 0;

	do {
		TRY(make_room(out, &cap, path));
		n = fread(out->ptr + out->len, 1, cap - 1 - out->len, f);
		out->len += n;
	} while (n > 0);
	if (ferror(f))
		rc = fail_errno(path);
	out->ptr[out->len] = '\0';
out:
	return rc;
}

static int read_file(struct text *out, const char *path)
{
	FILE *f;
	int rc;

	if (strcmp(path, "-") == 0)
		return read_all(out, stdin, "standard input");
	f = fopen(path, "rb");
	if (!f)
		return fail_errno(path);
	rc = read_all(out, f, path);
	fclose(f);
	return rc;
}

static const char *ending(const char *path)
{
	const char *dot = strrchr(path, '.');

	return dot && !strchr(dot, '/') ? dot + 1 : "";
}

static const char *language_of(const struct options *o)
{
	const char *end = ending(o->program);

	if (o->language)
		return o->language;
	if (strcmp(end, "c") == 0)
		return "c";
	return strcmp(end, "cpp") == 0 || strcmp(end, "cc") == 0 ||
		       strcmp(end, "cxx") == 0
		   ? "cpp"
		   : "python";
}

/* ------------------------------------------------------------------- a row */

/* What `write` writes, as text of its own. */
static int write_text(struct text *out, void (*write)(FILE *f, const void *ctx),
		      const void *ctx)
{
	FILE *f = open_memstream(&out->ptr, &out->len);

	if (!f)
		return fail_errno("memory");
	write(f, ctx);
	return fclose(f) == 0 ? 0 : fail_errno("memory");
}

static void write_completion(FILE *f, const void *ctx)
{
	const struct text *program = ctx;

	fprintf(f, "%s\n", FENCE);
	fwrite(program->ptr, 1, program->len, f);
	fprintf(f, "\n%s\n", FENCE);
}

static void write_string(FILE *f, const void *ctx)
{
	const struct text *t = ctx;

	json_string(f, t->ptr, t->len);
}

static int is_json(const struct text *t)
{
	size_t n = strspn(t->ptr, " \t\r\n");

	return t->ptr[n] == '{' || t->ptr[n] == '[' || t->ptr[n] == '"';
}

/* The four columns that the reward looks at. */
enum { TESTS, LANGUAGE, ENTRY_POINT, CODE_PROMPT, N_COLUMNS };

struct job {
	struct text program, tests, prompt; /* the files */
	struct text completion, cell[N_COLUMNS];
};

static void free_job(struct job *j)
{
	free(j->program.ptr);
	free(j->tests.ptr);
	free(j->prompt.ptr);
	free(j->completion.ptr);
	for (int c = 0; c < N_COLUMNS; c++)
		free(j->cell[c].ptr);
}

static int put_string(struct text *cell, const char *text, size_t len)
{
	struct text t;

	memcpy(&t.ptr, &text, sizeof text);
	t.len = len;
	return write_text(cell, write_string, &t);
}

/* Python with asserts is no JSON: it goes as a string. */
static int put_tests(struct job *j)
{
	if (!is_json(&j->tests))
		return put_string(&j->cell[TESTS], j->tests.ptr, j->tests.len);
	j->cell[TESTS] = j->tests;
	j->tests.ptr = NULL;
	return 0;
}

static int make_job(struct job *j, const struct options *o)
{
	const char *language = language_of(o);
	int rc = 0;

	TRY(read_file(&j->program, o->program));
	TRY(read_file(&j->tests, o->tests));
	TRY(write_text(&j->completion, write_completion, &j->program));
	TRY(put_tests(j));
	TRY(put_string(&j->cell[LANGUAGE], language, strlen(language)));
	if (o->entry_point)
		TRY(put_string(&j->cell[ENTRY_POINT], o->entry_point,
			       strlen(o->entry_point)));
	if (o->prompt) {
		TRY(read_file(&j->prompt, o->prompt));
		TRY(put_string(&j->cell[CODE_PROMPT], j->prompt.ptr,
			       j->prompt.len));
	}
out:
	return rc;
}

/* ----------------------------------------------------------------- judging */

/* Lines "name  text", as the reward explains them. */
static void show(void *ctx, int64_t row, int32_t k, const char *name,
		 grpo_str text)
{
	(void)ctx, (void)row, (void)k;
	screen_say("%-10s %.*s", name, (int)text.len, text.ptr);
}

static int judge(const struct options *o, const struct job *j, double *reward,
		 uint8_t *status)
{
	static const grpo_str columns[N_COLUMNS] = {{"tests", 5},
						    {"language", 8},
						    {"entry_point", 11},
						    {"code_prompt", 11}};
	grpo_reward_set *set = NULL;
	grpo_str cells[N_COLUMNS];
	grpo_reward_row row = {
	    .struct_size = sizeof row,
	    .completion = {j->completion.ptr, j->completion.len},
	    .columns = columns,
	    .cells = cells,
	    .n_columns = N_COLUMNS};
	int rc = 0;

	for (int c = 0; c < N_COLUMNS; c++)
		cells[c] = (grpo_str){j->cell[c].ptr, j->cell[c].len};
	TRY(grpo_reward_set_create(&set, 1));
	TRY(grpo_reward_set_add(set, "code", 1, o->params));
	TRY(grpo_reward_set_explain(set, show, NULL));
	TRY(grpo_reward_set_begin(set, 1));
	TRY(grpo_reward_set_submit(set, 0, &row));
	TRY(grpo_reward_set_wait(set, reward, status));
out:
	grpo_reward_set_free(set);
	return rc;
}

static int run(const struct options *o)
{
	struct job job = {0};
	double reward = 0;
	uint8_t status = 0;
	int rc = make_job(&job, o);

	if (rc == 0)
		rc = judge(o, &job, &reward, &status);
	free_job(&job);
	if (rc < 0) {
		fprintf(stderr, "%s: %s\n", program_name(), fault());
		return NOT_JUDGED;
	}
	if (GRPO_REWARD_IS_MISSING(status))
		return NOT_JUDGED;
	screen_say("%-10s %g", "reward", reward);
	return reward >= 1 ? 0 : 1;
}

/* ------------------------------------------------------------------ doctor */

/* The supervisor lies beside the plug-in, or in libexec. */
static void find_supervisor(char *path, size_t size)
{
	static const char *const ways[] = {"", "../../../libexec/grpo/"};
	char *plugin = NULL, *slash;

	if (grpo_reward_find(&plugin, "code") == 0) {
		slash = strrchr(plugin, '/');
		for (int i = 0; slash && i < 2; i++) {
			snprintf(path, size, "%.*s/%scode-supervisor",
				 (int)(slash - plugin), plugin, ways[i]);
			if (access(path, X_OK) == 0) {
				free(plugin);
				return;
			}
		}
		free(plugin);
	}
	snprintf(path, size, "%s/code-supervisor", GRPO_LIBEXECDIR);
}

static int be_doctor(void)
{
	char path[4096];

	find_supervisor(path, sizeof path);
	execl(path, path, "--doctor", (char *)NULL);
	fprintf(stderr, "%s: %s: %s\n", program_name(), path, strerror(errno));
	return NOT_JUDGED;
}

int main(int argc, char **argv)
{
	struct options o;

	program_called(argv);
	screen_to(stdout);
	grpo_log_set(screen_log, NULL, GRPO_LOG_WARN);
	if (options_read(&o, argc, argv) < 0) {
		fprintf(stderr, "%s: %s\n", program_name(), fault());
		return EXIT_USAGE;
	}
	if (o.help)
		options_help();
	else if (o.version)
		printf("%s (libgrpo) %s\n", program_name(), grpo_version());
	else
		return o.doctor ? be_doctor() : run(&o);
	return 0;
}
