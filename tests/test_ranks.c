/* SPDX-License-Identifier: MIT */
/* A run on several ranks is the run of one. */
#include "trainer_rig.h"
#include "tests/suite.h"

#include <math.h>
#include <pthread.h>
#include "grpo/comm.h"
#include "grpo/rollout.h"

#define MOST 4

struct figure {
	char name[128];
	double value;
};

struct rank {
	pthread_t thread;
	struct rig rig;
	grpo_comm comm;
	struct figure figures[128]; /* of the last step */
	int n_figures, rc, finish_at;
	char message[512];
};

/* -------------------------------------------------------------- variants */

enum {
	PLAIN,
	BATCH,
	REFERENCE,
	KL_IN_REWARD,
	CORRECTED,
	SEQUENCE,
	HESITANT,
	MASKED,
	N_VARIANTS
};

static void set(grpo_trainer_config *c, int variant)
{
	c->num_iterations = variant == PLAIN ? 1 : 2;
	switch (variant) {
	case BATCH:
		c->scale_rewards = GRPO_SCALE_BATCH;
		c->loss_type = GRPO_LOSS_GRPO;
		break;
	case REFERENCE:
		c->beta = 0.1;
		break;
	case KL_IN_REWARD:
		c->beta = 0.1;
		c->kl_in_reward = 1;
		c->kl_estimator = GRPO_KL_K1;
		break;
	case CORRECTED:
		c->importance_sampling_correction =
		    GRPO_CORRECTION_SEQUENCE_TRUNCATE;
		break;
	case SEQUENCE:
		c->importance_sampling_level = GRPO_RATIO_SEQUENCE;
		c->loss_type = GRPO_LOSS_GRPO;
		break;
	case HESITANT:
		c->top_entropy_quantile = 0.4;
		break;
	case MASKED:
		c->mask_truncated_completions = 1;
		c->max_grad_norm = 0.05;
		break;
	default:
		break;
	}
}

/* ------------------------------------------------------------------ ranks */

static int see(void *ctx, const grpo_report *report)
{
	struct rank *r = ctx;

	r->n_figures = 0;
	for (size_t i = 0; i < report->n_metrics && i < 128; i++) {
		struct figure *f = &r->figures[r->n_figures++];

		snprintf(f->name, sizeof f->name, "%s",
			 report->metrics[i].name);
		f->value = report->metrics[i].value;
	}
	return report->step == r->finish_at;
}

static void prepare(struct rank *r, int variant)
{
	*r = (struct rank){0};
	rig_make(&r->rig);
	set(&r->rig.config, variant);
	r->rig.policy.s.w[0][1] = 1;
	r->rig.policy.inflate = variant == CORRECTED ? 0.01 : 0;
	for (int v = 0; v < BIGRAM_V; v++)
		r->rig.policy.s.reference[v][(v + 2) % BIGRAM_V] = 0.5;
	r->rig.callbacks.on_step = see;
	r->rig.callbacks.ctx = r;
}

static void create(struct rank *r)
{
	rig_parts(&r->rig);
	r->rig.parts.comm = r->comm.ops ? &r->comm : NULL;
	ok(grpo_trainer_create(&r->rig.trainer, &r->rig.config, &r->rig.parts,
			       &r->rig.callbacks));
}

static void prepare_all(struct rank *r, int n, int variant)
{
	grpo_comm comm[MOST];

	ok(grpo_comm_threads(comm, n));
	for (int i = 0; i < n; i++) {
		prepare(&r[i], variant);
		r[i].comm = comm[i];
	}
}

/* f in a thread for each rank; what it returned and said is kept. */
static void together(struct rank *r, int n, void *(*f)(void *rank))
{
	for (int i = 0; i < n; i++)
		ck_assert_int_eq(pthread_create(&r[i].thread, NULL, f, &r[i]),
				 0);
	for (int i = 0; i < n; i++)
		pthread_join(r[i].thread, NULL);
}

static void *run_one(void *arg)
{
	struct rank *r = arg;

	r->rc = grpo_trainer_run(r->rig.trainer);
	snprintf(r->message, sizeof r->message, "%s", grpo_error_message());
	return NULL;
}

static void free_all(struct rank *r, int n)
{
	for (int i = 0; i < n; i++) {
		rig_free(&r[i].rig);
		grpo_comm_free(&r[i].comm);
	}
}

static void all_ok(const struct rank *r, int n)
{
	for (int i = 0; i < n; i++)
		if (r[i].rc != 0)
			ck_abort_msg("rank %d: %d %s", i, r[i].rc,
				     r[i].message);
}

/* -------------------------------------------------------------- comparing */

static void same_weights(const struct rank *a, const struct rank *b, double tol)
{
	const double *x = &a->rig.policy.s.w[0][0];
	const double *y = &b->rig.policy.s.w[0][0];

	for (int i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		ck_assert_msg(fabs(x[i] - y[i]) <= tol,
			      "weight %d: %.17g, %.17g", i, x[i], y[i]);
}

static int is_time(const char *name)
{
	return strncmp(name, "time/", 5) == 0 ||
	       strncmp(name, "tokens_per_second", 17) == 0 ||
	       strcmp(name, "step_time") == 0;
}

static void same_figures(const struct rank *a, const struct rank *b)
{
	ck_assert_int_gt(a->n_figures, 20);
	ck_assert_int_eq(a->n_figures, b->n_figures);
	for (int i = 0; i < a->n_figures; i++) {
		const struct figure *x = &a->figures[i], *y = &b->figures[i];

		ck_assert_str_eq(x->name, y->name);
		if (is_time(x->name) || (isnan(x->value) && isnan(y->value)))
			continue;
		ck_assert_msg(fabs(x->value - y->value) <= 1e-9, "%s: %g, %g",
			      x->name, x->value, y->value);
	}
}

START_TEST(several_ranks_train_as_one)
{
	static struct rank one, r[MOST];
	int n = 2 << (_i % 2), variant = _i / 2;
	int64_t rows = 0;

	prepare(&one, variant);
	create(&one);
	run_one(&one);
	all_ok(&one, 1);
	prepare_all(r, n, variant);
	for (int i = 0; i < n; i++)
		create(&r[i]);
	together(r, n, run_one);
	all_ok(r, n);
	for (int i = 0; i < n; i++) {
		same_weights(&r[i], &one, 1e-9);
		same_weights(&r[i], &r[0], 0);
		same_figures(&r[i], &one);
		rows += r[i].rig.policy.n_rows;
	}
	ck_assert_int_eq(rows, one.rig.policy.n_rows); /* each has a share */
	ck_assert(one.rig.policy.s.w[3][4] != 0);
	rig_free(&one.rig);
	free_all(r, n);
}
END_TEST

/* ---------------------------------------------------------------- failing */

static void *step_one(void *arg)
{
	struct rank *r = arg;

	r->rc = grpo_trainer_step(r->rig.trainer);
	snprintf(r->message, sizeof r->message, "%s", grpo_error_message());
	return NULL;
}

static void expect_failure(struct rank *r, int of, const char *text)
{
	for (int i = 0; i < 2; i++) {
		ck_assert_int_lt(r[i].rc, 0);
		if (!strstr(r[i].message,
			    i == of ? text : "another rank failed"))
			ck_abort_msg("rank %d: \"%s\"", i, r[i].message);
		ck_assert_int_eq(r[i].rig.policy.n_steps, 0);
	}
}

/* Wherever it fails, all return, nothing was trained, and they can go on. */
START_TEST(where_one_rank_fails_all_do)
{
	static struct rank one, r[2];

	prepare(&one, PLAIN);
	create(&one);
	run_one(&one);
	prepare_all(r, 2, PLAIN);
	for (int i = 0; i < 2; i++)
		create(&r[i]);
	r[1].rig.policy.fail_forward = 1;
	together(r, 2, step_one);
	expect_failure(r, 1, "forward fails");
	r[0].rig.policy.nan_sampled = 1;
	together(r, 2, step_one);
	expect_failure(r, 0, "log-probability");
	r[0].rig.policy.nan_sampled = 0;
	r[1].rig.policy.fail_gradient = 1;
	together(r, 2, step_one);
	expect_failure(r, 1, "no gradient");
	r[1].rig.policy.fail_gradient = 0;
	together(r, 2, run_one);
	all_ok(r, 2);
	same_weights(&r[0], &one, 1e-9);
	same_weights(&r[1], &one, 1e-9);
	rig_free(&one.rig);
	free_all(r, 2);
}
END_TEST

static void stop_me(void *ctx)
{
	grpo_trainer_stop(((struct rank *)ctx)->rig.trainer);
}

START_TEST(where_one_rank_is_stopped_all_stop)
{
	static struct rank r[2];

	prepare_all(r, 2, PLAIN);
	r[1].rig.policy.before_generate = stop_me;
	r[1].rig.policy.ctx = &r[1];
	for (int i = 0; i < 2; i++)
		create(&r[i]);
	together(r, 2, run_one);
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(r[i].rc, GRPO_ECANCELED);
		ck_assert_int_eq(grpo_trainer_steps(r[i].rig.trainer), 0);
	}
	free_all(r, 2);
}
END_TEST

START_TEST(where_one_callback_ends_the_run_all_end)
{
	static struct rank r[2];

	prepare_all(r, 2, PLAIN);
	r[1].finish_at = 3;
	for (int i = 0; i < 2; i++)
		create(&r[i]);
	together(r, 2, run_one);
	all_ok(r, 2);
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(grpo_trainer_steps(r[i].rig.trainer), 3);
	free_all(r, 2);
}
END_TEST

/* ------------------------------------------------------------------ files */

static char checkpoint[1024];

static void *resume_one(void *arg)
{
	struct rank *r = arg;

	r->rc = grpo_trainer_resume(r->rig.trainer, checkpoint);
	if (r->rc == 0)
		r->rc = grpo_trainer_run(r->rig.trainer);
	snprintf(r->message, sizeof r->message, "%s", grpo_error_message());
	return NULL;
}

static void output(struct rank *r, int n, const char *name)
{
	for (int i = 0; i < n; i++) {
		rig_output(&r[i].rig, name);
		r[i].rig.config.save_steps = 2;
		r[i].rig.config.eval_steps = 2;
		create(&r[i]);
	}
}

static int count_lines(const char *folder)
{
	char *text = rig_read(folder, "metrics.jsonl"), *at = text;
	int n = 0;

	while ((at = strchr(at, '\n')))
		n++, at++;
	free(text);
	return n;
}

/* Rank 0 writes the checkpoint that all read. */
START_TEST(ranks_resume_from_one_checkpoint)
{
	static struct rank whole[2], r[2];

	prepare_all(whole, 2, BATCH);
	output(whole, 2, "whole");
	together(whole, 2, run_one);
	all_ok(whole, 2);
	ck_assert_int_eq(count_lines(whole[0].rig.folder), 3 + 3);
	snprintf(checkpoint, sizeof checkpoint, "%s/checkpoints/step-000002",
		 whole[0].rig.folder);
	prepare_all(r, 2, BATCH);
	output(r, 2, "resumed");
	together(r, 2, resume_one);
	all_ok(r, 2);
	for (int i = 0; i < 2; i++) {
		same_weights(&r[i], &whole[i], 0);
		same_figures(&r[i], &whole[i]);
	}
	free_all(whole, 2);
	free_all(r, 2);
}
END_TEST

/* ---------------------------------------------------------- own rollouts */

static const int32_t prompt[1] = {0};
static const int32_t answers[3][2] = {{1, BIGRAM_END}, {4, 3}, {2, BIGRAM_END}};

static void rollouts(grpo_rollout *list, int first, int n)
{
	for (int i = 0; i < n; i++)
		list[i] = (grpo_rollout){.struct_size = sizeof *list,
					 .prompt = prompt,
					 .n_prompt = 1,
					 .tokens = answers[(first + i) % 3],
					 .n_tokens = 2,
					 .group = (first + i) / 3,
					 .reward = (first + i) % 2};
}

/* Rank 0 has one group and rank 1 two. */
static void *give_one(void *arg)
{
	struct rank *r = arg;
	grpo_rollout list[9];
	int first = r->comm.rank ? 3 : 0, n = r->comm.rank ? 6 : 3;

	rollouts(list, first, n);
	for (int i = 0; r->rc == 0 && i < 3; i++)
		r->rc = grpo_trainer_update(r->rig.trainer, list, n);
	snprintf(r->message, sizeof r->message, "%s", grpo_error_message());
	return NULL;
}

START_TEST(ranks_may_bring_different_numbers_of_rollouts)
{
	static struct rank one, r[2];
	grpo_rollout list[9];

	prepare(&one, BATCH);
	create(&one);
	rollouts(list, 0, 9);
	for (int i = 0; i < 3; i++)
		ok(grpo_trainer_update(one.rig.trainer, list, 9));
	prepare_all(r, 2, BATCH);
	for (int i = 0; i < 2; i++)
		create(&r[i]);
	together(r, 2, give_one);
	all_ok(r, 2);
	same_weights(&r[0], &one, 1e-9);
	same_weights(&r[1], &r[0], 0);
	same_figures(&r[1], &one);
	rig_free(&one.rig);
	free_all(r, 2);
}
END_TEST

/* ---------------------------------------------------------------- refusing */

static void refuse(struct rank *r, const char *text)
{
	grpo_trainer *t;

	refused(grpo_trainer_create(&t, &r->rig.config, &r->rig.parts, NULL),
		GRPO_EINVAL, text);
}

START_TEST(what_several_ranks_cannot_do_is_named)
{
	static struct rank r[2];
	grpo_learner_ops ops;
	grpo_comm_ops table;

	prepare_all(r, 2, PLAIN);
	rig_parts(&r[0].rig);
	r[0].rig.parts.comm = &r[0].comm;
	r[0].rig.config.prompts_per_step = 3;
	refuse(&r[0], "\"prompts_per_step\" is 3, expected a multiple of the "
		      "2 ranks");
	r[0].rig.config.prompts_per_step = 4;
	r[0].rig.config.save_rollouts = 1;
	rig_output(&r[0].rig, "x");
	refuse(&r[0], "\"save_rollouts\" is for one rank");
	r[0].rig.config.save_rollouts = 0;
	ops = *r[0].rig.learner.ops;
	ops.gradient = NULL;
	r[0].rig.learner.ops = &ops;
	refuse(&r[0], "the learner does not show its gradient");
	r[0].rig.learner.ops = r[1].rig.learner.ops;
	table = *r[0].comm.ops;
	table.struct_size = 8;
	r[0].comm.ops = &table;
	refuse(&r[0], "sizeof(grpo_comm_ops)");
	table.struct_size = sizeof table;
	table.all_gather = NULL;
	refuse(&r[0], "lacks all_reduce, all_gather or abort");
	r[0].comm.ops = r[1].comm.ops;
	r[0].comm.rank = 2;
	refuse(&r[0], "rank 2 of 2");
	free_all(r, 2);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("ranks");
	TCase *t = tcase_create("ranks");

	tcase_add_checked_fixture(t, scratch_make, scratch_remove);
	tcase_set_timeout(t, 60);
	tcase_add_loop_test(t, several_ranks_train_as_one, 0, 2 * N_VARIANTS);
	tcase_add_test(t, where_one_rank_fails_all_do);
	tcase_add_test(t, where_one_rank_is_stopped_all_stop);
	tcase_add_test(t, where_one_callback_ends_the_run_all_end);
	tcase_add_test(t, ranks_resume_from_one_checkpoint);
	tcase_add_test(t, ranks_may_bring_different_numbers_of_rollouts);
	tcase_add_test(t, what_several_ranks_cannot_do_is_named);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
