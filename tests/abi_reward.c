/* SPDX-License-Identifier: MIT */
/*
 * The plug-in ABI does not move: where each field lies, what each number
 * means, and plug-ins and hosts of different versions with each other.
 *
 * To add a field (R1): put it at the end of its struct, raise
 * GRPO_REWARD_ABI_MINOR, add its line here, and leave all other lines alone.
 */
#include <dlfcn.h>
#include "reward_rig.h"

/* 64-bit pointers and longs, as on every Linux that we build for. */
#if defined(__LP64__)
#define AT(type, field, offset)                                                \
	_Static_assert(offsetof(grpo_##type, field) == (offset),               \
		       #type "." #field " has moved")
#define SIZE(type, size)                                                       \
	_Static_assert(sizeof(grpo_##type) == (size),                          \
		       #type " has another size: a new field needs its line")

AT(str, ptr, 0);
AT(str, len, 8);
SIZE(str, 16);

AT(reward_batch, struct_size, 0);
AT(reward_batch, n, 8);
AT(reward_batch, prompts, 16);
AT(reward_batch, completions, 24);
AT(reward_batch, groups, 32);
AT(reward_batch, finish, 40);
AT(reward_batch, n_columns, 48);
AT(reward_batch, columns, 56);
AT(reward_batch, cells, 64);
AT(reward_batch, tokens, 72);
AT(reward_batch, n_tokens, 80);
AT(reward_batch, explain, 88);
AT(reward_batch, explain_ctx, 96);
AT(reward_batch, measure, 104);
AT(reward_batch, measure_ctx, 112);
SIZE(reward_batch, 120);

AT(reward_host, struct_size, 0);
AT(reward_host, ctx, 8);
AT(reward_host, log, 16);
SIZE(reward_host, 24);

AT(reward_plugin, struct_size, 0);
AT(reward_plugin, abi_minor, 8);
AT(reward_plugin, flags, 12);
AT(reward_plugin, name, 16);
AT(reward_plugin, version, 24);
AT(reward_plugin, summary, 32);
AT(reward_plugin, open, 40);
AT(reward_plugin, score, 48);
AT(reward_plugin, close, 56);
SIZE(reward_plugin, 64);
#endif

#define NUMBER(name, value)                                                    \
	_Static_assert((name) == (value), #name " is another number")

NUMBER(GRPO_REWARD_ABI_MAJOR, 1);
NUMBER(GRPO_REWARD_ABI_MINOR, 1);
NUMBER(GRPO_REWARD_SCORED, 0);
NUMBER(GRPO_REWARD_NO_ANSWER, 1);
NUMBER(GRPO_REWARD_UNPARSABLE, 2);
NUMBER(GRPO_REWARD_BUDGET, 3);
NUMBER(GRPO_REWARD_MISSING, 64);
NUMBER(GRPO_REWARD_FAILED, 65);
NUMBER(GRPO_REWARD_IS_MISSING(63), 0);
NUMBER(GRPO_REWARD_IS_MISSING(64), 1);
NUMBER(GRPO_REWARD_IS_MISSING(255), 1);
NUMBER(GRPO_REWARD_THREADSAFE, 1);
NUMBER(GRPO_REWARD_PER_GROUP, 2);
NUMBER(GRPO_REWARD_FINISH_STOP, 0);
NUMBER(GRPO_REWARD_FINISH_LENGTH, 1);
NUMBER(GRPO_REWARD_FINISH_ABORT, 2);
NUMBER(GRPO_REWARD_LOG_ERROR, 0);
NUMBER(GRPO_REWARD_LOG_WARN, 1);
NUMBER(GRPO_REWARD_LOG_INFO, 2);

/* tests/abi/plugin.h says what the numbers mean. */
#define SAW_ALL_OF_1_0 3.0
#define SAW_ALL_OF_1_1 35.0
#define SAW_ALL_OF_1_2 63.0

static const char *const versions[] = {"1_0", "now", "1_2"};

/* What both know. */
static double expected(int host, int plugin)
{
	static const double saw[] = {SAW_ALL_OF_1_0, SAW_ALL_OF_1_1,
				     SAW_ALL_OF_1_2};

	return saw[host < plugin ? host : plugin];
}

static void *symbol_of(const char *kind, const char *version, const char *name)
{
	char file[32];
	void *object, *symbol;

	snprintf(file, sizeof file, "%s_%s", kind, version);
	object = dlopen(plugin_path(file), RTLD_NOW | RTLD_LOCAL);
	if (!object)
		ck_abort_msg("%s", dlerror());
	symbol = dlsym(object, name);
	ck_assert_ptr_nonnull(symbol);
	return symbol;
}

START_TEST(every_version_of_host_scores_with_every_version_of_plugin)
{
	const char *host = versions[_i / 3], *plugin = versions[_i % 3];
	double saw = expected(_i / 3, _i % 3);
	const void *(*entry)(void);
	int (*score_two)(const void *, double *);
	double rewards[2] = {0};
	void *symbol = symbol_of("host", host, "abi_score_two");

	memcpy(&score_two, &symbol, sizeof score_two);
	symbol = symbol_of("abi", plugin, "grpo_reward_plugin_v1");
	memcpy(&entry, &symbol, sizeof entry);
	ck_assert_int_eq(score_two(entry(), rewards), 0);
	ck_assert_double_eq(rewards[0], saw);
	ck_assert_double_eq(rewards[1], saw);
}
END_TEST

static void ignore(void *ctx, int64_t row, int32_t k, const char *name,
		   grpo_str text)
{
	(void)ctx, (void)row, (void)k, (void)name, (void)text;
}

START_TEST(this_library_scores_with_every_version_of_plugin)
{
	grpo_reward_set *set = SET(2, "abi_1_0", "abi_now", "abi_1_2");
	const char *completions[] = {"a", "b"};
	double rewards[6];

	score_all(set, completions, 2, rewards, NULL);
	for (int i = 0; i < 6; i++)
		ck_assert_double_eq(rewards[i], 1); /* nobody asks */
	ok(grpo_reward_set_explain(set, ignore, NULL));
	score_all(set, completions, 2, rewards, NULL);
	for (int i = 0; i < 6; i++)
		ck_assert_double_eq(rewards[i], SAW_ALL_OF_1_0);
	grpo_reward_set_free(set);
}
END_TEST

START_TEST(tables_of_a_smaller_and_a_larger_header_work)
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

START_TEST(a_status_of_a_later_version_counts_by_its_half)
{
	grpo_reward_set *set = SET(1, "newer_table");
	const char *completions[] = {"20!"}; /* it gives status 20 */
	double reward;

	score_all(set, completions, 1, &reward, NULL);
	ck_assert_double_eq(reward, 0.75);
	grpo_reward_set_free(set);
}
END_TEST

/* A batch as a host of before a field has it: the field is not there. */
START_TEST(a_plugin_can_ask_whether_a_field_is_there)
{
	grpo_reward_batch b = {.struct_size =
				   offsetof(grpo_reward_batch, explain)};

	ck_assert(GRPO_HAS(&b, grpo_reward_batch, n_tokens));
	ck_assert(!GRPO_HAS(&b, grpo_reward_batch, explain));
	b.struct_size += sizeof b.explain - 1;
	ck_assert(!GRPO_HAS(&b, grpo_reward_batch, explain));
	b.struct_size++;
	ck_assert(GRPO_HAS(&b, grpo_reward_batch, explain));
	ck_assert(!GRPO_HAS(&b, grpo_reward_batch, explain_ctx));
}
END_TEST

static void add_tests(TCase *t)
{
	tcase_add_loop_test(
	    t, every_version_of_host_scores_with_every_version_of_plugin, 0, 9);
	tcase_add_test(t, this_library_scores_with_every_version_of_plugin);
	tcase_add_test(t, tables_of_a_smaller_and_a_larger_header_work);
	tcase_add_test(t, a_status_of_a_later_version_counts_by_its_half);
	tcase_add_test(t, a_plugin_can_ask_whether_a_field_is_there);
}

int main(void)
{
	return run_case("abi_reward", add_tests);
}
