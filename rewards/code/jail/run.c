/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "slot.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include "group.h"
#include "pump.h"

#define GRACE_US 100000                  /* for a keeper to kill its program */
#define GLANCE_MS 50                     /* at a group's processor time */
#define KEEPER_BYTES ((int64_t)64 << 20) /* T2: what the keeper may need */
#define STACK_MOST ((int64_t)128 << 20)
#define TASKS_MOST 64     /* of a slot's own uid or namespace */
#define TASKS_SHARED 4096 /* of a uid that is the trainer's too */

/* One run. */
struct run {
	struct jail *jail;
	struct jail_slot *slot;
	const struct jail_run *what;
	struct jail_end *end;
	struct pump pump;
	struct keeper_report report;
	int is_stopped; /* a kill was sent: `how` says why */
	enum jail_how how;
	int is_ended; /* the report is there */
	int is_gone;  /* the keeper is not */
	int is_out_of_memory;
	int kept;
	int64_t group_cpu_us, group_kills; /* T2: before the run */
};

/* ---- the job ------------------------------------------------------------- */

/* A sealed copy in memory. */
static int copy_exe(int exe)
{
	struct stat st;
	void *text;
	int fd;

	if (fstat(exe, &st) < 0 || st.st_size <= 0)
		return -1;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, exe, 0);
	if (text == MAP_FAILED)
		return -1;
	fd = pump_file("program", (struct code_view){text, (size_t)st.st_size},
		       (struct code_view){NULL, 0});
	munmap(text, (size_t)st.st_size);
	return fd;
}

/* A file that others could change, or that the slot may not start, is copied.
 */
static int exe_payload(int exe)
{
	int seals = fcntl(exe, F_GET_SEALS);

	if (seals >= 0 && (seals & F_SEAL_WRITE))
		return fcntl(exe, F_DUPFD_CLOEXEC, 0);
	return copy_exe(exe);
}

static int add_text(struct code_bytes *b, const char *text)
{
	return code_bytes_add(b, text, strlen(text) + 1);
}

/* As tool.c reads it. */
static int tool_payload(const struct jail_run *what, struct keeper_job *job)
{
	struct code_bytes b = {0};
	int err = 0, fd = -1;
	size_t i;

	while (what->argv[job->source_len])
		err |= add_text(&b, what->argv[job->source_len++]);
	err |= add_text(&b, what->keep ? what->keep : "");
	for (i = 0; i < what->n_files; i++) {
		const struct jail_file *f = &what->files[i];
		uint64_t len = f->data.len;

		err |= add_text(&b, f->name);
		err |= code_bytes_add(&b, &len, sizeof(len));
		err |= code_bytes_add(&b, f->data.ptr, f->data.len);
	}
	job->call_len = (uint32_t)what->n_files;
	if (!err)
		fd = pump_file("tool", code_view_of(&b), (struct code_view){0});
	code_bytes_free(&b);
	return fd;
}

static int make_payload(const struct jail_run *what, struct keeper_job *job)
{
	if (what->kind == JAIL_NATIVE)
		return exe_payload(what->exe);
	if (what->kind == JAIL_TOOL)
		return tool_payload(what, job);
	job->source_len = (uint32_t)what->source.len;
	job->call_len = (uint32_t)what->call.len;
	return pump_file("source", what->source, what->call);
}

static int64_t tasks_of(enum jail_tier tier)
{
	return tier == JAIL_T0 ? TASKS_SHARED : TASKS_MOST;
}

static struct keeper_job job_of(const struct jail *j, const struct jail_run *w)
{
	const struct jail_limits *l = &w->limits;
	int64_t stack = l->memory_bytes / 4;

	return (struct keeper_job){
	    .cpu_us = l->cpu_ms * 1000,
	    .memory_bytes = l->memory_bytes,
	    .stack_bytes = stack < STACK_MOST ? stack : STACK_MOST,
	    .file_bytes = w->kind == JAIL_TOOL ? l->file_bytes : 16 << 20,
	    .n_tasks = tasks_of(j->tier),
	    .may_fork = w->kind == JAIL_TOOL || j->tier >= JAIL_T2,
	    .may_exec = w->kind == JAIL_TOOL     ? KEEPER_EXEC_ANY
			: w->kind == JAIL_NATIVE ? KEEPER_EXEC_PAYLOAD
						 : KEEPER_EXEC_NONE,
	    .may_signal = j->tier >= JAIL_T2};
}

static int send_order(const struct run *r, struct keeper_order *order,
		      const int *fds)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int) * KEEPER_N_FDS)];
	} space = {0};
	struct iovec part = {order, sizeof(*order)};
	struct msghdr m = {.msg_iov = &part, .msg_iovlen = 1};

	if (fds) {
		m.msg_control = space.bytes;
		m.msg_controllen = sizeof(space.bytes);
		space.head.cmsg_level = SOL_SOCKET;
		space.head.cmsg_type = SCM_RIGHTS;
		space.head.cmsg_len = CMSG_LEN(sizeof(int) * KEEPER_N_FDS);
		memcpy(CMSG_DATA(&space.head), fds, sizeof(int) * KEEPER_N_FDS);
	}
	return sendmsg(r->slot->control, &m, MSG_NOSIGNAL) < 0 ? -1 : 0;
}

static int send_job(struct run *r)
{
	struct keeper_order order = {.what = KEEPER_RUN,
				     .job = job_of(r->jail, r->what)};
	int fds[KEEPER_N_FDS], payload, err;

	payload = make_payload(r->what, &order.job);
	if (payload < 0)
		return jail_fail(r->jail, "can't pass the program on: %s",
				 strerror(errno));
	memcpy(fds, r->pump.theirs, sizeof(r->pump.theirs));
	fds[KEEPER_PAYLOAD] = payload;
	err = send_order(r, &order, fds);
	close(payload);
	pump_close_theirs(&r->pump);
	return err < 0 ? jail_fail(r->jail, "the slot is gone") : 0;
}

/* ---- waiting ------------------------------------------------------------- */

static void stop(struct run *r, enum jail_how how)
{
	struct keeper_order order = {.what = KEEPER_KILL};

	if (r->is_stopped)
		return;
	r->is_stopped = 1;
	r->how = how;
	(void)send_order(r, &order, NULL);
}

/* The keeper's word, with the file that is kept. */
static void read_report(struct run *r)
{
	union {
		struct cmsghdr head;
		char bytes[CMSG_SPACE(sizeof(int))];
	} space;
	struct iovec part = {&r->report, sizeof(r->report)};
	struct msghdr m = {.msg_iov = &part,
			   .msg_iovlen = 1,
			   .msg_control = space.bytes,
			   .msg_controllen = sizeof(space.bytes)};
	struct cmsghdr *c;

	if (recvmsg(r->slot->control, &m, MSG_CMSG_CLOEXEC | MSG_DONTWAIT) !=
	    (ssize_t)sizeof(r->report)) {
		r->is_gone = 1;
		return;
	}
	c = CMSG_FIRSTHDR(&m);
	if (c && c->cmsg_type == SCM_RIGHTS &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&r->kept, CMSG_DATA(c), sizeof(int));
	r->report.text[sizeof(r->report.text) - 1] = '\0';
	r->is_ended = 1;
}

static int left_ms(int64_t deadline)
{
	int64_t ms = (deadline - pump_now_us() + 999) / 1000;

	return ms < 0 ? 0 : ms > 1000000 ? 1000000 : (int)ms;
}

/* T2: the processor time of all processes together. */
static int is_over_cpu(const struct run *r)
{
	return r->slot->group >= 0 &&
	       jail_group_cpu_us(r->slot) - r->group_cpu_us >
		   r->what->limits.cpu_ms * 1000;
}

static int patience_ms(const struct run *r, int64_t deadline)
{
	int ms = left_ms(deadline);

	return r->slot->group >= 0 && ms > GLANCE_MS ? GLANCE_MS : ms;
}

/* Until the program has ended, or the keeper is gone or does not obey. */
static void wait_for_end(struct run *r, int64_t start)
{
	int64_t stop_at = 0;

	while (!r->is_ended && !r->is_gone) {
		int64_t deadline = r->is_stopped
				       ? stop_at
				       : start + r->pump.answering_us +
					     r->what->limits.wall_ms * 1000;
		int ready = pump_turn(&r->pump, r->slot->control,
				      patience_ms(r, deadline));
		int was_stopped = r->is_stopped;

		if (ready)
			read_report(r);
		else if (r->pump.is_flood || r->pump.is_over)
			stop(r, r->pump.is_flood ? JAIL_FLOOD : JAIL_KILLED);
		else if (left_ms(deadline) == 0 && was_stopped)
			r->is_gone = 1;
		else if (is_over_cpu(r))
			stop(r, JAIL_CPU);
		else if (left_ms(deadline) == 0)
			stop(r, JAIL_WALL);
		if (r->is_stopped && !was_stopped)
			stop_at = pump_now_us() + GRACE_US;
	}
}

/* ---- the end ------------------------------------------------------------- */

static int copy_kept(struct run *r)
{
	struct stat st;

	if (r->kept < 0)
		return -1;
	if (fstat(r->kept, &st) < 0 || !S_ISREG(st.st_mode) ||
	    st.st_size > r->what->limits.file_bytes)
		return -1;
	return copy_exe(r->kept);
}

static void say_how(struct run *r)
{
	const struct keeper_report *k = &r->report;
	struct jail_end *end = r->end;

	end->how = WIFEXITED(k->status) ? JAIL_EXITED : JAIL_KILLED;
	end->status =
	    WIFEXITED(k->status) ? WEXITSTATUS(k->status) : WTERMSIG(k->status);
	/* The keeper was gone before it could say. */
	if (!r->is_ended) {
		end->how = JAIL_KILLED;
		end->status = SIGKILL;
	}
	if (r->pump.is_flood)
		end->how = JAIL_FLOOD;
	else if (k->over_cpu || k->cpu_us > r->what->limits.cpu_ms * 1000)
		end->how = JAIL_CPU;
	else if (r->is_stopped && r->how != JAIL_KILLED)
		end->how = r->how;
}

static void give_end(struct run *r, int64_t start)
{
	struct jail_end *end = r->end;

	pump_drain(&r->pump);
	end->is_out_of_memory = r->is_out_of_memory;
	end->cpu_us = r->report.cpu_us;
	end->peak_bytes = r->report.peak_bytes;
	end->wall_us = pump_now_us() - start;
	end->output = r->pump.got[PUMP_OUTPUT];
	end->error = r->pump.got[PUMP_ERROR];
	end->result = r->pump.got[PUMP_RESULT];
	memset(r->pump.got, 0, sizeof(r->pump.got));
	end->kept = copy_kept(r);
	say_how(r);
}

/* Whether the slot is as it was; else why the sandbox failed, or NULL where the
 * program alone is to blame. */
static int is_clean(const struct run *r)
{
	return r->is_ended && r->report.what == KEEPER_ENDED &&
	       !r->report.littered && r->what->kind != JAIL_TOOL;
}

static int finish(struct run *r, int64_t start)
{
	int err = 0;

	r->is_out_of_memory =
	    r->slot->group >= 0 && jail_group_kills(r->slot) > r->group_kills;

	if (!is_clean(r))
		jail_slot_close(r->jail, r->slot);
	if (r->is_ended && r->report.what == KEEPER_FAILED)
		err = jail_fail(r->jail, "%s", r->report.text);
	else if (!r->is_ended && !r->is_stopped)
		err = jail_fail(r->jail, "the slot ended under its program");
	else
		give_end(r, start);
	return err;
}

static void close_run(struct run *r)
{
	int i;

	pump_close(&r->pump);
	for (i = 0; i < PUMP_N; i++)
		code_bytes_free(&r->pump.got[i]);
	if (r->kept >= 0)
		close(r->kept);
}

/* T2: what the group is to count, and hold. */
static int begin_group(struct run *r)
{
	int64_t most = r->what->limits.memory_bytes + KEEPER_BYTES;

	if (r->slot->group < 0)
		return 0;
	r->group_cpu_us = jail_group_cpu_us(r->slot);
	r->group_kills = jail_group_kills(r->slot);
	if (r->slot->memory_limit == most)
		return 0;
	r->slot->memory_limit = most;
	return jail_group_limit(r->slot, most);
}

static int run_in_slot(struct run *r)
{
	int64_t start;
	int err;

	if (pump_open(&r->pump, r->what, r->jail->null_fd) < 0)
		return jail_fail(r->jail, "pipes: %s", strerror(errno));
	start = pump_now_us();
	err = begin_group(r) < 0
		  ? jail_fail(r->jail, "memory.max: %s", strerror(errno))
		  : send_job(r);
	if (err) {
		jail_slot_close(r->jail, r->slot);
	} else {
		wait_for_end(r, start);
		err = finish(r, start);
	}
	close_run(r);
	return err;
}

/* A keeper that speaks out of turn or has gone is replaced. */
static int is_quiet(const struct jail_slot *s)
{
	char byte;

	return recv(s->control, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 &&
	       errno == EAGAIN;
}

static int prepare(struct jail *j, const struct jail_run *what,
		   struct jail_slot *s)
{
	if (what->kind == JAIL_PYTHON && !j->config.python)
		return jail_fail(j, "no Python to run");
	if (what->source.len > UINT32_MAX / 2 ||
	    what->call.len > UINT32_MAX / 2)
		return jail_fail(j, "the program is too long");
	if (s->busy)
		return jail_fail(j, "a program of this kind is running");
	if (s->pid > 0 && is_quiet(s))
		return 0;
	jail_slot_close(j, s);
	return jail_slot_open(j, s, j->tier, what->kind);
}

int jail_run_program(struct jail *j, const struct jail_run *what,
		     struct jail_end *end)
{
	struct jail_slot *s = &j->slots[what->kind];
	struct run r = {
	    .jail = j, .slot = s, .what = what, .end = end, .kept = -1};
	int err;

	*end = (struct jail_end){.kept = -1};
	j->error[0] = '\0';
	if (prepare(j, what, s) < 0)
		return -1;
	s->busy = 1;
	err = run_in_slot(&r);
	s->busy = 0;
	return err;
}

void jail_end_free(struct jail_end *end)
{
	code_bytes_free(&end->output);
	code_bytes_free(&end->error);
	code_bytes_free(&end->result);
	if (end->kept > 0)
		close(end->kept);
	*end = (struct jail_end){.kept = -1};
}
