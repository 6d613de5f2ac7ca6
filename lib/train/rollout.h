/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_ROLLOUT_H
#define GRPO_TRAIN_ROLLOUT_H

#include <stdint.h>
#include "core/mem.h"
#include "grpo/callbacks.h"
#include "grpo/trainer_config.h"
#include "grpo/dataset.h"
#include "grpo/policy.h"
#include "grpo/reward.h"

/*
 * One batch from its prompts to its advantages: N rows in groups, each group a
 * run of rows, B prompts, K rewards.  A batch that the trainer samples has B
 * groups of G rows, and row b*G + g is completion g of prompt b; one that the
 * caller brings is as he has it.  Everything lives in the arena until the next
 * grpo__rollout_begin.
 */
typedef struct grpo__prompt {
	grpo_row row;     /* of the dataset */
	grpo_str text;    /* as the model sees it */
	grpo_str prefill; /* its end, which counts as the model's */
	int32_t *ids;     /* [n_ids] */
	int64_t n_ids;
	grpo_str *columns, *cells; /* [row.n_cells] for the rewards */
} grpo__prompt;

typedef struct grpo__answer {
	int32_t *tokens; /* [n_tokens] the stop token included */
	float *logp;   /* [n_tokens] as the sampler recorded it; NaN: unknown */
	uint8_t *mask; /* [n_tokens] 0: not the policy's own; NULL: all are */
	float *advantage;   /* [n_tokens] the caller's own; NULL: the row's */
	uint8_t *component; /* [n_tokens] NULL: all of the policy */
	float *weight;      /* [n_tokens] NULL: 1 */
	int64_t n_tokens;
	int64_t version; /* optimizer steps of the policy that sampled it */
	int32_t finish;  /* enum grpo_finish */
	int32_t done;    /* the sampler has given it */
	grpo_str text;   /* prefill and completion */
} grpo__answer;

typedef struct grpo__rollout {
	grpo__arena *arena;
	int64_t n_prompts, n_rows; /* B, N */
	int64_t n_each;            /* G, of a batch that is sampled */
	int64_t n_groups;
	int64_t *group;     /* [n_groups + 1] rows of group g: group[g] … */
	int64_t *prompt_of; /* [N] ascending within a group */
	int64_t *group_of;  /* [N] ascending */
	int32_t n_rewards;  /* K */
	grpo__prompt *prompts; /* [B] */
	grpo__answer *answers; /* [N] */
	double *rewards;       /* [N, K] NaN where missing */
	uint8_t *status;       /* [N, K] */
	double *total;         /* [N] NaN: no reward at all */
	double *judged;        /* [N] total, less the KL where it is
				  part of the reward */
	double *advantage;     /* [N] */
	double *group_std;     /* [n_groups] of judged */
	int64_t n_tokens;      /* of all answers */
	double kl;             /* mean over tokens, with kl_in_reward */
	double kl_tokens;      /* how many */
	double sampling_s, rewards_s, kl_s;
} grpo__rollout;

int grpo__rollout_create(grpo__rollout **out);
void grpo__rollout_free(grpo__rollout *r);

/** Forgets the last batch and makes room for one of B prompts, G each. */
int grpo__rollout_begin(grpo__rollout *r, int64_t n_prompts, int64_t n_each,
			int32_t n_rewards);
/** The same for rows that come from elsewhere.  group, group_of and prompt_of
 *  are to be filled. */
int grpo__rollout_begin_given(grpo__rollout *r, int64_t n_prompts,
			      int64_t n_groups, int64_t n_rows,
			      int32_t n_rewards);

/** judged -> advantage and group_std, as the settings have them. */
int grpo__rollout_advantages(grpo__rollout *r, const grpo_trainer_config *c);

/** Of the rows of all ranks, those that are r's, from row `first` on. */
void grpo__rollout_take_advantages(grpo__rollout *r, const grpo__rollout *all,
				   int64_t first);

/** "stop", "length" or "abort". */
const char *grpo__rollout_finish_name(int32_t finish);

/** What a callback sees of row i. */
grpo_scored grpo__rollout_scored(const grpo__rollout *r, int64_t i,
				 int64_t step);

/** Rows of which reward k has the status of this name
 *  (grpo_reward_status_name). */
int64_t grpo__rollout_count(const grpo__rollout *r, int32_t k,
			    const char *status);

/** Bytes of the arena's own, NUL added. */
char *grpo__arena_copy(grpo__arena *a, const void *p, size_t n);

#endif
