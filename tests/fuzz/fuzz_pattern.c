/* SPDX-License-Identifier: MIT */
/*
 * Regular expressions of a tokenizer.json (text/pattern.h, text/split.h): a
 * behaviour, the expression, a text.  What it is split into lies in the text
 * in order, ends between characters, and is all of it unless matches are
 * removed.
 */
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"
#include "text/split.h"
#include "text/utf8.h"

static void check_pieces(const grpo__pieces *p, const char *text, size_t len,
			 int behaviour)
{
	size_t i, end = 0;

	for (i = 0; i < p->spans.n; i++) {
		const grpo__span *s = &p->spans.span[i];

		fuzz_require(s->start >= end && s->start < s->end);
		fuzz_require(s->end <= len);
		fuzz_require(s->start == end ||
			     behaviour == GRPO__SPLIT_REMOVED);
		fuzz_require(
		    grpo__utf8_valid(text + s->start, s->end - s->start) ==
		    s->end - s->start);
		end = s->end;
	}
	fuzz_require(end == len || behaviour == GRPO__SPLIT_REMOVED);
}

static void split(const struct grpo__step *step, const char *text, size_t len)
{
	grpo__pretokenizer p = {.step = (struct grpo__step *)step, .n = 1};
	grpo__pieces pieces = {0};
	int rc = grpo__pretokenize(&p, &pieces, text, len);

	fuzz_check_code(rc);
	if (rc == 0)
		check_pieces(&pieces, text, len, step->behaviour);
	grpo__pieces_dispose(&pieces);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	char *how = fuzz_text(&in), *pattern = fuzz_text(&in);
	size_t len;
	char *text = fuzz_bytes(&in, &len);
	struct grpo__step step = {.behaviour =
				      (unsigned char)*how % GRPO__PREFIX_SPACE,
				  .invert = *how && how[1]};
	int rc = grpo__step_compile(&step, pattern, *how == 'L');

	fuzz_check_code(rc);
	fuzz_require((rc == 0) == (step.code != NULL));
	/* Of UTF-8 alone, as encoding cleans the text first. */
	if (rc == 0)
		split(&step, text, grpo__utf8_valid(text, len));
	grpo__step_dispose(&step);
	free(text);
	free(pattern);
	free(how);
	return 0;
}
