/* SPDX-License-Identifier: MIT */
/* What a resumed run must bring: the same contents, whatever they are called;
 * and files that are still what was saved. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include "core/hash.h"

#define SAVED "run/checkpoints/step-000001/"
#define LEARNER SAVED "learner/bigram"

static void make_run(struct rig *r, const char *name)
{
	rig_make(r);
	rig_add_reward(r, "d", 0.25);
	rig_output(r, name);
	r->config.max_steps = 10;
	r->config.eval_steps = 3;
	r->config.lr_scheduler_type = GRPO_LR_COSINE;
}

/* Puts `to` in the place of `from` in a file of the scratch. */
static void edit(const char *file, const char *from, const char *to)
{
	const char *path = scratch_path(file);
	grpo__buf out = {0};
	char *text, *at;
	size_t len;

	ok(grpo__file_read(&text, &len, path, 1 << 20));
	at = strstr(text, from);
	ck_assert_ptr_nonnull(at);
	ok(grpo__buf_add(&out, text, (size_t)(at - text)));
	ok(grpo__buf_printf(&out, "%s%s", to, at + strlen(from)));
	ok(grpo__file_write(path, out.data, out.len));
	grpo__buf_dispose(&out);
	free(text);
}

/* ------------------------------------------------------ other settings */

static void save_one(const char *identity)
{
	struct rig r;

	make_run(&r, "run");
	rig_parts(&r);
	r.parts.identity = identity;
	ok(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL));
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
}

START_TEST(another_setting_that_changes_the_numbers_is_refused)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	r.config.learning_rate = 0.25;
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
		"\"learning_rate\" was 0.5 and is now 0.25");
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "checkpoints/step-000001: "));
	rig_free(&r);
	make_run(&r, "run");
	r.config.max_steps = 11; /* the cosine runs otherwise */
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
		"\"max_steps\" was 10 and is now 11");
	rig_free(&r);
}
END_TEST

START_TEST(a_setting_that_changes_no_number_may_differ)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	r.config.save_steps = 3;
	r.config.eval_steps = 0;
	r.config.samples_per_step = 0;
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	rig_free(&r);
}
END_TEST

START_TEST(a_constant_rate_may_go_on_for_longer)
{
	struct rig r;
	int i;

	for (i = 0; i < 2; i++) {
		make_run(&r, "run");
		r.config.lr_scheduler_type = GRPO_LR_CONSTANT;
		r.config.max_steps = i ? 6 : 3;
		rig_start(&r);
		if (i)
			ok(grpo_trainer_resume(r.trainer, NULL));
		ok(grpo_trainer_run(r.trainer));
		ck_assert_int_eq(grpo_trainer_steps(r.trainer), i ? 6 : 3);
		rig_free(&r);
	}
}
END_TEST

START_TEST(another_identity_is_refused_by_its_key)
{
	static const char *const now[] = {
	    "{\"base\": {\"steps\": 4}, \"model\": \"a\"}",
	    "{\"base\": {}, \"model\": \"a\"}",
	    "{\"base\": {\"steps\": 3}, \"model\": \"a\", \"new\": 1}", NULL};
	static const char *const message[] = {
	    "\"base.steps\" was 3 and is now 4",
	    "\"base.steps\" was 3 and is now not set",
	    "\"new\" was not set and is now 1", "\"identity\" was {"};
	struct rig r;
	int i;

	save_one("{\"base\": {\"steps\": 3}, \"model\": \"a\"}");
	for (i = 0; i < 4; i++) {
		make_run(&r, "run");
		rig_parts(&r);
		r.parts.identity = now[i];
		ok(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL));
		refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
			message[i]);
		rig_free(&r);
	}
}
END_TEST

START_TEST(another_dataset_is_refused)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	rig_write_dataset("train.jsonl", RIG_PROMPTS + 4);
	grpo_dataset_free(r.dataset);
	ok(grpo_dataset_open(&r.dataset, scratch_path("train.jsonl"), NULL));
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), GRPO_EINVAL,
		"\"dataset.rows\" was 12 and is now 16");
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------ contents */

static void expect_refused(struct rig *r, const char *text)
{
	struct bigram_state before = r->policy.s;

	rig_start(r);
	refused(grpo_trainer_resume(r->trainer, NULL), GRPO_EINVAL, text);
	ck_assert_mem_eq(&before, &r->policy.s, sizeof before);
	rig_free(r);
}

/* After the first step, `r` ends as a run that was not stopped. */
static void expect_the_same_end(struct rig *r)
{
	struct bigram end;
	struct rig whole;

	rig_start(r);
	ok(grpo_trainer_resume(r->trainer, NULL));
	ok(grpo_trainer_run(r->trainer));
	end = r->policy;
	rig_free(r);
	make_run(&whole, "whole");
	rig_start(&whole);
	ok(grpo_trainer_run(whole.trainer));
	ck_assert_mem_eq(&whole.policy.s, &end.s, sizeof end.s);
	rig_free(&whole);
}

#define ROW(prompt, answer)                                                    \
	"{\"prompt\": \"" prompt "\", \"answer\": " answer "}\n"
#define FOUR ROW("c", "3") ROW("d", "4") ROW("e", "5") ROW("abc", "6")

static void save_with_rows(const char *rows)
{
	struct rig r;

	make_run(&r, "run");
	rig_dataset(&r, "rows.jsonl", rows);
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
}

START_TEST(rows_that_were_edited_or_moved_are_refused)
{
	static const char *const now[] = {
	    ROW("b", "1") ROW("b", "2") FOUR,  /* another question */
	    ROW("a", "1") ROW("b", "22") FOUR, /* another answer */
	    ROW("b", "2") ROW("a", "1") FOUR,  /* another order */
	    "{\"prompt\": \"a\", \"reply\": 1}\n" ROW("b", "2") FOUR};
	struct rig r;

	save_with_rows(ROW("a", "1") ROW("b", "2") FOUR);
	for (int i = 0; i < 4; i++) {
		make_run(&r, "run");
		rig_dataset(&r, "rows.jsonl", now[i]);
		expect_refused(&r, "\"dataset.xxh64\" was \"");
	}
}
END_TEST

START_TEST(the_same_rows_under_another_name_go_on)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	grpo_dataset_free(r.dataset);
	ck_assert_int_eq(
	    rename(scratch_path("train.jsonl"), scratch_path("moved.jsonl")),
	    0);
	ok(grpo_dataset_open(&r.dataset, scratch_path("moved.jsonl"), NULL));
	expect_the_same_end(&r);
}
END_TEST

START_TEST(rows_that_a_column_map_makes_the_same_go_on)
{
	static const char map[] = "{\"prompt\": \"q\", \"answer\": \"a\"}";
	grpo_dataset_options o;
	struct rig r;

	save_with_rows(ROW("a", "1") FOUR);
	make_run(&r, "run");
	grpo_dataset_free(r.dataset);
	ok(grpo_dataset_options_init(&o));
	o.column_map = map;
	ok(grpo_dataset_open(
	    &r.dataset,
	    scratch_text("mapped.jsonl",
			 "{\"q\": \"a\",   \"a\": 1}\n"
			 "{\"q\": \"c\", \"a\": 3}\n{\"q\": \"d\", \"a\": 4}\n"
			 "{\"q\": \"e\", \"a\": 5}\n"
			 "{\"q\": \"abc\", \"a\": 6}\n"),
	    &o));
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	rig_free(&r);
}
END_TEST

START_TEST(other_held_out_rows_and_another_output_go_on)
{
	char from[600];
	struct rig r;

	save_one(NULL);
	snprintf(from, sizeof from, "%s/checkpoints/step-000001",
		 scratch_path("run"));
	make_run(&r, "elsewhere");
	grpo_dataset_free(r.held_out);
	ok(grpo_dataset_open(
	    &r.held_out, scratch_text("others.jsonl", ROW("e", "1")), NULL));
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, from));
	rig_free(&r);
}
END_TEST

/* The vocabulary with the ids of two letters swapped. */
START_TEST(a_tokenizer_of_the_same_name_with_other_ids_is_refused)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	edit("tokenizer.json", "\"a\": 0", "\"a\": 1");
	edit("tokenizer.json", "\"b\": 1", "\"b\": 0");
	grpo_tokenizer_free(r.tokenizer);
	ok(grpo_tokenizer_open(&r.tokenizer, scratch_folder));
	expect_refused(&r, "\"tokenizer.xxh64\" was \"");
}
END_TEST

START_TEST(another_template_is_refused)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	grpo_template_free(r.prompt_template);
	ok(grpo_template_create(&r.prompt_template, "{prompt}a", NULL));
	expect_refused(&r, "\"template.xxh64\" was \"");
	/* a name is no content */
	make_run(&r, "run");
	grpo_template_free(r.prompt_template);
	ok(grpo_template_create(&r.prompt_template, "{prompt}", NULL));
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	rig_free(&r);
}
END_TEST

/* A run with one reward, from a file of the test's own. */
static void make_with_reward(struct rig *r, const char *file, double weight,
			     const char *params)
{
	rig_make_bare(r);
	rig_output(r, "run");
	ok(grpo_reward_set_add(r->rewards, file, weight, params));
}

static const char *copy_reward(const char *name, const char *more)
{
	char *data;
	size_t len;
	const char *path;

	ok(grpo__file_read(&data, &len, rig_plugin("contains"), 1 << 24));
	data = realloc(data, len + strlen(more));
	ck_assert_ptr_nonnull(data);
	memcpy(data + len, more, strlen(more));
	path = scratch_path(name);
	ok(grpo__file_write(path, data, len + strlen(more)));
	free(data);
	return path;
}

START_TEST(another_reward_is_refused_and_a_moved_one_goes_on)
{
	static const char e[] = "{\"text\": \"e\"}";
	struct rig r;

	make_with_reward(&r, copy_reward("mine.so", ""), 1, e);
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_save(r.trainer));
	rig_free(&r);
	make_with_reward(&r, copy_reward("mine.so", "\n"), 1, e);
	expect_refused(&r, "\"rewards.contains.xxh64\" was \"");
	copy_reward("mine.so", "");
	make_with_reward(&r, scratch_path("mine.so"), -3, e);
	expect_refused(&r, "\"rewards.contains.weight\" was 1 and is now -3");
	make_with_reward(&r, scratch_path("mine.so"), 1, "{\"text\": \"d\"}");
	expect_refused(&r, "\"rewards.contains.params.text\" was \"e\" and is "
			   "now \"d\"");
	make_with_reward(&r, rig_plugin("echo_length"), 1, NULL);
	expect_refused(&r, "\"rewards.contains\" was {");
	make_with_reward(&r, copy_reward("moved.so", ""), 1,
			 "{\"text\":\"e\"}");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	rig_free(&r);
}
END_TEST

START_TEST(a_refusal_says_what_to_do)
{
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	r.config.seed = 3;
	expect_refused(&r, "step-000001: \"seed\" was 1 and is now 3: it "
			   "changes the numbers of the run; bring back what "
			   "was, or begin a new run in another \"output_dir\"");
}
END_TEST

/* --------------------------------------------------- allowed, and told */

static void take_warning(void *ctx, int level, const char *text)
{
	if (level == GRPO_LOG_WARN)
		snprintf(ctx, 1024, "%s", text);
}

static void resume_with_warning(struct rig *r, char warning[1024])
{
	rig_start(r);
	warning[0] = '\0';
	grpo_log_set(take_warning, warning, GRPO_LOG_WARN);
	ok(grpo_trainer_resume(r->trainer, NULL));
	grpo_log_set(NULL, NULL, 0);
	rig_free(r);
}

START_TEST(smaller_micro_batches_go_on_with_a_warning)
{
	char warning[1024];
	struct rig r;

	save_one(NULL);
	make_run(&r, "run");
	r.config.tokens_per_micro_batch = 100;
	resume_with_warning(&r, warning);
	ck_assert_ptr_nonnull(
	    strstr(warning, "\"tokens_per_micro_batch\" was 16384 and is now "
			    "100: sums are taken in another order"));
	make_run(&r, "run");
	resume_with_warning(&r, warning);
	ck_assert_str_eq(warning, "");
}
END_TEST

/* The same in state.json, and the manifest agrees. */
static void edit_state(const char *from, const char *to)
{
	const char *state = scratch_path(SAVED "state.json");
	char was[GRPO__HASH_HEX], is[GRPO__HASH_HEX], bytes[2][64];
	int64_t n;
	uint64_t hash;

	ok(grpo__hash_file(&hash, &n, state));
	grpo__hash_hex(was, hash);
	snprintf(bytes[0], sizeof bytes[0], "%ld", (long)n);
	edit(SAVED "state.json", from, to);
	ok(grpo__hash_file(&hash, &n, state));
	grpo__hash_hex(is, hash);
	snprintf(bytes[1], sizeof bytes[1], "%ld", (long)n);
	edit(SAVED "manifest.json", was, is);
	edit(SAVED "manifest.json", bytes[0], bytes[1]);
}

START_TEST(another_version_of_the_library_is_told)
{
	char warning[1024];
	struct rig r;

	save_one(NULL);
	edit_state("\"libgrpo\": \"", "\"libgrpo\": \"9.");
	make_run(&r, "run");
	resume_with_warning(&r, warning);
	ck_assert_ptr_nonnull(
	    strstr(warning, "the checkpoint is of libgrpo 9.0."));
}
END_TEST

/* -------------------------------------------------------------- damage */

static void expect_damaged(int code, const char *text)
{
	struct bigram_state before;
	struct rig r;

	make_run(&r, "run");
	before = r.policy.s;
	rig_start(&r);
	refused(grpo_trainer_resume(r.trainer, NULL), code, text);
	ck_assert_mem_eq(&before, &r.policy.s, sizeof before);
	rig_free(&r);
}

static void flip_bit(const char *name)
{
	FILE *f = fopen(scratch_path(name), "r+b");
	int c;

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(fseek(f, 77, SEEK_SET), 0);
	c = getc(f);
	ck_assert_int_eq(fseek(f, 77, SEEK_SET), 0);
	putc(c ^ 4, f);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(a_flipped_bit_is_refused_and_the_file_named)
{
	save_one(NULL);
	flip_bit(LEARNER);
	expect_damaged(GRPO_EFORMAT,
		       "step-000001/learner/bigram is damaged: its XXH64 is ");
	expect_damaged(GRPO_EFORMAT, "; no older checkpoint is whole");
	flip_bit(LEARNER);
	flip_bit(SAVED "state.json");
	expect_damaged(GRPO_EFORMAT, "step-000001/state.json is damaged: ");
}
END_TEST

START_TEST(a_file_that_was_cut_or_is_gone_is_named)
{
	save_one(NULL);
	ck_assert_int_eq(truncate(scratch_path(LEARNER), 10), 0);
	expect_damaged(GRPO_EFORMAT, "learner/bigram is damaged: it has 10 "
				     "bytes, and manifest.json says 864");
	ck_assert_int_eq(remove(scratch_path(LEARNER)), 0);
	expect_damaged(GRPO_EIO, "learner/bigram");
}
END_TEST

START_TEST(damaged_descriptions_are_named)
{
	save_one(NULL);
	edit_state("\"steps\"", "\"stops\"");
	expect_damaged(GRPO_EFORMAT, "step-000001: ");
	edit_state("\"format\": 2", "\"format\": 7");
	expect_damaged(GRPO_EABI, "format 7, expected 2");
	edit_state("\"format\": 7", "\"format");
	expect_damaged(GRPO_EFORMAT, "state.json");
	edit(SAVED "manifest.json", "\"xxh64\"", "\"xxh63\"");
	expect_damaged(GRPO_EFORMAT, "manifest.json: \"xxh64\"");
	edit(SAVED "manifest.json", "\"files\"", "\"filed\"");
	expect_damaged(GRPO_EFORMAT, "manifest.json: \"files\" is missing");
	edit(SAVED "manifest.json", "\"format\"", "\"farmat\"");
	expect_damaged(GRPO_EFORMAT, "manifest.json: \"format\"");
	edit(SAVED "manifest.json", "{", "[");
	expect_damaged(GRPO_EFORMAT, "manifest.json: ");
}
END_TEST

START_TEST(the_older_checkpoint_that_is_whole_is_named)
{
	struct bigram whole;
	struct rig r;

	make_run(&r, "run");
	r.config.eval_steps = 0;
	r.config.save_steps = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	whole = r.policy;
	rig_free(&r);
	flip_bit("run/checkpoints/step-000010/learner/bigram");
	flip_bit("run/checkpoints/step-000008/learner/bigram");
	expect_damaged(GRPO_EFORMAT, "step-000010/learner/bigram is damaged: ");
	expect_damaged(GRPO_EFORMAT,
		       "checkpoints/step-000006, which is whole, move the "
		       "damaged one away");
	ok(grpo__remove_folder(scratch_path("run/checkpoints/step-000010")));
	ok(grpo__remove_folder(scratch_path("run/checkpoints/step-000008")));
	make_run(&r, "run");
	rig_start(&r);
	ok(grpo_trainer_resume(r.trainer, NULL));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 6);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

/* What a removal that was cut off left under the name .old is no obstacle. */
START_TEST(old_checkpoints_go_where_an_earlier_removal_was_cut_off)
{
	char path[600];
	struct rig r;

	make_run(&r, "run");
	r.config.eval_steps = 0;
	r.config.save_steps = 2;
	r.config.save_total_limit = 1;
	snprintf(path, sizeof path, "%s/checkpoints/.old/learner", r.folder);
	ok(grpo__make_folder(path));
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
	ck_assert(
	    !grpo__file_exists(scratch_path("run/checkpoints/step-000008")));
	ck_assert(
	    grpo__file_exists(scratch_path("run/checkpoints/step-000010")));
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("checkpoint_contents");
	TCase *c = tcase_create("contents");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, another_setting_that_changes_the_numbers_is_refused);
	tcase_add_test(c, a_setting_that_changes_no_number_may_differ);
	tcase_add_test(c, a_constant_rate_may_go_on_for_longer);
	tcase_add_test(c, another_identity_is_refused_by_its_key);
	tcase_add_test(c, another_dataset_is_refused);
	tcase_add_test(c, rows_that_were_edited_or_moved_are_refused);
	tcase_add_test(c, the_same_rows_under_another_name_go_on);
	tcase_add_test(c, rows_that_a_column_map_makes_the_same_go_on);
	tcase_add_test(c, other_held_out_rows_and_another_output_go_on);
	tcase_add_test(c,
		       a_tokenizer_of_the_same_name_with_other_ids_is_refused);
	tcase_add_test(c, another_template_is_refused);
	tcase_add_test(c, another_reward_is_refused_and_a_moved_one_goes_on);
	tcase_add_test(c, a_refusal_says_what_to_do);
	tcase_add_test(c, smaller_micro_batches_go_on_with_a_warning);
	tcase_add_test(c, another_version_of_the_library_is_told);
	tcase_add_test(c, a_flipped_bit_is_refused_and_the_file_named);
	tcase_add_test(c, a_file_that_was_cut_or_is_gone_is_named);
	tcase_add_test(c, damaged_descriptions_are_named);
	tcase_add_test(c, the_older_checkpoint_that_is_whole_is_named);
	tcase_add_test(c,
		       old_checkpoints_go_where_an_earlier_removal_was_cut_off);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
