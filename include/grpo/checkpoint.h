/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CHECKPOINT_H
#define GRPO_CHECKPOINT_H

#include "grpo/export.h"
#include "grpo/trainer.h"

/*
 * Checkpoints: to end a run here and to go on another day, bit for bit.
 *
 *	grpo_trainer_create(&trainer, &config, &parts, NULL);
 *	rc = grpo_trainer_resume(trainer, NULL);   // the newest, if any
 *	if (rc == 0 || rc == GRPO_ENOTFOUND)
 *		rc = grpo_trainer_run(trainer);    // saves every save_steps
 *
 * A run writes into its folder:
 *
 *	output_dir/
 *	  metrics.jsonl   one object a batch, and one an evaluation
 *	  samples.jsonl   some completions of each batch, with their rewards
 *	  checkpoints/step-000020/
 *	    state.json    step, totals, what the numbers depend on
 *	    learner/      whatever the learner's save_state wrote
 *	    manifest.json bytes and XXH64 of each of these files
 *
 * A checkpoint is written under another name, synced, then renamed, so that
 * whatever is called step-… is whole.  Older ones go only after that, as
 * save_total_limit says; one that can't be removed is warned of.
 *
 * A run goes on only with what it was trained on, held by its contents and not
 * by its names: every row of the dataset in order (after the column map), the
 * template, the tokenizer with its stops, each reward's weight, parameters and
 * the bytes of its file, the settings and parts.identity.  The same bytes may
 * be elsewhere.  What trains nothing may differ: held_out, paths, output_dir,
 * threads, logs, evaluations.  tokens_per_micro_batch and the library's version
 * may differ too, with a warning, since the last digits may then differ.
 *
 * With eval_steps and save_steps, the checkpoint of the best evaluation is
 * kept beside the newest ones: it is saved as soon as it is the best, and goes
 * when another one is better.  metric_for_best_model says what counts.
 */
/** The best of the evaluations that a run made every eval_steps. */
typedef struct grpo_best {
	size_t struct_size; /* sizeof(grpo_best) */
	int64_t step;       /* optimizer steps done */
	double value;       /* of the metric */
	const char *metric; /* metric_for_best_model, resolved */
	const char *folder; /* its checkpoint; NULL: it was not saved */
} grpo_best;

GRPO_BEGIN_DECLS

/**
 * Saves one now.  Returns GRPO_EINVAL without output_dir, GRPO_EIO, or the
 * learner's code; the earlier checkpoints are then as they were.
 *
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_save(grpo_trainer *t);

/**
 * Goes on from a checkpoint as if the run had never stopped; metrics.jsonl
 * and samples.jsonl are cut to where it was saved.
 *
 * folder  in   a checkpoint, or NULL for the newest of output_dir
 *
 * Returns 0; GRPO_ENOTFOUND where there is none; GRPO_EINVAL where something
 * that changes the numbers differs, or after a step:
 *	runs/a/checkpoints/step-000020: "dataset.xxh64" was "44bc2cf5ad770999"
 *	and is now "d24ec4f1a98c6e5b": it changes the numbers of the run; …
 * GRPO_EFORMAT or GRPO_EIO for a damaged checkpoint, before anything is loaded;
 * the line names the file, and with folder NULL an older checkpoint that is
 * whole:
 *	…/step-000020/learner/learner.safetensors is damaged: its XXH64 is …; to
 *	go on from …/step-000010, which is whole, move the damaged one away
 * Threads: as grpo_trainer_step.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_trainer_resume(grpo_trainer *t, const char *folder);

/**
 * The best evaluation so far, resumed or not; its strings are borrowed until
 * the next step, save or resume.
 *
 * Returns 0, GRPO_ENOTFOUND where there was none, or GRPO_EINVAL for a
 * struct_size that no version has.
 * Threads: as grpo_trainer_step.  Allocates: no.  Since 0.1.
 */
GRPO_API int grpo_trainer_best(const grpo_trainer *t, grpo_best *out);

GRPO_END_DECLS

#endif
