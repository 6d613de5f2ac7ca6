/* SPDX-License-Identifier: MIT */
#ifndef GRPO_COMM_H
#define GRPO_COMM_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"

/*
 * Several ranks: trainers in processes or threads that train one policy, each
 * on a share of every batch.  What they tell each other goes through this
 * table; fill it with MPI or NCCL, or take the one for threads below.
 *
 *	static const grpo_comm_ops ops = {.struct_size = sizeof ops,
 *					  .all_reduce = by_mpi, …};
 *	grpo_comm comm = {&ops, &mine, rank, n_ranks};
 *	parts.comm = &comm;            // of a grpo_trainer_parts
 *
 * Every rank has the same settings, dataset, rewards and weights at the start.
 * Of each batch it takes prompts_per_step / n_ranks prompts, those at its place
 * in the batch, and samples, scores and trains on them.  The denominators of
 * the loss are those of all rows and gradients are added up, so that each rank
 * makes the same optimizer step, the one that a single rank would make, to the
 * rounding of sums.  The learner shows its gradient
 *(grpo_learner_ops.gradient).
 *
 * Rank 0 writes the files of output_dir; the others write none.  Where one rank
 * fails or is stopped, all return at the same place of the step.
 */

/** Elements of a buffer. */
enum grpo_comm_type {
	GRPO_COMM_INT64 = 0,
	GRPO_COMM_FLOAT32 = 1,
	GRPO_COMM_FLOAT64 = 2
};

/** How all_reduce and reduce_scatter join the ranks' elements. */
enum grpo_comm_join { GRPO_COMM_SUM = 0, GRPO_COMM_MIN = 1, GRPO_COMM_MAX = 2 };

enum { GRPO_COMM_HOST = -1 };

typedef struct grpo_comm_buffer {
	void *data;
	int64_t n;      /* elements */
	int32_t type;   /* enum grpo_comm_type */
	int32_t device; /* GRPO_COMM_HOST, or the number of a CUDA device: all
			   work that writes `data` has been queued on the
			   device's current stream */
} grpo_comm_buffer;

/**
 * All ranks make the same calls in the same order.  The results are the same on
 * every rank, bit for bit.  Functions return 0 or a negative code of
 * grpo/error.h; after an error the trainer makes no further call but abort.
 * The trainer calls all_reduce, all_gather and abort; the others are for
 * backends and trainers of your own, and may be NULL, as may free.
 */
typedef struct grpo_comm_ops {
	size_t struct_size;
	/* In place. */
	int (*all_reduce)(void *self, const grpo_comm_buffer *b, int32_t join);
	/* all [n_ranks * own->n]: the ranks' arrays, by rank. */
	int (*all_gather)(void *self, const grpo_comm_buffer *all,
			  const grpo_comm_buffer *own);
	/* own [all->n / n_ranks]: this rank's part of the joined arrays. */
	int (*reduce_scatter)(void *self, const grpo_comm_buffer *own,
			      const grpo_comm_buffer *all, int32_t join);
	/* root's array, to all. */
	int (*broadcast)(void *self, const grpo_comm_buffer *b, int32_t root);
	int (*barrier)(void *self);
	/* This rank cannot go on: calls that wait for it return an error. */
	void (*abort)(void *self, const char *why);
	void (*free)(void *self);
} grpo_comm_ops;

typedef struct grpo_comm {
	const grpo_comm_ops *ops;
	void *self;
	int32_t rank; /* 0 … n_ranks - 1 */
	int32_t n_ranks;
} grpo_comm;

GRPO_BEGIN_DECLS

/**
 * Ranks that are threads of this process and share its memory, for host
 * buffers: examples/two_ranks.
 *
 * out      out  [n_ranks] one a thread; free each with grpo_comm_free
 * n_ranks  in   1 or more
 *
 * Returns 0, GRPO_EINVAL or GRPO_ENOMEM.  The calls of the table return
 * GRPO_EINVAL where the ranks' buffers do not fit together, and GRPO_ECANCELED
 * after an abort.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_comm_threads(grpo_comm *out, int32_t n_ranks);

/**
 * Frees and zeroes; may be empty.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_comm_free(grpo_comm *c);

GRPO_END_DECLS

#endif
