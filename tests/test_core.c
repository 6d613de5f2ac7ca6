/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/mem.h"
#include "core/rng.h"
#include "grpo/version.h"
#include "tests/scratch.h"
#include "tests/suite.h"

START_TEST(a_failure_leaves_its_code_and_line)
{
	ck_assert_str_eq(grpo_error_message(), "");
	ck_assert_int_eq(grpo__fail(GRPO_EFORMAT, "%s:%d: bad", "a", 7),
			 GRPO_EFORMAT);
	ck_assert_str_eq(grpo_error_message(), "a:7: bad");
	grpo__fail_context(GRPO_EFORMAT, "folder %d", 3);
	ck_assert_str_eq(grpo_error_message(), "folder 3: a:7: bad");
}
END_TEST

START_TEST(the_line_may_be_an_argument_of_the_next)
{
	grpo__fail(GRPO_EIO, "first");
	grpo__fail(GRPO_EIO, "second after %s", grpo_error_message());
	ck_assert_str_eq(grpo_error_message(), "second after first");
}
END_TEST

START_TEST(errno_ends_the_line)
{
	errno = ENOENT;
	ck_assert_int_eq(grpo__fail_errno("x.json"), GRPO_EIO);
	ck_assert_str_eq(grpo_error_message(),
			 "x.json: No such file or directory");
	errno = ENOMEM;
	ck_assert_int_eq(grpo__fail_errno("x.json"), GRPO_ENOMEM);
}
END_TEST

START_TEST(a_message_stays_one_line_of_whole_characters)
{
	char text[4096];
	size_t i, n;

	grpo__fail(GRPO_EIO, "a\nb\r\nc");
	ck_assert_str_eq(grpo_error_message(), "a b  c");
	grpo__fail(GRPO_EIO, "\"%s\"", "\x1b[2J\t\x7f"); /* of a terminal */
	ck_assert_str_eq(grpo_error_message(), "\" [2J  \"");
	for (i = 0; i + 2 < sizeof text; i += 2)
		memcpy(text + i, "\xc3\xa9", 2); /* two bytes a character */
	text[i] = '\0';
	for (i = 0; i < 2; i++) {
		grpo__fail(GRPO_EIO, "%s%s", i ? "x" : "", text);
		n = strlen(grpo_error_message());
		ck_assert_uint_gt(n, 1000);
		ck_assert_str_eq(grpo_error_message() + n - 5, "\xc3\xa9...");
	}
}
END_TEST

static void *fail_elsewhere(void *arg)
{
	(void)arg;
	ck_assert_str_eq(grpo_error_message(), "");
	grpo__fail(GRPO_EIO, "theirs");
	return NULL;
}

START_TEST(each_thread_has_its_own_line)
{
	pthread_t t;

	grpo__fail(GRPO_EIO, "ours");
	ck_assert_int_eq(pthread_create(&t, NULL, fail_elsewhere, NULL), 0);
	pthread_join(t, NULL);
	ck_assert_str_eq(grpo_error_message(), "ours");
}
END_TEST

START_TEST(every_code_has_a_text)
{
	ck_assert_str_eq(grpo_strerror(0), "success");
	ck_assert_str_eq(grpo_strerror(GRPO_EFORMAT), "malformed input");
	ck_assert_str_eq(grpo_strerror(GRPO_ECANCELED),
			 "stopped by the caller");
	ck_assert_str_eq(grpo_strerror(-999), "unknown error");
	ck_assert_str_eq(grpo_version(), GRPO_VERSION);
}
END_TEST

struct heard {
	int count, level;
	char text[64];
};

static void listen(void *ctx, int level, const char *text)
{
	struct heard *h = ctx;

	h->count++;
	h->level = level;
	snprintf(h->text, sizeof h->text, "%s", text);
	grpo__log(GRPO_LOG_ERROR, "from inside"); /* dropped, no deadlock */
}

START_TEST(the_log_obeys_its_level)
{
	struct heard h = {0};

	grpo__log(GRPO_LOG_ERROR, "nobody listens");
	grpo_log_set(listen, &h, GRPO_LOG_WARN);
	grpo__log(GRPO_LOG_INFO, "too quiet");
	ck_assert_int_eq(h.count, 0);
	grpo__log(GRPO_LOG_WARN, "row %d", 4);
	ck_assert_int_eq(h.count, 1);
	ck_assert_int_eq(h.level, GRPO_LOG_WARN);
	ck_assert_str_eq(h.text, "row 4");
	grpo_log_set(NULL, NULL, GRPO_LOG_DEBUG);
	grpo__log(GRPO_LOG_ERROR, "nobody");
	ck_assert_int_eq(h.count, 1);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	volatile size_t huge = SIZE_MAX / 2;
	size_t cap = 0;
	char *p = NULL;

	ck_assert_ptr_null(grpo__alloc(huge, 4));
	ck_assert_ptr_null(grpo__alloc(4, huge));
	ck_assert_ptr_null(grpo__strndup("x", SIZE_MAX));
	ck_assert_ptr_null(grpo__realloc(NULL, huge, 16));
	ck_assert_int_eq(grpo__grow(&p, &cap, SIZE_MAX, 8), GRPO_ENOMEM);
	ck_assert_ptr_null(p);
	ck_assert_uint_eq(cap, 0);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(), "out of memory"));
}
END_TEST

START_TEST(zero_bytes_give_a_pointer_and_memory_is_zeroed)
{
	unsigned char *p = grpo__alloc(0, 8), *q = grpo__alloc(1000, 1);
	size_t i;

	ck_assert_ptr_nonnull(p);
	for (i = 0; i < 1000; i++)
		ck_assert_uint_eq(q[i], 0);
	free(p);
	free(q);
	p = grpo__memdup(NULL, 0);
	ck_assert_ptr_nonnull(p);
	free(p);
}
END_TEST

START_TEST(an_array_grows_by_doubling_and_keeps_what_it_holds)
{
	size_t cap = 0, n, moves = 0, old;
	int *p = NULL;

	for (n = 0; n < 100000; n++) {
		old = cap;
		assert_quick(grpo__grow(&p, &cap, n + 1, sizeof *p) == 0);
		moves += cap != old;
		p[n] = (int)n;
	}
	ck_assert_uint_lt(moves, 20);
	for (n = 0; n < 100000; n++)
		assert_quick(p[n] == (int)n);
	free(p);
}
END_TEST

START_TEST(an_arena_gives_aligned_zeroed_memory_again_after_a_reset)
{
	grpo__arena *a;
	char *first, *p;
	size_t i, j;
	int any, round;

	ck_assert_int_eq(grpo__arena_create(&a), 0);
	first = grpo__arena_alloc(a, 1, 1);
	for (round = 0; round < 3; round++) {
		grpo__arena_reset(a);
		ck_assert_ptr_eq(grpo__arena_alloc(a, 1, 1), first);
		for (i = 1; i < 150; i++) {
			p = grpo__arena_alloc(a, i, 7 * i);
			ck_assert_ptr_nonnull(p);
			ck_assert_uint_eq((uintptr_t)p % _Alignof(max_align_t),
					  0);
			for (any = 0, j = 0; j < 7 * i * i; j++)
				any |= p[j];
			ck_assert_int_eq(any, 0);
			memset(p, 0xff, 7 * i * i);
		}
	}
	ck_assert_ptr_null(grpo__arena_alloc(a, SIZE_MAX, 2));
	ck_assert_ptr_null(grpo__arena_alloc(a, SIZE_MAX / 2, 1));
	grpo__arena_free(a);
	grpo__arena_free(NULL);
}
END_TEST

START_TEST(a_buffer_collects_bytes_and_text)
{
	grpo__buf b = {0};
	int i;

	ck_assert_int_eq(grpo__buf_add(&b, "ab\0c", 4), 0);
	ck_assert_uint_eq(b.len, 4);
	ck_assert_int_eq(memcmp(b.data, "ab\0c", 5), 0);
	for (i = 0; i < 1000; i++)
		ck_assert_int_eq(grpo__buf_printf(&b, "%04d,", i), 0);
	ck_assert_uint_eq(b.len, 5004);
	ck_assert_str_eq(b.data + 4999, "0999,");
	grpo__buf_dispose(&b);
	ck_assert_ptr_null(b.data);
}
END_TEST

/* Random123's known answers (kat_vectors of its tests): counter, key, out. */
static const uint32_t philox_known[3][10] = {
    {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
    {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff,
     0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
    {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0,
     0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1},
};

START_TEST(philox_gives_its_published_answers)
{
	const uint32_t *k = philox_known[_i];
	uint32_t out[4];
	int i;

	grpo__rng_block(out, (uint64_t)k[5] << 32 | k[4], k[0], k[1], k[2],
			k[3]);
	for (i = 0; i < 4; i++)
		ck_assert_uint_eq(out[i], k[6 + i]);
}
END_TEST

START_TEST(uniform_is_the_first_53_bits)
{
	double want = (double)(0x6627e8d5e169c58du >> 11) / 0x1p53;

	ck_assert(grpo__rng_uniform(0, 0, 0, 0, 0) == want);
	ck_assert(grpo__rng_uniform(1, 0, 0, 0, 0) != want);
	ck_assert(grpo__rng_uniform(0, 0, 0, 0, 1) != want);
}
END_TEST

START_TEST(a_sequence_is_the_counter_running)
{
	grpo__rng r = {
	    .seed = 9, .step = 2, .row = 3, .purpose = GRPO__RNG_TEST};
	uint32_t i;

	for (i = 0; i < 100; i++)
		ck_assert(grpo__rng_next(&r) ==
			  grpo__rng_uniform(9, 2, 3, i, GRPO__RNG_TEST));
}
END_TEST

START_TEST(draws_below_n_are_even)
{
	grpo__rng r = {.seed = 1, .purpose = GRPO__RNG_TEST};
	int count[7] = {0}, i;
	uint32_t k;

	for (i = 0; i < 70000; i++) {
		k = grpo__rng_below(&r, 7);
		assert_quick(k < 7);
		count[k]++;
	}
	for (i = 0; i < 7; i++) /* five standard deviations */
		ck_assert_int_lt(abs(count[i] - 10000), 463);
	ck_assert_uint_eq(grpo__rng_below(&r, 1), 0);
	ck_assert_uint_eq(grpo__rng_below(&r, 0), 0);
}
END_TEST

START_TEST(normals_have_the_moments_of_a_normal)
{
	grpo__rng r = {.seed = 2, .purpose = GRPO__RNG_TEST};
	double x, sum[5] = {0};
	const int n = 200000;
	int i, k;

	for (i = 0; i < n; i++) {
		x = grpo__rng_normal(&r);
		assert_quick(isfinite(x));
		for (k = 1; k <= 4; k++)
			sum[k] += pow(x, k) / n;
	}
	/* within five standard errors: var(x^k) = 1, 2, 15, 96 */
	ck_assert_double_lt(fabs(sum[1]), 5 * sqrt(1.0 / n));
	ck_assert_double_lt(fabs(sum[2] - 1), 5 * sqrt(2.0 / n));
	ck_assert_double_lt(fabs(sum[3]), 5 * sqrt(15.0 / n));
	ck_assert_double_lt(fabs(sum[4] - 3), 5 * sqrt(96.0 / n));
}
END_TEST

START_TEST(a_shuffle_is_a_permutation_that_its_seed_decides)
{
	uint32_t a[1000], b[1000], i, fixed = 0;
	unsigned char seen[1000] = {0};
	grpo__rng r = {.seed = 3, .purpose = GRPO__RNG_SHUFFLE}, s = r;

	grpo__rng_shuffle(&r, a, 1000);
	grpo__rng_shuffle(&s, b, 1000);
	ck_assert_int_eq(memcmp(a, b, sizeof a), 0);
	for (i = 0; i < 1000; i++) {
		ck_assert_uint_lt(a[i], 1000);
		ck_assert_int_eq(seen[a[i]]++, 0);
		fixed += a[i] == i;
	}
	ck_assert_uint_lt(fixed, 10);
	grpo__rng_shuffle(&r, b, 1000);
	ck_assert_int_ne(memcmp(a, b, sizeof a), 0);
}
END_TEST

START_TEST(every_order_of_three_comes_up_as_often)
{
	grpo__rng r = {.seed = 4, .purpose = GRPO__RNG_SHUFFLE};
	uint32_t perm[3];
	int count[9] = {0}, i, seen = 0;

	for (i = 0; i < 60000; i++) {
		grpo__rng_shuffle(&r, perm, 3);
		count[perm[0] * 3 + perm[1]]++;
	}
	for (i = 0; i < 9; i++)
		if (count[i]) {
			ck_assert_int_lt(abs(count[i] - 10000), 457);
			seen++;
		}
	ck_assert_int_eq(seen, 6);
}
END_TEST

START_TEST(a_file_comes_back_as_it_was_written)
{
	const char *path = scratch_path("a.bin");
	char *data, big[200000];
	size_t len = 0;

	memset(big, 'x', sizeof big);
	big[77] = '\0';
	ck_assert_int_eq(grpo__file_exists(path), 0);
	ck_assert_int_eq(grpo__file_write(path, big, sizeof big), 0);
	ck_assert_int_eq(grpo__file_exists(path), 1);
	ck_assert_int_eq(grpo__file_read(&data, &len, path, sizeof big), 0);
	ck_assert_uint_eq(len, sizeof big);
	ck_assert_int_eq(memcmp(data, big, len), 0);
	ck_assert_int_eq(data[len], 0);
	free(data);
	ck_assert_int_eq(grpo__file_write(path, "", 0), 0);
	ck_assert_int_eq(grpo__file_read(&data, &len, path, 0), 0);
	ck_assert_uint_eq(len, 0);
	free(data);
}
END_TEST

START_TEST(a_file_larger_than_allowed_is_refused)
{
	const char *path = scratch_text("a.txt", "123456");
	char *data;
	size_t len = 99;

	ck_assert_int_eq(grpo__file_read(&data, &len, path, 5), GRPO_EFORMAT);
	assert_message_in_scratch("a.txt: larger than 5 bytes");
	ck_assert_ptr_null(data);
	ck_assert_uint_eq(len, 99);
}
END_TEST

START_TEST(a_missing_file_is_named)
{
	char *data;

	ck_assert_int_eq(grpo__file_read(&data, NULL, scratch_path("no"), 9),
			 GRPO_EIO);
	assert_message_in_scratch("no: No such file or directory");
	ck_assert_int_eq(grpo__file_read(&data, NULL, scratch_folder, 9),
			 GRPO_EIO);
}
END_TEST

/* Beyond 64 KiB write() fails with EFBIG, as a full disk would. */
static void limit_file_size(void)
{
	struct rlimit limit = {65536, 65536};

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

START_TEST(a_write_that_fails_leaves_the_old_file_and_no_other)
{
	const char *path = scratch_text("a.txt", "old");
	char big[200000] = {0}, *data;
	size_t len;

	limit_file_size();
	ck_assert_int_eq(grpo__file_write(path, big, sizeof big), GRPO_EIO);
	assert_message_in_scratch("a.txt: cannot be written: File too large");
	ck_assert_int_eq(grpo__file_read(&data, &len, path, 100), 0);
	ck_assert_str_eq(data, "old");
	free(data);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(scratch_folder), 0); /* nothing else in it */
}
END_TEST

START_TEST(a_temporary_file_of_a_crash_does_no_harm)
{
	char name[64];

	snprintf(name, sizeof name, "a.txt.%ld-0.tmp", (long)getpid());
	scratch_text(name, "left behind");
	ck_assert_int_eq(grpo__file_write(scratch_path("a.txt"), "new", 3), 0);
	ck_assert_int_eq(grpo__file_exists(scratch_path(name)), 1);
}
END_TEST

START_TEST(a_file_in_no_folder_can_not_be_written)
{
	ck_assert_int_eq(grpo__file_write(scratch_path("no/a"), "x", 1),
			 GRPO_EIO);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(), "/no/a"));
}
END_TEST

START_TEST(folders_come_with_parents_and_go_with_children)
{
	const char *deep = scratch_path("a/b/c");

	ck_assert_int_eq(grpo__make_folder(deep), 0);
	ck_assert_int_eq(grpo__make_folder(deep), 0);
	ck_assert_int_eq(grpo__make_folder(scratch_path("a/b/c/")), 0);
	scratch_text("a/b/file", "x");
	scratch_text("keep", "x");
	ck_assert_int_eq(symlink(scratch_path("keep"), scratch_path("a/link")),
			 0);
	ck_assert_int_eq(symlink(scratch_folder, scratch_path("a/b/up")), 0);
	ck_assert_int_eq(grpo__remove_folder(scratch_path("a")), 0);
	ck_assert_int_eq(grpo__file_exists(scratch_path("a")), 0);
	ck_assert_int_eq(grpo__file_exists(scratch_path("keep")), 1);
	ck_assert_int_eq(grpo__remove_folder(scratch_path("a")), 0);
}
END_TEST

START_TEST(a_file_where_a_folder_should_be_is_named)
{
	scratch_text("a", "x");
	ck_assert_int_eq(grpo__make_folder(scratch_path("a")), GRPO_EIO);
	assert_message_in_scratch("a: exists, but is not a folder");
	ck_assert_int_eq(grpo__make_folder(scratch_path("a/b")), GRPO_EIO);
	ck_assert_int_eq(grpo__make_folder(scratch_path("a/b/c")), GRPO_EIO);
	ck_assert_int_eq(grpo__file_exists(scratch_path("a/b")), 0);
}
END_TEST

START_TEST(paths_are_joined_by_one_slash)
{
	static const char *const cases[][3] = {{"a", "b", "a/b"},
					       {"a/", "b", "a/b"},
					       {"/", "b", "/b"},
					       {"", "b", "b"}};
	char *p = grpo__path_join(cases[_i][0], cases[_i][1]);

	ck_assert_str_eq(p, cases[_i][2]);
	free(p);
}
END_TEST

START_TEST(the_clock_runs_forward)
{
	double a = grpo__now(), b = grpo__now();

	ck_assert_double_ge(b, a);
}
END_TEST

static TCase *errors_and_memory(void)
{
	TCase *tc = tcase_create("errors and memory");

	tcase_add_test(tc, a_failure_leaves_its_code_and_line);
	tcase_add_test(tc, the_line_may_be_an_argument_of_the_next);
	tcase_add_test(tc, errno_ends_the_line);
	tcase_add_test(tc, a_message_stays_one_line_of_whole_characters);
	tcase_add_test(tc, each_thread_has_its_own_line);
	tcase_add_test(tc, every_code_has_a_text);
	tcase_add_test(tc, the_log_obeys_its_level);
	tcase_add_test(tc, sizes_that_overflow_are_refused);
	tcase_add_test(tc, zero_bytes_give_a_pointer_and_memory_is_zeroed);
	tcase_add_test(tc, an_array_grows_by_doubling_and_keeps_what_it_holds);
	tcase_add_test(
	    tc, an_arena_gives_aligned_zeroed_memory_again_after_a_reset);
	tcase_add_test(tc, a_buffer_collects_bytes_and_text);
	return tc;
}

static TCase *random_numbers(void)
{
	TCase *tc = tcase_create("random numbers");

	tcase_add_loop_test(tc, philox_gives_its_published_answers, 0, 3);
	tcase_add_test(tc, uniform_is_the_first_53_bits);
	tcase_add_test(tc, a_sequence_is_the_counter_running);
	tcase_add_test(tc, draws_below_n_are_even);
	tcase_add_test(tc, normals_have_the_moments_of_a_normal);
	tcase_add_test(tc, a_shuffle_is_a_permutation_that_its_seed_decides);
	tcase_add_test(tc, every_order_of_three_comes_up_as_often);
	return tc;
}

static TCase *files(void)
{
	TCase *tc = tcase_create("files");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, a_file_comes_back_as_it_was_written);
	tcase_add_test(tc, a_file_larger_than_allowed_is_refused);
	tcase_add_test(tc, a_missing_file_is_named);
	tcase_add_test(tc, a_write_that_fails_leaves_the_old_file_and_no_other);
	tcase_add_test(tc, a_temporary_file_of_a_crash_does_no_harm);
	tcase_add_test(tc, a_file_in_no_folder_can_not_be_written);
	tcase_add_test(tc, folders_come_with_parents_and_go_with_children);
	tcase_add_test(tc, a_file_where_a_folder_should_be_is_named);
	tcase_add_loop_test(tc, paths_are_joined_by_one_slash, 0, 4);
	tcase_add_test(tc, the_clock_runs_forward);
	return tc;
}

static Suite *suite(void)
{
	Suite *s = suite_create("core");

	suite_add_tcase(s, errors_and_memory());
	suite_add_tcase(s, random_numbers());
	suite_add_tcase(s, files());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
