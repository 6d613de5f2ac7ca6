/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CALLBACKS_H
#define GRPO_CALLBACKS_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "grpo/reward.h"

/*
 * What a training run (grpo/trainer.h) tells its caller: each completion with
 * its rewards, the figures of each step and evaluation, each checkpoint, and
 * that it learns nothing.
 *
 *	static int show(void *ctx, const grpo_report *r)
 *	{
 *		printf("%lld: reward %.3f\n", (long long)r->step,
 *		       grpo_report_value(r, "reward"));
 *		return 0;
 *	}
 *
 *	grpo_trainer_callbacks callbacks;
 *	grpo_trainer_callbacks_init(&callbacks);
 *	callbacks.on_step = show;
 *	grpo_trainer_create(&trainer, &config, &parts, &callbacks);
 *
 * They are called by the thread that called grpo_trainer_step, _run or _save.
 */

/** One completion with all that is known of it; borrowed for the call. */
typedef struct grpo_scored {
	size_t struct_size;
	int64_t step;  /* steps done before it was sampled; samples.jsonl has
			  those after its batch, as metrics.jsonl */
	int64_t row;   /* 0 … N-1 in the batch */
	int64_t group; /* which prompt of the batch */
	int64_t dataset_row;
	int32_t finish;      /* enum grpo_finish */
	int32_t n_rewards;   /* K, in the order of the reward set */
	grpo_str prompt;     /* as the model saw it */
	grpo_str completion; /* the template's "<think>" included, special
				tokens left out */
	const int32_t *tokens;
	int64_t n_tokens;      /* the stop token included */
	const double *rewards; /* [K] NaN where missing */
	const uint8_t *status; /* [K] enum grpo_reward_status */
	double total;          /* weighted sum, without a KL that is part of
				  the reward; NaN: no reward at all */
	double advantage;      /* 0 in an evaluation */
} grpo_scored;

/** A figure; this struct never grows. */
typedef struct grpo_metric {
	const char *name; /* "completions/mean_length" */
	double value;     /* NaN: there is none this time */
} grpo_metric;

/**
 * What came of a batch, or of an evaluation; borrowed for the call.  Names
 * are TRL's (loss, reward, rewards/NAME/mean, kl, entropy, grad_norm,
 * completions/mean_length, clip_ratio/low_mean, …; docs/metrics.md has all);
 * ours are time/…, in seconds, and tokens_per_second/….
 */
typedef struct grpo_report {
	size_t struct_size;
	int64_t step;      /* optimizer steps done */
	int64_t max_steps; /* of the run */
	size_t n_metrics;
	const grpo_metric *metrics; /* [n_metrics] */
} grpo_report;

/** A checkpoint that is in place, whole and synced; borrowed for the call. */
typedef struct grpo_checkpoint {
	size_t struct_size;
	int64_t step;       /* optimizer steps done */
	const char *folder; /* output_dir/checkpoints/step-000020 */
} grpo_checkpoint;

/** What an alarm is about. */
enum grpo_alarm_kind {
	GRPO_ALARM_NO_SIGNAL = 1,    /* equal rewards in every group */
	GRPO_ALARM_NO_GRADIENT = 2,  /* the gradient is 0 for another reason */
	GRPO_ALARM_ALL_CUT = 3,      /* every completion reached the limit */
	GRPO_ALARM_ALL_EMPTY = 4,    /* every completion is empty */
	GRPO_ALARM_NEVER_EARNED = 5, /* a reward that nobody gets */
	GRPO_ALARM_ALWAYS_SAME = 6,  /* a reward that everybody gets */
	GRPO_ALARM_NO_ANSWER = 7,    /* a reward never finds an answer */
	GRPO_ALARM_COLLAPSE = 8      /* far below its own best */
};

/**
 * The run learns nothing, or has stopped to: what is wrong, where to look, and
 * some completions to look at.  Borrowed for the call.
 */
typedef struct grpo_alarm {
	size_t struct_size;
	int32_t kind;        /* enum grpo_alarm_kind */
	int64_t step;        /* optimizer steps done */
	const char *reward;  /* name of the reward it is about, or NULL */
	const char *key;     /* the setting to look at: "rewards" */
	const char *message; /* one line: what is wrong, and since when */
	int32_t n_rewards;   /* K, in the order of the reward set */
	int32_t n_samples;   /* at most 3 */
	const grpo_scored *const *samples; /* [n_samples] of the last batch */
	/* [n_samples, K] what each reward said of each sample: `answer: 12;
	 * rule: another number`; "" where it said nothing */
	const char *const *notes;
} grpo_alarm;

/**
 * Each may be NULL and returns 0 to go on, 1 to finish the run after this
 * step as if it were the last, or a negative code, which ends the call that
 * is under way and is returned by it.
 */
typedef struct grpo_trainer_callbacks {
	size_t struct_size; /* set by grpo_trainer_callbacks_init */
	void *ctx;
	/* Every completion of the batch, rows in order, once advantages are
	 * known and before the update. */
	int (*on_completion)(void *ctx, const grpo_scored *completion);
	/* After the update. */
	int (*on_step)(void *ctx, const grpo_report *report);
	/* After an evaluation of eval_steps; names start with "eval_". */
	int (*on_evaluation)(void *ctx, const grpo_report *report);
	/* After each checkpoint: of save_steps, at the end, after a stop, of
	 * grpo_trainer_save.  Older ones that save_total_limit does not keep
	 * are gone by then.  The checkpoint knows nothing of a 1 returned
	 * here; a run that goes on from it does not end at once. */
	int (*on_checkpoint)(void *ctx, const grpo_checkpoint *saved);
	/* Something is wrong with the run and has been for ten batches; or
	 * an evaluation is below half of the best one.  Comes after on_step,
	 * and while it lasts again after 50 more batches, then 100, 200, ….
	 * NULL: the log has it, as warnings. */
	int (*on_alarm)(void *ctx, const grpo_alarm *alarm);
} grpo_trainer_callbacks;

GRPO_BEGIN_DECLS

/**
 * No callbacks: every pointer NULL.
 *
 * Returns 0, or GRPO_EINVAL for a size that no version of the struct has.
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_callbacks_init_(grpo_trainer_callbacks *c,
					  size_t size);
#define grpo_trainer_callbacks_init(c)                                         \
	grpo_trainer_callbacks_init_((c), sizeof *(c))

/**
 * The value of a metric, or NaN where there is none of that name.
 *
 * Threads: any.  Allocates: no.  Since 0.1.
 */
GRPO_API double grpo_report_value(const grpo_report *r, const char *name);

GRPO_END_DECLS

#endif
