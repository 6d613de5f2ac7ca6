/* SPDX-License-Identifier: MIT */
#include "lab.h"

#include <stdio.h>
#include <string.h>

#include "data.h"
#include "examples/fault.h"
#include "stop.h"

/* -------------------------------------------------------------- rewards */

static int32_t find_reward(const grpo_reward_set *set, const char *name)
{
	int32_t k;

	for (k = 0; name && k < grpo_reward_set_count(set); k++)
		if (strcmp(grpo_reward_set_name(set, k), name) == 0)
			return k;
	return -1;
}

/* "accuracy_reward" is "math", but "rewards" has "format" and "mine": … */
static int no_such_reward(const grpo_reward_set *set, const char *key,
			  const char *value, const char *remedy)
{
	int32_t n = grpo_reward_set_count(set), k;
	char names[512] = "";
	size_t len = 0;

	for (k = 0; k < n && len < sizeof names; k++)
		len += (size_t)snprintf(names + len, sizeof names - len,
					"%s\"%s\"",
					k == 0       ? ""
					: k == n - 1 ? " and "
						     : ", ",
					grpo_reward_set_name(set, k));
	return fail(GRPO_EINVAL,
		    "\"%s\" is \"%s\", but \"rewards\" has %s: set it to %s",
		    key, value, names, remedy);
}

static int open_rewards(struct lab *l)
{
	const struct recipe *r = l->recipe;
	int rc = 0;

	TRY(grpo_reward_set_create(&l->rewards, (int32_t)r->reward_threads));
	TRY(grpo_config_rewards(l->rewards, r->rewards, "\"rewards\""));
	l->format = find_reward(l->rewards, r->format_reward);
	l->accuracy = find_reward(l->rewards, r->accuracy_reward);
	if (l->accuracy < 0)
		return no_such_reward(l->rewards, "accuracy_reward",
				      r->accuracy_reward,
				      "the one that decides whether a problem "
				      "is solved");
	if (r->format_reward && l->format < 0)
		return no_such_reward(l->rewards, "format_reward",
				      r->format_reward, "one of them, or null");
out:
	return rc;
}

int lab_open(struct lab *l, const struct recipe *r, const char *folder)
{
	int rc = 0;

	memset(l, 0, sizeof *l);
	l->recipe = r;
	TRY(grpo_template_create(&l->prompt_template, r->template, r->system));
	TRY(open_rewards(l));
	TRY(data_open(&l->dataset, &l->held_out, r, folder));
out:
	return rc;
}

/* ---------------------------------------------------------------- model */

int lab_open_tokenizer(struct lab *l, const char *folder)
{
	grpo_tokenizer_free(l->tokenizer);
	l->tokenizer = NULL;
	return grpo_tokenizer_open(&l->tokenizer, folder);
}

int lab_open_model(struct lab *l, const char *folder, int random,
		   const grpo_torch_learner_options *learning)
{
	const struct recipe *r = l->recipe;
	grpo_torch_sampler_options sampling;
	grpo_model_options o;
	int rc = 0;

	TRY(grpo_model_options_init(&o));
	o.dtype = r->dtype;
	o.device = r->device;
	o.n_threads = (int32_t)r->n_threads;
	o.embedding_std = r->base.embedding_std;
	if (random)
		TRY(grpo_model_random(&l->model, folder,
				      (uint64_t)r->trainer.seed, &o));
	else
		TRY(grpo_model_open(&l->model, folder, &o));
	TRY(grpo_torch_sampler_options_init(&sampling));
	sampling.max_rows = r->max_rows;
	TRY(grpo_torch_sampler(&l->sampler, l->model, &sampling));
	TRY(grpo_torch_learner(&l->learner, l->model, learning));
out:
	return rc;
}

int lab_save_model(const struct lab *l, const char *folder)
{
	const grpo_learner *learner = &l->learner;
	int rc = 0;

	TRY(make_folder(folder));
	TRY(learner->ops->save_model(learner->self, folder));
	TRY(grpo_template_save(l->prompt_template, folder,
			       l->recipe->trainer.add_bos));
out:
	return rc;
}

int lab_open_trainer(struct lab *l, const grpo_trainer_config *c,
		     const char *identity,
		     const grpo_trainer_callbacks *callbacks)
{
	grpo_trainer_parts p;
	int rc = 0;

	TRY(grpo_trainer_parts_init(&p));
	p.dataset = l->dataset;
	p.held_out = l->held_out;
	p.tokenizer = l->tokenizer;
	p.prompt_template = l->prompt_template;
	p.rewards = l->rewards;
	p.sampler = &l->sampler;
	p.learner = &l->learner;
	p.identity = identity;
	TRY(grpo_trainer_create(&l->trainer, c, &p, callbacks));
	stop_trainer(l->trainer);
	TRY(stop_asked()); /* it came just before */
out:
	return rc;
}

void lab_close_model(struct lab *l)
{
	stop_trainer(NULL);
	grpo_trainer_free(l->trainer);
	grpo_learner_free(&l->learner);
	grpo_sampler_free(&l->sampler);
	grpo_model_free(l->model);
	l->trainer = NULL;
	l->model = NULL;
}

void lab_close(struct lab *l)
{
	lab_close_model(l);
	grpo_reward_set_free(l->rewards);
	grpo_template_free(l->prompt_template);
	grpo_tokenizer_free(l->tokenizer);
	grpo_dataset_free(l->held_out);
	grpo_dataset_free(l->dataset);
}
