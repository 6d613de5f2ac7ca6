/* SPDX-License-Identifier: MIT */
/* The loop itself, driven in milliseconds by a policy in plain C. */
#include "trainer_rig.h"

#include <signal.h>

/* ------------------------------------------------------------- it learns */

static double share_with_e(struct rig *r)
{
	grpo_evaluation e = {.struct_size = sizeof e};
	grpo_evaluation_options o;
	double share;

	ok(grpo_evaluation_options_init(&o));
	o.num_generations = 40;
	ok(grpo_trainer_evaluate(r->trainer, &e, &o));
	share = e.reward_mean[0];
	grpo_evaluation_dispose(&e);
	return share;
}

START_TEST(a_run_makes_the_rewarded_letter_frequent)
{
	struct rig r;
	double before, after;

	rig_make(&r);
	r.config.max_steps = 60;
	r.config.learning_rate = 2;
	rig_start(&r);
	before = share_with_e(&r);
	ok(grpo_trainer_run(r.trainer));
	after = share_with_e(&r);
	ck_assert_double_lt(before, 0.75);
	ck_assert_double_gt(after, 0.95);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 60);
	ck_assert(grpo_trainer_done(r.trainer));
	refused(grpo_trainer_step(r.trainer), GRPO_EINVAL, "the run is done");
	rig_free(&r);
}
END_TEST

/* A penalty instead: the same machinery must make it rare. */
START_TEST(a_negative_weight_makes_the_letter_rare)
{
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "e", -1);
	r.config.max_steps = 60;
	r.config.learning_rate = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_double_lt(share_with_e(&r), 0.1);
	rig_free(&r);
}
END_TEST

/* --------------------------------------------------------- the gradient */

/* What the test adds up by itself: sum of A / (N L) grad logp. */
struct by_hand {
	struct bigram *policy;
	double grad[BIGRAM_V][BIGRAM_V];
	double total[16], advantage[16];
	int n;
};

static int add_by_hand(void *ctx, const grpo_scored *c)
{
	struct by_hand *h = ctx;
	int last = "abcde"[(c->prompt.len - 1) % 5] - 'a';
	int64_t t;
	int v;

	for (t = 0; t < c->n_tokens; t++) {
		double p[BIGRAM_V];

		bigram_softmax(p, h->policy->s.w[last], 1);
		for (v = 0; v < BIGRAM_V; v++)
			h->grad[last][v] -= c->advantage / (16 * 8) *
					    ((c->tokens[t] == v) - p[v]);
		last = c->tokens[t];
	}
	h->total[h->n] = c->total;
	h->advantage[h->n++] = c->advantage;
	return 0;
}

START_TEST(the_gradient_is_that_of_dr_grpo_by_hand)
{
	struct by_hand h = {0};
	struct rig r;
	int i, v;

	rig_make(&r);
	h.policy = &r.policy;
	r.config.loss_type = GRPO_LOSS_DR_GRPO;
	r.config.scale_rewards = GRPO_SCALE_NONE;
	r.config.tokens_per_micro_batch = 20;
	r.callbacks.ctx = &h;
	r.callbacks.on_completion = add_by_hand;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(h.n, 16);
	for (i = 0; i < 16; i += 4) {
		double mean = (h.total[i] + h.total[i + 1] + h.total[i + 2] +
			       h.total[i + 3]) /
			      4;

		for (v = i; v < i + 4; v++)
			ck_assert_double_eq_tol(h.advantage[v],
						h.total[v] - mean, 1e-12);
	}
	for (i = 0; i < BIGRAM_V; i++)
		for (v = 0; v < BIGRAM_V; v++)
			ck_assert_double_eq_tol(r.policy.last_grad[i][v],
						h.grad[i][v], 1e-7);
	rig_free(&r);
}
END_TEST

static void one_step(struct bigram *out, int64_t tokens, double beta)
{
	struct rig r;

	rig_make(&r);
	r.config.tokens_per_micro_batch = tokens;
	r.config.beta = beta;
	r.policy.s.reference[0][1] = 1; /* so that the KL is not 0 */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

START_TEST(micro_batches_change_the_gradient_by_rounding_only)
{
	struct bigram whole, cut;
	int i;

	one_step(&whole, 100000, 0.1);
	one_step(&cut, 12, 0.1);
	ck_assert_int_eq(whole.n_forwards, 2); /* reference and policy */
	ck_assert_int_gt(cut.n_forwards, 8);
	for (i = 0; i < BIGRAM_V * BIGRAM_V; i++)
		ck_assert_double_eq_tol((&whole.last_grad[0][0])[i],
					(&cut.last_grad[0][0])[i], 1e-8);
}
END_TEST

START_TEST(a_micro_batch_keeps_its_tokens_and_gives_each_prompt_once)
{
	struct bigram whole, cut;

	one_step(&whole, 100000, 0.1);
	one_step(&cut, 40, 0.1);
	ck_assert_int_eq(whole.n_prompts, 4);
	ck_assert_int_eq(whole.n_rows, 16);
	ck_assert_int_eq(cut.n_rows, 16);
	ck_assert_int_le(cut.most_tokens, 40);
	ck_assert_int_lt(cut.n_prompts, 16);
}
END_TEST

START_TEST(rows_that_cannot_change_anything_are_not_sent)
{
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 1); /* all the same */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_forwards, 0);
	ck_assert_int_eq(r.policy.n_steps, 1);
	rig_free(&r);
}
END_TEST

START_TEST(with_beta_every_row_is_sent_and_kl_pulls_to_the_reference)
{
	struct rig r;
	double far, near;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 1);
	r.config.beta = 0.5;
	r.config.max_steps = 200;
	r.policy.s.reference[0][1] = 2;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_rows, 16);
	far = 2 - r.policy.s.w[0][1];
	ok(grpo_trainer_run(r.trainer));
	near = r.policy.s.w[0][1] - r.policy.s.w[0][0];
	ck_assert_double_gt(far, 1.8);
	ck_assert_double_eq_tol(near, 2, 0.3);
	rig_free(&r);
}
END_TEST

START_TEST(truncated_completions_can_be_left_out_of_the_loss)
{
	struct rig r;
	int i;

	rig_make(&r);
	r.config.mask_truncated_completions = 1;
	r.config.max_completion_length = 3;
	for (i = 0; i < BIGRAM_V; i++)
		r.policy.s.w[i][BIGRAM_END] = -30; /* none ends */
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(r.policy.n_forwards, 0);
	rig_free(&r);
}
END_TEST

/* --------------------------------------------------- several iterations */

START_TEST(each_batch_makes_num_iterations_steps)
{
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = 2;
	r.config.max_steps = 5;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert_int_eq(r.policy.n_generated, 1);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_generated, 3);
	ck_assert_int_eq(r.policy.n_steps, 5);
	rig_free(&r);
}
END_TEST

static int take_clip(void *ctx, const grpo_report *report)
{
	*(double *)ctx = grpo_report_value(report, "clip_ratio/region_mean");
	return 0;
}

static double clipped_share(int64_t iterations)
{
	double share = -1;
	struct rig r;

	rig_make(&r);
	r.config.num_iterations = iterations;
	r.config.learning_rate = 50; /* far past the clip range */
	r.callbacks.ctx = &share;
	r.callbacks.on_step = take_clip;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	rig_free(&r);
	return share;
}

START_TEST(the_second_iteration_is_clipped_against_the_first)
{
	ck_assert_double_eq(clipped_share(1), 0);
	ck_assert_double_gt(clipped_share(2), 0.05);
}
END_TEST

/* -------------------------------------------------------- order and chance */

struct visits {
	int64_t rows[64]; /* dataset row of each group, in order */
	int n;
};

static int take_row(void *ctx, const grpo_scored *c)
{
	struct visits *v = ctx;

	if (c->row % 4 == 0)
		v->rows[v->n++ % 64] = c->dataset_row;
	return 0;
}

static void visit(struct visits *v, int shuffle, int64_t seed, int steps)
{
	struct rig r;

	*v = (struct visits){.n = 0};
	rig_make(&r);
	r.config.shuffle_dataset = shuffle;
	r.config.seed = seed;
	r.config.max_steps = steps;
	r.callbacks.ctx = v;
	r.callbacks.on_completion = take_row;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	rig_free(&r);
}

START_TEST(every_prompt_comes_once_an_epoch_in_another_order)
{
	struct visits v, again, other;
	int64_t seen[2][RIG_PROMPTS] = {{0}};
	int i;

	visit(&v, 1, 1, 6); /* two epochs of three batches */
	visit(&again, 1, 1, 6);
	visit(&other, 1, 2, 6);
	ck_assert_int_eq(v.n, 2 * RIG_PROMPTS);
	for (i = 0; i < v.n; i++)
		seen[i / RIG_PROMPTS][v.rows[i]]++;
	for (i = 0; i < RIG_PROMPTS; i++)
		ck_assert(seen[0][i] == 1 && seen[1][i] == 1);
	ck_assert_mem_ne(v.rows, v.rows + RIG_PROMPTS,
			 RIG_PROMPTS * sizeof *v.rows);
	ck_assert_mem_eq(v.rows, again.rows, sizeof v.rows);
	ck_assert_mem_ne(v.rows, other.rows, sizeof v.rows);
}
END_TEST

START_TEST(without_shuffling_the_rows_come_as_they_stand)
{
	struct visits v;
	int i;

	visit(&v, 0, 1, 4);
	for (i = 0; i < 16; i++)
		ck_assert_int_eq(v.rows[i], i % RIG_PROMPTS);
}
END_TEST

static void run_to_the_end(struct bigram *out, int64_t seed)
{
	struct rig r;

	rig_make(&r);
	r.config.seed = seed;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	*out = r.policy;
	rig_free(&r);
}

START_TEST(the_same_seed_gives_the_same_run_bit_for_bit)
{
	struct bigram a, b, c;

	run_to_the_end(&a, 7);
	run_to_the_end(&b, 7);
	run_to_the_end(&c, 8);
	ck_assert_mem_eq(&a.s, &b.s, sizeof a.s);
	ck_assert_mem_ne(&a.s, &c.s, sizeof a.s);
}
END_TEST

START_TEST(two_trainers_in_turns_are_each_as_if_alone)
{
	struct bigram one, two;
	struct rig a, b;

	run_to_the_end(&one, 7);
	run_to_the_end(&two, 8);
	rig_make(&a);
	rig_make(&b);
	a.config.seed = 7;
	b.config.seed = 8;
	rig_start(&a);
	rig_start(&b);
	while (!grpo_trainer_done(a.trainer)) {
		ok(grpo_trainer_step(a.trainer));
		ok(grpo_trainer_step(b.trainer));
	}
	ck_assert_mem_eq(&a.policy.s, &one.s, sizeof one.s);
	ck_assert_mem_eq(&b.policy.s, &two.s, sizeof two.s);
	rig_free(&a);
	rig_free(&b);
}
END_TEST

/* ---------------------------------------------------------- learning rate */

static void rates(double *out, int32_t scheduler, int64_t warmup, double floor,
		  int64_t steps)
{
	struct rig r;
	int64_t i;

	rig_make(&r);
	r.config.lr_scheduler_type = scheduler;
	r.config.warmup_steps = warmup;
	r.config.min_lr_ratio = floor;
	r.config.learning_rate = 1;
	r.config.max_steps = steps;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	for (i = 0; i < steps; i++)
		out[i] = r.policy.rates[i];
	rig_free(&r);
}

/* Expected: transformers' get_scheduler(name, optimizer, 2, 6). */
START_TEST(the_learning_rate_runs_as_in_transformers)
{
	static const double expected[4][6] = {
	    {1, 1, 1, 1, 1, 1},
	    {0, 0.5, 1, 0.75, 0.5, 0.25},
	    {0, 0.5, 1, 0.853553390593273, 0.5, 0.146446609406726},
	    {0, 0.5, 1, 1, 1, 1}};
	double got[6];
	int k, i;

	for (k = 0; k < 4; k++) {
		rates(got, k, 2, 0, 6);
		for (i = 0; i < 6; i++)
			ck_assert_double_eq_tol(got[i], expected[k][i], 1e-12);
	}
	rates(got, GRPO_LR_LINEAR, 2, 0.2, 6);
	ck_assert_double_eq_tol(got[3], 0.8, 1e-12);
	ck_assert_double_eq_tol(got[5], 0.4, 1e-12);
}
END_TEST

START_TEST(without_max_steps_the_epochs_say_how_long)
{
	struct rig r;

	rig_make(&r);
	r.config.max_steps = -1;
	r.config.num_train_epochs = 1.5;
	r.config.num_iterations = 2;
	rig_start(&r); /* 3 batches an epoch, 2 steps each: 9 */
	ck_assert_int_eq(grpo_trainer_max_steps(r.trainer), 9);
	rig_free(&r);
}
END_TEST

/* -------------------------------------------------------------- reference */

START_TEST(the_reference_follows_every_so_many_steps)
{
	struct rig r;

	rig_make(&r);
	r.config.beta = 0.01;
	r.config.sync_ref_model = 1;
	r.config.ref_model_sync_steps = 2;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(r.policy.n_syncs, 3);
	ck_assert_int_eq(r.policy.n_loads, 6); /* the sampler, every step */
	rig_free(&r);
}
END_TEST

/* ---------------------------------------------------------------- stopping */

static grpo_trainer *to_stop;

static void on_signal(int number)
{
	(void)number;
	grpo_trainer_stop(to_stop);
}

static void raise_in_third(void *ctx)
{
	struct bigram *b = ctx;

	if (b->n_generated == 2)
		raise(SIGINT);
}

START_TEST(a_signal_stops_the_run_with_the_step_undone)
{
	struct bigram_state before;
	struct rig r;

	rig_make(&r);
	r.policy.before_generate = raise_in_third;
	r.policy.ctx = &r.policy;
	rig_start(&r);
	to_stop = r.trainer;
	signal(SIGINT, on_signal);
	ok(grpo_trainer_step(r.trainer));
	ok(grpo_trainer_step(r.trainer));
	before = r.policy.s;
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 2);
	ck_assert_mem_eq(&before, &r.policy.s, sizeof before);
	ck_assert(!r.policy.dirty);
	rig_free(&r);
}
END_TEST

START_TEST(a_stopped_run_goes_on_to_the_same_end)
{
	struct bigram whole;
	struct rig r;

	run_to_the_end(&whole, 1);
	rig_make(&r);
	r.policy.before_generate = raise_in_third;
	r.policy.ctx = &r.policy;
	rig_start(&r);
	to_stop = r.trainer;
	signal(SIGINT, on_signal);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ECANCELED);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ECANCELED);
	grpo_trainer_unstop(r.trainer);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

static int stop_at_third(void *ctx, const grpo_report *report)
{
	(void)ctx;
	return report->step == 3;
}

START_TEST(a_callback_can_finish_the_run)
{
	struct rig r;

	rig_make(&r);
	r.callbacks.on_step = stop_at_third;
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 3);
	ck_assert(grpo_trainer_done(r.trainer));
	rig_free(&r);
}
END_TEST

static int fail_at_second(void *ctx, const grpo_report *report)
{
	(void)ctx;
	return report->step == 2 ? GRPO_ENOTFOUND : 0;
}

START_TEST(a_callback_that_fails_ends_the_run_with_its_code)
{
	struct rig r;

	rig_make(&r);
	r.callbacks.on_step = fail_at_second;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ENOTFOUND);
	rig_free(&r);
}
END_TEST

/* ------------------------------------------------------------ bad numbers */

static void expect_failed_step(struct rig *r, int code, const char *text)
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

START_TEST(a_nan_of_the_learner_stops_the_step_weights_unstepped)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_logp = 1;
	expect_failed_step(&r, GRPO_ENUMERIC, "step 1: row 0, token 0: logp");
}
END_TEST

START_TEST(a_nan_of_the_sampler_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_sampled = 1;
	expect_failed_step(&r, GRPO_ENUMERIC, "sampler's log-probability");
}
END_TEST

START_TEST(a_nan_gradient_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	r.policy.nan_norm = 1;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_ENUMERIC);
	ck_assert_int_eq(grpo_trainer_steps(r.trainer), 0);
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_fails_stops_the_step)
{
	struct rig r;

	rig_make(&r);
	ok(grpo_reward_set_add(r.rewards, rig_plugin("writes_nothing"), 1,
			       NULL));
	expect_failed_step(&r, GRPO_EREWARD, "writes_nothing");
}
END_TEST

START_TEST(a_learner_that_fails_half_way_leaves_no_gradient)
{
	struct rig r;

	rig_make(&r);
	r.config.tokens_per_micro_batch = 12;
	r.policy.fail_forward = 3;
	expect_failed_step(&r, GRPO_EIO, "step 1");
}
END_TEST

START_TEST(a_step_can_be_tried_again_after_a_failure)
{
	struct bigram whole;
	struct rig r;

	run_to_the_end(&whole, 1);
	rig_make(&r);
	r.policy.nan_sampled = 1;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_run(r.trainer), GRPO_ENUMERIC);
	r.policy.nan_sampled = 0;
	ok(grpo_trainer_run(r.trainer));
	ck_assert_mem_eq(&whole.s, &r.policy.s, sizeof whole.s);
	rig_free(&r);
}
END_TEST

START_TEST(a_sampler_that_repeats_a_completion_is_refused)
{
	struct rig r;

	rig_make(&r);
	r.policy.repeat = 1;
	expect_failed_step(&r, GRPO_EINVAL, "completion 0 of request 3 twice");
}
END_TEST

START_TEST(a_sampler_that_leaves_one_out_is_refused)
{
	struct rig r;

	rig_make(&r);
	r.policy.leave_out = 1;
	expect_failed_step(&r, GRPO_EINVAL,
			   "left out completion 0 of request 0");
}
END_TEST

START_TEST(a_sampler_that_writes_too_much_is_refused)
{
	struct rig r;
	int i;

	rig_make(&r);
	r.policy.too_long = 1;
	for (i = 0; i < BIGRAM_V; i++)
		r.policy.s.w[i][BIGRAM_END] = -30;
	expect_failed_step(&r, GRPO_EINVAL, "9 tokens, at most 8");
}
END_TEST

/* ------------------------------------------------------- what rewards see */

static int look_at_text(void *ctx, const grpo_scored *c)
{
	int64_t n = c->n_tokens - (c->finish == GRPO_FINISH_STOP), t;
	const char *text = c->completion.ptr;

	(void)ctx;
	ck_assert_uint_eq(c->completion.len, 7 + (size_t)n);
	ck_assert_mem_eq(text, "<think>", 7);
	for (t = 0; t < n; t++)
		ck_assert_int_eq(text[7 + t], 'a' + c->tokens[t]);
	ck_assert_double_eq(c->total, memchr(text + 7, 'e', (size_t)n) != NULL);
	return 0;
}

/* Letters of "<think>" that the tokenizer lacks, in place of the prompt. */
static void tokenizer_with_tags(struct rig *r)
{
	char *text = rig_read(scratch_folder, "tokenizer.json"), *at;
	grpo__buf b = {0};

	at = strstr(text, "\"e\": 4");
	ok(grpo__buf_add(&b, text, (size_t)(at - text)));
	ok(grpo__buf_printf(&b,
			    "\"<\": 6, \">\": 7, \"t\": 8, \"h\": 9, "
			    "\"i\": 10, \"n\": 11, \"k\": 12, %s",
			    at));
	scratch_text("tokenizer.json", b.data);
	grpo__buf_dispose(&b);
	free(text);
	grpo_tokenizer_free(r->tokenizer);
	ok(grpo_tokenizer_open(&r->tokenizer, scratch_folder));
	grpo_template_free(r->prompt_template);
	ok(grpo_template_create(&r->prompt_template, "{prompt}<think>", NULL));
}

/* Begins every prompt's last token within the table: "k" is not. */
static void short_prompts(void *ctx)
{
	(void)ctx;
}

static int generate_from_a(void *self, const grpo_request *requests, int64_t n,
			   const grpo_sampling *o, grpo_completion_fn fn,
			   void *ctx)
{
	static const int32_t a = 0;
	grpo_request mine[8];
	int64_t i;

	for (i = 0; i < n; i++) {
		mine[i] = requests[i];
		mine[i].prompt = &a;
		mine[i].n_prompt = 1;
	}
	return bigram_generate(self, mine, n, o, fn, ctx);
}

START_TEST(rewards_see_the_prefill_and_no_stop_token)
{
	grpo_sampler_ops ops;
	struct rig r;

	rig_make(&r);
	tokenizer_with_tags(&r);
	ops = *r.sampler.ops;
	ops.generate = generate_from_a;
	r.sampler.ops = &ops;
	r.policy.before_generate = short_prompts;
	r.policy.fail_forward = 1; /* the learner has no such tokens */
	r.callbacks.on_completion = look_at_text;
	rig_start(&r);
	ck_assert_int_eq(grpo_trainer_step(r.trainer), GRPO_EIO);
	rig_free(&r);
}
END_TEST

static int count_missing(void *ctx, const grpo_scored *c)
{
	int *n = ctx;

	if (isnan(c->total)) {
		ck_assert_double_eq(c->advantage, 0);
		ck_assert_int_eq(c->status[0], GRPO_REWARD_MISSING);
		(*n)++;
	}
	return 0;
}

START_TEST(a_row_without_any_reward_is_no_wrong_row)
{
	struct rig r;
	int n = 0;

	rig_make(&r);
	grpo_dataset_free(r.dataset);
	scratch_text("train.jsonl",
		     "{\"prompt\": \"a\"}\n{\"prompt\": \"b\", \"skip\": 1}\n"
		     "{\"prompt\": \"c\"}\n{\"prompt\": \"d\"}\n");
	ok(grpo_dataset_open(&r.dataset, scratch_path("train.jsonl"), NULL));
	r.callbacks.ctx = &n;
	r.callbacks.on_completion = count_missing;
	rig_start(&r);
	ok(grpo_trainer_step(r.trainer));
	ck_assert_int_eq(n, 4);
	rig_free(&r);
}
END_TEST

/* ----------------------------------------------------------------- alarm */

struct warnings {
	int n;
	char text[512];
};

static void take_warning(void *ctx, int level, const char *text)
{
	struct warnings *w = ctx;

	if (level != GRPO_LOG_WARN)
		return;
	w->n++;
	snprintf(w->text, sizeof w->text, "%s", text);
}

START_TEST(a_reward_never_earned_beside_a_full_one_rings_once)
{
	struct warnings w = {0};
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 0.5);
	rig_add_reward(&r, "z", 1);
	r.config.max_steps = 30;
	grpo_log_set(take_warning, &w, GRPO_LOG_WARN);
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(w.n, 1);
	ck_assert_ptr_nonnull(strstr(w.text, "\"contains-2\" never"));
	ck_assert_ptr_nonnull(strstr(w.text, "lacks the skill"));
	grpo_log_set(NULL, NULL, 0);
	rig_free(&r);
}
END_TEST

START_TEST(a_reward_that_is_earned_at_times_rings_nothing)
{
	struct warnings w = {0};
	struct rig r;

	rig_make_bare(&r);
	rig_add_reward(&r, "", 0.5);
	rig_add_reward(&r, "e", 1);
	r.config.max_steps = 30;
	grpo_log_set(take_warning, &w, GRPO_LOG_WARN);
	rig_start(&r);
	ok(grpo_trainer_run(r.trainer));
	ck_assert_int_eq(w.n, 0);
	grpo_log_set(NULL, NULL, 0);
	rig_free(&r);
}
END_TEST

/* -------------------------------------------------------------- bad input */

START_TEST(settings_out_of_range_are_named)
{
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
#define REFUSED(field, value, text)                                            \
	do {                                                                   \
		grpo_trainer_config bad = r.config;                            \
		bad.field = value;                                             \
		refused(grpo_trainer_create(&r.trainer, &bad, &r.parts, NULL), \
			GRPO_EINVAL, text);                                    \
		ck_assert_ptr_null(r.trainer);                                 \
	} while (0)
	REFUSED(num_generations, 1, "\"num_generations\" is 1");
	REFUSED(temperature, 0, "\"temperature\"");
	REFUSED(learning_rate, NAN, "\"learning_rate\"");
	REFUSED(top_p, 0, "\"top_p\"");
	REFUSED(max_steps, 0, "\"max_steps\"");
	REFUSED(epsilon_high, -0.5, "\"epsilon_high\"");
	REFUSED(loss_type, 99, "\"loss_type\"");
	REFUSED(sync_ref_model, 1, "\"beta\"");
	REFUSED(prompts_per_step, 13, "12 rows");
	REFUSED(prompts_per_step, 1 << 20, "\"prompts_per_step\"");
#undef REFUSED
	rig_free(&r);
}
END_TEST

START_TEST(a_missing_part_is_named)
{
	grpo_learner_ops ops;
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
	r.parts.tokenizer = NULL;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "parts.tokenizer is NULL");
	rig_parts(&r);
	r.parts.held_out = NULL;
	r.config.eval_steps = 1;
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "\"eval_steps\" needs parts.held_out");
	r.config.eval_steps = 0;
	rig_parts(&r);
	ops = *r.learner.ops;
	ops.save_state = NULL;
	r.learner.ops = &ops;
	rig_output(&r, "run");
	refused(grpo_trainer_create(&r.trainer, &r.config, &r.parts, NULL),
		GRPO_EINVAL, "save_state");
	rig_free(&r);
}
END_TEST

START_TEST(a_prompt_that_cannot_be_read_is_named_by_its_line)
{
	struct rig r;

	rig_make(&r);
	grpo_dataset_free(r.dataset);
	scratch_text("train.jsonl",
		     "{\"prompt\": \"a\"}\n\n"
		     "{\"prompt\": [{\"role\": \"user\", \"content\": \"a\"},"
		     " {\"role\": \"user\", \"content\": \"b\"}]}\n");
	ok(grpo_dataset_open(&r.dataset, scratch_path("train.jsonl"), NULL));
	r.config.prompts_per_step = 2;
	expect_failed_step(&r, GRPO_EINVAL, "train.jsonl:3: ");
}
END_TEST

START_TEST(a_struct_of_a_newer_header_is_taken_if_its_tail_is_unused)
{
	struct {
		grpo_trainer_config config;
		int64_t newer;
	} later;
	struct rig r;

	rig_make(&r);
	rig_parts(&r);
	memset(&later, 0, sizeof later);
	ok(grpo_trainer_config_init_(&later.config, sizeof later));
	later.config.prompts_per_step = 4;
	ok(grpo_trainer_create(&r.trainer, &later.config, &r.parts, NULL));
	grpo_trainer_free(r.trainer);
	later.newer = 1;
	refused(grpo_trainer_create(&r.trainer, &later.config, &r.parts, NULL),
		GRPO_EABI, "grpo_trainer_config");
	rig_free(&r);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("trainer");
	TCase *c = tcase_create("loop");

	tcase_add_checked_fixture(c, scratch_make, scratch_remove);
	tcase_add_test(c, a_run_makes_the_rewarded_letter_frequent);
	tcase_add_test(c, a_negative_weight_makes_the_letter_rare);
	tcase_add_test(c, the_gradient_is_that_of_dr_grpo_by_hand);
	tcase_add_test(c, micro_batches_change_the_gradient_by_rounding_only);
	tcase_add_test(
	    c, a_micro_batch_keeps_its_tokens_and_gives_each_prompt_once);
	tcase_add_test(c, rows_that_cannot_change_anything_are_not_sent);
	tcase_add_test(
	    c, with_beta_every_row_is_sent_and_kl_pulls_to_the_reference);
	tcase_add_test(c, truncated_completions_can_be_left_out_of_the_loss);
	tcase_add_test(c, each_batch_makes_num_iterations_steps);
	tcase_add_test(c, the_second_iteration_is_clipped_against_the_first);
	tcase_add_test(c, every_prompt_comes_once_an_epoch_in_another_order);
	tcase_add_test(c, without_shuffling_the_rows_come_as_they_stand);
	tcase_add_test(c, the_same_seed_gives_the_same_run_bit_for_bit);
	tcase_add_test(c, two_trainers_in_turns_are_each_as_if_alone);
	tcase_add_test(c, the_learning_rate_runs_as_in_transformers);
	tcase_add_test(c, without_max_steps_the_epochs_say_how_long);
	tcase_add_test(c, the_reference_follows_every_so_many_steps);
	tcase_add_test(c, a_signal_stops_the_run_with_the_step_undone);
	tcase_add_test(c, a_stopped_run_goes_on_to_the_same_end);
	tcase_add_test(c, a_callback_can_finish_the_run);
	tcase_add_test(c, a_callback_that_fails_ends_the_run_with_its_code);
	tcase_add_test(c,
		       a_nan_of_the_learner_stops_the_step_weights_unstepped);
	tcase_add_test(c, a_nan_of_the_sampler_stops_the_step);
	tcase_add_test(c, a_nan_gradient_stops_the_step);
	tcase_add_test(c, a_reward_that_fails_stops_the_step);
	tcase_add_test(c, a_learner_that_fails_half_way_leaves_no_gradient);
	tcase_add_test(c, a_step_can_be_tried_again_after_a_failure);
	tcase_add_test(c, a_sampler_that_repeats_a_completion_is_refused);
	tcase_add_test(c, a_sampler_that_leaves_one_out_is_refused);
	tcase_add_test(c, a_sampler_that_writes_too_much_is_refused);
	tcase_add_test(c, rewards_see_the_prefill_and_no_stop_token);
	tcase_add_test(c, a_row_without_any_reward_is_no_wrong_row);
	tcase_add_test(c, a_reward_never_earned_beside_a_full_one_rings_once);
	tcase_add_test(c, a_reward_that_is_earned_at_times_rings_nothing);
	tcase_add_test(c, settings_out_of_range_are_named);
	tcase_add_test(c, a_missing_part_is_named);
	tcase_add_test(c, a_prompt_that_cannot_be_read_is_named_by_its_line);
	tcase_add_test(
	    c, a_struct_of_a_newer_header_is_taken_if_its_tail_is_unused);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	SRunner *sr = srunner_create(suite());
	int failed;

	srunner_run_all(sr, CK_NORMAL);
	failed = srunner_ntests_failed(sr);
	srunner_free(sr);
	return failed != 0;
}
