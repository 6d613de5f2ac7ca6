/* SPDX-License-Identifier: MIT */
/* What the plug-in and its supervisor say to each other arrives whole, or not
 * at all. */
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rewards/code/shared/wire.h"
#include "tests/suite.h"

static const char source[] = "print(1)\n\0\xff";

static struct code_request make_request(void)
{
	return (struct code_request){.source = {source, sizeof source - 1},
				     .language = code_view_text("python"),
				     .tests =
					 code_view_text("{\"inputs\": []}"),
				     .entry = code_view_text("f"),
				     .limits = {.cpu_ms = 1,
						.wall_ms = 2,
						.memory_bytes = INT64_MAX,
						.output_bytes = 4,
						.compile_ms = 5},
				     .deadline_ms = 6,
				     .stop_first = 1};
}

static int same_view(struct code_view a, struct code_view b)
{
	return a.len == b.len && (!a.len || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* The payload of the frame that `out` holds. */
static struct code_view payload_of(const struct code_bytes *out,
				   uint64_t number)
{
	struct code_view payload;
	uint64_t found = 0;

	ck_assert_int_eq(code_frame_find(code_view_of(out), &found, &payload),
			 1);
	ck_assert_uint_eq(found, number);
	return payload;
}

START_TEST(a_request_comes_back_as_it_was)
{
	struct code_request r = make_request(), back;
	struct code_bytes out = {0};

	ck_assert_int_eq(code_request_write(&out, &r, 77), 0);
	ck_assert_int_eq(code_request_read(&back, payload_of(&out, 77)), 0);
	ck_assert(same_view(r.source, back.source));
	ck_assert(same_view(r.language, back.language));
	ck_assert(same_view(r.tests, back.tests));
	ck_assert(same_view(r.format, back.format));
	ck_assert(same_view(r.entry, back.entry));
	ck_assert(same_view(r.prompt, back.prompt));
	ck_assert_mem_eq(&r.limits, &back.limits, sizeof r.limits);
	ck_assert_int_eq(back.deadline_ms, 6);
	ck_assert_int_eq(back.stop_first, 1);
	ck_assert_int_eq(back.explain, 0);
	code_bytes_free(&out);
}
END_TEST

static void make_response(struct code_response *r)
{
	*r = (struct code_response){.verdict = CODE_TIME,
				    .is_weak = 1,
				    .n_tests = 3,
				    .n_passed = 1,
				    .n_run = 2,
				    .first_failed = 1,
				    .cpu_us = 123456,
				    .peak_bytes = 1 << 20};
	ck_assert_int_eq(code_bytes_print(&r->note, "test\t2\n"), 0);
}

START_TEST(a_response_comes_back_as_it_was)
{
	struct code_response r, back = {0};
	struct code_bytes out = {0};

	make_response(&r);
	ck_assert_int_eq(code_response_write(&out, &r, UINT64_MAX), 0);
	ck_assert_int_eq(
	    code_response_read(&back, payload_of(&out, UINT64_MAX)), 0);
	ck_assert_int_eq(back.verdict, CODE_TIME);
	ck_assert_int_eq(back.is_weak, 1);
	ck_assert_int_eq(back.n_tests, 3);
	ck_assert_int_eq(back.n_passed, 1);
	ck_assert_int_eq(back.n_run, 2);
	ck_assert_int_eq(back.first_failed, 1);
	ck_assert_int_eq(back.cpu_us, 123456);
	ck_assert_int_eq(back.peak_bytes, 1 << 20);
	ck_assert(same_view(code_view_of(&r.note), code_view_of(&back.note)));
	code_response_free(&r);
	code_response_free(&back);
	code_bytes_free(&out);
}
END_TEST

START_TEST(a_hello_comes_back_as_it_was)
{
	struct code_hello h = {.tier = "T1", .missing = "x", .has_c = 1}, back;
	struct code_bytes out = {0};

	ck_assert_int_eq(code_hello_write(&out, &h), 0);
	ck_assert_int_eq(code_hello_read(&back, payload_of(&out, 0)), 0);
	ck_assert_str_eq(back.tier, "T1");
	ck_assert_str_eq(back.missing, "x");
	ck_assert_int_eq(back.has_c, 1);
	ck_assert_int_eq(back.has_python, 0);
	code_bytes_free(&out);
}
END_TEST

START_TEST(no_part_of_a_message_is_taken_for_the_whole)
{
	struct code_request r = make_request(), request;
	struct code_response s, response = {0};
	struct code_bytes out = {0};
	struct code_view whole;

	make_response(&s);
	ck_assert_int_eq(code_request_write(&out, &r, 1), 0);
	whole = payload_of(&out, 1);
	for (size_t n = 0; n < whole.len; n++)
		ck_assert_int_eq(
		    code_request_read(&request,
				      (struct code_view){whole.ptr, n}),
		    -1);
	out.len = 0;
	ck_assert_int_eq(code_response_write(&out, &s, 1), 0);
	whole = payload_of(&out, 1);
	for (size_t n = 0; n < whole.len; n++)
		ck_assert_int_eq(
		    code_response_read(&response,
				       (struct code_view){whole.ptr, n}),
		    -1);
	ck_assert_ptr_null(response.note.ptr);
	code_response_free(&s);
	code_bytes_free(&out);
}
END_TEST

START_TEST(more_bytes_than_a_message_are_refused)
{
	struct code_request r = make_request(), request;
	struct code_bytes out = {0};
	struct code_view whole;

	ck_assert_int_eq(code_request_write(&out, &r, 1), 0);
	ck_assert_int_eq(code_bytes_add(&out, "x", 1), 0);
	whole = payload_of(&out, 1);
	ck_assert_int_eq(
	    code_request_read(&request,
			      (struct code_view){whole.ptr, whole.len + 1}),
	    -1);
	code_bytes_free(&out);
}
END_TEST

/* Any byte changed: refused, or read as something that lies inside the frame.
 */
START_TEST(a_changed_byte_never_leads_outside)
{
	struct code_request r = make_request(), request;
	struct code_bytes out = {0};
	struct code_view payload;
	uint64_t number;

	ck_assert_int_eq(code_request_write(&out, &r, 1), 0);
	for (size_t i = 0; i < out.len; i++)
		for (int bit = 0; bit < 8; bit++) {
			const char *end = out.ptr + out.len;

			out.ptr[i] ^= (char)(1 << bit);
			if (code_frame_find(code_view_of(&out), &number,
					    &payload) == 1 &&
			    code_request_read(&request, payload) == 0) {
				assert_quick(request.tests.ptr >= out.ptr);
				assert_quick(request.tests.ptr +
						 request.tests.len <=
					     end);
				assert_quick(request.prompt.ptr +
						 request.prompt.len <=
					     end);
			}
			out.ptr[i] ^= (char)(1 << bit);
		}
	code_bytes_free(&out);
}
END_TEST

START_TEST(another_program_at_the_other_end_is_noticed)
{
	char text[CODE_FRAME_HEAD] = "HTTP/1.1 200 OK";
	struct code_view payload;
	uint64_t number;

	ck_assert_int_eq(code_frame_find((struct code_view){text, sizeof text},
					 &number, &payload),
			 -1);
	ck_assert_int_eq(
	    code_frame_find((struct code_view){text, 3}, &number, &payload), 0);
}
END_TEST

START_TEST(frames_come_through_a_socket_one_by_one)
{
	struct code_request r = make_request(), back;
	struct code_bytes out = {0}, in = {0};
	struct code_view payload;
	uint64_t number;
	int fd[2];

	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	for (uint64_t i = 1; i <= 3; i++)
		ck_assert_int_eq(code_request_write(&out, &r, i), 0);
	ck_assert_int_eq(code_frame_send(fd[0], &out), 0);
	for (uint64_t i = 1; i <= 3; i++) {
		ck_assert_int_eq(
		    code_frame_receive(fd[1], &in, &number, &payload), 1);
		ck_assert_uint_eq(number, i);
		ck_assert_int_eq(code_request_read(&back, payload), 0);
	}
	out.len -= 1; /* the third is cut off */
	ck_assert_int_eq(code_frame_send(fd[0], &out), 0);
	close(fd[0]);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    code_frame_receive(fd[1], &in, &number, &payload), 1);
	ck_assert_int_eq(code_frame_receive(fd[1], &in, &number, &payload), -1);
	ck_assert_int_eq(code_frame_receive(fd[1], &in, &number, &payload), 0);
	ck_assert_int_eq(code_frame_send(fd[1], &out), -1);
	ck_assert_int_eq(errno, EPIPE);
	close(fd[1]);
	code_bytes_free(&in);
	code_bytes_free(&out);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("code protocol");
	TCase *c = tcase_create("protocol");

	tcase_add_test(c, a_request_comes_back_as_it_was);
	tcase_add_test(c, a_response_comes_back_as_it_was);
	tcase_add_test(c, a_hello_comes_back_as_it_was);
	tcase_add_test(c, no_part_of_a_message_is_taken_for_the_whole);
	tcase_add_test(c, more_bytes_than_a_message_are_refused);
	tcase_add_test(c, a_changed_byte_never_leads_outside);
	tcase_add_test(c, another_program_at_the_other_end_is_noticed);
	tcase_add_test(c, frames_come_through_a_socket_one_by_one);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
