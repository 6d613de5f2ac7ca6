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
#include "examples/plugin_guard.h"
#include "examples/program.h"
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
	struct reader report;  /* what the child says */
	struct reader chat[2]; /* what the plug-in prints: stdout, stderr */
	char phase[512];       /* what it does now */
	char first[2][256];    /* the first line of each chat */
	char last[256];        /* the last line of both */
	int is_done;
	double began;     /* of the stage, or of what it does now */
	int line_is_open; /* progress stands on the terminal */
};

/* ------------------------------------------------------------- its lines */

static void show_progress(struct watch *w, const char *text)
{
	w->began = now();
	if (!isatty(STDERR_FILENO))
		return;
	fprintf(stderr, "\r\033[K%s", text);
	w->line_is_open = 1;
}

static void clear_progress(struct watch *w)
{
	if (w->line_is_open)
		fputs("\r\033[K", stderr);
	w->line_is_open = 0;
}

static void show(struct watch *w, char kind, const char *text)
{
	size_t n = strlen(w->job->path);

	if (strncmp(text, w->job->path, n) == 0 && text[n] == ':')
		text += n + 1 + strspn(text + n + 1, " "); /* said once */
	clear_progress(w);
	printf("%-4s %s: %s\n",
	       kind == '+'   ? "ok"
	       : kind == '-' ? "FAIL"
			     : "note",
	       w->job->shown, text);
	fflush(stdout);
	w->out->passed += kind == '+';
	w->out->failed += kind == '-';
}

static void take_report(struct watch *w, const char *line)
{
	if (line[0] == '@')
		snprintf(w->phase, sizeof w->phase, "%.511s", line + 1);
	else if (line[0] == '%')
		show_progress(w, line + 1);
	else if (line[0] == '=')
		clear_progress(w), puts(line + 1);
	else if (line[0] == '.')
		w->is_done = 1;
	else if (line[0] && strchr("+-!", line[0]))
		show(w, line[0], line + 1);
}

static void take_chat(struct watch *w, const struct reader *r, const char *line)
{
	char *first = w->first[r - w->chat];

	if (!line[strspn(line, " \t\r")])
		return;
	snprintf(w->last, sizeof w->last, "%.200s", line);
	if (!first[0])
		snprintf(first, sizeof w->first[0], "%.200s", line);
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
			take_chat(w, r, p);
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
			if (r != &w->report && r->len) {
				r->line[r->len] = '\0';
				take_chat(w, r, r->line);
			}
			return;
		}
		for (ssize_t i = 0; i < n; i++) /* no text ends at a NUL */
			if (!r->line[r->len + (size_t)i])
				r->line[r->len + (size_t)i] = ' ';
		r->len += (size_t)n;
		take_lines(w, r);
	}
}

static void drain_all(struct watch *w)
{
	drain(w, &w->report);
	drain(w, &w->chat[0]);
	drain(w, &w->chat[1]);
}

/* ------------------------------------------------------------- its death */

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
			 guard_signal_name(WTERMSIG(status), buffer), w->phase,
			 said);
	else
		snprintf(text, sizeof text,
			 "ended the process with exit status %d while %s%s",
			 WEXITSTATUS(status), w->phase, said);
	show(w, '-', text);
	w->out->died = 1;
}

/* Once for each of the two, if it came to its end. */
static void show_chat(struct watch *w)
{
	static const char *const names[] = {"output", "error"};
	char text[512];

	for (int i = 0; i < 2; i++) {
		if (!w->first[i][0] || w->out->has_printed[i])
			continue;
		w->out->has_printed[i] = 1;
		snprintf(text, sizeof text,
			 "prints on standard %s: \"%s\"; use host->log or "
			 "batch->explain instead",
			 names[i], w->first[i]);
		show(w, '-', text);
	}
}

/* Waits until the process is gone; returns whether it had to be killed. */
static int wait_for(struct watch *w, pid_t pid, int *status)
{
	int late = 0;

	w->began = now();
	while (waitpid(pid, status, WNOHANG) == 0) {
		struct pollfd fds[3] = {{w->report.fd, POLLIN, 0},
					{w->chat[0].fd, POLLIN, 0},
					{w->chat[1].fd, POLLIN, 0}};

		poll(fds, 3, NAP_MS);
		drain_all(w);
		if (!late && now() - w->began > w->job->timeout) {
			late = 1;
			kill(pid, SIGKILL);
		}
	}
	drain_all(w);
	return late;
}

/* ------------------------------------------------------------- its birth */

static int start(pid_t *pid, const struct job *job, const char *stage,
		 int report, const int chat[2])
{
	char *argv[3 + JOB_ARGUMENTS + 1] = {(char *)program_name(), STAGE_MARK,
					     (char *)stage};
	posix_spawn_file_actions_t files;
	int e;

	job_write(argv + 3, job);
	posix_spawn_file_actions_init(&files);
	posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&files, chat[0], 1);
	posix_spawn_file_actions_adddup2(&files, chat[1], 2);
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

static void close_reader(struct reader *r)
{
	if (r->fd >= 0)
		close(r->fd);
}

int child_run(const struct job *job, const char *stage, struct outcome *out)
{
	struct watch w = {.job = job, .out = out, .phase = "starting"};
	int report[2] = {-1, -1}, chat[2][2] = {{-1, -1}, {-1, -1}};
	int ends[2], status, late, rc = 0;
	pid_t pid;

	TRY(open_pipe(report));
	TRY(open_pipe(chat[0]));
	TRY(open_pipe(chat[1]));
	ends[0] = chat[0][1];
	ends[1] = chat[1][1];
	rc = start(&pid, job, stage, report[1], ends);
	close(report[1]);
	close(ends[0]);
	close(ends[1]);
	w.report.fd = report[0];
	w.chat[0].fd = chat[0][0];
	w.chat[1].fd = chat[1][0];
	if (rc == 0) {
		late = wait_for(&w, pid, &status);
		if (late || !w.is_done || status != 0)
			show_death(&w, status, late);
		else
			show_chat(&w);
	}
	close_reader(&w.report);
	close_reader(&w.chat[0]);
	close_reader(&w.chat[1]);
out:
	return rc;
}
