/* SPDX-License-Identifier: MIT */
/* grpo_config under faults: tables, a file, the command line, text, help. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "grpo/trainer_config.h"
#include "tests/fault.h"
#include "tests/scratch.h"
#include "tests/suite.h"

struct settings {
	int64_t steps;
	const char *name, *list;
	int32_t colour;
};

static const grpo_option options[] = {
    GRPO_OPT_INT(struct settings, steps, 3, 0, 100, 0, "steps"),
    GRPO_OPT_STRING(struct settings, name, "a", 0, "a name"),
    GRPO_OPT_CHOICE(struct settings, colour, 1, "red|blue", 0, "a colour"),
    GRPO_OPT_JSON(struct settings, list, "[1]", 0, "a list"), GRPO_OPT_END};

static const grpo_option twin[] = {
    GRPO_OPT_STRING(struct settings, name, "a", 0, "a name"), GRPO_OPT_END};

static int print(grpo_config *c)
{
	char *text = (char *)options, *help = (char *)options;
	int rc = grpo_config_text(c, &text, 0);

	if (rc < 0)
		return text ? FAULT_WRONG : rc;
	rc = grpo_config_help(c, &help);
	if (rc < 0)
		rc = help ? FAULT_WRONG : rc;
	else if (!strstr(text, "\"name\": \"there\"") ||
		 !strstr(help, "base.colour"))
		rc = FAULT_WRONG;
	free(text);
	free(help);
	return rc;
}

static int configure(void)
{
	struct settings s;
	grpo_trainer_config t;
	grpo_config *c = (grpo_config *)options;
	int rc = grpo_config_create(&c);

	if (rc < 0)
		return c ? FAULT_WRONG : rc;
	GRPO_TRY(grpo_config_add(c, "Base", "base", options, &s));
	GRPO_TRY(grpo_config_add_trainer(c, &t));
	GRPO_TRY(grpo_config_read(c, scratch_path("recipe.json")));
	GRPO_TRY(grpo_config_set(c, "base.name=there"));
	GRPO_TRY(print(c));
	if (s.steps != 4 || s.colour != 0 || t.seed != 3 ||
	    strcmp(s.list, "[2, {\"a\": \"b\"}]") != 0)
		rc = FAULT_WRONG;
out:
	grpo_config_free(c);
	return rc;
}

START_TEST(the_settings_survive_every_fault)
{
	static const struct fault_scenario s = {
	    .name = "config", .work = configure, .path = scratch_folder};

	scratch_text("recipe.json",
		     "{\"base\": {\"steps\": 4, \"colour\": \"red\", \"list\": "
		     "[2, {\"a\": \"b\"}]}, \"seed\": 3}");
	fault_sweep(&s);
}
END_TEST

/* What is refused leaves something that can be freed. */
static int refused_work(void)
{
	struct settings s;
	grpo_config *c = NULL;
	int rc = 0;

	GRPO_TRY(grpo_config_create(&c));
	GRPO_TRY(grpo_config_add(c, "Base", NULL, options, &s));
	rc = grpo_config_read(c, scratch_path("wrong.json"));
	if (rc == GRPO_EFORMAT)
		rc = grpo_config_add(c, "Twin", NULL, twin, &s);
	if (rc == GRPO_EINVAL)
		rc = 0;
out:
	grpo_config_free(c);
	return rc;
}

START_TEST(settings_that_are_refused_survive_every_fault)
{
	static const struct fault_scenario s = {.name = "config refused",
						.work = refused_work,
						.path = scratch_folder};

	scratch_text("wrong.json", "{\"steps\": 4, \"colur\": \"red\"}");
	fault_sweep(&s);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("faults of settings");
	TCase *tc = tcase_create("faults");

	tcase_set_timeout(tc, 120);
	tcase_add_checked_fixture(tc, scratch_make_in_memory, scratch_remove);
	tcase_add_test(tc, the_settings_survive_every_fault);
	tcase_add_test(tc, settings_that_are_refused_survive_every_fault);
	suite_add_tcase(s, tc);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
