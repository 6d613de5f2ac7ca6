/* SPDX-License-Identifier: MIT */
#include "grpo/policy.h"

#include <string.h>

#include "core/struct.h"

int grpo_sampling_init_(grpo_sampling *s, size_t size)
{
	static const grpo_sampling defaults = {
	    .max_new_tokens = 256, .temperature = 1, .top_p = 1};

	return grpo__struct_init(s, size, &defaults, sizeof defaults,
				 "grpo_sampling");
}

void grpo_sampler_free(grpo_sampler *s)
{
	if (!s)
		return;
	if (s->ops && s->ops->free)
		s->ops->free(s->self);
	memset(s, 0, sizeof *s);
}

int64_t grpo_sampler_max_positions(const grpo_sampler *s)
{
	const grpo_sampler_ops *ops = s ? s->ops : NULL;
	int64_t n = 0;

	if (ops &&
	    ops->struct_size >= offsetof(grpo_sampler_ops, max_positions) +
				    sizeof ops->max_positions &&
	    ops->max_positions)
		n = ops->max_positions(s->self);
	return n > 0 ? n : 0;
}

void grpo_learner_free(grpo_learner *l)
{
	if (!l)
		return;
	if (l->ops && l->ops->free)
		l->ops->free(l->self);
	memset(l, 0, sizeof *l);
}
