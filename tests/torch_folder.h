/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TORCH_FOLDER_H
#define TESTS_TORCH_FOLDER_H

#include "torch_fixture.h"

/* A copy of the golden qwen2 model that a test then spoils. */

static char folder[64];

static inline void path_of(char *out, size_t cap, const char *name)
{
	snprintf(out, cap, "%s/%s", folder, name);
}

static inline void write_text(const char *name, const char *text, size_t n)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof path, name);
	f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static inline char *read_text(const char *name, size_t *n)
{
	char *text;

	must(grpo__file_read(&text, n, name, (size_t)1 << 24));
	return text;
}

static inline void setup(void)
{
	static const char *const files[] = {"config.json", "model.safetensors"};

	snprintf(folder, sizeof folder, "/tmp/grpo-input-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	for (int i = 0; i < 2; i++) {
		char from[128], *text;
		size_t n;

		snprintf(from, sizeof from, "tests/golden/models/qwen2/%s",
			 files[i]);
		text = read_text(from, &n);
		write_text(files[i], text, n);
		free(text);
	}
}

static inline void teardown(void)
{
	remove_folder(folder);
}

/* Opening fails with `code`, a line that holds all of these, and no model. */
static inline void refused(int code, const char *a, const char *b)
{
	grpo_model *m = (grpo_model *)folder;
	const char *line;

	ck_assert_int_eq(grpo_model_open(&m, folder, NULL), code);
	line = grpo_error_message();
	ck_assert_ptr_null(m);
	ck_assert_msg(strstr(line, a) && strstr(line, b),
		      "\"%s\" holds \"%s\" and \"%s\"", line, a, b);
	ck_assert_ptr_null(strchr(line, '\n'));
}

/* config.json with the first `from` replaced by `to`. */
static inline void edit_config(const char *from, const char *to)
{
	char path[128], out[8192], *text, *at;
	size_t n;

	path_of(path, sizeof path, "config.json");
	must(grpo__file_read(&text, &n, path, (size_t)1 << 24));
	at = strstr(text, from);
	ck_assert_msg(at != NULL, "config.json has no %s", from);
	snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to,
		 at + strlen(from));
	write_text("config.json", out, strlen(out));
	free(text);
}

#endif
