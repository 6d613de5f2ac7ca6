/* SPDX-License-Identifier: MIT */
#define _XOPEN_SOURCE 700

#include "examples/plugin_guard.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "grpo/reward_set.h"

static const int crashes[] = {SIGSEGV, SIGBUS,  SIGFPE, SIGILL,
			      SIGABRT, SIGTRAP, SIGSYS};
#define N_CRASHES (sizeof crashes / sizeof *crashes)

static struct {
	const char *program;
	guard_row_fn name_row;
	struct sigaction before[N_CRASHES];
	int is_set;
} guard;

const char *guard_signal_name(int signal, char out[32])
{
	static const struct {
		int number;
		const char *name;
	} names[] = {
	    {SIGSEGV, "SIGSEGV"}, {SIGABRT, "SIGABRT"}, {SIGBUS, "SIGBUS"},
	    {SIGILL, "SIGILL"},   {SIGFPE, "SIGFPE"},   {SIGTRAP, "SIGTRAP"},
	    {SIGKILL, "SIGKILL"}, {SIGTERM, "SIGTERM"}, {SIGPIPE, "SIGPIPE"},
	    {SIGALRM, "SIGALRM"}, {SIGSYS, "SIGSYS"}};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (names[i].number == signal)
			return names[i].name;
	snprintf(out, 32, "signal %d", signal);
	return out;
}

/* ", row 12 and 15 more" behind "scoring" */
static void add_rows(char *text, size_t size, const grpo_reward_call *call)
{
	size_t n = strlen(text);
	char row[512];

	if (!call->n_rows)
		return;
	if (!guard.name_row || !guard.name_row(row, sizeof row, call->row))
		snprintf(row, sizeof row, "row %lld of the batch",
			 (long long)call->row);
	n += (size_t)snprintf(text + n, size - n, " %s", row);
	if (call->n_rows > 1 && n < size)
		snprintf(text + n, size - n, " or one of %lld more",
			 (long long)call->n_rows - 1);
}

/* One line, by write() alone.  snprintf of plain text and whole numbers
 * allocates nothing in the C libraries that we know. */
static void tell(const grpo_reward_call *call, const char *what)
{
	char text[2048];
	size_t n;

	snprintf(text, sizeof text, "%s%s: reward \"%s\" %s while %s",
		 isatty(STDERR_FILENO) ? "\n" : "", guard.program, call->reward,
		 what, call->doing);
	add_rows(text, sizeof text, call);
	n = strlen(text);
	if (n > sizeof text - 2)
		n = sizeof text - 2;
	text[n++] = '\n';
	if (write(STDERR_FILENO, text, n) < 0)
		return; /* nobody to tell */
}

/* What would have happened without this handler happens next: a fault is
 * made again as soon as it returns, a signal that was sent is sent again. */
static void on_crash(int signal, siginfo_t *info, void *context)
{
	grpo_reward_call call = {.struct_size = sizeof call};
	char what[64], buffer[32];

	(void)context;
	for (size_t i = 0; i < N_CRASHES; i++)
		if (crashes[i] == signal)
			sigaction(signal, &guard.before[i], NULL);
	if (grpo_reward_current(&call)) {
		snprintf(what, sizeof what, "crashed with %s",
			 guard_signal_name(signal, buffer));
		tell(&call, what);
	}
	if (info->si_code <= 0)
		raise(signal);
}

static void on_exit_call(void)
{
	grpo_reward_call call = {.struct_size = sizeof call};

	if (!grpo_reward_current(&call))
		return;
	tell(&call, "ended the program by calling exit()");
	_exit(EXIT_FAILURE);
}

void guard_crashes(const char *program, guard_row_fn name_row)
{
	struct sigaction action = {.sa_sigaction = on_crash,
				   .sa_flags = SA_SIGINFO | SA_ONSTACK};

	guard.program = program;
	guard.name_row = name_row;
	if (guard.is_set)
		return;
	guard.is_set = 1;
	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < N_CRASHES; i++)
		sigaction(crashes[i], &action, &guard.before[i]);
}

void guard_plugins(const char *program, guard_row_fn name_row)
{
	guard_crashes(program, name_row);
	if (atexit(on_exit_call) != 0 || at_quick_exit(on_exit_call) != 0)
		return; /* no room: such an exit then ends it silently */
}

FILE *guard_output(void)
{
	static FILE *own;
	int fd;

	if (own)
		return own;
	fflush(stdout);
	fd = fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3);
	own = fd < 0 ? NULL : fdopen(fd, "w");
	if (!own || dup2(STDERR_FILENO, STDOUT_FILENO) < 0)
		return own = stdout;
	return own;
}
