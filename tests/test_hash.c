/* SPDX-License-Identifier: MIT */
/* XXH64 as its reference implementation has it. */
#include "tests/suite.h"
#include "scratch.h"

#include "core/hash.h"
#include "grpo/error.h"

static unsigned char bytes[1000];

static void fill(void)
{
	for (int i = 0; i < 1000; i++)
		bytes[i] = (unsigned char)(i * 7 + 3);
}

static void assert_hash(const void *data, size_t len, const char *hex)
{
	char is[GRPO__HASH_HEX];
	grpo__hash h;

	grpo__hash_begin(&h);
	grpo__hash_add(&h, data, len);
	grpo__hash_hex(is, grpo__hash_value(&h));
	ck_assert_str_eq(is, hex);
}

/* Printed by python-xxhash 3: xxhash.xxh64(b"…").hexdigest() */
START_TEST(the_published_values_come_out)
{
	static const char text[] = "Nobody inspects the spammish repetition";

	fill();
	assert_hash("", 0, "ef46db3751d8e999");
	assert_hash("a", 1, "d24ec4f1a98c6e5b");
	assert_hash("abc", 3, "44bc2cf5ad770999");
	assert_hash(text, sizeof text - 1, "fbcea83c8a378bf1");
	assert_hash(bytes, 32, "23c3c17ef790fd97");
	assert_hash(bytes, 100, "a61f8d4c170fe531");
}
END_TEST

START_TEST(bytes_may_come_in_any_pieces)
{
	fill();
	for (size_t len = 0; len <= 200; len++) {
		grpo__hash whole, pieces;
		size_t i = 0, n;

		grpo__hash_begin(&whole);
		grpo__hash_add(&whole, bytes, len);
		grpo__hash_begin(&pieces);
		for (; i < len; i += n) {
			n = 1 + (i * 5 + len) % 41;
			n = n < len - i ? n : len - i;
			grpo__hash_add(&pieces, bytes + i, n);
		}
		ck_assert(grpo__hash_value(&whole) ==
			  grpo__hash_value(&pieces));
	}
}
END_TEST

START_TEST(parts_keep_their_ends)
{
	grpo__hash a, b;

	grpo__hash_begin(&a);
	grpo__hash_part(&a, "ab", 2);
	grpo__hash_part(&a, "c", 1);
	grpo__hash_begin(&b);
	grpo__hash_part(&b, "a", 1);
	grpo__hash_part(&b, "bc", 2);
	ck_assert(grpo__hash_value(&a) != grpo__hash_value(&b));
}
END_TEST

START_TEST(a_file_has_the_hash_of_its_bytes)
{
	const char *path = scratch_path("file");
	unsigned char *data = malloc(3000000);
	grpo__hash h;
	uint64_t hash;
	int64_t n;

	fill();
	ck_assert_ptr_nonnull(data);
	for (int i = 0; i < 3000; i++)
		memcpy(data + 1000 * i, bytes, 1000);
	ck_assert_int_eq(grpo__file_write(path, data, 3000000), 0);
	ck_assert_int_eq(grpo__hash_file(&hash, &n, path), 0);
	grpo__hash_begin(&h);
	grpo__hash_add(&h, data, 3000000);
	ck_assert_int_eq(n, 3000000);
	ck_assert(hash == grpo__hash_value(&h));
	free(data);
	ck_assert_int_eq(grpo__hash_file(&hash, NULL, "/nowhere"), GRPO_EIO);
	ck_assert_int_eq(grpo__hash_file(&hash, NULL, scratch_folder),
			 GRPO_EIO);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("hash");
	TCase *c = tcase_create("hash");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, the_published_values_come_out);
	tcase_add_test(c, bytes_may_come_in_any_pieces);
	tcase_add_test(c, parts_keep_their_ends);
	tcase_add_test(c, a_file_has_the_hash_of_its_bytes);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
