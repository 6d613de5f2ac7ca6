/* SPDX-License-Identifier: MIT */
/*
 * What a config.json may say: a setting that changes the model is implemented
 * or refused, in one line that names the file, the key and its value.
 */
#include "torch_folder.h"
#include "tests/torch_suite.h"

/* A setting more, in front of the others: the golden file lacks its key. */
static void add_to_config(const char *setting)
{
	char text[512];

	snprintf(text, sizeof text, "{\n  %s,", setting);
	edit_config("{", text);
}

static void replace_rope(const char *with)
{
	edit_config("\"rope_parameters\": {\n    \"rope_theta\": 1000000.0,\n"
		    "    \"rope_type\": \"default\"\n  }",
		    with);
}

START_TEST(unsupported_configs_are_refused)
{
	static const char *const edits[][3] = {
	    {"\"silu\"", "\"gelu\"",
	     "\"hidden_act\": \"gelu\" is not implemented, only \"silu\" is"},
	    {"\"use_sliding_window\": false", "\"use_sliding_window\": true",
	     "\"use_sliding_window\": true is not implemented, only false"},
	    {"\"default\"", "\"yarn\", \"factor\": 4", "yarn"},
	    {"\"attention_dropout\": 0.0", "\"attention_dropout\": 0.1",
	     "\"attention_dropout\": 0.1 is not implemented, only 0 is: set "
	     "it to 0"},
	    {"\"num_key_value_heads\": 2", "\"num_key_value_heads\": 3",
	     "num_key_value_heads"},
	    {"\"vocab_size\": 101", "\"vocab_size\": -1", "vocab_size"},
	    {"\"vocab_size\": 101", "\"vocab_size\": 1e300", "vocab_size"},
	    {"\"num_attention_heads\": 4", "\"num_attention_heads\": 6",
	     "6 does not divide hidden_size 40; without \"head_dim\" it must"},
	    {"\"model_type\": \"qwen2\"", "\"model_type\": \"mistral\"",
	     "\"model_type\" mistral and \"architectures\" Qwen2ForCausalLM "
	     "are not of one family"},
	    {"\"eos_token_id\": 0", "\"eos_token_id\": [0, 101]",
	     "\"eos_token_id\": 101 is not an id below \"vocab_size\" 101: "
	     "correct the id, or set it to null"},
	    {"\"full_attention\"\n", "\"sliding_attention\"\n",
	     "\"layer_types\": \"sliding_attention\" is not implemented"},
	    {"\"full_attention\",", "", "\"num_hidden_layers\" 2 names"},
	    {"\"initializer_range\": 0.02", "\"initializer_range\": -1",
	     "\"initializer_range\": -1 is not in [0, 1]"},
	};

	edit_config(edits[_i][0], edits[_i][1]);
	refused(GRPO_EFORMAT, "config.json", edits[_i][2]);
}
END_TEST

static const char *const not_idle[][2] = {
    {"\"rope_interleaved\": true",
     "\"rope_interleaved\": true is not implemented, only false is: choose a "
     "model without it"},
    {"\"use_mrope\": true", "\"use_mrope\": true is not implemented"},
    {"\"use_mrope\": \"yes\"", "\"use_mrope\": \"yes\" is not implemented"},
    {"\"partial_rotary_factor\": 0.5",
     "\"partial_rotary_factor\": 0.5 is not implemented, only 1 is"},
    {"\"add_cross_attention\": true", "\"add_cross_attention\": true"},
    {"\"is_encoder_decoder\": true", "\"is_encoder_decoder\": true"},
    {"\"resid_pdrop\": 0.1", "\"resid_pdrop\": 0.1"},
    {"\"attention_bias\": false",
     "\"attention_bias\": false is not implemented, only true is"},
    {"\"mlp_bias\": true", "\"mlp_bias\": true is not implemented"},
    {"\"attn_logit_softcapping\": 50.0",
     "unknown key \"attn_logit_softcapping\""},
    {"\"qk_norm\": true", "unknown key \"qk_norm\""},
    {"\"rope_scaling\": {\"type\": \"linear\", \"factor\": 2}",
     "\"rope_parameters\" and \"rope_scaling\" differ"},
    {"\"rope_scaling\": \"linear\"",
     "\"rope_scaling\": expected an object or null"},
    {"\"quantization_config\": {\"bits\": 4}",
     "choose the model's original weights"},
};

START_TEST(a_setting_that_changes_the_model_is_refused)
{
	add_to_config(not_idle[_i][0]);
	refused(GRPO_EFORMAT, "config.json", not_idle[_i][1]);
}
END_TEST

START_TEST(settings_without_effect_are_accepted)
{
	grpo_model *m;

	add_to_config("\"rope_interleaved\": false, \"use_mrope\": null, "
		      "\"partial_rotary_factor\": 1.0, \"mlp_bias\": false, "
		      "\"attention_bias\": true, \"resid_pdrop\": 0.0, "
		      "\"is_llama_config\": true, \"pretraining_tp\": 2, "
		      "\"rope_scaling\": null, \"head_dim\": null");
	edit_config("\"sliding_window\": null", "\"sliding_window\": 131072");
	edit_config("\"rope_theta\": 1000000.0",
		    "\"rope_theta\": 1000000.0, \"partial_rotary_factor\": 1, "
		    "\"beta_fast\": null");
	edit_config("\"silu\"", "\"swish\"");
	must(grpo_model_open(&m, folder, NULL));
	grpo_model_free(m);
}
END_TEST

static const char *const bad_ropes[][2] = {
    {"{\"rope_type\": \"default\", \"partial_rotary_factor\": 0.5}",
     "\"partial_rotary_factor\": 0.5 is not implemented with rope_type "
     "default"},
    {"{\"full_attention\": {\"rope_type\": \"yarn\", \"factor\": 4.0}}",
     "\"full_attention\": {\"rope_type\": \"yarn\", \"factor\": 4} is not "
     "implemented"},
    {"{\"rope_type\": \"yarn\", \"factor\": 4.0}",
     "yarn is not implemented (default, linear, llama3 are)"},
    {"{\"rope_type\": \"default\", \"factor\": 4.0}",
     "\"factor\": 4 is not implemented with rope_type default"},
    {"{\"rope_type\": \"default\", \"mrope_section\": [1, 2, 2]}",
     "\"mrope_section\": [1, 2, 2] is not implemented"},
    {"{\"rope_type\": \"linear\", \"factor\": 0}",
     "\"factor\": 0 is not positive"},
    {"{\"rope_type\": \"linear\", \"factor\": -2}", "-2 is not positive"},
    {"{\"rope_type\": \"linear\", \"factor\": 1e999}", "factor"},
    {"{\"rope_type\": \"linear\", \"factor\": 2, \"beta_fast\": 32}",
     "\"beta_fast\": 32 is not implemented with rope_type linear"},
    {"{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 4, "
     "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 32}",
     "\"high_freq_factor\": 4 must be above \"low_freq_factor\" 4"},
    {"{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 0, "
     "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 32}",
     "\"low_freq_factor\": 0 is not positive"},
    {"{\"rope_type\": \"llama3\", \"factor\": 8, \"low_freq_factor\": 1, "
     "\"high_freq_factor\": 4, \"original_max_position_embeddings\": 0}",
     "\"original_max_position_embeddings\": 0 is not positive"},
    {"{\"rope_type\": \"default\", \"type\": \"linear\", \"factor\": 1}",
     "\"rope_type\" is default and \"type\" is linear: remove the wrong one"},
    {"{\"rope_theta\": 0}", "\"rope_theta\": 0 is not positive"},
    {"{\"rope_theta\": -1e6}", "is not positive"},
    {"[]", "expected an object or null"},
};

START_TEST(rotary_settings_that_are_not_implemented_are_refused)
{
	char text[512];

	snprintf(text, sizeof text, "\"rope_parameters\": %s",
		 bad_ropes[_i][0]);
	replace_rope(text);
	refused(GRPO_EFORMAT, "config.json: \"rope_", bad_ropes[_i][1]);
	/* the older key likewise */
	edit_config("\"rope_parameters\"", "\"rope_scaling\"");
	refused(GRPO_EFORMAT, "config.json: \"rope_", bad_ropes[_i][1]);
}
END_TEST

START_TEST(a_llama_with_a_sliding_window_is_refused)
{
	grpo_model *m;

	edit_config("Qwen2ForCausalLM", "LlamaForCausalLM");
	edit_config("\"model_type\": \"qwen2\"",
		    "\"model_type\": \"llama\", \"attention_bias\": false");
	edit_config("\"use_sliding_window\": false,", "");
	edit_config("\"sliding_window\": null", "\"sliding_window\": 64");
	refused(GRPO_EFORMAT, "config.json",
		"\"sliding_window\": 64 is not implemented, only null is");
	edit_config("\"sliding_window\": 64",
		    "\"sliding_window\": 64, \"use_sliding_window\": false");
	must(grpo_model_open(&m, folder, NULL));
	grpo_model_free(m);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch config");
	TCase *c = tcase_create("settings");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(c, unsupported_configs_are_refused, 0, 13);
	tcase_add_loop_test(c, a_setting_that_changes_the_model_is_refused, 0,
			    (int)(sizeof not_idle / sizeof *not_idle));
	tcase_add_test(c, settings_without_effect_are_accepted);
	tcase_add_loop_test(
	    c, rotary_settings_that_are_not_implemented_are_refused, 0,
	    (int)(sizeof bad_ropes / sizeof *bad_ropes));
	tcase_add_test(c, a_llama_with_a_sliding_window_is_refused);
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
