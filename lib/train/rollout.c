/* SPDX-License-Identifier: MIT */
#include "train/rollout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "grpo/advantage.h"
#include "grpo/reward_set.h"

int grpo__rollout_create(grpo__rollout **out)
{
	grpo__rollout *r = grpo__alloc(1, sizeof *r);
	int rc;

	*out = NULL;
	if (!r)
		return GRPO_ENOMEM;
	rc = grpo__arena_create(&r->arena);
	if (rc < 0) {
		free(r);
		return rc;
	}
	*out = r;
	return 0;
}

static void forget(grpo__rollout *r)
{
	int64_t i;

	for (i = 0; i < r->n_prompts; i++)
		grpo_row_dispose(&r->prompts[i].row);
	grpo__arena_reset(r->arena);
	*r = (grpo__rollout){.arena = r->arena};
}

void grpo__rollout_free(grpo__rollout *r)
{
	if (!r)
		return;
	forget(r);
	grpo__arena_free(r->arena);
	free(r);
}

static int make_room(grpo__rollout *r, size_t b, size_t g, size_t n, size_t k)
{
	grpo__arena *a = r->arena;

	forget(r);
	r->prompts = grpo__arena_alloc(a, b, sizeof *r->prompts);
	r->answers = grpo__arena_alloc(a, n, sizeof *r->answers);
	r->group = grpo__arena_alloc(a, g + 1, sizeof *r->group);
	r->prompt_of = grpo__arena_alloc(a, n, sizeof *r->prompt_of);
	r->group_of = grpo__arena_alloc(a, n, sizeof *r->group_of);
	r->rewards = grpo__arena_alloc(a, n, k * sizeof *r->rewards);
	r->status = grpo__arena_alloc(a, n, k);
	r->total = grpo__arena_alloc(a, n, sizeof *r->total);
	r->judged = grpo__arena_alloc(a, n, sizeof *r->judged);
	r->advantage = grpo__arena_alloc(a, n, sizeof *r->advantage);
	r->group_std = grpo__arena_alloc(a, g, sizeof *r->group_std);
	if (!r->prompts || !r->answers || !r->group || !r->prompt_of ||
	    !r->group_of || !r->rewards || !r->status || !r->total ||
	    !r->judged || !r->advantage || !r->group_std)
		return GRPO_ENOMEM;
	r->n_prompts = (int64_t)b;
	r->n_groups = (int64_t)g;
	r->n_rows = (int64_t)n;
	r->n_rewards = (int32_t)k;
	return 0;
}

int grpo__rollout_begin(grpo__rollout *r, int64_t n_prompts, int64_t n_each,
			int32_t n_rewards)
{
	size_t b = (size_t)n_prompts;
	int rc = make_room(r, b, b, b * (size_t)n_each, (size_t)n_rewards);

	if (rc < 0)
		return rc;
	r->n_each = n_each;
	for (int64_t i = 0; i <= n_prompts; i++)
		r->group[i] = i * n_each;
	for (int64_t i = 0; i < r->n_rows; i++)
		r->prompt_of[i] = r->group_of[i] = i / n_each;
	return 0;
}

int grpo__rollout_begin_given(grpo__rollout *r, int64_t n_prompts,
			      int64_t n_groups, int64_t n_rows,
			      int32_t n_rewards)
{
	return make_room(r, (size_t)n_prompts, (size_t)n_groups, (size_t)n_rows,
			 (size_t)n_rewards);
}

char *grpo__arena_copy(grpo__arena *a, const void *p, size_t n)
{
	char *copy = grpo__arena_alloc(a, n + 1, 1);

	if (copy && n > 0)
		memcpy(copy, p, n);
	return copy;
}

int64_t grpo__rollout_count(const grpo__rollout *r, int32_t k,
			    const char *status)
{
	int64_t i, n = 0;

	for (i = 0; i < r->n_rows; i++) {
		uint8_t given = r->status[i * r->n_rewards + k];

		n += strcmp(grpo_reward_status_name(given), status) == 0;
	}
	return n;
}

int grpo__rollout_advantages(grpo__rollout *r, const grpo_trainer_config *c)
{
	grpo_advantage_options o;
	int rc = 0;

	GRPO_TRY(grpo_advantage_options_init(&o));
	o.baseline = c->advantage_baseline;
	o.scale = c->scale_rewards;
	o.ddof = (int32_t)c->advantage_ddof;
	o.eps = c->advantage_eps;
	GRPO_TRY(grpo_advantages(r->advantage, r->group_std, r->judged,
				 r->group, r->n_groups, &o));
out:
	return rc;
}

void grpo__rollout_take_advantages(grpo__rollout *r, const grpo__rollout *all,
				   int64_t first)
{
	memcpy(r->advantage, all->advantage + first,
	       (size_t)r->n_rows * sizeof *r->advantage);
	memcpy(r->group_std, all->group_std + all->group_of[first],
	       (size_t)r->n_groups * sizeof *r->group_std);
}

grpo_scored grpo__rollout_scored(const grpo__rollout *r, int64_t i,
				 int64_t step)
{
	const grpo__prompt *p = &r->prompts[r->prompt_of[i]];
	const grpo__answer *a = &r->answers[i];

	return (grpo_scored){.struct_size = sizeof(grpo_scored),
			     .step = step,
			     .row = i,
			     .group = r->group_of[i],
			     .dataset_row = p->row.index,
			     .finish = a->finish,
			     .n_rewards = r->n_rewards,
			     .prompt = p->text,
			     .completion = a->text,
			     .tokens = a->tokens,
			     .n_tokens = a->n_tokens,
			     .rewards = r->rewards + i * r->n_rewards,
			     .status = r->status + i * r->n_rewards,
			     .total = r->total[i],
			     .advantage = r->advantage[i]};
}

const char *grpo__rollout_finish_name(int32_t finish)
{
	return finish == GRPO_FINISH_STOP     ? "stop"
	       : finish == GRPO_FINISH_LENGTH ? "length"
					      : "abort";
}
