/* SPDX-License-Identifier: MIT */
/*
 * Folders that are no model: each gives one line that names the file and the
 * place, and no model.
 */
#include <sys/resource.h>
#include <math.h>
#include <signal.h>
#include <unistd.h>
#include "torch_folder.h"
#include "tests/torch_suite.h"

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

START_TEST(a_model_on_the_hub_is_not_downloaded)
{
	grpo_model *m;

	ck_assert_int_eq(grpo_model_open(&m, "Qwen/Qwen2.5-0.5B", NULL),
			 GRPO_EIO);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(),
				     "`hf download Qwen/Qwen2.5-0.5B "
				     "--local-dir Qwen2.5-0.5B` makes one"));
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

/* The golden weights with a head behind them, or one number replaced. */
struct spoilt {
	const grpo__st_file *file;
	const char *name; /* whose third number is `number` */
	float number;
};

static int spoil_tensor(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	const struct spoilt *s = ctx;
	const char *head = strcmp(t->name, "lm_head.weight") != 0
			       ? t->name
			       : "model.embed_tokens.weight";

	memcpy(buffer, grpo__st_find(s->file, head)->data, t->n_bytes);
	if (!strcmp(t->name, s->name))
		((float *)buffer)[2] = s->number;
	return 0;
}

static void rewrite_weights(const char *name, float number, int with_head)
{
	struct spoilt s = {NULL, name, number};
	grpo__st_tensor all[64];
	grpo__st_file *f;
	char path[128];
	size_t n;

	must(grpo__st_open(&f, "tests/golden/models/qwen2/model.safetensors"));
	s.file = f;
	n = grpo__st_count(f);
	ck_assert_uint_lt(n, 63);
	for (size_t i = 0; i < n; i++) {
		all[i] = *grpo__st_at(f, i);
		all[i].data = NULL;
	}
	if (with_head) {
		all[n] = *grpo__st_find(f, "model.embed_tokens.weight");
		all[n].name = "lm_head.weight";
		all[n++].data = NULL;
	}
	path_of(path, sizeof path, "model.safetensors");
	must(grpo__st_write(path, all, n, spoil_tensor, &s));
	grpo__st_close(f);
}

START_TEST(a_tied_model_with_another_head_is_refused)
{
	grpo_model *m;

	rewrite_weights("lm_head.weight", 9, 1);
	refused(GRPO_EFORMAT, folder,
		"\"tie_word_embeddings\" is true in config.json, but tensor "
		"\"lm_head.weight\" is not the embedding: set it to false to "
		"use this head, or remove the tensor");
	edit_config("\"tie_word_embeddings\": true",
		    "\"tie_word_embeddings\": false");
	must(grpo_model_open(&m, folder, NULL));
	grpo_model_free(m);
}
END_TEST

START_TEST(a_tied_model_with_the_same_head_is_taken)
{
	grpo_model *m;

	rewrite_weights("", 0, 1);
	must(grpo_model_open(&m, folder, NULL));
	grpo_model_free(m);
}
END_TEST

START_TEST(an_untied_model_without_a_head_is_told_the_key)
{
	edit_config("\"tie_word_embeddings\": true",
		    "\"tie_word_embeddings\": false");
	refused(GRPO_EFORMAT, "tensor \"lm_head.weight\" is missing",
		"set \"tie_word_embeddings\": true in config.json");
}
END_TEST

START_TEST(a_number_that_is_not_finite_names_its_tensor)
{
	rewrite_weights("model.layers.1.mlp.up_proj.weight",
			_i ? -INFINITY : NAN, 0);
	refused(GRPO_EFORMAT,
		"tensor \"model.layers.1.mlp.up_proj.weight\": number 2 is ",
		_i ? "infinite" : "NaN");
}
END_TEST

START_TEST(a_stop_past_the_vocabulary_is_named)
{
	int32_t prompt[] = {1, 2}, stops[] = {0, 101};
	grpo_request q = {prompt, 2, 1, 0};
	grpo_model *m;
	grpo_sampler s;
	grpo_sampling o;

	must(grpo_model_open(&m, folder, NULL));
	must(grpo_torch_sampler(&s, m, NULL));
	must(grpo_sampling_init(&o));
	o.stops = stops;
	o.n_stops = 2;
	ck_assert_int_eq(s.ops->generate(s.self, &q, 1, &o, NULL, NULL),
			 GRPO_EINVAL);
	ck_assert_ptr_nonnull(strstr(grpo_error_message(),
				     "stops: id 101 is not in the model's "
				     "vocabulary of 101"));
	grpo_sampler_free(&s);
	grpo_model_free(m);
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
	tcase_add_test(c, a_model_on_the_hub_is_not_downloaded);
	tcase_add_test(c, weights_that_are_cut_off_are_refused_at_every_length);
	tcase_add_test(c, an_unknown_architecture_is_named);
	tcase_add_test(c, an_unknown_key_is_named_with_the_nearest);
	tcase_add_test(c, a_missing_key_is_named);
	tcase_add_test(c, a_config_that_is_no_json_is_refused);
	tcase_add_test(c, a_tied_model_with_another_head_is_refused);
	tcase_add_test(c, a_tied_model_with_the_same_head_is_taken);
	tcase_add_test(c, an_untied_model_without_a_head_is_told_the_key);
	tcase_add_loop_test(c, a_number_that_is_not_finite_names_its_tensor, 0,
			    2);
	tcase_add_test(c, a_stop_past_the_vocabulary_is_named);
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
