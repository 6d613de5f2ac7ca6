/* SPDX-License-Identifier: MIT */
/* The plug-in's side of the supervisor: rows from several threads, supervisors
 * that die, and nothing that is left behind. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "rewards/code/client.h"
#include "tests/suite.h"

/* Adds one to a number; OTHER is what another program prints. */
static const char plus_one[] = "print(int(input()) + 1)\n";
static const char tests_form[] =
    "{\"tests\": [{\"input\": \"%d\\n\", \"output\": \"%d\\n\"}]}";

static const struct code_limits limits = {.cpu_ms = 4000,
					  .wall_ms = 20000,
					  .memory_bytes = 512 << 20,
					  .output_bytes = 1 << 20,
					  .compile_ms = 30000};

/* The folder of this program is BUILD/tests. */
static const char *supervisor(void)
{
	static char path[4096];
	ssize_t n = readlink("/proc/self/exe", path, sizeof path - 64);

	ck_assert_int_gt(n, 0);
	path[n] = '\0';
	for (int i = 0; i < 2; i++)
		*strrchr(path, '/') = '\0';
	strcat(path, "/rewards/code-supervisor");
	return path;
}

static int n_logged;

static void count_line(void *ctx, const char *text)
{
	(void)ctx;
	ck_assert_ptr_nonnull(strstr(text, "has died"));
	__atomic_fetch_add(&n_logged, 1, __ATOMIC_SEQ_CST);
}

static struct code_client *open_client(int64_t workers)
{
	struct code_client_config config = {.least_tier = "T0",
					    .supervisor = supervisor(),
					    .workers = workers,
					    .log = count_line};
	struct code_client *c;
	struct code_hello hello;
	char why[512] = "";

	if (code_client_open(&c, &hello, &config, why, sizeof why) < 0) {
		printf("skipped: T0 (%s)\n", why);
		return NULL;
	}
	ck_assert_int_eq(hello.tier[0], 'T');
	ck_assert_int_eq(hello.has_python, 1);
	return c;
}

static struct code_request make_request(char *tests, size_t size, int in,
					int out)
{
	snprintf(tests, size, tests_form, in, out);
	return (struct code_request){.source = code_view_text(plus_one),
				     .language = code_view_text("python"),
				     .tests = code_view_text(tests),
				     .limits = limits,
				     .stop_first = 1};
}

/* n rows from `first` on: row i is right where i is even. */
static void grade_rows(struct code_client *c, int first, int n)
{
	struct code_request *requests = calloc((size_t)n, sizeof *requests);
	struct code_response *responses = calloc((size_t)n, sizeof *responses);
	char(*tests)[128] = calloc((size_t)n, sizeof *tests);

	for (int i = 0; i < n; i++)
		requests[i] = make_request(tests[i], sizeof tests[i], first + i,
					   first + i + 1 + i % 2);
	code_client_grade(c, requests, responses, (size_t)n, 0);
	for (int i = 0; i < n; i++) {
		int want = i % 2 ? CODE_WRONG : CODE_PASSED;

		if (responses[i].verdict != want)
			ck_abort_msg("row %d: %s, %.*s", i,
				     code_verdict_word(responses[i].verdict),
				     (int)responses[i].note.len,
				     responses[i].note.ptr);
		ck_assert_int_eq(responses[i].n_passed, i % 2 == 0);
		code_response_free(&responses[i]);
	}
	free(requests);
	free(responses);
	free(tests);
}

START_TEST(rows_of_a_batch_get_their_own_verdicts)
{
	struct code_client *c = open_client(2);

	if (c)
		grade_rows(c, 10, 12);
	code_client_close(c);
}
END_TEST

struct thread {
	pthread_t id;
	struct code_client *client;
	int first;
};

static void *grade_some(void *arg)
{
	struct thread *t = arg;

	for (int i = 0; i < 3; i++)
		grade_rows(t->client, t->first + 100 * i, 4);
	return NULL;
}

START_TEST(more_threads_than_workers_take_turns)
{
	struct code_client *c = open_client(2);
	struct thread threads[5];

	for (int i = 0; c && i < 5; i++) {
		threads[i] = (struct thread){.client = c, .first = 1000 * i};
		ck_assert_int_eq(pthread_create(&threads[i].id, NULL,
						grade_some, &threads[i]),
				 0);
	}
	for (int i = 0; c && i < 5; i++)
		pthread_join(threads[i].id, NULL);
	code_client_close(c);
}
END_TEST

/* ------------------------------------------------------------- its death */

/* Children of this process: the supervisor, if there is no other. */
static pid_t find_child(void)
{
	char path[64], line[64] = "";
	FILE *f;

	snprintf(path, sizeof path, "/proc/self/task/%d/children",
		 (int)getpid());
	f = fopen(path, "r");
	if (!f)
		return 0;
	if (!fgets(line, sizeof line, f))
		line[0] = '\0';
	fclose(f);
	return (pid_t)strtol(line, NULL, 10);
}

static void *kill_soon(void *arg)
{
	struct timespec t = {.tv_nsec = 300000000};

	nanosleep(&t, NULL);
	kill(*(pid_t *)arg, SIGKILL);
	return NULL;
}

START_TEST(rows_in_flight_fail_and_those_that_follow_do_not)
{
	struct code_client *c = open_client(1);
	pid_t child = find_child();
	struct code_response r = {0};
	struct code_request q;
	char tests[128];
	pthread_t killer;

	if (!c || !child) {
		code_client_close(c);
		return;
	}
	q = make_request(tests, sizeof tests, 1, 2);
	q.source = code_view_text("import time\ntime.sleep(10)\n");
	ck_assert_int_eq(pthread_create(&killer, NULL, kill_soon, &child), 0);
	code_client_grade(c, &q, &r, 1, 0);
	pthread_join(killer, NULL);
	ck_assert_int_eq(r.verdict, CODE_FAILED);
	ck_assert_ptr_nonnull(
	    memmem(r.note.ptr, r.note.len, "why\tthe supervisor died", 23));
	code_response_free(&r);
	ck_assert_int_eq(n_logged, 1);
	grade_rows(c, 5, 4);
	ck_assert_int_ne(find_child(), child);
	ck_assert_int_eq(n_logged, 1);
	code_client_close(c);
}
END_TEST

static int count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	int n = 0;

	while (d && readdir(d))
		n++;
	if (d)
		closedir(d);
	return n;
}

START_TEST(a_client_that_is_closed_leaves_no_process_and_no_descriptor)
{
	int before = count_fds();
	struct code_client *c = open_client(2);

	if (c)
		grade_rows(c, 1, 2);
	code_client_close(c);
	ck_assert_int_eq(count_fds(), before);
	ck_assert_int_eq(find_child(), 0);
}
END_TEST

static int count_scratch(const char *folder)
{
	DIR *d = opendir(folder);
	struct dirent *e;
	int n = 0;

	while (d && (e = readdir(d)))
		n += strncmp(e->d_name, "grpo-code-", 10) == 0;
	if (d)
		closedir(d);
	return n;
}

/* A trainer that is killed takes its supervisor with it. */
START_TEST(a_supervisor_ends_with_its_trainer)
{
	struct timespec t = {.tv_nsec = 20000000};
	char folder[] = "/tmp/grpo-client-XXXXXX";
	pid_t trainer;
	int status;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	trainer = fork();
	if (trainer == 0) {
		struct code_client *c = open_client(2);

		if (c) {
			grade_rows(c, 1, 2);
			kill(getpid(), SIGKILL);
		}
		_exit(0);
	}
	ck_assert_int_eq(waitpid(trainer, &status, 0), trainer);
	for (int i = 0; i < 1000 && count_scratch(folder); i++)
		nanosleep(&t, NULL);
	ck_assert_int_eq(count_scratch(folder), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* The lock on its folder is gone when the last of its workers is. */
START_TEST(what_a_killed_supervisor_left_is_removed_by_the_next_one)
{
	char folder[] = "/tmp/grpo-client-XXXXXX";
	struct code_client *c;
	int tries;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	c = open_client(1);
	if (c) {
		ck_assert_int_eq(count_scratch(folder), 1);
		kill(find_child(), SIGKILL);
		code_client_close(c);
		ck_assert_int_eq(count_scratch(folder), 1);
	}
	for (tries = 0; count_scratch(folder) && tries < 50; tries++)
		code_client_close(open_client(1));
	ck_assert_int_eq(count_scratch(folder), 0);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

START_TEST(a_supervisor_leaves_the_folder_of_another_alone)
{
	char folder[] = "/tmp/grpo-client-XXXXXX";
	struct code_client *first, *second;

	ck_assert_ptr_nonnull(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	first = open_client(1);
	second = open_client(1);
	if (first && second) {
		ck_assert_int_eq(count_scratch(folder), 2);
		grade_rows(first, 1, 2);
	}
	code_client_close(first);
	code_client_close(second);
	ck_assert_int_eq(rmdir(folder), 0);
}
END_TEST

/* ----------------------------------------------------------- what is wrong */

static void expect_refused(struct code_client_config config, const char *text)
{
	struct code_client *c;
	struct code_hello hello;
	char why[512] = "";

	ck_assert_int_eq(code_client_open(&c, &hello, &config, why, sizeof why),
			 -1);
	ck_assert_ptr_null(c);
	if (!strstr(why, text))
		ck_abort_msg("\"%s\", expected \"%s\"", why, text);
	ck_assert_ptr_null(strchr(why, '\n'));
}

START_TEST(a_supervisor_that_cannot_be_started_is_named)
{
	expect_refused((struct code_client_config){.supervisor = "/no/such"},
		       "/no/such: No such file");
	expect_refused((struct code_client_config){.supervisor = "/bin/true"},
		       "/bin/true ended before it said what it found");
	expect_refused((struct code_client_config){.supervisor = supervisor(),
						   .least_tier = "T9"},
		       "ended before");
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("code client");
	TCase *c = tcase_create("client");

	if (getenv("EMULATOR")) {
		puts("skipped: code client (seccomp is not emulated)");
		tcase_add_test(c, a_supervisor_that_cannot_be_started_is_named);
		suite_add_tcase(s, c);
		return s;
	}
	tcase_set_timeout(c, 30);
	tcase_add_test(c, rows_of_a_batch_get_their_own_verdicts);
	tcase_add_test(c, more_threads_than_workers_take_turns);
	tcase_add_test(c, rows_in_flight_fail_and_those_that_follow_do_not);
	tcase_add_test(
	    c, a_client_that_is_closed_leaves_no_process_and_no_descriptor);
	tcase_add_test(c, a_supervisor_ends_with_its_trainer);
	tcase_add_test(
	    c, what_a_killed_supervisor_left_is_removed_by_the_next_one);
	tcase_add_test(c, a_supervisor_leaves_the_folder_of_another_alone);
	tcase_add_test(c, a_supervisor_that_cannot_be_started_is_named);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
