/* SPDX-License-Identifier: MIT */
/* Settings, parts and prompts that a trainer refuses. */
#include "trainer_rig.h"
#include "tests/suite.h"

/* -------------------------------------------------------------- bad input */

START_TEST(settings_out_of_range_are_named)
{
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
#define REFUSED(field, value, text)                                            \
	do {                                                                   \
		grpo_trainer_config bad = r.config;                            \
		bad.field = value;                                             \
		refused(grpo_trainer_create(&r.trainer, &bad, &r.parts, NULL), \
			GRPO_EINVAL, text);                                    \
		ck_assert_ptr_null(r.trainer);                                 \
	} while (0)
	REFUSED(num_generations, 1, "\"num_generations\" is 1");
	REFUSED(temperature, 0, "\"temperature\"");
	REFUSED(learning_rate, NAN, "\"learning_rate\"");
	REFUSED(top_p, 0, "\"top_p\"");
	REFUSED(max_steps, 0, "\"max_steps\"");
	REFUSED(epsilon_high, -0.5, "\"epsilon_high\"");
	REFUSED(loss_type, 99, "\"loss_type\"");
	REFUSED(sync_ref_model, 1, "\"beta\"");
	REFUSED(prompts_per_step, 13, "12 rows");
	REFUSED(prompts_per_step, 1 << 20, "\"prompts_per_step\"");
#undef REFUSED
	rig_free(&r);
}
END_TEST

/* Each alone is in range. */
START_TEST(settings_that_contradict_each_other_are_named)
{
	static const struct {
		int64_t steps, warmup, prompts, each;
		double epochs;
		int32_t sync;
		const char *one, *other;
	} cases[] = {
	    {6, 7, 4, 4, 1, 0, "\"warmup_steps\" is 7", "\"max_steps\""},
	    {-1, 7, 4, 4, 2, 0, "the 6 steps", "\"num_train_epochs\""},
	    {-1, 0, 4, 4, 0, 0, "\"num_train_epochs\" = 0", "0 steps"},
	    {6, 0, 4, 4, 1, 1, "\"sync_ref_model\"", "\"beta\""},
	    {6, 0, 1000000, 1000000, 1, 0, "\"prompts_per_step\"",
	     "\"num_generations\""},
	    {6, 0, 13, 4, 1, 0, "train.jsonl has 12 rows",
	     "\"prompts_per_step\" = 13"}};
	struct rig r;
	size_t i;

	rig_make(&r);
	rig_parts(&r);
	r.config.lr_scheduler_type = GRPO_LR_LINEAR;
	for (i = 0; i < sizeof cases / sizeof *cases; i++) {
		r.config.max_steps = cases[i].steps;
		r.config.warmup_steps = cases[i].warmup;
		r.config.prompts_per_step = cases[i].prompts;
		r.config.num_generations = cases[i].each;
		r.config.num_train_epochs = cases[i].epochs;
		r.config.sync_ref_model = cases[i].sync;
		refused(
		    grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		    GRPO_EINVAL, cases[i].one);
		ck_assert_ptr_nonnull(
		    strstr(grpo_error_message(), cases[i].other));
		ck_assert_ptr_null(r.trainer);
	}
	rig_free(&r);
}
END_TEST

/* As text of so many lists, one in the other, in an object. */
static char *nested(int levels)
{
	char *text = calloc(1, (size_t)levels * 2 + 16);

	ck_assert_ptr_nonnull(text);
	strcpy(text, "{\"a\": ");
	memset(text + 6, '[', (size_t)levels);
	memset(text + 6 + levels, ']', (size_t)levels);
	strcpy(text + 6 + 2 * levels, "}");
	return text;
}

static void expect_identity(const char *identity, int code, const char *text)
{
	struct rig r;
	int rc;

	rig_make(&r);
	rig_parts(&r);
	r.parts.identity = identity;
	rc = grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL);
	if (code < 0)
		refused(rc, code, text);
	else
		ok(rc);
	rig_free(&r);
}

START_TEST(an_identity_that_no_checkpoint_can_keep_is_refused_at_once)
{
	char *text;
	int levels;

	expect_identity("{\"a\": 1", GRPO_EFORMAT, "parts.identity");
	expect_identity("[1]", GRPO_EFORMAT,
			"parts.identity: expected an object");
	for (levels = 61; levels < 66; levels++) {
		text = nested(levels);
		expect_identity(text,
				levels == 61   ? 0
				: levels == 63 ? GRPO_EINVAL
					       : GRPO_EFORMAT,
				"parts.identity");
		free(text);
	}
}
END_TEST

START_TEST(a_missing_part_is_named)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
	r.parts.tokenizer = NULL;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "parts.tokenizer is NULL");
	rig_parts(&r);
	r.parts.held_out = NULL;
	r.config.eval_steps = 1;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "\"eval_steps\" needs parts.held_out");
	r.config.eval_steps = 0;
	rig_parts(&r);
	ops = *r.learner.ops;
	ops.save_state = NULL;
	r.learner.ops = &ops;
	rig_output(&r, "run");
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "save_state");
	rig_free(&r);
}
END_TEST

START_TEST(a_table_without_its_size_is_named)
{
	grpo_sampler_ops sampling;
	grpo_learner_ops learning;
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
	sampling = *r.sampler.ops;
	learning = *r.learner.ops;
	sampling.struct_size = 8;
	r.sampler.ops = &sampling;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "set it to sizeof(grpo_sampler_ops)");
	sampling.struct_size = sizeof sampling;
	learning.struct_size = 0;
	r.learner.ops = &learning;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "set it to sizeof(grpo_learner_ops)");
	rig_free(&r);
}
END_TEST

START_TEST(a_prompt_that_cannot_be_read_is_named_by_its_line)
{
	struct rig r;

	rig_make(&r);
	grpo_dataset_free(r.dataset);
	scratch_text("train.jsonl",
		     "{\"prompt\": \"a\"}\n\n"
		     "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"},"
		     " {\"role\": \"user\", \"content\": \"b\"}]}\n");
	ok(grpo_dataset_open(&r.dataset, scratch_path("train.jsonl"), NULL));
	r.config.prompts_per_step = 2;
	rig_expect_failed_step(&r, GRPO_EINVAL, "train.jsonl:3: ");
}
END_TEST

START_TEST(a_struct_of_a_newer_header_is_taken_if_its_tail_is_unused)
{
	struct {
		grpo_trainer_config config;
		int64_t newer;
	} later;
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
	memset(&later, 0, sizeof later);
	ok(grpo_trainer_config_init_(&later.config, sizeof later));
	later.config.prompts_per_step = 4;
	ok(grpo_trainer_create(&r.trainer, &later.config, &r.parts, NULL));
	grpo_trainer_free(r.trainer);
	later.newer = 1;
	refused(grpo_trainer_create(&r.trainer, &later.config, &r.parts, NULL),
		GRPO_EABI, "grpo_trainer_config");
	rig_free(&r);
}
END_TEST

START_TEST(a_prompt_that_is_missing_is_named_by_its_line)
{
	grpo_dataset_options o;
	struct rig r;

	rig_make(&r);
	grpo_dataset_free(r.dataset);
	ok(grpo_dataset_options_init(&o));
	o.prompt_optional = 1;
	ok(grpo_dataset_open(
	    &r.dataset,
	    scratch_text("train.jsonl",
			 "{\"prompt\": \"a\"}\n{\"answer\": 1}\n"),
	    &o));
	r.config.prompts_per_step = 2;
	rig_expect_failed_step(&r, GRPO_EFORMAT,
			       "train.jsonl:2: \"prompt\" is missing");
}
END_TEST

START_TEST(arguments_of_create_may_be_overwritten)
{
	struct bigram whole;
	struct rig r;
	char *metrics;

	rig_run_whole(&whole, 1);
	rig_make(&r);
	rig_output(&r, "run");
	rig_start(&r);
	memset(r.folder, 'x', sizeof r.folder - 1);
	memset(&r.config, 0xff, sizeof r.config);
	memset(&r.parts, 0xff, sizeof r.parts);
	memset(&r.callbacks, 0xff, sizeof r.callbacks);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	metrics = rig_read(scratch_path("run"), "metrics.jsonl");
	ck_assert_ptr_nonnull(strstr(metrics, "\"reward\""));
	free(metrics);
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer_input");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, settings_out_of_range_are_named);
	tcase_add_test(c, settings_that_contradict_each_other_are_named);
	tcase_add_test(
	    c, an_identity_that_no_checkpoint_can_keep_is_refused_at_once);
	tcase_add_test(c, a_missing_part_is_named);
	tcase_add_test(c, a_table_without_its_size_is_named);
	tcase_add_test(c, a_prompt_that_cannot_be_read_is_named_by_its_line);
	tcase_add_test(
	    c, a_struct_of_a_newer_header_is_taken_if_its_tail_is_unused);
	tcase_add_test(c, a_prompt_that_is_missing_is_named_by_its_line);
	tcase_add_test(c, arguments_of_create_may_be_overwritten);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
