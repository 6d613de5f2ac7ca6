/* SPDX-License-Identifier: MIT */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/program.h"
#include "examples/screen.h"

int plan_show(const struct lab *l)
{
	const grpo_trainer_config *c = &l->recipe->trainer;
	grpo_sizes s = {.struct_size = sizeof s};
	char unseen[128];
	int rc = 0;

	TRY(grpo_trainer_sizes(l->trainer, &s));
	unseen[0] = '\0';
	if (s.rows_unseen > 0)
		snprintf(unseen, sizeof unseen,
			 " (%" PRId64 " of them are never reached)",
			 s.rows_unseen);
	if (s.rows_dropped > 0)
		snprintf(unseen + strlen(unseen),
			 sizeof unseen - strlen(unseen),
			 " (%" PRId64 " more are left out, as too long)",
			 s.rows_dropped);
	screen_paragraph("data: %" PRId64 " rows to train on%s, %" PRId64
			 " held out; an epoch is %.4g batches of %" PRId64
			 " prompts",
			 s.rows, unseen, s.held_out_rows, s.batches_per_epoch,
			 c->prompts_per_step);
	screen_paragraph(
	    "run: %" PRId64 " steps, %.*f epochs; a step samples %" PRId64
	    " completions, %" PRId64 " for each prompt, of at most %" PRId64
	    " tokens: %" PRId64 " tokens a step, %" PRId64 " in all",
	    s.steps, s.epochs < 10 ? 2 : 0, s.epochs, s.completions_per_step,
	    c->num_generations, c->max_completion_length, s.tokens_per_step,
	    s.tokens_per_step * s.batches);
out:
	return rc;
}

/* Whether a shell leaves it as it is between double quotes. */
static int is_plain(const char *text)
{
	const char *p;

	for (p = text; *p; p++)
		if ((unsigned char)*p < ' ' || strchr("\"\\$`!", *p))
			return 0;
	return strlen(text) < 60;
}

/* A held-out question, where it is short enough to be typed. */
static void example(char out[64], const struct lab *l)
{
	grpo_row row;

	snprintf(out, 64, "your question");
	if (grpo_dataset_read(l->held_out, &row, 0) < 0)
		return;
	if (row.prompt && row.prompt[0] && is_plain(row.prompt))
		snprintf(out, 64, "%s", row.prompt);
	grpo_row_dispose(&row);
}

void plan_talk(const struct lab *l, const char *folder)
{
	const struct recipe *r = l->recipe;
	const char *quote = strchr(folder, ' ') ? "\"" : "";
	char question[64];

	example(question, l);
	screen_say("  talk to it: %s --model %s%s/model%s%s%s%s%s \"%s\"",
		   program_sibling("generate"), quote, folder, quote,
		   strcmp(r->dtype, "float32") == 0 ? "" : " --dtype ",
		   strcmp(r->dtype, "float32") == 0 ? "" : r->dtype,
		   strcmp(r->device, "cpu") == 0 ? "" : " --device ",
		   strcmp(r->device, "cpu") == 0 ? "" : r->device, question);
}
