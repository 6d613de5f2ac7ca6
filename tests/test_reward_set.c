/* SPDX-License-Identifier: MIT */
/* The reward host: finding and loading plug-ins, and scoring with threads.
 * The plug-ins are those of tests/plugins, built beside this program. */
#define _POSIX_C_SOURCE 200809L

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "grpo/error.h"
#include "grpo/log.h"
#include "grpo/reward_set.h"

#define PATH_BYTES 4096

/* ------------------------------------------------------------------ helpers */

static const char *program_folder(void)
{
	static _Thread_local char dir[PATH_BYTES];
	ssize_t n = readlink("/proc/self/exe", dir, sizeof dir - 1);

	ck_assert_int_gt(n, 0);
	dir[n] = '\0';
	*strrchr(dir, '/') = '\0';
	return dir;
}

static const char *plugin_path(const char *name)
{
	static _Thread_local char path[PATH_BYTES + 128];

	snprintf(path, sizeof path, "%s/plugins/%s.so", program_folder(), name);
	return path;
}

static void expect_message(const char *part)
{
	if (!strstr(grpo_error_message(), part))
		ck_abort_msg("\"%s\" is not in \"%s\"", part,
			     grpo_error_message());
}

static void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

static grpo_reward_set *new_set(int threads, const char *const *plugins)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, threads));
	for (; *plugins; plugins++)
		ok(grpo_reward_set_add(set, plugin_path(*plugins), 1, NULL));
	return set;
}

#define SET(threads, ...)                                                      \
	new_set(threads, (const char *const[]){__VA_ARGS__, NULL})

static grpo_str str(const char *s)
{
	return (grpo_str){s, strlen(s)};
}

static grpo_reward_row row_of(const char *completion)
{
	grpo_reward_row r = {.struct_size = sizeof r};

	r.prompt = str("question");
	r.completion = str(completion);
	r.group_size = 1;
	return r;
}

static int submit(grpo_reward_set *set, int64_t i, const char *completion)
{
	grpo_reward_row r = row_of(completion);

	r.group = (uint32_t)i;
	return grpo_reward_set_submit(set, i, &r);
}

/* A whole batch of completions, with a result that must come. */
static void score_all(grpo_reward_set *set, const char *const *completions,
		      int64_t n, double *rewards, uint8_t *status)
{
	ok(grpo_reward_set_begin(set, n));
	for (int64_t i = 0; i < n; i++)
		ok(submit(set, i, completions[i]));
	ok(grpo_reward_set_wait(set, rewards, status));
}

/* Adding `plugin` fails with `code` and leaves the set empty. */
static void expect_refused(const char *path, const char *params, int code,
			   const char *message)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(grpo_reward_set_add(set, path, 1, params), code);
	expect_message(message);
	ck_assert_int_eq(grpo_reward_set_count(set), 0);
	grpo_reward_set_free(set);
}

/* ------------------------------------------------------------------ loading */

START_TEST(a_path_that_is_not_there_is_not_found)
{
	expect_refused("/nowhere/x.so", NULL, GRPO_ENOTFOUND,
		       "reward \"/nowhere/x.so\": no such file");
}
END_TEST

START_TEST(an_unknown_name_lists_every_folder_that_was_looked_in)
{
	setenv("GRPO_REWARD_PATH", "/first/a::/second/b", 1);
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND,
		       "reward \"nosuch\": no nosuch.so in /first/a, "
		       "/second/b, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, program_folder());
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/rewards, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/../rewards, ");
	expect_refused("nosuch", NULL, GRPO_ENOTFOUND, "/../lib/grpo/rewards");
}
END_TEST

START_TEST(a_file_name_without_a_slash_hints_at_the_slash)
{
	expect_refused("my_reward.so", NULL, GRPO_ENOTFOUND,
		       "a path needs a slash");
}
END_TEST

START_TEST(a_name_is_found_in_the_folders_of_the_environment)
{
	char path[PATH_BYTES + 64];
	grpo_reward_set *set;

	snprintf(path, sizeof path, "/nowhere::%s/plugins:", program_folder());
	setenv("GRPO_REWARD_PATH", path, 1);
	ok(grpo_reward_set_create(&set, 1));
	ok(grpo_reward_set_add(set, "echo_length", 0.5, NULL));
	ok(grpo_reward_set_add(set, "older_table", -2, "{}"));
	ck_assert_int_eq(grpo_reward_set_count(set), 2);
	ck_assert_str_eq(grpo_reward_set_name(set, 0), "echo_length");
	ck_assert_str_eq(grpo_reward_set_name(set, 1), "older_table");
	ck_assert_ptr_null(grpo_reward_set_name(set, 2));
	ck_assert_ptr_null(grpo_reward_set_name(set, -1));
	ck_assert_double_eq(grpo_reward_set_weights(set)[0], 0.5);
	ck_assert_double_eq(grpo_reward_set_weights(set)[1], -2);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(our_own_rewards_are_found_beside_the_program)
{
	grpo_reward_set *set;

	unsetenv("GRPO_REWARD_PATH");
	ok(grpo_reward_set_create(&set, 1));
	ok(grpo_reward_set_add(set, "format", 1, "{\"mode\": \"soft\"}"));
	ok(grpo_reward_set_add(set, "countdown", 1, NULL));
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(an_empty_name_is_refused)
{
	expect_refused("", NULL, GRPO_EINVAL, "needs a name");
	expect_refused(NULL, NULL, GRPO_EINVAL, "needs a name");
}
END_TEST

START_TEST(another_major_version_is_named)
{
	expect_refused(plugin_path("wrong_major"), NULL, GRPO_EABI,
		       "wrong_major.so: has reward ABI 2, this library "
		       "speaks 1");
}
END_TEST

START_TEST(a_library_without_the_symbol_is_refused)
{
	expect_refused(plugin_path("no_symbol"), NULL, GRPO_EABI,
		       "no symbol grpo_reward_plugin_v1");
}
END_TEST

START_TEST(a_file_that_is_no_library_is_refused)
{
	char path[] = "/tmp/grpo-reward-XXXXXX";
	int fd = mkstemp(path);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(write(fd, "text", 4), 4);
	close(fd);
	expect_refused(path, NULL, GRPO_EABI, "cannot load ");
	unlink(path);
}
END_TEST

START_TEST(a_table_without_what_it_needs_is_refused)
{
	expect_refused(plugin_path("null_table"), NULL, GRPO_EABI,
		       "its table is NULL");
	expect_refused(plugin_path("short_table"), NULL, GRPO_EABI,
		       "its table has 32 bytes, at least ");
	expect_refused(plugin_path("null_score"), NULL, GRPO_EABI,
		       "no score function");
	expect_refused(plugin_path("bad_name"), NULL, GRPO_EABI,
		       "no name of letters");
}
END_TEST

START_TEST(tables_of_older_and_newer_headers_work)
{
	grpo_reward_set *set = SET(2, "older_table", "newer_table");
	const char *completions[] = {"a", "b"};
	double rewards[4];

	score_all(set, completions, 2, rewards, NULL);
	ck_assert_double_eq(rewards[0], 0.25);
	ck_assert_double_eq(rewards[1], 0.75);
	ck_assert_double_eq(rewards[2], 0.25);
	ck_assert_double_eq(rewards[3], 0.75);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_failing_open_says_the_last_error_line)
{
	expect_refused(plugin_path("fails_open"), NULL, GRPO_EREWARD,
		       "reward \"fails_open\": open failed: "
		       "no verifier found");
}
END_TEST

START_TEST(an_open_that_fails_in_silence_is_reported)
{
	expect_refused(plugin_path("fails_open"), "{\"quiet\": true}",
		       GRPO_EREWARD, "it returned -3 and did not say why");
}
END_TEST

START_TEST(params_that_are_no_json_object_are_refused)
{
	const char *path = plugin_path("echo_length");

	expect_refused(path, "[1]", GRPO_EFORMAT,
		       "parameters of reward \"echo_length\": expected a JSON "
		       "object");
	expect_refused(path, "{\"a\": 1", GRPO_EFORMAT,
		       "parameters of reward \"echo_length\"");
	expect_refused(path, "", GRPO_EFORMAT, "echo_length");
	expect_refused(path, "{\"a\": 1, \"a\": 2}", GRPO_EFORMAT,
		       "echo_length");
}
END_TEST

START_TEST(a_weight_that_is_not_finite_is_refused)
{
	grpo_reward_set *set;

	ok(grpo_reward_set_create(&set, 1));
	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("echo_length"), NAN, NULL),
	    GRPO_EINVAL);
	expect_message("not finite");
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_number_of_threads_that_makes_no_sense_is_refused)
{
	grpo_reward_set *set = (grpo_reward_set *)1;

	ck_assert_int_eq(grpo_reward_set_create(&set, -1), GRPO_EINVAL);
	ck_assert_ptr_null(set);
	ck_assert_int_eq(grpo_reward_set_create(&set, 1 << 20), GRPO_EINVAL);
	ok(grpo_reward_set_create(&set, 0)); /* one */
	grpo_reward_set_free(set);
	grpo_reward_set_free(NULL);
}
END_TEST

static char last_log[256];

static void keep_log(void *ctx, int level, const char *text)
{
	(void)ctx;
	snprintf(last_log, sizeof last_log, "%d %s", level, text);
}

START_TEST(warnings_of_a_plugin_reach_the_log_with_its_name)
{
	grpo_log_set(keep_log, NULL, GRPO_LOG_DEBUG);
	expect_refused(plugin_path("fails_open"), NULL, GRPO_EREWARD, "");
	ck_assert_str_eq(last_log, "1 fails_open: only a warning");
	grpo_log_set(NULL, NULL, 0);
}
END_TEST

/* ------------------------------------------------------------------ scoring */

START_TEST(numbers_come_in_the_slot_of_row_and_reward)
{
	grpo_reward_set *set = SET(3, "echo_length", "older_table");
	const char *completions[] = {"", "a", "ab", "abc", "abcd"};
	double rewards[10];
	uint8_t status[10];

	ok(grpo_reward_set_begin(set, 5));
	for (int i = 4; i >= 0; i--)
		ok(submit(set, i, completions[i]));
	memset(status, 99, sizeof status);
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < 5; i++) {
		ck_assert_double_eq(rewards[2 * i], i);
		ck_assert_double_eq(rewards[2 * i + 1], 0.25);
		ck_assert_int_eq(status[2 * i], GRPO_REWARD_SCORED);
		ck_assert_int_eq(status[2 * i + 1], GRPO_REWARD_SCORED);
	}
	ck_assert_double_gt(grpo_reward_set_seconds(set), 0);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_set_scores_batch_after_batch)
{
	grpo_reward_set *set = SET(2, "echo_length");
	const char *completions[] = {"a", "ab", "abc"};
	double rewards[3];

	for (int n = 0; n < 200; n++) {
		score_all(set, completions + n % 3, 3 - n % 3, rewards, NULL);
		ck_assert_double_eq(rewards[0], 1 + n % 3);
	}
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(an_empty_batch_and_an_empty_set_are_fine)
{
	grpo_reward_set *set = SET(1, "echo_length"), *empty;

	ok(grpo_reward_set_begin(set, 0));
	ok(grpo_reward_set_wait(set, NULL, NULL));
	grpo_reward_set_free(set);
	ok(grpo_reward_set_create(&empty, 2));
	ok(grpo_reward_set_begin(empty, 2));
	ok(submit(empty, 0, "a"));
	ok(submit(empty, 1, "b"));
	ok(grpo_reward_set_wait(empty, NULL, NULL));
	grpo_reward_set_free(empty);
}
END_TEST

#define N_MIXED 300

/* A row that differs from all others in all that it can differ in. */
struct mixed {
	char prompt[64], completion[96], name[4][16], cell[4][48];
	grpo_str columns[4], cells[4];
	int32_t tokens[16];
	grpo_reward_row row;
};

static void fill_mixed(struct mixed *m, int i)
{
	memset(m, 0, sizeof *m);
	m->row.struct_size = sizeof m->row;
	snprintf(m->prompt, sizeof m->prompt, "prompt %d", i);
	snprintf(m->completion, sizeof m->completion, "completion %*d", i % 40,
		 i);
	m->row.prompt = str(m->prompt);
	m->row.completion = str(m->completion);
	m->row.group = (uint32_t)(i / 4);
	m->row.group_size = 4;
	m->row.finish = (uint8_t)(i % 3);
	m->row.n_columns = (size_t)(i % 5);
	for (int j = 0; j < i % 5; j++) {
		/* in another order, and not all, from row to row */
		snprintf(m->name[j], 16, "column %d", (j + i) % 7);
		snprintf(m->cell[j], 48, "\"cell %d of %d\"", j, i);
		m->columns[j] = str(m->name[j]);
		m->cells[j] = str(m->cell[j]);
	}
	m->row.columns = m->columns;
	m->row.cells = m->cells;
	m->row.n_tokens = i % 16;
	for (int j = 0; j < i % 16; j++)
		m->tokens[j] = i * 31 + j;
	m->row.tokens = i % 16 ? m->tokens : NULL;
}

/* Submits all rows in an order that `seed` chooses; text goes at once. */
static void score_mixed(int threads, unsigned seed, double *rewards)
{
	grpo_reward_set *set = SET(threads, "digest", "echo_length");
	int order[N_MIXED];
	struct mixed m;

	for (int i = 0; i < N_MIXED; i++)
		order[i] = i;
	for (int i = N_MIXED - 1; i > 0; i--) {
		int j =
		    (int)((seed = seed * 1103515245 + 12345) >> 8) % (i + 1);
		int t = order[i];

		order[i] = order[j];
		order[j] = t;
	}
	ok(grpo_reward_set_begin(set, N_MIXED));
	for (int i = 0; i < N_MIXED; i++) {
		fill_mixed(&m, order[i]);
		ok(grpo_reward_set_submit(set, order[i], &m.row));
		memset(&m, 0xee, sizeof m);
	}
	ok(grpo_reward_set_wait(set, rewards, NULL));
	grpo_reward_set_free(set);
}

START_TEST(threads_and_order_and_batches_change_nothing)
{
	static double want[2 * N_MIXED], got[2 * N_MIXED];
	grpo_reward_set *set = SET(1, "digest", "echo_length");
	struct mixed m;

	/* One row a batch: nothing can be mixed up. */
	for (int i = 0; i < N_MIXED; i++) {
		fill_mixed(&m, i);
		ok(grpo_reward_set_begin(set, 1));
		ok(grpo_reward_set_submit(set, 0, &m.row));
		ok(grpo_reward_set_wait(set, want + 2 * i, NULL));
	}
	grpo_reward_set_free(set);
	ck_assert_double_ne(want[0], want[2]);
	for (int threads = 1; threads <= 8; threads++) {
		score_mixed(threads, (unsigned)threads, got);
		ck_assert_mem_eq(want, got, sizeof want);
	}
}
END_TEST

START_TEST(missing_rewards_are_nan_and_keep_their_status)
{
	static const int given[] = {0, 1, 2, 3, 64, 65, 77};
	grpo_reward_set *set = SET(2, "missing");
	double rewards[7];
	uint8_t status[7];

	ok(grpo_reward_set_begin(set, 7));
	for (int i = 0; i < 7; i++) {
		grpo_reward_row r = row_of("a");
		grpo_str name = str("status"), cell;
		char text[8];

		snprintf(text, sizeof text, "%d", given[i]);
		cell = str(text);
		r.columns = &name;
		r.cells = &cell;
		r.n_columns = 1;
		ok(grpo_reward_set_submit(set, i, &r));
	}
	ok(grpo_reward_set_wait(set, rewards, status));
	for (int i = 0; i < 7; i++) {
		ck_assert_int_eq(status[i], given[i]);
		if (given[i] < 64)
			ck_assert_double_eq(rewards[i], 0.5);
		else
			ck_assert_double_nan(rewards[i]);
	}
	grpo_reward_set_free(set);
}
END_TEST

/* Rows of which `bad` is one; wait fails and touches nothing. */
static void expect_failure(const char *plugin, const char *bad,
			   const char *message)
{
	grpo_reward_set *set = SET(2, "echo_length", plugin);
	double rewards[8], before[8];
	uint8_t status[8], status_before[8];

	memset(before, 0x5a, sizeof before);
	memcpy(rewards, before, sizeof before);
	memset(status_before, 0x5a, sizeof status_before);
	memcpy(status, status_before, sizeof status);
	ok(grpo_reward_set_begin(set, 4));
	for (int i = 0; i < 4; i++)
		ok(submit(set, i, i == 2 ? bad : "fine"));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, status),
			 GRPO_EREWARD);
	ck_assert_str_eq(grpo_error_message(), message);
	ck_assert_mem_eq(rewards, before, sizeof before);
	ck_assert_mem_eq(status, status_before, sizeof status);
	grpo_reward_set_free(set);
}

START_TEST(a_scored_number_that_is_not_finite_is_refused)
{
	expect_failure("returns_nan", "nan",
		       "reward \"returns_nan\" gave nan for row 2");
	expect_failure("returns_nan", "inf",
		       "reward \"returns_nan\" gave inf for row 2");
	expect_failure("returns_nan", "-inf",
		       "reward \"returns_nan\" gave -inf for row 2");
}
END_TEST

START_TEST(a_failing_score_names_plugin_and_row_and_reason)
{
	expect_failure("fails_score", "fail here",
		       "reward \"fails_score\" failed on row 2: cannot verify "
		       "\"fail here\"");
}
END_TEST

START_TEST(a_score_that_writes_nothing_is_refused)
{
	expect_failure("writes_nothing", "x",
		       "reward \"writes_nothing\" wrote nothing for row 0");
}
END_TEST

START_TEST(a_set_goes_on_after_a_failure)
{
	grpo_reward_set *set = SET(2, "returns_nan");
	const char *fine[] = {"a", "b"};
	double rewards[2];

	ok(grpo_reward_set_begin(set, 1));
	ok(submit(set, 0, "nan"));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
			 GRPO_EREWARD);
	score_all(set, fine, 2, rewards, NULL);
	ck_assert_double_eq(rewards[1], 1);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(the_lowest_failing_row_is_reported_in_every_run)
{
	char text[32];

	for (int run = 0; run < 40; run++) {
		grpo_reward_set *set = SET(1 + run % 8, "fails_score");
		double rewards[64];

		ok(grpo_reward_set_begin(set, 64));
		for (int i = 63; i >= 0; i--) {
			snprintf(text, sizeof text, "%s %d",
				 i >= 17 && i % 3 == 0 ? "fail" : "fine", i);
			ok(submit(set, i, text));
		}
		ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
				 GRPO_EREWARD);
		ck_assert_str_eq(grpo_error_message(),
				 "reward \"fails_score\" failed on row 18: "
				 "cannot verify \"fail 18\"");
		grpo_reward_set_free(set);
	}
}
END_TEST

START_TEST(of_two_failures_on_a_row_the_first_reward_is_reported)
{
	for (int run = 0; run < 20; run++) {
		grpo_reward_set *set =
		    SET(4, "returns_nan", "writes_nothing", "returns_nan");
		double rewards[12];

		ok(grpo_reward_set_begin(set, 4));
		for (int i = 3; i >= 0; i--)
			ok(submit(set, i, i == 0 ? "fine" : "nan"));
		ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL),
				 GRPO_EREWARD);
		expect_message("\"writes_nothing\" wrote nothing for row 0");
		grpo_reward_set_free(set);
	}
}
END_TEST

/* ------------------------------------------------------------------ threads */

START_TEST(a_plugin_that_is_not_threadsafe_is_called_one_at_a_time)
{
	grpo_reward_set *set = SET(8, "not_threadsafe", "not_threadsafe");
	double rewards[128];

	ok(grpo_reward_set_begin(set, 64));
	for (int i = 0; i < 64; i++)
		ok(submit(set, i, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 128; i++)
		ck_assert_double_eq(rewards[i], 1);
	grpo_reward_set_free(set);
}
END_TEST

static void *score_alone(void *arg)
{
	double *worst = arg;
	grpo_reward_set *set = SET(2, "not_threadsafe");
	double rewards[64];

	*worst = 1;
	ok(grpo_reward_set_begin(set, 64));
	for (int i = 0; i < 64; i++)
		ok(submit(set, i, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 64; i++)
		*worst = rewards[i] < *worst ? rewards[i] : *worst;
	grpo_reward_set_free(set);
	return NULL;
}

START_TEST(also_between_two_sets)
{
	pthread_t thread[2];
	double worst[2];

	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, score_alone, &worst[i]),
		    0);
	for (int i = 0; i < 2; i++) {
		pthread_join(thread[i], NULL);
		ck_assert_double_eq(worst[i], 1);
	}
}
END_TEST

START_TEST(a_threadsafe_plugin_runs_on_several_threads)
{
	grpo_reward_set *set = SET(2, "parallel");
	const char *completions[] = {"a", "b"};
	double rewards[2];

	score_all(set, completions, 2, rewards, NULL);
	ck_assert_double_eq(rewards[0], 1);
	ck_assert_double_eq(rewards[1], 1);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(a_set_is_freed_in_the_middle_of_a_batch)
{
	grpo_reward_set *set = SET(2, "not_threadsafe", "per_group");

	ok(grpo_reward_set_begin(set, 100));
	for (int i = 0; i < 60; i++)
		ok(submit(set, i, "a"));
	grpo_reward_set_free(set);
}
END_TEST

struct submitter {
	grpo_reward_set *set;
	int first;
};

static void *submit_half(void *arg)
{
	struct submitter *s = arg;

	for (int i = s->first; i < N_MIXED; i += 2) {
		struct mixed m;

		fill_mixed(&m, i);
		ok(grpo_reward_set_submit(s->set, i, &m.row));
	}
	return NULL;
}

START_TEST(rows_may_come_from_several_threads)
{
	static double want[2 * N_MIXED], got[2 * N_MIXED];
	grpo_reward_set *set = SET(2, "digest", "echo_length");
	struct submitter s[2] = {{set, 0}, {set, 1}};
	pthread_t thread[2];

	score_mixed(1, 1, want);
	ok(grpo_reward_set_begin(set, N_MIXED));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(
		    pthread_create(&thread[i], NULL, submit_half, &s[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	ok(grpo_reward_set_wait(set, got, NULL));
	ck_assert_mem_eq(want, got, sizeof want);
	grpo_reward_set_free(set);
}
END_TEST

/* ------------------------------------------------------------------- groups */

static int submit_grouped(grpo_reward_set *set, int64_t i, uint32_t group,
			  uint32_t size)
{
	char text[64], row[16], sizes[16];
	grpo_str names[2], cells[2];
	grpo_reward_row r;

	memset(text, 'x', sizeof text);
	text[i % 60] = '\0';
	r = row_of(text);
	snprintf(row, sizeof row, "%d", (int)i);
	snprintf(sizes, sizeof sizes, "%d", (int)size);
	/* columns in an order that changes */
	names[i & 1] = str("size");
	cells[i & 1] = str(sizes);
	names[!(i & 1)] = str("row");
	cells[!(i & 1)] = str(row);
	r.columns = names;
	r.cells = cells;
	r.n_columns = 2;
	r.group = group;
	r.group_size = size;
	return grpo_reward_set_submit(set, i, &r);
}

/* Row i belongs to group i % 8 of 7 rows; ids are far apart. */
START_TEST(per_group_rewards_see_whole_groups_whatever_the_order)
{
	for (int run = 0; run < 30; run++) {
		grpo_reward_set *set =
		    SET(1 + run % 4, "echo_length", "per_group");
		double rewards[112];

		ok(grpo_reward_set_begin(set, 56));
		for (int i = 0; i < 56; i++) {
			int j = (i * 11 + run) % 56;

			ok(submit_grouped(set, j,
					  (uint32_t)(j % 8) * 0x20000000, 7));
		}
		ok(grpo_reward_set_wait(set, rewards, NULL));
		for (int j = 0; j < 56; j++) {
			double mean = 0;

			for (int i = j % 8; i < 56; i += 8)
				mean += rewards[2 * i] / 7;
			ck_assert_double_eq_tol(rewards[2 * j + 1],
						rewards[2 * j] - mean, 1e-12);
		}
		grpo_reward_set_free(set);
	}
}
END_TEST

START_TEST(groups_of_one_and_of_all_rows_work)
{
	grpo_reward_set *set = SET(2, "per_group");
	double rewards[5];

	ok(grpo_reward_set_begin(set, 5));
	for (int i = 0; i < 5; i++)
		ok(submit_grouped(set, i, (uint32_t)i, 1));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 5; i++)
		ck_assert_double_eq(rewards[i], 0);
	ok(grpo_reward_set_begin(set, 5));
	for (int i = 4; i >= 0; i--)
		ok(submit_grouped(set, i, 0xffffffff, 5));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	for (int i = 0; i < 5; i++)
		ck_assert_double_eq_tol(rewards[i], i - 2, 1e-12);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(groups_that_do_not_add_up_are_refused)
{
	grpo_reward_set *set = SET(2, "per_group");
	double rewards[4];

	ok(grpo_reward_set_begin(set, 4));
	ck_assert_int_eq(submit_grouped(set, 0, 7, 0), GRPO_EINVAL);
	expect_message("row 0: its group has 0 of 4 rows");
	ck_assert_int_eq(submit_grouped(set, 0, 7, 5), GRPO_EINVAL);
	ok(submit_grouped(set, 0, 7, 2));
	ck_assert_int_eq(submit_grouped(set, 1, 7, 3), GRPO_EINVAL);
	expect_message("row 1: group 7 has 2 rows, not 3");
	ok(submit_grouped(set, 1, 7, 2));
	ck_assert_int_eq(submit_grouped(set, 2, 7, 2), GRPO_EINVAL);
	expect_message("row 2: group 7 has all of its 2 rows already");
	ok(submit_grouped(set, 2, 8, 3));
	ok(submit_grouped(set, 3, 8, 3));
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	expect_message("group 8 has 2 of 3 rows");
	ok(grpo_reward_set_begin(set, 1));
	ok(submit_grouped(set, 0, 0, 1));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	grpo_reward_set_free(set);
}
END_TEST

/* -------------------------------------------------------------- wrong calls */

START_TEST(calls_out_of_order_are_refused)
{
	grpo_reward_set *set = SET(1, "echo_length");
	double rewards[2];

	ck_assert_int_eq(submit(set, 0, "a"), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_begin(set, -1), GRPO_EINVAL);
	ok(grpo_reward_set_begin(set, 2));
	ck_assert_int_eq(grpo_reward_set_begin(set, 2), GRPO_EINVAL);
	ck_assert_int_eq(
	    grpo_reward_set_add(set, plugin_path("older_table"), 1, NULL),
	    GRPO_EINVAL);
	ok(submit(set, 1, "a"));
	ck_assert_int_eq(submit(set, 1, "a"), GRPO_EINVAL);
	expect_message("row 1 is handed over twice");
	ck_assert_int_eq(submit(set, 2, "a"), GRPO_EINVAL);
	expect_message("row 2 of a batch of 2");
	ck_assert_int_eq(submit(set, -1, "a"), GRPO_EINVAL);
	ck_assert_int_eq(grpo_reward_set_wait(set, rewards, NULL), GRPO_EINVAL);
	expect_message("1 of 2 rows were handed over");
	ok(grpo_reward_set_begin(set, 1)); /* the set goes on */
	ok(submit(set, 0, "abc"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	ck_assert_double_eq(rewards[0], 3);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(rows_that_cannot_be_are_refused)
{
	grpo_reward_set *set = SET(1, "echo_length");
	grpo_reward_row r = row_of("a");
	grpo_str hole = {NULL, 3}, name = str("answer");
	double rewards[1];

	ok(grpo_reward_set_begin(set, 1));
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, NULL), GRPO_EINVAL);
	r.struct_size = 8;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.finish = 3;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.completion = hole;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.n_columns = 1;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r.columns = &name;
	r.cells = &hole;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	r = row_of("a");
	r.n_tokens = -1;
	ck_assert_int_eq(grpo_reward_set_submit(set, 0, &r), GRPO_EINVAL);
	ok(submit(set, 0, "a"));
	ok(grpo_reward_set_wait(set, rewards, NULL));
	ck_assert_double_eq(rewards[0], 1);
	grpo_reward_set_free(set);
}
END_TEST

static void add_loading(Suite *s)
{
	TCase *t = tcase_create("loading");

	tcase_add_test(t, a_path_that_is_not_there_is_not_found);
	tcase_add_test(t,
		       an_unknown_name_lists_every_folder_that_was_looked_in);
	tcase_add_test(t, a_file_name_without_a_slash_hints_at_the_slash);
	tcase_add_test(t, a_name_is_found_in_the_folders_of_the_environment);
	tcase_add_test(t, our_own_rewards_are_found_beside_the_program);
	tcase_add_test(t, an_empty_name_is_refused);
	tcase_add_test(t, another_major_version_is_named);
	tcase_add_test(t, a_library_without_the_symbol_is_refused);
	tcase_add_test(t, a_file_that_is_no_library_is_refused);
	tcase_add_test(t, a_table_without_what_it_needs_is_refused);
	tcase_add_test(t, tables_of_older_and_newer_headers_work);
	tcase_add_test(t, a_failing_open_says_the_last_error_line);
	tcase_add_test(t, an_open_that_fails_in_silence_is_reported);
	tcase_add_test(t, params_that_are_no_json_object_are_refused);
	tcase_add_test(t, a_weight_that_is_not_finite_is_refused);
	tcase_add_test(t, a_number_of_threads_that_makes_no_sense_is_refused);
	tcase_add_test(t, warnings_of_a_plugin_reach_the_log_with_its_name);
	suite_add_tcase(s, t);
}

static void add_scoring(Suite *s)
{
	TCase *t = tcase_create("scoring");

	tcase_set_timeout(t, 60);
	tcase_add_test(t, numbers_come_in_the_slot_of_row_and_reward);
	tcase_add_test(t, a_set_scores_batch_after_batch);
	tcase_add_test(t, an_empty_batch_and_an_empty_set_are_fine);
	tcase_add_test(t, threads_and_order_and_batches_change_nothing);
	tcase_add_test(t, missing_rewards_are_nan_and_keep_their_status);
	tcase_add_test(t, a_scored_number_that_is_not_finite_is_refused);
	tcase_add_test(t, a_failing_score_names_plugin_and_row_and_reason);
	tcase_add_test(t, a_score_that_writes_nothing_is_refused);
	tcase_add_test(t, a_set_goes_on_after_a_failure);
	tcase_add_test(t, the_lowest_failing_row_is_reported_in_every_run);
	tcase_add_test(t,
		       of_two_failures_on_a_row_the_first_reward_is_reported);
	suite_add_tcase(s, t);
}

static void add_threads_and_groups(Suite *s)
{
	TCase *t = tcase_create("threads and groups");

	tcase_set_timeout(t, 60);
	tcase_add_test(t,
		       a_plugin_that_is_not_threadsafe_is_called_one_at_a_time);
	tcase_add_test(t, also_between_two_sets);
	tcase_add_test(t, a_threadsafe_plugin_runs_on_several_threads);
	tcase_add_test(t, a_set_is_freed_in_the_middle_of_a_batch);
	tcase_add_test(t, rows_may_come_from_several_threads);
	tcase_add_test(t,
		       per_group_rewards_see_whole_groups_whatever_the_order);
	tcase_add_test(t, groups_of_one_and_of_all_rows_work);
	tcase_add_test(t, groups_that_do_not_add_up_are_refused);
	tcase_add_test(t, calls_out_of_order_are_refused);
	tcase_add_test(t, rows_that_cannot_be_are_refused);
	suite_add_tcase(s, t);
}

int main(void)
{
	Suite *s = suite_create("reward_set");
	SRunner *runner;
	int failed;

	add_loading(s);
	add_scoring(s);
	add_threads_and_groups(s);
	runner = srunner_create(s);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
