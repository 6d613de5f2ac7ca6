/* SPDX-License-Identifier: MIT */
#define _POSIX_C_SOURCE 200809L

#include "stop.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>

#include "examples/fault.h"
#include "examples/screen.h"

static grpo_trainer *volatile running;
static volatile sig_atomic_t caught; /* the first signal */

static const struct {
	int number;
	int ends_at_once; /* when it comes again */
	const char *name;
} signals[] = {{SIGINT, 1, "SIGINT"},
	       {SIGQUIT, 1, "SIGQUIT"},
	       {SIGTERM, 0, "SIGTERM"},
	       {SIGHUP, 0, "SIGHUP"}};

#define N_SIGNALS (sizeof signals / sizeof *signals)

static void stop_for(int number)
{
	grpo_trainer *t = running;

	if (!caught)
		caught = number;
	if (t)
		grpo_trainer_stop(t);
}

static void on_signal(int number)
{
	size_t i;

	if (!caught)
		screen_interrupt("stopping; what is done so far is saved "
				 "(Ctrl-C ends at once)");
	stop_for(number);
	for (i = 0; i < N_SIGNALS; i++)
		if (signals[i].ends_at_once)
			signal(signals[i].number, SIG_DFL);
}

static void ignore(int number)
{
	(void)number;
}

static void catch_one(int number, void (*handler)(int))
{
	struct sigaction a, before;

	memset(&a, 0, sizeof a);
	a.sa_handler = handler;
	sigemptyset(&a.sa_mask);
	a.sa_flags = SA_RESTART;
	if (sigaction(number, NULL, &before) == 0 &&
	    before.sa_handler != SIG_IGN)
		sigaction(number, &a, NULL);
}

/* A write to a pipe without a reader fails with EPIPE; programs that this one
 * starts have SIGPIPE as it usually is. */
void stop_catch(void)
{
	size_t i;

	for (i = 0; i < N_SIGNALS; i++)
		catch_one(signals[i].number, on_signal);
	catch_one(SIGPIPE, ignore);
}

void stop_trainer(grpo_trainer *t)
{
	running = t;
}

void stop_unseen(void)
{
	if (screen_lost() == EPIPE && !caught)
		stop_for(SIGPIPE);
}

int stop_asked(void)
{
	stop_unseen();
	return caught ? fail(GRPO_ECANCELED, "stopped by %s", stop_name()) : 0;
}

int stop_signal(void)
{
	return caught;
}

const char *stop_name(void)
{
	size_t i;

	for (i = 0; i < N_SIGNALS; i++)
		if (signals[i].number == caught)
			return signals[i].name;
	return "SIGPIPE: nobody reads standard output any more";
}
