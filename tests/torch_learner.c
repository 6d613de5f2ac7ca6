/* SPDX-License-Identifier: MIT */
/*
 * Steps and states that would put NaN into the weights are refused, and leave
 * everything as it was.
 */
#include <math.h>
#include "torch_folder.h"
#include "tests/torch_suite.h"

struct pair {
	grpo_model *m;
	grpo_learner l;
	float *before; /* the weights, [n] */
	size_t n;
};

static void keep_weights(struct pair *p)
{
	p->n = (size_t)grpo__tensor_count(&p->m->flat);
	free(p->before);
	p->before = malloc(p->n * sizeof *p->before);
	ck_assert_ptr_nonnull(p->before);
	must(grpo__tensor_read(&p->m->flat, p->before));
}

static int weights_moved(const struct pair *p)
{
	float *now = malloc(p->n * sizeof *now);
	int moved;

	ck_assert_ptr_nonnull(now);
	must(grpo__tensor_read(&p->m->flat, now));
	moved = memcmp(now, p->before, p->n * sizeof *now) != 0;
	free(now);
	return moved;
}

static void start(struct pair *p, const char *dtype)
{
	grpo_torch_learner_options o;
	grpo_model_options how;

	memset(p, 0, sizeof *p);
	must(grpo_model_options_init(&how));
	must(grpo_torch_learner_options_init(&o));
	how.dtype = dtype;
	o.weight_decay = 0.1;
	must(grpo_model_open(&p->m, "tests/golden/models/qwen2", &how));
	must(grpo_torch_learner(&p->l, p->m, &o));
	keep_weights(p);
}

static void finish(struct pair *p)
{
	grpo_learner_free(&p->l);
	grpo_model_free(p->m);
	free(p->before);
}

/* Forward and backward of one row. */
static void make_gradient(struct pair *p)
{
	static const int32_t prompt[] = {1, 2, 3}, row[] = {4, 5, 6};
	static const float dlogp[] = {-1, 0.5f, -0.25f};
	struct flat_batch b;
	float logp[3];

	flat_batch_init(&b, 1);
	flat_batch_prompt(&b, prompt, 3);
	flat_batch_row(&b, row, 3);
	must(p->l.ops->forward(p->l.self, &b.batch, GRPO_WEIGHTS_POLICY, 1,
			       logp, NULL));
	must(p->l.ops->backward(p->l.self, dlogp, NULL));
}

static int step(struct pair *p, double rate)
{
	double norm;

	make_gradient(p);
	return p->l.ops->step(p->l.self, rate, 1, &norm);
}

static void says(const char *a, const char *b)
{
	ck_assert_msg(strstr(grpo_error_message(), a) &&
			  strstr(grpo_error_message(), b),
		      "%s", grpo_error_message());
}

/* ---------------------------------------------------------------- steps */

static const char *const dtypes[] = {"float32", "bfloat16"};

START_TEST(a_step_that_would_not_be_finite_leaves_the_weights)
{
	struct pair p;

	start(&p, dtypes[_i]);
	ck_assert_int_eq(step(&p, 3e38), GRPO_ENUMERIC);
	says("a step of learning rate 3e+38 would make weights or moments",
	     "not finite; the weights were not changed");
	ck_assert(!weights_moved(&p));
	must(step(&p, 1e-2));
	ck_assert(weights_moved(&p));
	finish(&p);
}
END_TEST

START_TEST(a_refused_step_counts_for_nothing)
{
	struct pair p, q;

	start(&p, "float32");
	ck_assert_int_eq(step(&p, 3e38), GRPO_ENUMERIC);
	must(step(&p, 1e-3));
	keep_weights(&p);
	start(&q, "float32");
	must(step(&q, 1e-3));
	ck_assert_mem_eq(p.before, q.m->flat.data, p.n * sizeof *p.before);
	finish(&p);
	finish(&q);
}
END_TEST

START_TEST(a_rate_or_a_norm_that_is_no_size_is_refused)
{
	static const double bad[] = {-1e-3, NAN, INFINITY};
	struct pair p;
	double norm;

	start(&p, "float32");
	for (int i = 0; i < 3; i++) {
		ck_assert_int_eq(step(&p, bad[i]), GRPO_EINVAL);
		says("learning_rate", "is not 0 or more");
	}
	for (int i = 0; i < 2; i++) {
		ck_assert_int_eq(p.l.ops->step(p.l.self, 1e-3, bad[i], &norm),
				 GRPO_EINVAL);
		says("max_grad_norm", "is not 0 or more");
	}
	ck_assert(!weights_moved(&p));
	finish(&p);
}
END_TEST

START_TEST(options_that_would_make_nan_are_named)
{
	static const struct {
		const char *name;
		size_t at;
		double value;
	} bad[] = {
#define AT(f) #f, offsetof(grpo_torch_learner_options, f)
	    {AT(adam_beta1), 1},       {AT(adam_beta1), -0.1},
	    {AT(adam_beta1), NAN},     {AT(adam_beta2), 1},
	    {AT(adam_beta2), 1.5},     {AT(adam_epsilon), 0},
	    {AT(adam_epsilon), -1e-8}, {AT(adam_epsilon), INFINITY},
	    {AT(weight_decay), -1},    {AT(weight_decay), INFINITY},
	};
	grpo_model *m = open_model("qwen2");
	grpo_torch_learner_options o;
	grpo_learner l;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		must(grpo_torch_learner_options_init(&o));
		memcpy((char *)&o + bad[i].at, &bad[i].value, sizeof(double));
		ck_assert_int_eq(grpo_torch_learner(&l, m, &o), GRPO_EINVAL);
		says(bad[i].name, "is not");
	}
	grpo_model_free(m);
}
END_TEST

/* Several ranks write the sum of their gradients into each learner. */
START_TEST(a_gradient_is_shown_and_may_be_written)
{
	double norm, twice;
	grpo_comm_buffer b;
	struct pair p;

	start(&p, "float32");
	must(p.l.ops->gradient(p.l.self, &b));
	ck_assert_int_eq(b.type, GRPO_COMM_FLOAT32);
	ck_assert_int_eq(b.device, GRPO_COMM_HOST);
	ck_assert_uint_eq((size_t)b.n, p.n);
	for (int64_t i = 0; i < b.n; i++)
		ck_assert(((float *)b.data)[i] == 0);
	make_gradient(&p);
	must(p.l.ops->step(p.l.self, 0, 0, &norm));
	ck_assert_double_gt(norm, 0);
	make_gradient(&p);
	must(p.l.ops->gradient(p.l.self, &b));
	for (int64_t i = 0; i < b.n; i++)
		((float *)b.data)[i] *= 2;
	must(p.l.ops->step(p.l.self, 0, 0, &twice));
	ck_assert_double_eq_tol(twice, 2 * norm, 1e-6 * norm);
	must(p.l.ops->gradient(p.l.self, &b));
	for (int64_t i = 0; i < b.n; i++)
		ck_assert(((float *)b.data)[i] == 0);
	finish(&p);
}
END_TEST

/* --------------------------------------------------------------- states */

/* A state of one step in `folder`, and a learner that is two steps on. */
static void save(struct pair *p)
{
	start(p, "float32");
	must(step(p, 1e-3));
	must(p->l.ops->save_state(p->l.self, folder));
	must(step(p, 1e-3));
	keep_weights(p);
}

static const char *const bad_counts[][2] = {
    {"{\"optimizer_steps\": -1}",
     "\"optimizer_steps\": -1 is negative: the checkpoint is damaged"},
    {"{\"optimizer_steps\": -9007199254740991}", "is negative"},
    {"{\"optimizer_steps\": 1.5}", "expected an integer"},
    {"{\"optimizer_steps\": 1e300}", "expected an integer"},
    {"{\"optimizer_steps\": \"1\"}", "expected an integer"},
    {"{\"optimizer_steps\": null}", "optimizer_steps"},
    {"{}", "\"optimizer_steps\""},
    {"[1]", "expected an object"},
    {"", "learner.json"},
};

START_TEST(a_count_of_steps_that_makes_no_sense_is_refused)
{
	struct pair p;
	int rc;

	save(&p);
	write_text("learner.json", bad_counts[_i][0],
		   strlen(bad_counts[_i][0]));
	rc = p.l.ops->load_state(p.l.self, folder);
	ck_assert_msg(rc == GRPO_EFORMAT || rc == GRPO_ENOTFOUND, "%d", rc);
	says("learner.json", bad_counts[_i][1]);
	ck_assert(!weights_moved(&p));
	must(step(&p, 1e-3));
	finish(&p);
}
END_TEST

/* Which number of which tensor becomes what. */
static const struct damage {
	const char *name;
	float number;
} damages[] = {
    {"weights", NAN},    {"weights", INFINITY},    {"exp_avg", NAN},
    {"exp_avg_sq", NAN}, {"exp_avg_sq", INFINITY}, {"exp_avg_sq", -1e-3f},
};

struct spoiler {
	const grpo__st_file *file;
	const struct damage *damage;
};

static int spoil(void *ctx, const grpo__st_tensor *t, void *buffer)
{
	const struct spoiler *s = ctx;

	memcpy(buffer, grpo__st_find(s->file, t->name)->data, t->n_bytes);
	if (!strcmp(t->name, s->damage->name))
		((float *)buffer)[7] = s->damage->number;
	return 0;
}

static void spoil_state(const struct damage *d)
{
	char from[128], to[128];
	grpo__st_tensor all[8];
	struct spoiler s = {NULL, d};
	grpo__st_file *f;
	size_t n;

	path_of(from, sizeof from, "learner.safetensors");
	path_of(to, sizeof to, "spoilt");
	must(grpo__st_open(&f, from));
	s.file = f;
	n = grpo__st_count(f);
	for (size_t i = 0; i < n; i++) {
		all[i] = *grpo__st_at(f, i);
		all[i].data = NULL;
	}
	must(grpo__st_write(to, all, n, spoil, &s));
	grpo__st_close(f);
	ck_assert_int_eq(rename(to, from), 0);
}

START_TEST(a_state_with_nan_is_not_loaded_at_all)
{
	char tensor[64];
	struct pair p, q;

	save(&p);
	spoil_state(&damages[_i]);
	ck_assert_int_eq(p.l.ops->load_state(p.l.self, folder), GRPO_EFORMAT);
	snprintf(tensor, sizeof tensor, "\"%s\": number 7 is ",
		 damages[_i].name);
	says("learner.safetensors", tensor);
	ck_assert(!weights_moved(&p));
	/* moments and count are those from before, too */
	must(step(&p, 1e-3));
	keep_weights(&p);
	start(&q, "float32");
	for (int i = 0; i < 3; i++)
		must(step(&q, 1e-3));
	ck_assert_mem_eq(p.before, q.m->flat.data, p.n * sizeof *p.before);
	finish(&p);
	finish(&q);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("torch learner");
	TCase *c = tcase_create("nan");

	tcase_add_checked_fixture(c, setup, teardown);
	tcase_add_loop_test(
	    c, a_step_that_would_not_be_finite_leaves_the_weights, 0, 2);
	tcase_add_test(c, a_refused_step_counts_for_nothing);
	tcase_add_test(c, a_rate_or_a_norm_that_is_no_size_is_refused);
	tcase_add_test(c, options_that_would_make_nan_are_named);
	tcase_add_test(c, a_gradient_is_shown_and_may_be_written);
	tcase_add_loop_test(c, a_count_of_steps_that_makes_no_sense_is_refused,
			    0, (int)(sizeof bad_counts / sizeof *bad_counts));
	tcase_add_loop_test(c, a_state_with_nan_is_not_loaded_at_all, 0,
			    (int)(sizeof damages / sizeof *damages));
	tcase_set_timeout(c, 60);
	suite_add_tcase(s, c);
	return s;
}

int main(void)
{
	return run_torch_suite(suite());
}
