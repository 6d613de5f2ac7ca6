/* SPDX-License-Identifier: MIT */
/*
 * Settings (grpo/config.h): a file, then one --set after another.  A failure
 * leaves every struct as it was; what is taken can be written, and read into
 * the same settings again.
 */
#include "grpo/config.h"

#include <stdlib.h>
#include <string.h>

#include "grpo/error.h"
#include "grpo/trainer.h"
#include "tests/fuzz/fuzz.h"

struct app {
	int64_t count;
	double share;
	int32_t flag, choice;
	const char *name, *list;
};

static const grpo_option options[] = {
    GRPO_OPT_INT(struct app, count, 3, -5, 1e6, 0, "a count"),
    GRPO_OPT_NUMBER(struct app, share, 0.5, 0, 1, 0, "a share"),
    GRPO_OPT_BOOL(struct app, flag, 1, 0, "a flag"),
    GRPO_OPT_CHOICE(struct app, choice, 1, "one|two|three", 0, "a choice"),
    GRPO_OPT_STRING(struct app, name, "x", GRPO_OPTION_FREE, "a name"),
    GRPO_OPT_JSON(struct app, list, "[{\"name\": \"math\"}]", 0, "a list"),
    GRPO_OPT_END};

struct values {
	struct app top, section;
	grpo_trainer_config trainer;
};

struct settings {
	grpo_config *c;
	struct values now, before;
};

static void open_settings(struct settings *s)
{
	memset(s, 0, sizeof *s);
	fuzz_require(grpo_config_create(&s->c) == 0);
	fuzz_require(grpo_config_add(s->c, "Top", NULL, options, &s->now.top) ==
		     0);
	fuzz_require(grpo_config_add(s->c, "Part", "part", options,
				     &s->now.section) == 0);
	fuzz_require(grpo_config_add_trainer(s->c, &s->now.trainer) == 0);
	memcpy(&s->before, &s->now, sizeof s->now);
}

static char *text_of(const struct settings *s)
{
	char *text;

	fuzz_require(grpo_config_text(s->c, &text, 0) == 0);
	return text;
}

static int same_text(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

static int same(const struct app *a, const struct app *b)
{
	return a->count == b->count && a->share == b->share &&
	       a->flag == b->flag && a->choice == b->choice &&
	       same_text(a->name, b->name) && same_text(a->list, b->list);
}

static void check_written(const struct settings *s)
{
	char *text = text_of(s), *again;
	struct settings other;
	const char *path = fuzz_file("written.json", text, strlen(text));

	open_settings(&other);
	fuzz_require(grpo_config_read(other.c, path) == 0);
	fuzz_require(same(&s->now.top, &other.now.top));
	fuzz_require(same(&s->now.section, &other.now.section));
	again = text_of(&other);
	fuzz_require(strcmp(text, again) == 0);
	free(again);
	free(text);
	grpo_config_free(other.c);
}

/* After a failure the settings can only be freed. */
static int check(struct settings *s, int rc)
{
	fuzz_check_code(rc);
	if (rc == 0)
		check_written(s);
	else
		fuzz_require(memcmp(&s->now, &s->before, sizeof s->now) == 0);
	memcpy(&s->before, &s->now, sizeof s->now);
	return rc == 0;
}

static int read_file(struct settings *s, struct fuzz_input *in)
{
	size_t len;
	char *file = fuzz_bytes(in, &len);
	int ok = len == 0;

	if (!ok)
		ok = check(s, grpo_config_read(
				  s->c, fuzz_file("config.json", file, len)));
	free(file);
	return ok;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = fuzz_begin(data, size);
	struct settings s;
	int ok;

	open_settings(&s);
	ok = read_file(&s, &in);
	while (ok && fuzz_more(&in)) {
		char *assignment = fuzz_text(&in);

		ok = check(&s, grpo_config_set(s.c, assignment));
		free(assignment);
	}
	grpo_config_free(s.c);
	return 0;
}
