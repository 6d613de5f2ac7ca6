/* SPDX-License-Identifier: MIT */
/*
 * Folders that are no model: each gives one line that names the file and the
 * place, and no model.
 */
#include <sys/resource.h>
#include <signal.h>
#include <unistd.h>
#include "torch_fixture.h"
#include "tests/torch_suite.h"

static char folder[64];

static void path_of(char *out, size_t cap, const char *name)
{
	snprintf(out, cap, "%s/%s", folder, name);
}

static void write_text(const char *name, const char *text, size_t n)
{
	char path[128];
	FILE *f;

	path_of(path, sizeof path, name);
	f = fopen(path, "wb");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(text, 1, n, f), n);
	ck_assert_int_eq(fclose(f), 0);
}

static char *read_text(const char *name, size_t *n)
{
	char *text;

	must(grpo__file_read(&text, n, name, (size_t)1 << 24));
	return text;
}

/* A copy of the golden qwen2 model that a test then spoils. */
static void setup(void)
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

static void teardown(void)
{
	remove_folder(folder);
}

/* Opening fails with `code`, a line that holds all of these, and no model. */
static void refused(int code, const char *a, const char *b)
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
static void edit_config(const char *from, const char *to)
{
	char path[128], out[8192], *text, *at;
	size_t n;

	path_of(path, sizeof path, "config.json");
	text = read_text(path, &n);
	at = strstr(text, from);
	ck_assert_msg(at != NULL, "config.json has no %s", from);
	snprintf(out, sizeof out, "%.*s%s%s", (int)(at - text), text, to,
		 at + strlen(from));
	write_text("config.json", out, strlen(out));
	free(text);
}

START_TEST(a_whole_folder_opens)
{
	grpo_model *m;

	must(grpo_model_open(&m, folder, NULL));
	grpo_model_free(m);
}
END_TEST

START_TEST(a_missing_weights_file_is_named)
{
	char path[128];

	path_of(path, sizeof path, "model.safetensors");
	ck_assert_int_eq(unlink(path), 0);
	refused(GRPO_EIO, "model.safetensors", folder);
}
END_TEST

START_TEST(a_missing_config_is_named)
{
	char path[128];

	path_of(path, sizeof path, "config.json");
	ck_assert_int_eq(unlink(path), 0);
	refused(GRPO_EIO, "config.json", folder);
}
END_TEST

START_TEST(weights_that_are_cut_off_are_refused_at_every_length)
{
	char path[128], *text;
	size_t n;

	path_of(path, sizeof path, "model.safetensors");
	text = read_text(path, &n);
	for (size_t keep = 0; keep < n; keep += 1 + keep / 3) {
		write_text("model.safetensors", text, keep);
		refused(GRPO_EFORMAT, "model.safetensors", "");
	}
	free(text);
}
END_TEST

START_TEST(an_unknown_architecture_is_named)
{
	edit_config("Qwen2ForCausalLM", "MambaForCausalLM");
	refused(GRPO_EFORMAT, "config.json", "MambaForCausalLM");
}
END_TEST

START_TEST(an_unknown_key_is_named_with_the_nearest)
{
	edit_config("\"rms_norm_eps\"",
		    "\"rms_norm_epz\": 1, \"rms_norm_eps\"");
	refused(GRPO_EFORMAT, "config.json: unknown key \"rms_norm_epz\"",
		"rms_norm_eps\"");
}
END_TEST

START_TEST(a_missing_key_is_named)
{
	edit_config("\"hidden_size\": 40,", "");
	refused(GRPO_ENOTFOUND, "config.json", "hidden_size");
}
END_TEST

START_TEST(a_config_that_is_no_json_is_refused)
{
	write_text("config.json", "{\"hidden_size\": 4", 17);
	refused(GRPO_EFORMAT, "config.json", "");
}
END_TEST

START_TEST(what_is_not_implemented_is_refused)
{
	static const char *const edits[][3] = {
	    {"\"silu\"", "\"gelu\"", "hidden_act"},
	    {"\"use_sliding_window\": false", "\"use_sliding_window\": true",
	     "use_sliding_window"},
	    {"\"default\"", "\"yarn\", \"factor\": 4", "yarn"},
	    {"\"attention_dropout\": 0.0", "\"attention_dropout\": 0.1",
	     "attention_dropout"},
	    {"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
	     "num_key_value_heads"},
	    {"\"vocab_size\": 101", "\"vocab_size\": -1", "vocab_size"},
	    {"\"vocab_size\": 101", "\"vocab_size\": 1e300", "vocab_size"},
	};

	edit_config(edits[_i][0], edits[_i][1]);
	refused(GRPO_EFORMAT, "config.json", edits[_i][2]);
}
END_TEST

START_TEST(another_shape_than_the_config_names_the_tensor)
{
	edit_config("\"vocab_size\": 101", "\"vocab_size\": 102");
	refused(GRPO_EFORMAT, "model.embed_tokens.weight", "[101, 40]");
}
END_TEST

START_TEST(a_layer_that_is_not_in_the_file_is_named)
{
	edit_config("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3");
	edit_config("\"layer_types\": [",
		    "\"layer_types\": [\n    \"full_attention\",");
	refused(GRPO_EFORMAT, "model.layers.2.input_layernorm.weight",
		"missing");
}
END_TEST

static int count_completions(void *ctx, const grpo_completion *c)
{
	(void)c;
	++*(int *)ctx;
	return 0;
}

/* The second of two requests is bad: nothing is sampled for the first. */
static void refuses_second(const char *a, const char *b, int32_t id,
			   int64_t max_new)
{
	int32_t good[] = {1, 2}, bad[] = {1, id, 3};
	grpo_request q[] = {{good, 2, 1, 0}, {bad, 3, 1, 1}};
	grpo_model *m;
	grpo_sampler s;
	grpo_sampling o;
	int n = 0;

	must(grpo_model_open(&m, folder, NULL));
	must(grpo_torch_sampler(&s, m, NULL));
	must(grpo_sampling_init(&o));
	o.max_new_tokens = max_new;
	ck_assert_int_eq(grpo_sampler_max_positions(&s), 128);
	ck_assert_int_eq(
	    s.ops->generate(s.self, q, 2, &o, count_completions, &n),
	    GRPO_EINVAL);
	ck_assert_msg(strstr(grpo_error_message(), "request ") &&
			  strstr(grpo_error_message(), a) &&
			  strstr(grpo_error_message(), b),
		      "%s", grpo_error_message());
	ck_assert_int_eq(n, 0);
	grpo_sampler_free(&s);
	grpo_model_free(m);
}

START_TEST(a_request_past_the_models_positions_is_named_before_any_sampling)
{
	refuses_second("request 1: a prompt of 3 tokens and max_new_tokens 126",
		       "128 positions (\"max_position_embeddings\"", 2, 126);
}
END_TEST

START_TEST(the_largest_max_new_tokens_is_refused_without_overflow)
{
	refuses_second("9223372036854775807", "128 positions", 2, INT64_MAX);
}
END_TEST

START_TEST(a_token_past_the_vocabulary_is_named_before_any_sampling)
{
	refuses_second("request 1: token id 101", "vocabulary of 101", 101, 1);
}
END_TEST

START_TEST(a_full_disk_leaves_the_last_good_model)
{
	struct rlimit limit = {20000, 20000};
	char path[128], *before, *after;
	size_t n, n_after;
	grpo_model *m;

	path_of(path, sizeof path, "model.safetensors");
	before = read_text(path, &n);
	must(grpo_model_open(&m, folder, NULL));
	signal(SIGXFSZ, SIG_IGN);
	ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	ck_assert_int_eq(grpo_model_save(m, folder, NULL), GRPO_EIO);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "model.safetensors"));
	after = read_text(path, &n_after);
	ck_assert_uint_eq(n, n_after);
	ck_assert_mem_eq(before, after, n);
	free(before);
	free(after);
	grpo_model_free(m);
}
END_TEST

START_TEST(a_state_of_another_model_is_refused)
{
	grpo_model *a = open_model("qwen2"), *b = open_model("llama");
	grpo_learner x, y;

	must(grpo_torch_learner(&x, a, NULL));
	must(grpo_torch_learner(&y, b, NULL));
	must(x.ops->save_state(x.self, folder));
	ck_assert_int_eq(y.ops->load_state(y.self, folder), GRPO_EFORMAT);
	ck_assert_ptr_nonnull(
	    strstr(grpo_error_message(), "learner.safetensors"));
	grpo_learner_free(&x);
	grpo_learner_free(&y);
	grpo_model_free(a);
	grpo_model_free(b);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch input");
	TCase *c = tcase_create("refusals");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_test(c, a_whole_folder_opens);
	tcase_add_test(c, a_missing_weights_file_is_named);
	tcase_add_test(c, a_missing_config_is_named);
	tcase_add_test(c, weights_that_are_cut_off_are_refused_at_every_length);
	tcase_add_test(c, an_unknown_architecture_is_named);
	tcase_add_test(c, an_unknown_key_is_named_with_the_nearest);
	tcase_add_test(c, a_missing_key_is_named);
	tcase_add_test(c, a_config_that_is_no_json_is_refused);
	tcase_add_loop_test(c, what_is_not_implemented_is_refused, 0, 7);
	tcase_add_test(c, another_shape_than_the_config_names_the_tensor);
	tcase_add_test(c, a_layer_that_is_not_in_the_file_is_named);
	tcase_add_test(
	    c,
	    a_request_past_the_models_positions_is_named_before_any_sampling);
	tcase_add_test(c,
		       the_largest_max_new_tokens_is_refused_without_overflow);
	tcase_add_test(
	    c, a_token_past_the_vocabulary_is_named_before_any_sampling);
	tcase_add_test(c, a_full_disk_leaves_the_last_good_model);
	tcase_add_test(c, a_state_of_another_model_is_refused);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
