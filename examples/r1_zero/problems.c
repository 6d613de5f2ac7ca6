/* SPDX-License-Identifier: MIT */
#include "problems.h"

#include <inttypes.h>
#include <stdio.h>

#include "datasets/arithmetic.h"
#include "datasets/countdown.h"
#include "examples/fault.h"

static void write_sum(FILE *f, const struct problem_settings *p, uint64_t seed,
		      int64_t i, int held_out)
{
	char question[128], answer[32];
	arithmetic_options o;

	arithmetic_options_init(&o);
	o.digits = (int32_t)p->digits;
	arithmetic_problem(question, answer, &o, seed, (uint64_t)i, held_out);
	fprintf(f, "{\"prompt\": \"%s\", \"answer\": %s}\n", question, answer);
}

/* The prompt's text may hold quotes and line ends. */
static void write_quoted(FILE *f, const char *text)
{
	putc('"', f);
	for (; *text; text++)
		if (*text == '\n')
			fputs("\\n", f);
		else if (*text == '"' || *text == '\\')
			fprintf(f, "\\%c", *text);
		else
			putc(*text, f);
	putc('"', f);
}

static void write_countdown(FILE *f, uint64_t seed, int64_t i, int held_out)
{
	int32_t nums[8], n, target, k;
	char prompt[512];

	countdown_problem(prompt, nums, &n, &target, seed, (uint64_t)i,
			  held_out);
	fputs("{\"prompt\": ", f);
	write_quoted(f, prompt);
	fputs(", \"nums\": [", f);
	for (k = 0; k < n; k++)
		fprintf(f, "%s%" PRId32, k ? ", " : "", nums[k]);
	fprintf(f, "], \"target\": %" PRId32 "}\n", target);
}

int problems_write(const char *path, const struct problem_settings *p,
		   int64_t n, uint64_t seed, int held_out)
{
	FILE *f = fopen(path, "wb");
	int64_t i;
	int bad;

	if (!f)
		return fail_errno(path);
	for (i = 0; i < n; i++)
		if (p->problems == COUNTDOWN)
			write_countdown(f, seed, i, held_out);
		else
			write_sum(f, p, seed, i, held_out);
	bad = ferror(f);
	if (fclose(f) != 0 || bad)
		return fail_errno(path);
	return 0;
}
