/* SPDX-License-Identifier: MIT */
/*
 * Tests of the code reward in any format, and comparing output.  Parts: the
 * tests, the name of a format, output.
 */
#include <stdlib.h>
#include <string.h>

#include "rewards/code/supervisor/tests.h"
#include "tests/fuzz/fuzz.h"

static void check_test(const struct tests *t, const struct test *test,
		       struct code_view got)
{
	struct compare_rules rules = t->compare;
	int mode;

	if (test->expect != EXPECT_OUTPUT) {
		fuzz_require(test->call.len > 0 && test->result != NULL);
		return;
	}
	for (mode = COMPARE_TOKENS; mode <= COMPARE_LINES; mode++) {
		rules.mode = (enum compare_mode)mode;
		(void)compare_output(test->output, got, &rules);
		(void)compare_output(got, test->output, &rules);
	}
	rules.mode = COMPARE_EXACT;
	fuzz_require(compare_output(test->output, test->output, &rules));
}

static void check_tests(const struct code_request *r, struct code_view got)
{
	struct tests t;
	size_t i;

	if (tests_read(&t, r) < 0) {
		fuzz_require(t.why[0] != '\0');
	} else {
		fuzz_require(t.n > 0 || t.script.len > 0);
		for (i = 0; i < t.n; i++)
			check_test(&t, &t.list[i], got);
	}
	tests_free(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	struct code_request r = {.entry = code_view_text("f")};
	size_t n[3];
	char *part[3];
	int i;

	for (i = 0; i < 3; i++)
		part[i] = fuzz_bytes(&in, &n[i]);
	r.tests = (struct code_view){part[0], n[0]};
	r.format = (struct code_view){part[1], n[1]};
	check_tests(&r, (struct code_view){part[2], n[2]});
	for (i = 0; i < 3; i++)
		free(part[i]);
	return 0;
}
