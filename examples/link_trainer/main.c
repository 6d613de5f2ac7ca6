/* SPDX-License-Identifier: MIT */
/*
 * link_trainer: GRPO in a custom trainer, in plain C.
 *
 *	link_trainer            learns one-digit sums in about a second
 *	link_trainer --numbers  one small step, for comparison with C++, Python
 *
 * A step:  sample G answers to each problem (the model's)
 *          -> rewards (a plug-in, through reward_set.h)
 *          -> advantages (advantage.h)
 *          -> dloss/dlogp (objective.h)
 *          -> gradient of the weights, update (the model's)
 */
#include <stdio.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/program.h"
#include "grpo/advantage.h"
#include "grpo/objective.h"
#include "grpo/reward_set.h"
#include "numbers.h"
#include "policy.h"

enum {
	G = 8, /* answers to a problem */
	N = N_PROBLEMS * G,
	STEPS = 400,
	UPDATES =
	    2, /* updates per batch; more than one, so that clipping matters */
	SHOWN = 50 /* steps between two lines */
};
static const double learning_rate = 20;

struct trainer {
	struct policy policy;
	grpo_reward_set *rewards;
	uint64_t random;
	/* one step */
	struct answer answers[N];
	int64_t group[N_PROBLEMS + 1]; /* rows of problem i: group[i] … */
	int64_t row[N + 1];            /* tokens of answer i: row[i] … */
	double reward[N], advantage[N];
	/* [row[N]] */
	float logp[N * MAX_LENGTH], old_logp[N * MAX_LENGTH];
	float token_advantage[N * MAX_LENGTH], dlogp[N * MAX_LENGTH];
	grpo_metrics metrics; /* of the last update */
};

/* Problem i asks for i / 5 + i % 5. */
static int sum_of(int problem)
{
	return problem / 5 + problem % 5;
}

static void sample(struct trainer *t)
{
	for (int i = 0; i < N; i++) {
		policy_sample(&t->policy, &t->answers[i], i / G, &t->random);
		t->row[i + 1] = t->row[i] + t->answers[i].n;
	}
	for (int i = 0; i <= N_PROBLEMS; i++)
		t->group[i] = (int64_t)i * G;
}

/* The plug-in compares the completion with the row's column "answer". */
static int submit(struct trainer *t, int i)
{
	static const grpo_str column = {"answer", 6};
	char text[TEXT_BYTES], answer[16];
	grpo_str cell = {answer, 0};
	grpo_reward_row row = {.struct_size = sizeof row,
			       .completion.ptr = text,
			       .group = (uint32_t)t->answers[i].problem,
			       .group_size = G,
			       .columns = &column,
			       .cells = &cell,
			       .n_columns = 1};

	answer_text(&t->answers[i], text);
	row.completion.len = strlen(text);
	cell.len = (size_t)snprintf(answer, sizeof answer, "%d",
				    sum_of(t->answers[i].problem));
	return grpo_reward_set_submit(t->rewards, i, &row);
}

static int score(struct trainer *t)
{
	int rc = 0;

	TRY(grpo_reward_set_begin(t->rewards, N));
	for (int i = 0; i < N; i++)
		TRY(submit(t, i));
	rc = grpo_reward_set_wait(t->rewards, t->reward, NULL);
out:
	return rc;
}

static void forward(struct trainer *t, float *logp)
{
	for (int i = 0; i < N; i++)
		policy_forward(&t->policy, &t->answers[i], logp + t->row[i]);
}

static void update_weights(struct trainer *t)
{
	struct policy gradient = {0};

	for (int i = 0; i < N; i++)
		policy_backward(&t->policy, &t->answers[i],
				t->dlogp + t->row[i], &gradient);
	policy_step(&t->policy, &gradient, learning_rate);
}

/* The plan is made of the whole step; a larger trainer would then go through
 * it in slices that fit its memory. */
static int learn(struct trainer *t)
{
	grpo_tokens step = {.struct_size = sizeof step,
			    .n_rows = N,
			    .row = t->row,
			    .logp = t->logp,
			    .old_logp = t->old_logp,
			    .advantage = t->token_advantage};
	grpo_plan *plan = NULL;
	int rc = 0;

	TRY(grpo_plan_create(&plan, NULL, &step));
	forward(t, t->old_logp);
	for (int i = 0; i < UPDATES; i++) {
		forward(t, t->logp);
		TRY(grpo_metrics_init(&t->metrics));
		TRY(grpo_objective(plan, &step, 0, t->dlogp, NULL,
				   &t->metrics));
		update_weights(t);
	}
out:
	grpo_plan_free(plan);
	return rc;
}

static int train_step(struct trainer *t)
{
	int rc = 0;

	sample(t);
	TRY(score(t));
	TRY(grpo_advantages(t->advantage, NULL, t->reward, t->group, N_PROBLEMS,
			    NULL));
	for (int i = 0; i < N; i++)
		for (int64_t j = t->row[i]; j < t->row[i + 1]; j++)
			t->token_advantage[j] = (float)t->advantage[i];
	rc = learn(t);
out:
	return rc;
}

static double mean_reward(const struct trainer *t)
{
	double sum = 0;

	for (int i = 0; i < N; i++)
		sum += t->reward[i];
	return sum / N;
}

/* A line of the curve: the mean reward, drawn and as a number. */
static void show(const struct trainer *t, int step)
{
	static const char bar[] = "########################################";
	int length = (int)(40 * mean_reward(t) + 0.5);
	char text[TEXT_BYTES];

	answer_text(&t->answers[8 * G], text); /* 1 + 3 */
	printf("step %3d  |%-40.*s| reward %.3f  clipped %.3f  1+3: %s\n", step,
	       length, bar, mean_reward(t), t->metrics.clip_region_mean, text);
}

static int train(struct trainer *t)
{
	double before = 0;
	int rc = 0;

	policy_create(&t->policy);
	TRY(grpo_reward_set_create(&t->rewards, 1));
	TRY(grpo_reward_set_add(t->rewards, "math", 1, NULL));
	for (int i = 1; i <= STEPS; i++) {
		TRY(train_step(t));
		if (i == 1)
			before = mean_reward(t);
		if (i == 1 || i % SHOWN == 0)
			show(t, i);
	}
	printf("reward before %.3f, after %.3f\n", before, mean_reward(t));
out:
	grpo_reward_set_free(t->rewards);
	return rc;
}

int main(int argc, char **argv)
{
	static struct trainer t = {.random = 1};
	int rc;

	program_called(argv);
	if (argc == 1) {
		rc = train(&t);
	} else if (argc == 2 && strcmp(argv[1], "--numbers") == 0) {
		rc = print_numbers();
	} else {
		int help = strcmp(argv[1], "--help") == 0;

		fprintf(
		    help ? stdout : stderr,
		    "usage: %s [--numbers]\n"
		    "Learns one-digit sums by GRPO with the reward \"math\"; "
		    "with --numbers,\nprints one small step for comparison "
		    "with other languages.\n",
		    program_name());
		return help ? 0 : 2;
	}
	if (rc < 0)
		fprintf(stderr, "%s: %s\n", program_name(), fault());
	return rc < 0;
}
