/* SPDX-License-Identifier: MIT */
#define PCRE2_CODE_UNIT_WIDTH 8

#include "script.h"

#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#define LETTERS_A_WORD 16 /* K2 */
#define ALTERNATIVE_BYTES 64

static const struct {
	const char *name;  /* Unicode's; in PCRE2 \p{name} */
	int is_spaceless;  /* K3 */
	int has_variables; /* K4: a single letter is a variable */
} scripts[N_SCRIPTS] = {
    {"Latin", 0, 1},     {"Han", 1, 0},        {"Cyrillic", 0, 0},
    {"Arabic", 0, 0},    {"Hiragana", 1, 0},   {"Katakana", 1, 0},
    {"Hangul", 0, 0},    {"Devanagari", 0, 0}, {"Greek", 0, 1},
    {"Hebrew", 0, 0},    {"Thai", 1, 0},       {"Bengali", 0, 0},
    {"Tamil", 0, 0},     {"Telugu", 0, 0},     {"Gujarati", 0, 0},
    {"Gurmukhi", 0, 0},  {"Kannada", 0, 0},    {"Malayalam", 0, 0},
    {"Oriya", 0, 0},     {"Sinhala", 0, 0},    {"Lao", 1, 0},
    {"Myanmar", 1, 0},   {"Khmer", 1, 0},      {"Tibetan", 1, 0},
    {"Georgian", 0, 0},  {"Armenian", 0, 0},   {"Ethiopic", 0, 0},
    {"Mongolian", 0, 0}, {"Bopomofo", 1, 0},   {"Yi", 1, 0},
    {"Cherokee", 0, 0},  {"other", 0, 0},
};

struct script_reader {
	pcre2_code *code;
};

/*
 * A letter of a script, then everything that continues in the same script.
 * Group k + 1 is script k; the last group takes a letter of any other script.
 */
static void write_pattern(char *out, size_t size)
{
	size_t n = (size_t)snprintf(out, size, "(?=\\p{L})(?!\\p{Common})(?:");

	for (int i = 0; i < N_SCRIPTS - 1; i++)
		n += (size_t)snprintf(out + n, size - n,
				      "(\\p{%s}[\\p{%s}\\p{M}'\\x{2019}]*+)|",
				      scripts[i].name, scripts[i].name);
	snprintf(out + n, size - n, "(\\p{L}\\p{M}*+))");
}

struct script_reader *script_reader_create(void)
{
	char pattern[N_SCRIPTS * ALTERNATIVE_BYTES];
	struct script_reader *r = calloc(1, sizeof *r);
	PCRE2_SIZE at;
	int error;

	if (!r)
		return NULL;
	write_pattern(pattern, sizeof pattern);
	r->code = pcre2_compile((PCRE2_SPTR)pattern, PCRE2_ZERO_TERMINATED,
				PCRE2_UTF, &error, &at, NULL);
	if (!r->code) {
		free(r);
		return NULL;
	}
	/* Without JIT, matching is slower but finds the same. */
	pcre2_jit_compile(r->code, PCRE2_JIT_COMPLETE);
	return r;
}

void script_reader_free(struct script_reader *r)
{
	if (!r)
		return;
	pcre2_code_free(r->code);
	free(r);
}

uint32_t script_named(const char *name)
{
	if (strcmp(name, "Japanese") == 0)
		return script_named("Han") | script_named("Hiragana") |
		       script_named("Katakana");
	for (int i = 0; i < N_SCRIPTS - 1; i++)
		if (strcmp(scripts[i].name, name) == 0)
			return (uint32_t)1 << i;
	return 0;
}

const char *script_name(int script)
{
	return scripts[script].name;
}

size_t words_in(const struct words *w, uint32_t scripts)
{
	size_t n = 0;

	for (int i = 0; i < N_SCRIPTS; i++)
		if (scripts >> i & 1)
			n += w->n[i];
	return n;
}

/* The letters of a run: not its marks and apostrophes. */
static size_t count_letters(const char *p, size_t n)
{
	size_t letters = 0;

	for (size_t at = 0; at < n;) {
		utf8proc_int32_t c;
		utf8proc_category_t cat;

		at += (size_t)utf8proc_iterate((const utf8proc_uint8_t *)p + at,
					       (utf8proc_ssize_t)(n - at), &c);
		cat = utf8proc_category(c);
		letters +=
		    cat >= UTF8PROC_CATEGORY_LU && cat <= UTF8PROC_CATEGORY_LO;
	}
	return letters;
}

/* What a run of `letters` of the script counts (K2 to K4). */
static size_t weigh(int script, size_t letters)
{
	if (scripts[script].is_spaceless)
		return letters;
	if (letters == 1 && scripts[script].has_variables)
		return 0;
	return (letters + LETTERS_A_WORD - 1) / LETTERS_A_WORD;
}

int script_count(struct words *w, const struct script_reader *r, grpo_str text)
{
	pcre2_match_data *m =
	    pcre2_match_data_create_from_pattern(r->code, NULL);
	PCRE2_SIZE at = 0;
	int rc = 0;

	if (!m)
		return -1;
	while (at < text.len) {
		const PCRE2_SIZE *span = pcre2_get_ovector_pointer(m);
		size_t n;

		rc = pcre2_match(r->code, (PCRE2_SPTR)text.ptr, text.len, at,
				 PCRE2_NO_UTF_CHECK, m, NULL);
		if (rc < 2)
			break;
		/* One group matched, and its number is rc - 1. */
		n = weigh(rc - 2,
			  count_letters(text.ptr + span[0], span[1] - span[0]));
		w->n[rc - 2] += n;
		w->all += n;
		at = span[1];
	}
	pcre2_match_data_free(m);
	return rc < 0 && rc != PCRE2_ERROR_NOMATCH ? -1 : 0;
}
