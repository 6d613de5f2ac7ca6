/* SPDX-License-Identifier: MIT */
/*
 * score: scores completions in JSON Lines.
 *
 *	score --reward format:0.5 --reward math answers.jsonl > scored.jsonl
 *
 * Two windows of rows alternate: while workers score one, the other is read.
 * This keeps the order, and memory does not grow with the input.
 */
#include <stdio.h>
#include <string.h>

#include "examples/arguments.h"
#include "examples/fault.h"
#include "examples/plugin_guard.h"
#include "examples/program.h"
#include "examples/screen.h"
#include "check.h"
#include "grpo/log.h"
#include "grpo/version.h"
#include "options.h"
#include "output.h"
#include "tally.h"

struct program {
	struct options options;
	grpo_reward_set *set;
	int32_t n_rewards;
	struct input input;
	struct filler filler;
	struct window windows[2];
	struct output output;
	struct tally tally;
};

static int open_rewards(struct program *p)
{
	const struct options *o = &p->options;
	int rc = 0;

	TRY(grpo_reward_set_create(&p->set, (int32_t)o->threads));
	TRY(grpo_reward_set_timeout(p->set, GRPO_REWARD_SET_WARN_S,
				    o->timeout));
	for (int i = 0; i < o->n_rewards; i++) {
		const struct wanted *w = &o->rewards[i];

		TRY(grpo_reward_set_add(p->set, w->name, w->weight, w->params));
	}
	p->n_rewards = grpo_reward_set_count(p->set);
out:
	return rc;
}

static int open_all(struct program *p)
{
	const struct options *o = &p->options;
	int rc = 0;

	guard_output(); /* before a plug-in can write into it */
	guard_plugins(program_name(), window_name_row);
	TRY(open_rewards(p));
	p->input =
	    (struct input){.files = o->files,
			   .n_files = o->n_files,
			   .group = o->group,
			   .strict = o->strict,
			   .references_only = o->check,
			   .whole_groups = !o->check && needs_groups(p->set)};
	p->filler = (struct filler){.in = &p->input,
				    .whole_groups = p->input.whole_groups};
	TRY(tally_create(&p->tally, p->set));
	TRY(grpo_reward_set_measure(p->set, measures_hear, &p->tally.measures));
	rc = output_open(&p->output, o->output);
out:
	return rc;
}

/* Scores one window, and fills the other meanwhile. */
static int turn(struct program *p, struct window *w, struct window *other)
{
	int rc = 0;

	TRY(window_begin(w, p->set, p->options.explain));
	window_fill(other, &p->filler);
	TRY(window_wait(w, p->set));
	for (int64_t i = 0; i < w->n; i++)
		TRY(output_row(&p->output, w, i, p->set));
	tally_add(&p->tally, w);
	tally_progress(&p->tally);
	window_clear(w, p->n_rewards);
out:
	return rc;
}

static int run(struct program *p)
{
	int now = 0, rc = 0;

	TRY(open_all(p));
	if (p->options.check)
		return check_references(p->set, &p->filler);
	window_fill(&p->windows[0], &p->filler);
	for (; p->windows[now].n > 0; now = !now)
		TRY(turn(p, &p->windows[now], &p->windows[!now]));
	TRY(p->filler.fault);
	TRY(output_close(&p->output, 1));
	tally_summary(&p->tally, p->input.skipped);
out:
	return rc;
}

static void dispose(struct program *p)
{
	output_close(&p->output, 0);
	grpo_reward_set_free(p->set); /* first: it may still be scoring */
	for (int i = 0; i < 2; i++)
		window_dispose(&p->windows[i], p->n_rewards);
	if (p->filler.has_ahead)
		item_dispose(&p->filler.ahead);
	input_dispose(&p->input);
	tally_dispose(&p->tally);
	options_dispose(&p->options);
}

int main(int argc, char **argv)
{
	static struct program program, *p = &program;
	int rc, skipped;

	program_called(argv);
	screen_to(stderr);
	rc = options_read(&p->options, argc, argv);
	grpo_log_set(screen_log, NULL, p->options.log_level);
	if (rc < 0) {
		screen_say("%s: %s", program_name(), fault());
		options_dispose(&p->options);
		return EXIT_USAGE;
	}
	if (p->options.help)
		options_help();
	else if (p->options.version)
		printf("%s (libgrpo) %s\n", program_name(), grpo_version());
	else
		rc = run(p);
	if (rc < 0)
		screen_say("%s: %s", program_name(), fault());
	skipped = p->input.skipped > 0;
	dispose(p);
	return rc < 0 || skipped;
}
