/* SPDX-License-Identifier: MIT */
#include "programs.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "draw.h"
#include "programs_kinds.h"

enum { STREAM_PROGRAMS = 24, N_TESTS = 8, MAX_TEXT = 2048 };

int32_t programs_kinds(void)
{
	return (int32_t)programs_n_kinds;
}

int programs_held_out(int32_t kind, int64_t number)
{
	return draw_mix((uint64_t)number * 64 + (uint64_t)kind) % 10 == 0;
}

/* Copies the text with the number in place of {p}. */
static void fill_in(char *out, size_t cap, const char *text, int64_t p)
{
	draw d = {.out = out, .cap = cap};
	const char *slot;

	out[0] = '\0';
	while ((slot = strstr(text, "{p}")) != NULL) {
		for (; text < slot; text++) {
			char one[2] = {*text, '\0'};

			draw_put(&d, one);
		}
		draw_put_number(&d, p);
		text = slot + 3;
	}
	draw_put(&d, text);
}

static void put_json(draw *out, const char *text)
{
	draw_put(out, "\"");
	for (; *text; text++) {
		char one[2] = {*text, '\0'};

		draw_put(out, *text == '\n' ? "\\n" : one);
	}
	draw_put(out, "\"");
}

static void put_test(draw *out, const struct programs_kind *kind, int64_t p,
		     draw *random, int test)
{
	char in[MAX_TEXT] = "", expected[MAX_TEXT] = "";
	struct programs_io io = {
	    .random = random,
	    .in = {.out = in, .cap = sizeof(in)},
	    .out = {.out = expected, .cap = sizeof(expected)},
	};

	kind->make(&io, p);
	draw_put(out, test > 0 ? ", {\"input\": " : "{\"input\": ");
	put_json(out, in);
	draw_put(out, ", \"output\": ");
	put_json(out, expected);
	draw_put(out, "}");
}

static void put_tests(programs_problem *problem,
		      const struct programs_kind *kind, int64_t p, draw *random)
{
	draw out = {.out = problem->tests, .cap = sizeof(problem->tests)};
	int i;

	problem->tests[0] = '\0';
	draw_put(&out, "{\"tests\": [");
	for (i = 0; i < N_TESTS; i++)
		put_test(&out, kind, p, random, i);
	draw_put(&out, "]}");
}

void programs_draw(programs_problem *out, uint64_t seed, uint64_t index,
		   int held_out)
{
	int32_t k = (int32_t)(index % programs_n_kinds), i;
	const struct programs_kind *kind = &programs_all_kinds[k];
	char nothing[1];
	int64_t p;
	draw d;

	draw_begin(&d, nothing, sizeof(nothing), seed,
		   STREAM_PROGRAMS + !!held_out, index);
	do {
		p = draw_between(&d, kind->low, kind->high);
	} while (programs_held_out(k, p) != (held_out != 0));
	out->kind = kind->name;
	fill_in(out->statement, sizeof(out->statement), kind->statement, p);
	for (i = 0; i < PROGRAMS_LANGUAGES; i++)
		fill_in(out->solutions[i], sizeof(out->solutions[i]),
			kind->solutions[i], p);
	put_tests(out, kind, p, &d);
}
