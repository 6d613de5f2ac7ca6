/* SPDX-License-Identifier: MIT */
/*
 * Values of the code reward, as a hostile program can write them: what is taken
 * survives being written and read again, and equality never goes astray.
 */
#include "rewards/code/supervisor/value.h"
#include "tests/fuzz/fuzz.h"

static const struct value_rules rules = {1e-9, 1e-9, 1};

static void check_written(const struct value *v, struct arena *a)
{
	struct code_bytes once = {0}, twice = {0};
	const struct value *again;

	fuzz_require(value_write(&once, v) == 0);
	fuzz_require(value_read(&again, a, code_view_of(&once), VALUE_TYPED) ==
		     0);
	fuzz_require(again->kind == v->kind && again->n == v->n);
	fuzz_require(value_write(&twice, again) == 0);
	fuzz_require(once.len == twice.len);
	(void)value_equal(v, again, &rules);
	(void)value_equal(again, v, &rules);
	(void)value_truth(v);
	code_bytes_free(&once);
	code_bytes_free(&twice);
}

static void check_as(struct code_view text, enum value_syntax syntax)
{
	struct arena a = {0};
	const struct value *v;
	double x;

	if (value_read(&v, &a, text, syntax) == 0) {
		check_written(v, &a);
		(void)value_number(&x, v);
		(void)value_member(v, "a");
	}
	arena_free(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct code_view text = {(const char *)data, size};

	check_as(text, VALUE_JSON);
	check_as(text, VALUE_TYPED);
	return 0;
}
