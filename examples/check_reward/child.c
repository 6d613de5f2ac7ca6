/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE /* pipe2 */

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "examples/clock.h"
#include "examples/fault.h"
#include "report.h"

#define LINE_BYTES 4096
#define NAP_MS 5

/* One end of a pipe, read line by line. */
struct reader {
	int fd; /* -1: at its end */
	char line[LINE_BYTES];
	size_t len;
};

struct watch {
	const struct job *job;
	struct outcome *out;
	struct reader report; /* what the child says */
	struct reader chat;   /* what the plug-in prints */
	char phase[256];      /* what it does now */
	char last[256];       /* the last line of chat */
	int is_done;
};

/* ------------------------------------------------------------- its lines */

static void show(const struct watch *w, int ok, const char *text)
{
	size_t n = strlen(w->job->path);

	if (strncmp(text, w->job->path, n) == 0 && text[n] == ':')
		text += n + 1 + strspn(text + n + 1, " "); /* said once */
	printf("%-4s %s: %s\n", ok ? "ok" : "FAIL", w->job->shown, text);
	fflush(stdout);
	w->out->passed += ok;
	w->out->failed += !ok;
}

static void take_report(struct watch *w, const char *line)
{
	if (line[0] == '@')
		snprintf(w->phase, sizeof w->phase, "%.255s", line + 1);
	else if (line[0] == '.')
		w->is_done = 1;
	else if (line[0] == '+' || line[0] == '-')
		show(w, line[0] == '+', line + 1);
}

static void take_chat(struct watch *w, const char *line)
{
	if (line[strspn(line, " \t\r")])
		snprintf(w->last, sizeof w->last, "%.200s", line);
}

/* Uses the lines that are whole; a longer one than fits is cut. */
static void take_lines(struct watch *w, struct reader *r)
{
	char *p = r->line, *end;

	r->line[r->len] = '\0';
	while ((end = strchr(p, '\n')) || r->len == LINE_BYTES - 1) {
		if (end)
			*end = '\0';
		if (r == &w->report)
			take_report(w, p);
		else
			take_chat(w, p);
		p = end ? end + 1 : r->line + r->len;
		r->len = strlen(p);
	}
	memmove(r->line, p, r->len + 1);
}

/* Reads what is there; 0 bytes are the end. */
static void drain(struct watch *w, struct reader *r)
{
	ssize_t n;

	while (r->fd >= 0) {
		n = read(r->fd, r->line + r->len, LINE_BYTES - 1 - r->len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n <= 0) {
			close(r->fd);
			r->fd = -1;
			return;
		}
		for (ssize_t i = 0; i < n; i++) /* no text ends at a NUL */
			if (!r->line[r->len + (size_t)i])
				r->line[r->len + (size_t)i] = ' ';
		r->len += (size_t)n;
		take_lines(w, r);
	}
}

/* ------------------------------------------------------------- its death */

static const char *signal_name(int signal, char buffer[32])
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
	snprintf(buffer, 32, "signal %d", signal);
	return buffer;
}

/* One line for a process that did not end as it should. */
static void show_death(struct watch *w, int status, int late)
{
	char text[1024], said[300] = "", buffer[32];

	if (w->last[0])
		snprintf(said, sizeof said, "; it said: %s", w->last);
	if (late)
		snprintf(text, sizeof text, "still %s after %g s (--timeout)%s",
			 w->phase, w->job->timeout, said);
	else if (WIFSIGNALED(status))
		snprintf(text, sizeof text, "crashed with %s while %s%s",
			 signal_name(WTERMSIG(status), buffer), w->phase, said);
	else
		snprintf(text, sizeof text,
			 "ended the process with exit status %d while %s%s",
			 WEXITSTATUS(status), w->phase, said);
	show(w, 0, text);
	w->out->died = 1;
}

/* Waits until the process is gone; returns whether it had to be killed. */
static int wait_for(struct watch *w, pid_t pid, int *status)
{
	double began = now();
	int late = 0;

	while (waitpid(pid, status, WNOHANG) == 0) {
		struct pollfd fds[2] = {{w->report.fd, POLLIN, 0},
					{w->chat.fd, POLLIN, 0}};

		poll(fds, 2, NAP_MS);
		drain(w, &w->report);
		drain(w, &w->chat);
		if (!late && now() - began > w->job->timeout) {
			late = 1;
			kill(pid, SIGKILL);
		}
	}
	drain(w, &w->report);
	drain(w, &w->chat);
	return late;
}

/* ------------------------------------------------------------- its birth */

static int start(pid_t *pid, const struct job *job, const char *stage,
		 int report, int chat)
{
	char timeout[32];
	char *argv[] = {"check_reward",
			STAGE_MARK,
			(char *)stage,
			(char *)job->path,
			(char *)job->params,
			(char *)job->cases,
			timeout,
			NULL};
	posix_spawn_file_actions_t files;
	int e;

	snprintf(timeout, sizeof timeout, "%g", job->timeout);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, chat, 1);
	posix_spawn_file_actions_adddup2(&files, chat, 2);
	posix_spawn_file_actions_adddup2(&files, report, REPORT_FD);
	e = posix_spawn(pid, "/proc/self/exe", &files, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&files);
	if (e)
		return fail(GRPO_EIO, "cannot start a process: %s",
			    strerror(e));
	return 0;
}

/* Both ends closed on exec, and above REPORT_FD: a dup2 onto itself would
 * keep that flag. */
static int open_pipe(int ends[2])
{
	int raw[2];

	if (pipe2(raw, O_CLOEXEC) < 0)
		return fail_errno("pipe");
	for (int i = 0; i < 2; i++) {
		ends[i] = fcntl(raw[i], F_DUPFD_CLOEXEC, REPORT_FD + 1);
		close(raw[i]);
		if (ends[i] < 0)
			return fail_errno("pipe");
	}
	return fcntl(ends[0], F_SETFL, O_NONBLOCK) < 0 ? fail_errno("pipe") : 0;
}

int child_run(const struct job *job, const char *stage, struct outcome *out)
{
	struct watch w = {.job = job, .out = out, .phase = "starting"};
	int report[2], chat[2], status, late, rc = 0;
	pid_t pid;

	TRY(open_pipe(report));
	TRY(open_pipe(chat));
	rc = start(&pid, job, stage, report[1], chat[1]);
	close(report[1]);
	close(chat[1]);
	w.report.fd = report[0];
	w.chat.fd = chat[0];
	if (rc == 0) {
		late = wait_for(&w, pid, &status);
		if (late || !w.is_done || status != 0)
			show_death(&w, status, late);
	}
	if (w.report.fd >= 0)
		close(w.report.fd);
	if (w.chat.fd >= 0)
		close(w.chat.fd);
out:
	return rc;
}
