/* SPDX-License-Identifier: MIT */
#include <check.h>
#include <dirent.h>
#include <math.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include "core/fail.h"
#include "core/mem.h"
#include "data/safetensors.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* Made by the reference writer: tests/golden/make_safetensors.py. */
#define GOLDEN "tests/golden/safetensors.bin"

/* A file of a header, as given, and n_data bytes 0, 1, 2 … */
static const char *write_file(const char *name, const char *header,
			      size_t n_data)
{
	size_t i, n = strlen(header), total = 8 + n + n_data;
	unsigned char *b = malloc(total);
	const char *path;

	ck_assert_ptr_nonnull(b);
	for (i = 0; i < 8; i++)
		b[i] = (unsigned char)((uint64_t)n >> 8 * i);
	memcpy(b + 8, header, n);
	for (i = 0; i < n_data; i++)
		b[8 + n + i] = (unsigned char)i;
	path = scratch_write(name, b, total);
	free(b);
	return path;
}

static const grpo__st_tensor *find(const grpo__st_file *f, const char *name,
				   int dtype, int rank)
{
	const grpo__st_tensor *t = grpo__st_find(f, name);

	ck_assert_ptr_nonnull(t);
	ck_assert_str_eq(t->name, name);
	ck_assert_int_eq(t->dtype, dtype);
	ck_assert_int_eq(t->rank, rank);
	return t;
}

START_TEST(a_file_of_the_reference_is_read)
{
	const float b[] = {1.5f, -2.0f, 0.25f, 3.0f};
	const float a[] = {1.0f, -1.0f, 2.0f};
	const grpo__st_tensor *t;
	grpo__st_file *f;
	int64_t seven;
	float x[3];

	ck_assert_int_eq(grpo__st_open(&f, GOLDEN), 0);
	ck_assert_uint_eq(grpo__st_count(f), 9);
	t = find(f, "b.weight", GRPO__ST_F32, 2);
	ck_assert_int_eq(t->shape[0], 2);
	ck_assert_int_eq(t->shape[1], 2);
	ck_assert_uint_eq(t->n_bytes, sizeof b);
	ck_assert_int_eq(memcmp(t->data, b, sizeof b), 0);
	grpo__bf16_to_f32(x, find(f, "a", GRPO__ST_BF16, 1)->data, 3);
	ck_assert_int_eq(memcmp(x, a, sizeof a), 0);
	grpo__f16_to_f32(x, find(f, "h", GRPO__ST_F16, 1)->data, 1);
	ck_assert(x[0] == 0.5f);
	memcpy(&seven, find(f, "\xc3\xa9\"", GRPO__ST_I64, 0)->data, 8);
	ck_assert_int_eq(seven, 7);
	ck_assert_uint_eq(find(f, "empty", GRPO__ST_F32, 2)->n_bytes, 0);
	find(f, "u", GRPO__ST_U8, 1);
	find(f, "i", GRPO__ST_I32, 2);
	find(f, "d", GRPO__ST_F64, 1);
	ck_assert_ptr_null(grpo__st_find(f, "A"));
	ck_assert_ptr_null(grpo__st_find(f, "__metadata__"));
	ck_assert_ptr_null(grpo__st_at(f, 9));
	ck_assert_str_eq(grpo__st_at(f, 8)->name, "u");
	grpo__st_close(f);
	grpo__st_close(NULL);
}
END_TEST

static int give(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	const grpo__st_tensor *from = grpo__st_find(ctx, t->name);

	ck_assert_ptr_nonnull(from);
	memcpy(buffer, from->data, from->n_bytes);
	return 0;
}

static void assert_same_bytes(const char *path, const char *other)
{
	char *a, *b;
	size_t n, m;

	ck_assert_int_eq(grpo__file_read(&a, &n, path, 1 << 20), 0);
	ck_assert_int_eq(grpo__file_read(&b, &m, other, 1 << 20), 0);
	ck_assert_uint_eq(n, m);
	ck_assert_int_eq(memcmp(a, b, n), 0);
	free(a);
	free(b);
}

/* Given in reverse, half of it fetched: the file must not differ by a byte
 * from the reference's. */
START_TEST(the_writer_makes_the_bytes_of_the_reference)
{
	const char *path = scratch_path("w.safetensors");
	grpo__st_tensor t[9];
	grpo__st_file *f;
	size_t i;

	ck_assert_int_eq(grpo__st_open(&f, GOLDEN), 0);
	for (i = 0; i < 9; i++) {
		t[i] = *grpo__st_at(f, 8 - i);
		if (i % 2)
			t[i].data = NULL;
	}
	ck_assert_int_eq(grpo__st_write(path, t, 9, give, f), 0);
	grpo__st_close(f);
	assert_same_bytes(path, GOLDEN);
}
END_TEST

START_TEST(a_file_without_tensors_is_written_and_read)
{
	const char *path = scratch_path("w.safetensors");
	grpo__st_file *f;

	ck_assert_int_eq(grpo__st_write(path, NULL, 0, NULL, NULL), 0);
	ck_assert_int_eq(grpo__st_open(&f, path), 0);
	ck_assert_uint_eq(grpo__st_count(f), 0);
	ck_assert_ptr_null(grpo__st_find(f, "a"));
	grpo__st_close(f);
}
END_TEST

#define ONE(dtype, shape, offsets)                                             \
	"{\"t\":{\"dtype\":\"" dtype "\",\"shape\":" shape                     \
	",\"data_offsets\":" offsets "}}"
#define TWO(a, b)                                                              \
	"{\"a\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" a "},"      \
	"\"b\":{\"dtype\":\"U8\",\"shape\":[4],\"data_offsets\":" b "}}"

static const struct {
	const char *header;
	size_t n_data;
} taken[] = {
    {"{}", 0},
    {" \t\r\n{} \n", 0},
    {"{\"__metadata__\":{}}", 0},
    {"{\"__metadata__\":null}", 0},
    {"{\"__metadata__\":{\"format\":\"pt\",\"x\":\"\"}}", 0},
    {ONE("F32", "[]", "[0,4]"), 4},
    {ONE("F32", "[0]", "[0,0]"), 0},
    {ONE("F32", "[3,0,5]", "[ 0 , 0 ]"), 0},
    {ONE("BOOL", "[2]", "[0,2]"), 2},
    {ONE("F4", "[2,3]", "[0,3]"), 3},
    {ONE("F6_E2M3", "[4]", "[0,3]"), 3},
    {ONE("F8_E8M0", "[4]", "[0,4]"), 4},
    {ONE("F8_E4M3FNUZ", "[4]", "[0,4]"), 4},
    {ONE("C64", "[1]", "[0,8]"), 8},
    {ONE("U8", "[1,1,1,1,1,1,1,2]", "[0,2]"), 2},
    {TWO("[4,8]", "[0,4]"), 8},
    {"{\"t\":{\"more\":1,\"data_offsets\":[0,1],\"shape\":[1],"
     "\"dtype\":\"I8\"}}",
     1},
};

START_TEST(odd_but_allowed_files_are_taken)
{
	const char *path = write_file("m", taken[_i].header, taken[_i].n_data);
	grpo__st_file *f;

	ck_assert_int_eq(grpo__st_open(&f, path), 0);
	ck_assert_uint_eq(grpo__st_count(f),
			  strstr(taken[_i].header, "\"a\"")   ? 2
			  : strstr(taken[_i].header, "\"t\"") ? 1
							      : 0);
	grpo__st_close(f);
}
END_TEST

static const struct {
	const char *header;
	size_t n_data;
	const char *message;
} refused[] = {
    {"", 0, "m: expected an object, found the end"},
    {"[]", 0, "m: expected an object, found '['"},
    {"{", 0, "m: expected a key in quotes, found the end"},
    {"{\"\xff\":1}", 0, "m: not UTF-8"},
    {"{} x", 0, "m: expected the end, found 'x'"},
    {"{\"__metadata__\":[]}", 0, "m: \"__metadata__\": expected an object"},
    {"{\"__metadata__\":{\"a\":1}}", 0,
     "m: \"__metadata__\": \"a\": expected a string"},
    {"{\"a\\u0000b\":1}", 0, "m: \\u0000 is not supported"},
    {"{\"t\":1}", 0, "m: tensor \"t\": expected an object"},
    {"{\"t\":{}}", 0, "m: tensor \"t\": \"dtype\" is missing"},
    {"{\"t\":{\"dtype\":\"U8\"}}", 0, "m: tensor \"t\": \"shape\" is missing"},
    {"{\"t\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1,
     "m: tensor \"t\": \"data_offsets\" is missing"},
    {"{\"t\":{\"dtype\":8,\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
     "m: tensor \"t\": \"dtype\": expected a string"},
    {ONE("F99", "[1]", "[0,4]"), 4, "m: tensor \"t\": unknown dtype \"F99\""},
    {ONE("f32", "[1]", "[0,4]"), 4, "m: tensor \"t\": unknown dtype \"f32\""},
    {ONE("U8", "4", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[-4]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[4.0]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[4e0]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[[4]]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[\"4\"]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[18446744073709551616]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[1,1,1,1,1,1,1,1,4]", "[0,4]"), 4,
     "m: tensor \"t\": \"shape\": expected a list of at most 8 sizes"},
    {ONE("U8", "[4]", "[0,4,4]"), 4,
     "m: tensor \"t\": \"data_offsets\": expected [begin, end]"},
    {ONE("U8", "[4]", "[4]"), 4,
     "m: tensor \"t\": \"data_offsets\": expected [begin, end]"},
    {ONE("U8", "[4]", "[-4,0]"), 4,
     "m: tensor \"t\": \"data_offsets\": expected [begin, end]"},
    {ONE("U8", "[4]", "[4,0]"), 4,
     "m: tensor \"t\": \"data_offsets\": ends before it begins"},
    {ONE("U8", "[4]", "[0,3]"), 3,
     "m: tensor \"t\": shape and dtype need 4 bytes, \"data_offsets\" "
     "span 3"},
    {ONE("F64", "[4294967296,4294967296]", "[0,8]"), 8,
     "m: tensor \"t\": its size is not a whole number of bytes, or does not "
     "fit in memory"},
    {ONE("F64", "[2305843009213693952]", "[0,0]"), 0,
     "m: tensor \"t\": its size is not a whole number of bytes, or does not "
     "fit in memory"},
    {ONE("F4", "[3]", "[0,2]"), 2,
     "m: tensor \"t\": its size is not a whole number of bytes, or does not "
     "fit in memory"},
    {ONE("U8", "[4]", "[1,5]"), 5,
     "m: tensor \"t\": leaves a gap: data begins at 1, expected 0"},
    {TWO("[0,4]", "[5,9]"), 9,
     "m: tensor \"b\": leaves a gap: data begins at 5, expected 4"},
    {TWO("[0,4]", "[3,7]"), 7,
     "m: tensor \"b\": overlaps: data begins at 3, expected 4"},
    {TWO("[0,4]", "[0,4]"), 4,
     "m: tensor \"b\": overlaps: data begins at 0, expected 4"},
    {TWO("[0,4]", "[4,8]"), 7,
     "m: truncated: the header says 8 bytes of data, the file has 7"},
    {TWO("[0,4]", "[4,8]"), 9,
     "m: too long: the header says 8 bytes of data, the file has 9"},
    {"{}", 1, "m: too long: the header says 0 bytes of data, the file has 1"},
    {"{\"t\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]},"
     "\"\\u0074\":{\"dtype\":\"U8\",\"shape\":[0],"
     "\"data_offsets\":[0,0]}}",
     0, "m: key \"\\u0074\" appears twice"},
    {"{\"t\":{\"dtype\":\"U8\",\"dtype\":\"I8\",\"shape\":[0],"
     "\"data_offsets\":[0,0]}}",
     0, "m: key \"dtype\" appears twice"},
};

START_TEST(every_fault_of_a_file_is_named)
{
	const char *path =
	    write_file("m", refused[_i].header, refused[_i].n_data);
	grpo__st_file *f = (grpo__st_file *)&path;

	ck_assert_int_eq(grpo__st_open(&f, path), GRPO_EFORMAT);
	assert_message_in_scratch(refused[_i].message);
	ck_assert_ptr_null(f);
}
END_TEST

START_TEST(no_prefix_of_a_file_is_taken)
{
	char *data;
	size_t n, len;
	grpo__st_file *f;

	ck_assert_int_eq(grpo__file_read(&data, &len, GOLDEN, 4096), 0);
	for (n = 0; n < len; n++) {
		const char *path = scratch_write("m", data, n);

		ck_assert_int_eq(grpo__st_open(&f, path), GRPO_EFORMAT);
		ck_assert_ptr_nonnull(
		    strstr(grpo_error_message(), "m: truncated: "));
	}
	assert_message_in_scratch(
	    "m: truncated: the header says 51 bytes of data, the file has 50");
	free(data);
}
END_TEST

static const struct {
	unsigned char bytes[12];
	size_t n;
	const char *message;
} lengths[] = {
    {{1, 2, 3}, 3, "m: truncated: the file has 3 bytes, too few for a header"},
    {{9, 0, 0, 0, 0, 0, 0, 0, '{', '}', ' ', ' '},
     12,
     "m: truncated: the header has 9 bytes, but only 4 follow its length"},
    {{255, 255, 255, 255, 255, 255, 255, 255, '{', '}'},
     10,
     "m: not a safetensors file: its header would have 18446744073709551615 "
     "bytes, at "
     "most 100000000 are allowed"},
    {{1, 0xe1, 0xf5, 5, 0, 0, 0, 0, '{', '}'},
     10,
     "m: not a safetensors file: its header would have 100000001 bytes, at "
     "most "
     "100000000 are allowed"},
    {{0, 0xe1, 0xf5, 5, 0, 0, 0, 0, '{', '}'},
     10,
     "m: truncated: the header has 100000000 bytes, but only 2 follow its "
     "length"},
};

START_TEST(a_header_length_that_can_not_be_is_refused)
{
	const char *path = scratch_write("m", lengths[_i].bytes, lengths[_i].n);
	grpo__st_file *f;

	ck_assert_int_eq(grpo__st_open(&f, path), GRPO_EFORMAT);
	assert_message_in_scratch(lengths[_i].message);
}
END_TEST

START_TEST(a_missing_file_or_a_folder_is_an_io_error)
{
	grpo__st_file *f;

	ck_assert_int_eq(grpo__st_open(&f, scratch_path("no")), GRPO_EIO);
	assert_message_in_scratch("no: No such file or directory");
	ck_assert_int_eq(grpo__st_open(&f, scratch_folder), GRPO_EIO);
}
END_TEST

/* Quadratic work would pass the test's timeout. */
START_TEST(a_hundred_thousand_tensors_open_at_once)
{
	const char *path = scratch_path("m");
	const int n = 100000;
	grpo__st_tensor *t = grpo__alloc((size_t)n, sizeof *t);
	char(*names)[16] = grpo__alloc((size_t)n, 16);
	grpo__st_file *f;
	int i;

	for (i = 0; i < n; i++) {
		snprintf(names[i], 16, "t%d", i * 7919 % n);
		t[i].name = names[i];
		t[i].dtype = GRPO__ST_U8;
		t[i].rank = 1;
		t[i].shape[0] = 1;
		t[i].n_bytes = 1;
		t[i].data = &names[i][1];
	}
	ck_assert_int_eq(grpo__st_write(path, t, (size_t)n, NULL, NULL), 0);
	ck_assert_int_eq(grpo__st_open(&f, path), 0);
	for (i = 0; i < n; i++)
		ck_assert_int_eq(
		    *(const char *)grpo__st_find(f, names[i])->data,
		    names[i][1]);
	grpo__st_close(f);
	free(names);
	free(t);
}
END_TEST

static grpo__st_tensor make_tensor(const char *name, const float *data,
				   int64_t n)
{
	grpo__st_tensor t = {.name = name,
			     .dtype = GRPO__ST_F32,
			     .rank = 1,
			     .shape = {n},
			     .data = data,
			     .n_bytes = 4 * (size_t)n};

	return t;
}

START_TEST(tensors_that_cannot_be_written_are_refused)
{
	const float x[2] = {1, 2};
	grpo__st_tensor t[2] = {make_tensor("a", x, 2), make_tensor("a", x, 2)};
	const char *path = scratch_path("w");

	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	assert_message_in_scratch("w: tensor \"a\" appears twice");
	t[1] = make_tensor("b", NULL, 2);
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	assert_message_in_scratch("w: tensor \"b\": no data");
	t[1] = make_tensor("b", x, 2);
	t[1].n_bytes = 7;
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	assert_message_in_scratch("w: tensor \"b\": shape and dtype need 8 "
				  "bytes, n_bytes is 7");
	t[1].dtype = GRPO__ST_OTHER;
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	t[1] = make_tensor("b", x, -2);
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	t[1] = make_tensor("__metadata__", x, 2);
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	t[1] = make_tensor("\xff", x, 2);
	ck_assert_int_eq(grpo__st_write(path, t, 2, NULL, NULL), GRPO_EINVAL);
	ck_assert_int_eq(grpo__file_exists(path), 0);
}
END_TEST

static int count_files(void)
{
	DIR *d = opendir(scratch_folder);
	struct dirent *e;
	int n = 0;

	ck_assert_ptr_nonnull(d);
	while ((e = readdir(d)) != NULL)
		n += e->d_name[0] != '.';
	closedir(d);
	return n;
}

static void assert_old_file_alone(const char *path)
{
	char *data;
	size_t len;

	ck_assert_int_eq(grpo__file_read(&data, &len, path, 100), 0);
	ck_assert_str_eq(data, "old");
	free(data);
	ck_assert_int_eq(count_files(), 1);
}

/* Beyond 64 KiB write() fails with EFBIG, as a full disk would. */
START_TEST(a_full_disk_leaves_the_old_file_and_no_other)
{
	const char *path = scratch_text("w", "old");
	struct rlimit limit = {65536, 65536};
	static float x[50000];
	grpo__st_tensor t = make_tensor("a", x, 50000);

	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(grpo__st_write(path, &t, 1, NULL, NULL), GRPO_EIO);
	assert_message_in_scratch("w: cannot be written: File too large");
	assert_old_file_alone(path);
}
END_TEST

static int refuse_second(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	int *calls = ctx;

	if (++*calls == 2)
		return grpo__fail(GRPO_ETORCH, "no copy of %s", t->name);
	memset(buffer, 0, t->n_bytes);
	return 0;
}

START_TEST(a_fetch_that_fails_leaves_the_old_file_and_no_other)
{
	const char *path = scratch_text("w", "old");
	grpo__st_tensor t[2] = {make_tensor("b", NULL, 2),
				make_tensor("a", NULL, 3)};
	int calls = 0;

	ck_assert_int_eq(grpo__st_write(path, t, 2, refuse_second, &calls),
			 GRPO_ETORCH);
	ck_assert_str_eq(grpo_error_message(), "no copy of b");
	ck_assert_int_eq(calls, 2);
	assert_old_file_alone(path);
}
END_TEST

/* A file that is mapped must stay whole while another takes its name. */
START_TEST(a_file_in_use_can_be_replaced)
{
	const float x[] = {1, 2}, y[] = {3, 4};
	grpo__st_tensor t = make_tensor("a", x, 2);
	const char *path = scratch_path("w");
	grpo__st_file *f, *g;

	ck_assert_int_eq(grpo__st_write(path, &t, 1, NULL, NULL), 0);
	ck_assert_int_eq(grpo__st_open(&f, path), 0);
	t.data = y;
	ck_assert_int_eq(grpo__st_write(path, &t, 1, NULL, NULL), 0);
	ck_assert_int_eq(grpo__st_open(&g, path), 0);
	ck_assert_int_eq(memcmp(grpo__st_at(f, 0)->data, x, 8), 0);
	ck_assert_int_eq(memcmp(grpo__st_at(g, 0)->data, y, 8), 0);
	grpo__st_close(f);
	grpo__st_close(g);
}
END_TEST

#define INDEX "model.safetensors.index.json"

static void write_shards(void)
{
	write_file("m-1.safetensors",
		   "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],"
		   "\"data_offsets\":[0,2]},"
		   "\"extra\":{\"dtype\":\"U8\",\"shape\":[1],"
		   "\"data_offsets\":[2,3]}}",
		   3);
	write_file("m-2.safetensors",
		   "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],"
		   "\"data_offsets\":[0,1]},"
		   "\"c\":{\"dtype\":\"U8\",\"shape\":[3],"
		   "\"data_offsets\":[1,4]}}",
		   4);
}

START_TEST(shards_are_read_as_one)
{
	grpo__st_folder *f;

	write_shards();
	scratch_text(INDEX, "{\"metadata\":{\"total_size\":6},"
			    "\"weight_map\":{\"c\":\"m-2.safetensors\","
			    "\"a\":\"m-1.safetensors\","
			    "\"b\":\"m-2.safetensors\"}}");
	ck_assert_int_eq(grpo__st_folder_open(&f, scratch_folder), 0);
	ck_assert_uint_eq(grpo__st_folder_count(f), 3);
	ck_assert_str_eq(grpo__st_folder_at(f, 0)->name, "c");
	ck_assert_ptr_null(grpo__st_folder_at(f, 3));
	ck_assert_int_eq(grpo__st_folder_find(f, "a")->shape[0], 2);
	ck_assert_int_eq(grpo__st_folder_find(f, "b")->shape[0], 1);
	ck_assert_int_eq(
	    memcmp(grpo__st_folder_find(f, "c")->data, "\1\2\3", 3), 0);
	ck_assert_ptr_null(grpo__st_folder_find(f, "extra"));
	grpo__st_folder_close(f);
	grpo__st_folder_close(NULL);
}
END_TEST

START_TEST(a_single_file_goes_before_an_index)
{
	grpo__st_folder *f;

	write_file("model.safetensors", ONE("U8", "[4]", "[0,4]"), 4);
	scratch_text(INDEX, "broken");
	ck_assert_int_eq(grpo__st_folder_open(&f, scratch_folder), 0);
	ck_assert_uint_eq(grpo__st_folder_count(f), 1);
	ck_assert_ptr_nonnull(grpo__st_folder_find(f, "t"));
	grpo__st_folder_close(f);
}
END_TEST

static const struct {
	const char *index;
	int code;
	const char *message;
} bad_indexes[] = {
    {"{\"weight_map\":{\"b\":\"m-1.safetensors\"}}", GRPO_EFORMAT,
     INDEX ": tensor \"b\" is not in m-1.safetensors"},
    {"{\"weight_map\":{\"a\":\"m-1.safetensors\","
     "\"d\":\"m-3.safetensors\"}}",
     GRPO_EIO, "m-3.safetensors: No such file or directory"},
    {"{\"weight_map\":{\"a\":\"../m-1.safetensors\"}}", GRPO_EFORMAT,
     INDEX ": \"weight_map\": \"a\": expected the name of a file in this "
	   "folder"},
    {"{\"weight_map\":{\"a\":\"..\"}}", GRPO_EIO, "..: is not a file"},
    {"{\"weight_map\":{\"a\":\"\"}}", GRPO_EFORMAT,
     INDEX ": \"weight_map\": \"a\": expected the name of a file in this "
	   "folder"},
    {"{\"weight_map\":{\"a\":\"m-1.safetensors\","
     "\"a\":\"m-2.safetensors\"}}",
     GRPO_EFORMAT, INDEX ": key \"a\" appears twice"},
    {"[]", GRPO_EFORMAT, INDEX ": \"weight_map\": expected an object"},
    {"{\"weight_map\":{\"a\":1}}", GRPO_EFORMAT,
     INDEX ": \"weight_map\": \"a\": expected the name of a file in this "
	   "folder"},
    {"{\"weight_map\":[]}", GRPO_EFORMAT,
     INDEX ": \"weight_map\": expected an object"},
    {"{}", GRPO_EFORMAT, INDEX ": \"weight_map\": expected an object"},
    {"{\n,}", GRPO_EFORMAT,
     INDEX ": line 2: expected a key in quotes, found ','"},
    {"{\"weight_map\":{\"a\":\"cut.safetensors\"}}", GRPO_EFORMAT,
     "cut.safetensors: truncated: the header says 4 bytes of data, the file "
     "has 3"},
};

START_TEST(a_broken_index_is_named)
{
	grpo__st_folder *f;

	write_shards();
	write_file("cut.safetensors", ONE("U8", "[4]", "[0,4]"), 3);
	scratch_text(INDEX, bad_indexes[_i].index);
	ck_assert_int_eq(grpo__st_folder_open(&f, scratch_folder),
			 bad_indexes[_i].code);
	assert_message_in_scratch(bad_indexes[_i].message);
	ck_assert_ptr_null(f);
}
END_TEST

START_TEST(a_folder_without_weights_is_named)
{
	grpo__st_folder *f;
	char want[512];

	ck_assert_int_eq(grpo__st_folder_open(&f, scratch_folder), GRPO_EIO);
	snprintf(want, sizeof want,
		 "%s: contains neither model.safetensors nor " INDEX,
		 scratch_folder);
	ck_assert_str_eq(grpo_error_message(), want);
	ck_assert_int_eq(grpo__st_folder_open(&f, scratch_path("no")),
			 GRPO_EIO);
	assert_message_in_scratch("no: there is no such folder");
}
END_TEST

static float from_bits(uint32_t bits)
{
	float x;

	memcpy(&x, &bits, sizeof x);
	return x;
}

/* All 65536 values there and back, from an odd address. */
START_TEST(bf16_comes_back_from_f32_as_it_was)
{
	unsigned char from[3], to[3];
	uint32_t h;
	uint16_t back;
	float x;

	for (h = 0; h < 65536; h++) {
		from[1] = (unsigned char)h;
		from[2] = (unsigned char)(h >> 8);
		grpo__bf16_to_f32(&x, from + 1, 1);
		grpo__f32_to_bf16(to + 1, &x, 1);
		back = (uint16_t)(to[1] | to[2] << 8);
		if (isnan(x)) /* a quiet one */
			ck_assert_uint_eq(back, h | 0x40);
		else
			ck_assert_uint_eq(back, h);
	}
}
END_TEST

START_TEST(f32_rounds_to_the_nearest_bf16_and_ties_to_even)
{
	static const uint32_t cases[][2] = {
	    {0x3f800000, 0x3f80}, {0x3f807fff, 0x3f80}, {0x3f808000, 0x3f80},
	    {0x3f808001, 0x3f81}, {0x3f818000, 0x3f82}, {0x3f817fff, 0x3f81},
	    {0x80000000, 0x8000}, {0x00008000, 0x0000}, {0x00008001, 0x0001},
	    {0x7f7fffff, 0x7f80}, {0x7f7f7fff, 0x7f7f}, {0xff7fffff, 0xff80},
	    {0x7f800000, 0x7f80}, {0xff800000, 0xff80}, {0x7f800001, 0x7fc0},
	    {0xffffffff, 0xffff}, {0x7fbf0000, 0x7fff}};
	size_t i;
	uint16_t h;
	float x;

	for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		x = from_bits(cases[i][0]);
		grpo__f32_to_bf16(&h, &x, 1);
		ck_assert_uint_eq(h, cases[i][1]);
	}
}
END_TEST

/* By the definition of binary16, over all of its values. */
static float f16_by_definition(uint32_t h)
{
	double sign = h & 0x8000 ? -1 : 1, f = h & 0x3ff;
	int e = h >> 10 & 0x1f;

	if (e == 31)
		return f != 0 ? NAN : (float)(sign * INFINITY);
	return (float)(sign * (e ? ldexp(1024 + f, e - 25) : ldexp(f, -24)));
}

START_TEST(every_f16_has_its_value)
{
	uint32_t h;
	uint16_t half;
	float x, want;

	for (h = 0; h < 65536; h++) {
		half = (uint16_t)h;
		grpo__f16_to_f32(&x, &half, 1);
		want = f16_by_definition(h);
		ck_assert(isnan(want) ? isnan(x) : x == want);
		ck_assert_int_eq(signbit(x) != 0, h >> 15);
	}
}
END_TEST

#define N_OF(array) (int)(sizeof(array) / sizeof(array)[0])

static TCase *reading(void)
{
	TCase *tc = tcase_create("reading");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_set_timeout(tc, 60);
	tcase_add_test(tc, a_file_of_the_reference_is_read);
	tcase_add_loop_test(tc, odd_but_allowed_files_are_taken, 0,
			    N_OF(taken));
	tcase_add_loop_test(tc, every_fault_of_a_file_is_named, 0,
			    N_OF(refused));
	tcase_add_test(tc, no_prefix_of_a_file_is_taken);
	tcase_add_loop_test(tc, a_header_length_that_can_not_be_is_refused, 0,
			    N_OF(lengths));
	tcase_add_test(tc, a_missing_file_or_a_folder_is_an_io_error);
	tcase_add_test(tc, a_hundred_thousand_tensors_open_at_once);
	tcase_add_test(tc, shards_are_read_as_one);
	tcase_add_test(tc, a_single_file_goes_before_an_index);
	tcase_add_loop_test(tc, a_broken_index_is_named, 0, N_OF(bad_indexes));
	tcase_add_test(tc, a_folder_without_weights_is_named);
	return tc;
}

static TCase *writing(void)
{
	TCase *tc = tcase_create("writing");

	tcase_add_checked_fixture(tc, scratch_make, scratch_remove);
	tcase_add_test(tc, the_writer_makes_the_bytes_of_the_reference);
	tcase_add_test(tc, a_file_without_tensors_is_written_and_read);
	tcase_add_test(tc, tensors_that_cannot_be_written_are_refused);
	tcase_add_test(tc, a_full_disk_leaves_the_old_file_and_no_other);
	tcase_add_test(tc, a_fetch_that_fails_leaves_the_old_file_and_no_other);
	tcase_add_test(tc, a_file_in_use_can_be_replaced);
	return tc;
}

static TCase *converting(void)
{
	TCase *tc = tcase_create("converting");

	tcase_add_test(tc, bf16_comes_back_from_f32_as_it_was);
	tcase_add_test(tc, f32_rounds_to_the_nearest_bf16_and_ties_to_even);
	tcase_add_test(tc, every_f16_has_its_value);
	return tc;
}

static Suite *suite(void)
{
	Suite *s = suite_create("safetensors");

	suite_add_tcase(s, reading());
	suite_add_tcase(s, writing());
	suite_add_tcase(s, converting());
	return s;
}

int main(void)
{
	return run_suite(suite());
}
