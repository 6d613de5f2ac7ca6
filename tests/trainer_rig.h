/* SPDX-License-Identifier: MIT */
#ifndef TESTS_TRAINER_RIG_H
#define TESTS_TRAINER_RIG_H

#include <check.h>
#include <unistd.h>
#include "bigram.h"
#include "grpo/grpo.h"
#include "scratch.h"

/*
 * A trainer around the bigram policy, with every other part real: dataset,
 * tokenizer, template, reward set.  The rewards are tests/plugins/contains.
 *
 *	struct rig r;
 *	rig_make(&r);                  // parts and settings, in scratch_folder
 *	r.config.max_steps = 5;
 *	rig_start(&r);                 // grpo_trainer_create
 *	ok(grpo_trainer_run(r.trainer));
 *	rig_free(&r);
 */
struct rig {
	struct bigram policy;
	grpo_sampler sampler;
	grpo_learner learner;
	grpo_dataset *dataset, *held_out;
	grpo_tokenizer *tokenizer;
	grpo_template *prompt_template;
	grpo_reward_set *rewards;
	grpo_trainer_config config;
	grpo_trainer_parts parts;
	grpo_trainer_callbacks callbacks;
	grpo_trainer *trainer;
	char folder[512]; /* output_dir, where a test wants one */
};

#define RIG_PROMPTS 12 /* rows of the dataset */

static inline void ok(int rc)
{
	if (rc != 0)
		ck_abort_msg("%d: %s", rc, grpo_error_message());
}

/* The call failed with this code and a message that holds the text. */
static inline void refused(int rc, int code, const char *text)
{
	if (rc != code || !strstr(grpo_error_message(), text))
		ck_abort_msg("%d \"%s\", expected %d \"%s\"", rc,
			     grpo_error_message(), code, text);
}

static inline const char *rig_plugin(const char *name)
{
	static char path[4096 + 128];
	char folder[4096];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof folder - 1);

	ck_assert_int_gt(n, 0);
	folder[n] = '\0';
	*strrchr(folder, '/') = '\0';
	snprintf(path, sizeof path, "%s/plugins/%s.so", folder, name);
	return path;
}

/* `more` entries of the vocabulary: "\"f\": 6," */
static inline void rig_write_tokenizer(const char *more)
{
	char text[2048];

	snprintf(
	    text, sizeof text,
	    "{\"added_tokens\": [{\"id\": 5, \"content\": \"<end>\","
	    " \"special\": true, \"single_word\": false, \"lstrip\": false,"
	    " \"rstrip\": false, \"normalized\": false}],"
	    " \"normalizer\": null,"
	    " \"pre_tokenizer\": {\"type\": \"ByteLevel\","
	    " \"add_prefix_space\": false, \"trim_offsets\": true,"
	    " \"use_regex\": true},"
	    " \"post_processor\": null,"
	    " \"decoder\": {\"type\": \"ByteLevel\","
	    " \"add_prefix_space\": true, \"trim_offsets\": true,"
	    " \"use_regex\": true},"
	    " \"model\": {\"type\": \"BPE\", \"dropout\": null,"
	    " \"unk_token\": null, \"continuing_subword_prefix\": null,"
	    " \"end_of_word_suffix\": null, \"fuse_unk\": false,"
	    " \"byte_fallback\": false, \"vocab\": {%s \"a\": 0, \"b\": 1,"
	    " \"c\": 2, \"d\": 3, \"e\": 4, \"<end>\": 5},"
	    " \"merges\": []}}",
	    more);
	scratch_text("tokenizer.json", text);
	scratch_text("tokenizer_config.json", "{\"eos_token\": \"<end>\"}");
}

/* Prompts "a", "ab", "abc", … and their number. */
static inline void rig_write_dataset(const char *name, int rows)
{
	static const char letters[] = "abcdeabcdeabcdeabcde";
	char text[4096];
	int i, n = 0;

	for (i = 0; i < rows; i++)
		n += snprintf(text + n, sizeof text - (size_t)n,
			      "{\"prompt\": \"%.*s\", \"answer\": %d}\n",
			      i % 16 + 1, letters, i);
	scratch_text(name, text);
}

/* The rig trains on these lines instead. */
static inline void rig_dataset(struct rig *r, const char *name,
			       const char *lines)
{
	grpo_dataset_free(r->dataset);
	ok(grpo_dataset_open(&r->dataset, scratch_text(name, lines), NULL));
}

static inline void rig_add_reward(struct rig *r, const char *text,
				  double weight)
{
	char params[128];

	snprintf(params, sizeof params, "{\"text\":\"%s\"}", text);
	ok(grpo_reward_set_add(r->rewards, rig_plugin("contains"), weight,
			       params));
}

/* Everything but rewards and trainer. */
static inline void rig_make_bare(struct rig *r)
{
	memset(r, 0, sizeof *r);
	rig_write_tokenizer("");
	rig_write_dataset("train.jsonl", RIG_PROMPTS);
	rig_write_dataset("held_out.jsonl", 5);
	ok(grpo_dataset_open(&r->dataset, scratch_path("train.jsonl"), NULL));
	ok(grpo_dataset_open(&r->held_out, scratch_path("held_out.jsonl"),
			     NULL));
	ok(grpo_tokenizer_open(&r->tokenizer, scratch_folder));
	ok(grpo_template_create(&r->prompt_template, "plain", NULL));
	ok(grpo_reward_set_create(&r->rewards, 2));
	bigram_parts(&r->policy, &r->sampler, &r->learner);
	ok(grpo_trainer_config_init(&r->config));
	ok(grpo_trainer_callbacks_init(&r->callbacks));
	r->config.prompts_per_step = 4;
	r->config.num_generations = 4;
	r->config.max_completion_length = 8;
	r->config.learning_rate = 0.5;
	r->config.lr_scheduler_type = GRPO_LR_CONSTANT;
	r->config.max_grad_norm = 0;
	r->config.max_steps = 6;
	r->config.seed = 1;
}

static inline void rig_make(struct rig *r)
{
	rig_make_bare(r);
	rig_add_reward(r, "e", 1);
}

static inline void rig_parts(struct rig *r)
{
	ok(grpo_trainer_parts_init(&r->parts));
	r->parts.dataset = r->dataset;
	r->parts.held_out = r->held_out;
	r->parts.tokenizer = r->tokenizer;
	r->parts.prompt_template = r->prompt_template;
	r->parts.rewards = r->rewards;
	r->parts.sampler = &r->sampler;
	r->parts.learner = &r->learner;
}

/* The run writes into this folder of the scratch. */
static inline void rig_output(struct rig *r, const char *name)
{
	snprintf(r->folder, sizeof r->folder, "%s", scratch_path(name));
	r->config.output_dir = r->folder;
}

static inline void rig_start(struct rig *r)
{
	rig_parts(r);
	ok(grpo_trainer_create(&r->trainer, &r->config, &r->parts,
			       &r->callbacks));
}

static inline void rig_free(struct rig *r)
{
	grpo_trainer_free(r->trainer);
	grpo_reward_set_free(r->rewards);
	grpo_template_free(r->prompt_template);
	grpo_tokenizer_free(r->tokenizer);
	grpo_dataset_free(r->held_out);
	grpo_dataset_free(r->dataset);
	grpo_learner_free(&r->learner);
	grpo_sampler_free(&r->sampler);
}

/* A whole run of this seed; its policy is left in *out. */
static inline void rig_run_whole(struct bigram *out, int64_t seed)
{
	struct rig r;

	rig_make(&r);
	r.config.seed = seed;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

/* The first step fails so, and leaves weights and counters as they were. */
static inline void rig_expect_failed_step(struct rig *r, int code,
					  const char *text)
{
	struct bigram_state before = r->policy.s;

	rig_start(r);
	refused(grpo_trainer_step(r->trainer), code, text);
	ck_assert_mem_eq(&before, &r->policy.s, sizeof before);
	ck_assert_int_eq(r->policy.n_steps, 0);
	ck_assert_int_eq(grpo_trainer_steps(r->trainer), 0);
	ck_assert(!r->policy.dirty);
	rig_free(r);
}

static inline char *rig_read(const char *folder, const char *name)
{
	char path[1024], *text = NULL;
	size_t len;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	ok(grpo__file_read(&text, &len, path, 1 << 24));
	return text;
}

#endif
