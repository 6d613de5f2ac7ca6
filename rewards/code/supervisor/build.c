/* SPDX-License-Identifier: MIT */
#include "build.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "digest.h"
#include "grader.h"
#include "header.h"

enum { MAX_ARGS = LANGUAGE_MAX_FLAGS + 8 };

const char *build_tool(const struct grader *g, const struct language *l)
{
	if (l->tool == TOOL_CC)
		return g->config.cc;
	return l->tool == TOOL_CXX ? g->config.cxx : NULL;
}

/* compiler flags [-I shelf] -o program source -lm */
static void fill_argv(const char *argv[MAX_ARGS], const struct grader *g,
		      const struct language *l)
{
	int n = 0, i;

	argv[n++] = build_tool(g, l);
	for (i = 0; l->flags[i]; i++)
		argv[n++] = l->flags[i];
	if (l->header && header_is_ready(g->config.shelf, l)) {
		argv[n++] = "-I";
		argv[n++] = g->config.shelf;
	}
	argv[n++] = "-o";
	argv[n++] = LANGUAGE_OUT;
	argv[n++] = l->file;
	argv[n++] = "-lm";
	argv[n] = NULL;
}

static void name_program(char name[DIGEST_NAME + 2], const struct grader *g,
			 const struct language *l, struct code_view source)
{
	struct digest d;
	int i;

	digest_begin(&d);
	digest_add(&d, code_view_text(l->name));
	digest_add(&d, code_view_text(build_tool(g, l)));
	for (i = 0; l->flags[i]; i++)
		digest_add(&d, code_view_text(l->flags[i]));
	digest_add(&d, source);
	name[0] = 'p';
	name[1] = '-';
	digest_end(&d, name + 2);
}

/* Returns -1 where the jail failed. */
static int run_compiler(struct jail_end *end, struct grader *g,
			const struct language *l, struct code_view source,
			int64_t compile_ms)
{
	const char *argv[MAX_ARGS];
	struct jail_file file = {l->file, source};
	struct jail_run run = {
	    .kind = JAIL_TOOL,
	    .argv = argv,
	    .files = &file,
	    .n_files = 1,
	    .exe = -1,
	    .keep = LANGUAGE_OUT,
	    .limits = {.cpu_ms = compile_ms,
		       .wall_ms = compile_ms,
		       .memory_bytes = (int64_t)2 << 30,
		       .output_bytes = 1 << 16,
		       .error_bytes = 1 << 16,
		       .file_bytes = 64 << 20},
	};

	fill_argv(argv, g, l);
	return jail_run_program(g->config.jail, &run, end);
}

/* The kept file may still be open for writing elsewhere; memory is not. */
static int take_program(struct build *b, struct grader *g, const char *name,
			int kept)
{
	struct code_bytes program = {0};

	if (store_load(kept, &program) == 0 && program.len > 0) {
		store_keep(&g->store, name, code_view_of(&program));
		b->exe = store_memory("program", code_view_of(&program));
	}
	code_bytes_free(&program);
	return b->exe < 0 ? -1 : 0;
}

static const char *end_words(const struct jail_end *end)
{
	switch (end->how) {
	case JAIL_CPU:
	case JAIL_WALL:
		return "the compiler took too long";
	case JAIL_FLOOD:
		return "the compiler said too much";
	case JAIL_KILLED:
		return "the compiler was killed";
	default:
		return "";
	}
}

static void keep_diagnostics(struct build *b, const struct jail_end *end)
{
	const char *words = end_words(end);

	(void)code_bytes_add(&b->said, words, strlen(words));
	if (*words == '\0' && end->error.len)
		(void)code_bytes_add(&b->said, end->error.ptr, end->error.len);
	b->verdict = CODE_COMPILE_ERROR;
}

static void fail(struct build *b, const char *why)
{
	b->said.len = 0;
	(void)code_bytes_add(&b->said, why, strlen(why));
	b->verdict = CODE_FAILED;
}

/* A compiler that compiles nothing is not the program's doing. */
static void try_tool(struct build *b, struct grader *g,
		     const struct language *l, int64_t compile_ms)
{
	struct jail_end end = {0};

	if (g->tool_works[l->tool])
		return;
	if (run_compiler(&end, g, l, code_view_text(l->trivial), compile_ms) <
	    0)
		fail(b, jail_error(g->config.jail));
	else if (end.how == JAIL_EXITED && end.status == 0 && end.kept >= 0)
		g->tool_works[l->tool] = 1;
	else
		fail(b, "the compiler does not even compile an empty program");
	jail_end_free(&end);
}

static void compile(struct build *b, struct grader *g, const struct language *l,
		    struct code_view source, int64_t compile_ms)
{
	char name[DIGEST_NAME + 2];
	struct jail_end end = {0};

	name_program(name, g, l, source);
	b->exe = store_open(&g->store, name);
	if (b->exe >= 0)
		return;
	if (run_compiler(&end, g, l, source, compile_ms) < 0) {
		fail(b, jail_error(g->config.jail));
	} else if (end.how == JAIL_EXITED && end.status == 0 && end.kept >= 0) {
		g->tool_works[l->tool] = 1;
		if (take_program(b, g, name, end.kept) < 0)
			fail(b, "no memory for the compiled program");
	} else {
		keep_diagnostics(b, &end);
		try_tool(b, g, l, compile_ms);
	}
	jail_end_free(&end);
}

static int includes(struct code_view source, const char *header)
{
	size_t n = strlen(header), i;

	for (i = 0; i + n <= source.len; i++)
		if (memcmp(source.ptr + i, header, n) == 0)
			return 1;
	return 0;
}

void build_program(struct build *b, struct grader *g, const struct language *l,
		   struct code_view source, int64_t compile_ms)
{
	char why[128];

	*b = (struct build){.exe = -1, .verdict = CODE_PASSED};
	if (!build_tool(g, l)) {
		(void)snprintf(why, sizeof(why), "no compiler for %s", l->name);
		fail(b, why);
		return;
	}
	if (l->header && g->config.shelf && includes(source, l->header))
		header_make(g->config.shelf, build_tool(g, l), l);
	compile(b, g, l, source, compile_ms);
}
