/* SPDX-License-Identifier: MIT */
/*
 * Writes generated text as JSON Lines on standard output: base documents,
 * additions, countdown, programming problems.  The same arguments give the same
 * bytes.
 */
#include <errno.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../arithmetic.h"
#include "../countdown.h"
#include "../programs.h"

static const char usage[] =
    "usage: make_dataset corpus|sums|countdown|programs [options]\n"
    "\n"
    "  corpus     one {\"text\": ...} a line: base documents in many styles\n"
    "  sums       one {\"prompt\", \"answer\"} a line: additions\n"
    "  countdown  one {\"prompt\", \"nums\", \"target\"} a line\n"
    "  programs   one {\"prompt\", \"tests\", \"python\", \"c\", \"cpp\"} a "
    "line:\n"
    "             problems for the reward code, with solutions\n"
    "\n"
    "  --n N            lines to write (default 1000)\n"
    "  --from N         index of the first (default 0)\n"
    "  --seed N         stream of random numbers (default 1)\n"
    "  --split NAME     train or held_out; they share no problem (default\n"
    "                   train; a corpus is always of the training split)\n"
    "  --digits N       of both operands, 2 to 6 (default 3)\n"
    "  --template FILE  the prompt is the file's text with the question in\n"
    "                   place of {prompt} (default: the question alone)\n"
    "  --set NAME=N     a share of the corpus, of 1000; names and meanings\n"
    "                   are in datasets/README.md\n"
    "  --help           this text\n";

typedef struct request {
	const char *what, *template_path;
	char *before, *after; /* of the template, around {prompt} */
	arithmetic_options sums;
	uint64_t seed, from, n;
	int held_out;
} request;

/* ---- arguments ---- */

static int refuse(const char *what, const char *value, const char *expected)
{
	(void)fprintf(stderr, "make_dataset: %s \"%s\": expected %s\n", what,
		      value, expected);
	return -1;
}

static int read_number(uint64_t *out, const char *name, const char *text,
		       uint64_t max)
{
	char expected[64], *end;
	unsigned long long n;

	errno = 0;
	n = strtoull(text, &end, 10);
	if (*text >= '0' && *text <= '9' && *end == '\0' && errno == 0 &&
	    n <= max) {
		*out = n;
		return 0;
	}
	(void)snprintf(expected, sizeof(expected),
		       "a whole number from 0 to %" PRIu64, max);
	return refuse(name, text, expected);
}

static const struct {
	const char *name;
	size_t offset;
} shares[] = {
#define SHARE(field)                                                           \
	{                                                                      \
#field, offsetof(arithmetic_options, field)                    \
	}
    SHARE(chat),           SHARE(puzzle),        SHARE(record),
    SHARE(terse),          SHARE(worked),        SHARE(smaller),
    SHARE(preamble),       SHARE(note_terse),    SHARE(note_check),
    SHARE(thought_answer), SHARE(puzzle_answer),
#undef SHARE
};

static int read_share(arithmetic_options *o, const char *text)
{
	size_t i, n = strcspn(text, "=");
	uint64_t share;

	for (i = 0; i < sizeof(shares) / sizeof(shares[0]); i++) {
		if (text[n] == '=' && strlen(shares[i].name) == n &&
		    strncmp(shares[i].name, text, n) == 0) {
			if (read_number(&share, "--set", text + n + 1, 1000))
				return -1;
			*(int32_t *)((char *)o + shares[i].offset) =
			    (int32_t)share;
			return 0;
		}
	}
	return refuse("--set", text,
		      "NAME=N with a name from datasets/README.md");
}

static int read_split(request *r, const char *text)
{
	r->held_out = strcmp(text, "held_out") == 0;
	if (r->held_out || strcmp(text, "train") == 0)
		return 0;
	return refuse("--split", text, "train or held_out");
}

static int read_option(request *r, const char *name, const char *value)
{
	uint64_t digits = 0;

	if (strcmp(name, "--n") == 0)
		return read_number(&r->n, name, value, INT64_MAX);
	if (strcmp(name, "--from") == 0)
		return read_number(&r->from, name, value, INT64_MAX);
	if (strcmp(name, "--seed") == 0)
		return read_number(&r->seed, name, value, UINT64_MAX);
	if (strcmp(name, "--split") == 0)
		return read_split(r, value);
	if (strcmp(name, "--set") == 0)
		return read_share(&r->sums, value);
	if (strcmp(name, "--template") == 0) {
		r->template_path = value;
		return 0;
	}
	if (strcmp(name, "--digits") != 0)
		return refuse("option", name, "an option listed by --help");
	if (read_number(&digits, name, value, 1000))
		return -1;
	r->sums.digits = (int32_t)digits;
	return 0;
}

static int check_request(const request *r)
{
	const char *fault = arithmetic_options_fault(&r->sums);

	if (fault != NULL) {
		(void)fprintf(stderr, "make_dataset: %s\n", fault);
		return -1;
	}
	if (strcmp(r->what, "corpus") != 0 && strcmp(r->what, "sums") != 0 &&
	    strcmp(r->what, "countdown") != 0 &&
	    strcmp(r->what, "programs") != 0)
		return refuse("kind", r->what,
			      "corpus, sums, countdown or programs");
	if (strcmp(r->what, "corpus") == 0 && r->held_out)
		return refuse("--split", "held_out",
			      "train: there are no held-out base documents");
	if (r->template_path != NULL && strcmp(r->what, "corpus") == 0)
		return refuse("--template", r->template_path,
			      "a kind with prompts: documents have none");
	return 0;
}

static int read_request(request *r, int argc, char **argv)
{
	int i;

	arithmetic_options_init(&r->sums);
	r->what = argc > 1 ? argv[1] : "";
	r->seed = 1;
	r->n = 1000;
	for (i = 2; i < argc; i += 2) {
		if (i + 1 == argc)
			return refuse("option", argv[i], "a value");
		if (read_option(r, argv[i], argv[i + 1]))
			return -1;
	}
	return check_request(r);
}

/* ---- the template ---- */

/* Cuts the template at {prompt}: before it and after it. */
static int cut_template(request *r, char *text)
{
	static const char slot[] = "{prompt}";
	char *at = strstr(text, slot);

	if (at == NULL)
		return refuse("--template", r->template_path,
			      "a file that contains {prompt}");
	*at = '\0';
	r->before = text;
	r->after = at + strlen(slot);
	return 0;
}

static int read_template(request *r)
{
	enum { MAX = 1 << 16 };
	char *text;
	size_t n;
	FILE *f;

	if (r->template_path == NULL)
		return 0;
	f = fopen(r->template_path, "rb");
	text = calloc(1, MAX);
	if (f == NULL || text == NULL) {
		(void)fprintf(stderr, "make_dataset: %s: %s\n",
			      r->template_path, strerror(errno));
		if (f != NULL)
			(void)fclose(f);
		free(text);
		return -1;
	}
	n = fread(text, 1, MAX - 1, f);
	(void)fclose(f);
	/* A file ends with a newline, but the prompt continues on the same
	 * line. */
	if (n > 0 && text[n - 1] == '\n')
		text[n - 1] = '\0';
	if (cut_template(r, text)) {
		free(text);
		return -1;
	}
	return 0;
}

/* ---- lines ---- */

/* Bytes over 127 pass: a template in UTF-8 stays UTF-8. */
static void put_escaped(const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			(void)printf("\\%c", c);
		else if (c == '\n')
			(void)fputs("\\n", stdout);
		else if (c < 0x20 || c == 0x7f)
			(void)printf("\\u%04x", c);
		else
			(void)putchar(c);
	}
}

static void put_prompt(const request *r, const char *question)
{
	(void)fputs("{\"prompt\": \"", stdout);
	put_escaped(r->before != NULL ? r->before : "");
	put_escaped(question);
	put_escaped(r->after != NULL ? r->after : "");
	(void)putchar('"');
}

static void write_document(const request *r, uint64_t index)
{
	char text[ARITHMETIC_MAX_TEXT];

	(void)arithmetic_document(text, sizeof(text), &r->sums, r->seed, index);
	(void)fputs("{\"text\": \"", stdout);
	put_escaped(text);
	(void)fputs("\"}\n", stdout);
}

static void write_sum(const request *r, uint64_t index)
{
	char question[128], answer[32];

	arithmetic_problem(question, answer, &r->sums, r->seed, index,
			   r->held_out);
	put_prompt(r, question);
	(void)printf(", \"answer\": \"%s\"}\n", answer);
}

static void write_countdown(const request *r, uint64_t index)
{
	int32_t nums[8], n_nums, target, i;
	char prompt[512];

	countdown_problem(prompt, nums, &n_nums, &target, r->seed, index,
			  r->held_out);
	put_prompt(r, prompt);
	(void)fputs(", \"nums\": [", stdout);
	for (i = 0; i < n_nums; i++)
		(void)printf("%s%" PRId32, i > 0 ? ", " : "", nums[i]);
	(void)printf("], \"target\": %" PRId32 "}\n", target);
}

static void put_member(const char *name, const char *text)
{
	(void)printf(", \"%s\": \"", name);
	put_escaped(text);
	(void)putchar('"');
}

static void write_program(const request *r, uint64_t index)
{
	static programs_problem p;

	programs_draw(&p, r->seed, index, r->held_out);
	put_prompt(r, p.statement);
	put_member("tests", p.tests);
	put_member("python", p.solutions[PROGRAMS_PYTHON]);
	put_member("c", p.solutions[PROGRAMS_C]);
	put_member("cpp", p.solutions[PROGRAMS_CPP]);
	(void)fputs("}\n", stdout);
}

static int write_all(const request *r)
{
	uint64_t i;

	for (i = r->from; i - r->from < r->n && !ferror(stdout); i++) {
		if (strcmp(r->what, "corpus") == 0)
			write_document(r, i);
		else if (strcmp(r->what, "sums") == 0)
			write_sum(r, i);
		else if (strcmp(r->what, "programs") == 0)
			write_program(r, i);
		else
			write_countdown(r, i);
	}
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	(void)fprintf(stderr, "make_dataset: standard output: %s\n",
		      strerror(errno));
	return -1;
}

static int asks_for_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return 1;
	return 0;
}

int main(int argc, char **argv)
{
	request r = {0};
	int rc;

	if (asks_for_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return 0;
	}
	if (argc < 2) {
		(void)fputs(usage, stderr);
		return 2;
	}
	if (read_request(&r, argc, argv) || read_template(&r))
		return 2;
	rc = write_all(&r);
	free(r.before);
	return rc == 0 ? 0 : 1;
}
