/* SPDX-License-Identifier: MIT */
/* lib/reward under faults, those of the plug-ins' own memory too. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "core/fail.h"
#include "grpo/config.h"
#include "grpo/reward_set.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

static char folder[4096]; /* of the test plug-ins */

static void find_folder(void)
{
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 16);

	ck_assert_int_gt(n, 0);
	folder[n] = '\0';
	strcpy(strrchr(folder, '/'), "/plugins");
	ck_assert_int_eq(setenv("GRPO_REWARD_PATH", folder, 1), 0);
}

static grpo_str str(const char *s)
{
	return (grpo_str){s, strlen(s)};
}

/* Two rewards: rows as they come, and whole groups of two. */
static int add_rewards(grpo_reward_set *set)
{
	static const char list[] =
	    "[{\"name\": \"contains\", \"weight\": 0.5, \"params\": "
	    "{\"text\": \"x\"}}, {\"name\": \"per_group\"}]";
	int32_t before = grpo_reward_set_count(set);
	int rc = grpo_config_rewards(set, list, "rewards");

	if (rc == 0 && grpo_reward_set_count(set) != before + 2)
		rc = FAULT_WRONG;
	return rc;
}

static int submit(grpo_reward_set *set, int64_t i, const char *text,
		  const char *row)
{
	grpo_str columns[2] = {str("size"), str("row")};
	grpo_str cells[2] = {str("2"), str(row)};
	grpo_reward_row r = {.struct_size = sizeof r,
			     .prompt = str("question"),
			     .completion = str(text),
			     .group = (uint32_t)i / 2,
			     .group_size = 2,
			     .columns = columns,
			     .cells = cells,
			     .n_columns = 2};

	return grpo_reward_set_submit(set, i, &r);
}

static void heard(void *ctx, int64_t row, int32_t k, const char *name,
		  grpo_str text)
{
	(void)ctx;
	(void)row;
	(void)k;
	(void)name;
	(void)text;
}

/* Also after a failure the batch is waited for, and can begin again. */
static int score(grpo_reward_set *set)
{
	static const char *const text[] = {"x", "yyy", "xxx", "y"};
	static const char *const name[] = {"0", "1", "2", "3"};
	double rewards[8] = {77};
	int i, rc = grpo_reward_set_begin(set, 4), waited;

	if (rc < 0)
		return rc;
	for (i = 0; rc == 0 && i < 4; i++)
		rc = submit(set, i, text[i], name[i]);
	waited = grpo_reward_set_wait(set, rewards, NULL);
	if (waited < 0 && rewards[0] != 77)
		return FAULT_WRONG;
	if (rc == 0 && waited == 0 && (rewards[0] != 1 || rewards[1] != -1))
		return FAULT_WRONG;
	return rc < 0 ? rc : waited;
}

static int check(grpo_reward_set *set)
{
	grpo_str columns[2] = {str("size"), str("row")};
	grpo_str cells[2] = {str("1"), str("0")};
	grpo_reward_row r = {.struct_size = sizeof r,
			     .columns = columns,
			     .cells = cells,
			     .n_columns = 2};
	uint8_t missing[2] = {77};
	int rc = grpo_reward_set_check(set, &r, 1, missing);

	return missing[0] == (rc < 0 ? 77 : 0) ? rc : FAULT_WRONG;
}

static int set_work(void)
{
	grpo_reward_set *set = (grpo_reward_set *)folder;
	int rc = grpo_reward_set_create(&set, 1);

	if (rc < 0)
		return set ? FAULT_WRONG : rc;
	GRPO_TRY(add_rewards(set));
	GRPO_TRY(grpo_reward_set_explain(set, heard, NULL));
	GRPO_TRY(score(set));
	GRPO_TRY(check(set));
	rc = score(set);
out:
	grpo_reward_set_free(set);
	return rc;
}

START_TEST(a_reward_set_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "reward set",
						.work = set_work,
						.path = "plugins",
						.other = GRPO_EREWARD,
						.threads = 1};

	find_folder();
	fault_sweep(&s);
}
END_TEST

/* A plug-in that comes with the library, found by its name.  Countdown and
 * math are not among them: GMP ends the process where memory lacks, which is
 * why both bound what they ask of it. */
static int bundled_work(void)
{
	grpo_reward_row r = {
	    .struct_size = sizeof r,
	    .prompt = str("question"),
	    .completion = str("<think> so </think> <answer> 3 </answer>"),
	    .group_size = 1};
	grpo_reward_set *set = NULL;
	double reward = 0;
	int rc = 0;

	GRPO_TRY(grpo_reward_set_create(&set, 1));
	GRPO_TRY(grpo_reward_set_add(set, "format", 1, NULL));
	GRPO_TRY(grpo_reward_set_begin(set, 1));
	GRPO_TRY(grpo_reward_set_submit(set, 0, &r));
	GRPO_TRY(grpo_reward_set_wait(set, &reward, NULL));
	rc = reward == 1 ? 0 : FAULT_WRONG;
out:
	grpo_reward_set_free(set);
	return rc;
}

START_TEST(a_reward_of_the_library_survives_every_fault)
{
	static const struct fault_scenario s = {.name = "bundled reward",
						.work = bundled_work,
						.path = "rewards",
						.other = GRPO_EREWARD,
						.threads = 1};

	ck_assert_int_eq(unsetenv("GRPO_REWARD_PATH"), 0);
	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of rewards");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, a_reward_set_survives_every_fault);
	tcase_add_test(tc, a_reward_of_the_library_survives_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
