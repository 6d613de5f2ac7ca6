/* SPDX-License-Identifier: MIT */
/* The table of ranks that are threads. */
#include <check.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "grpo/comm.h"
#include "grpo/error.h"
#include "tests/suite.h"

enum { RANKS = 3, N = 7 };

struct thread {
	pthread_t id;
	grpo_comm comm;
	double f64[N];
	float f32[N];
	int64_t i64[N], all[RANKS * N], part[2];
	int rc;
	char message[256];
};

static grpo_comm_buffer buffer(void *data, int64_t n, int32_t type)
{
	return (grpo_comm_buffer){
	    .data = data, .n = n, .type = type, .device = GRPO_COMM_HOST};
}

/* f in a thread for each rank. */
static void with_ranks(struct thread *t, void *(*f)(void *t))
{
	grpo_comm comm[RANKS];
	int r;

	ck_assert_int_eq(grpo_comm_threads(comm, RANKS), 0);
	for (r = 0; r < RANKS; r++) {
		ck_assert_int_eq(comm[r].rank, r);
		ck_assert_int_eq(comm[r].n_ranks, RANKS);
		t[r].comm = comm[r];
		ck_assert_int_eq(pthread_create(&t[r].id, NULL, f, &t[r]), 0);
	}
	for (r = 0; r < RANKS; r++)
		pthread_join(t[r].id, NULL);
	for (r = 0; r < RANKS; r++)
		grpo_comm_free(&t[r].comm);
}

static void keep(struct thread *t, int rc)
{
	if (rc == 0)
		return;
	t->rc = rc;
	strncpy(t->message, grpo_error_message(), sizeof t->message - 1);
}

static void *reduce(void *arg)
{
	struct thread *t = arg;
	grpo_comm_buffer a = buffer(t->f64, N, GRPO_COMM_FLOAT64);
	grpo_comm_buffer b = buffer(t->f32, N, GRPO_COMM_FLOAT32);
	grpo_comm_buffer c = buffer(t->i64, N, GRPO_COMM_INT64);
	const grpo_comm_ops *o = t->comm.ops;

	for (int k = 0; k < N; k++) {
		t->f64[k] = 1.0 / (3 + t->comm.rank * N + k);
		t->f32[k] = (float)(t->comm.rank * k);
		t->i64[k] = (t->comm.rank + k) % RANKS;
	}
	keep(t, o->all_reduce(t->comm.self, &a, GRPO_COMM_SUM));
	keep(t, o->all_reduce(t->comm.self, &b, GRPO_COMM_MIN));
	keep(t, o->all_reduce(t->comm.self, &c, GRPO_COMM_MAX));
	return NULL;
}

START_TEST(arrays_are_joined_and_the_same_everywhere)
{
	struct thread t[RANKS] = {{0}};
	int r, k;

	with_ranks(t, reduce);
	for (r = 0; r < RANKS; r++) {
		ck_assert_int_eq(t[r].rc, 0);
		ck_assert_mem_eq(t[r].f64, t[0].f64, sizeof t[0].f64);
		for (k = 0; k < N; k++) {
			ck_assert_double_eq(t[r].f64[k], 1.0 / (3 + k) +
							     1.0 / (10 + k) +
							     1.0 / (17 + k));
			ck_assert(t[r].f32[k] == 0);
			ck_assert_int_eq(t[r].i64[k], RANKS - 1);
		}
	}
}
END_TEST

static void *spread(void *arg)
{
	struct thread *t = arg;
	grpo_comm_buffer own = buffer(t->i64, N, GRPO_COMM_INT64);
	grpo_comm_buffer all = buffer(t->all, RANKS * N, GRPO_COMM_INT64);
	grpo_comm_buffer six = buffer(t->i64, 2 * RANKS, GRPO_COMM_INT64);
	grpo_comm_buffer part = buffer(t->part, 2, GRPO_COMM_INT64);
	grpo_comm_buffer doubles = buffer(t->f64, N, GRPO_COMM_FLOAT64);
	const grpo_comm_ops *o = t->comm.ops;

	for (int k = 0; k < N; k++) {
		t->i64[k] = 100 * t->comm.rank + k;
		t->f64[k] = t->comm.rank == 2 ? k / 8.0 : -1;
	}
	keep(t, o->all_gather(t->comm.self, &all, &own));
	keep(t, o->reduce_scatter(t->comm.self, &part, &six, GRPO_COMM_SUM));
	keep(t, o->broadcast(t->comm.self, &doubles, 2));
	keep(t, o->barrier(t->comm.self));
	return NULL;
}

START_TEST(arrays_are_gathered_scattered_and_broadcast)
{
	struct thread t[RANKS] = {{0}};
	int r, k;

	with_ranks(t, spread);
	for (r = 0; r < RANKS; r++) {
		ck_assert_int_eq(t[r].rc, 0);
		for (k = 0; k < RANKS * N; k++)
			ck_assert_int_eq(t[r].all[k], 100 * (k / N) + k % N);
		for (k = 0; k < 2; k++)
			ck_assert_int_eq(t[r].part[k], 300 + 3 * (2 * r + k));
		for (k = 0; k < N; k++)
			ck_assert_double_eq(t[r].f64[k], k / 8.0);
	}
}
END_TEST

static void *differ(void *arg)
{
	struct thread *t = arg;
	grpo_comm_buffer a =
	    buffer(t->f64, N - (t->comm.rank == 1), GRPO_COMM_FLOAT64);

	keep(t, t->comm.ops->all_reduce(t->comm.self, &a, GRPO_COMM_SUM));
	return NULL;
}

START_TEST(arrays_that_do_not_fit_together_are_refused_everywhere)
{
	struct thread t[RANKS] = {{0}};

	with_ranks(t, differ);
	for (int r = 0; r < RANKS; r++) {
		ck_assert_int_eq(t[r].rc, GRPO_EINVAL);
		ck_assert_str_eq(t[r].message,
				 "rank 1 has 6 elements of type 2, rank 0 has "
				 "7 of type 2");
	}
}
END_TEST

static void *leave(void *arg)
{
	struct thread *t = arg;

	if (t->comm.rank == 2)
		t->comm.ops->abort(t->comm.self, "no more memory");
	else
		keep(t, t->comm.ops->barrier(t->comm.self));
	return NULL;
}

START_TEST(nobody_waits_for_a_rank_that_has_ended)
{
	struct thread t[RANKS] = {{0}};

	with_ranks(t, leave);
	for (int r = 0; r < 2; r++) {
		ck_assert_int_eq(t[r].rc, GRPO_ECANCELED);
		ck_assert_ptr_nonnull(strstr(t[r].message, "no more memory"));
	}
}
END_TEST

START_TEST(a_device_or_no_rank_is_refused)
{
	grpo_comm comm;
	double x = 1;
	grpo_comm_buffer b = buffer(&x, 1, GRPO_COMM_FLOAT64);

	ck_assert_int_eq(grpo_comm_threads(&comm, 0), GRPO_EINVAL);
	ck_assert_int_eq(grpo_comm_threads(&comm, 1), 0);
	ck_assert_int_eq(comm.ops->all_reduce(comm.self, &b, GRPO_COMM_SUM), 0);
	ck_assert_double_eq(x, 1);
	b.device = 0;
	ck_assert_int_eq(comm.ops->all_reduce(comm.self, &b, GRPO_COMM_SUM),
			 GRPO_EINVAL);
	grpo_comm_free(&comm);
	ck_assert_ptr_null(comm.ops);
	grpo_comm_free(&comm);
}
END_TEST

static Suite *suite(void)
{
	Suite *s = suite_create("comm");
	TCase *t = tcase_create("threads");

	tcase_add_test(t, arrays_are_joined_and_the_same_everywhere);
	tcase_add_test(t, arrays_are_gathered_scattered_and_broadcast);
	tcase_add_test(t,
		       arrays_that_do_not_fit_together_are_refused_everywhere);
	tcase_add_test(t, nobody_waits_for_a_rank_that_has_ended);
	tcase_add_test(t, a_device_or_no_rank_is_refused);
	suite_add_tcase(s, t);
	return s;
}

int main(void)
{
	return run_suite(suite());
}
