/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "client.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "crew.h"

#define HELLO_MS 60000 /* for a supervisor to say what it found */
#define GRACE_MS 30000 /* for an answer, past the row's own deadline */
#define MAX_ARGUMENTS 16

struct code_client {
	char *path; /* of the supervisor */
	char *arguments[MAX_ARGUMENTS];
	int n_arguments, n_workers;
	void (*log)(void *ctx, const char *text);
	void *log_ctx;
	uint64_t number; /* of the last request */
	pthread_mutex_t lock;
	pthread_cond_t is_free; /* a worker, or the crew died */
	struct crew *crew;      /* NULL: the next call starts one */
};

int64_t code_client_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void say(const struct code_client *c, const char *text)
{
	if (c->log)
		c->log(c->log_ctx, text);
}

/* ------------------------------------------------------------------- open */

static int processors(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0)
		return CPU_COUNT(&set);
	return 1;
}

static int add_argument(struct code_client *c, const char *name,
			const char *value)
{
	if (!value)
		return 0;
	c->arguments[c->n_arguments] = strdup(name);
	c->arguments[c->n_arguments + 1] = strdup(value);
	if (!c->arguments[c->n_arguments] || !c->arguments[c->n_arguments + 1])
		return -1;
	c->n_arguments += 2;
	return 0;
}

static int set_up(struct code_client *c, const struct code_client_config *o,
		  char *why, size_t size)
{
	int n = o->workers > 0 ? (int)o->workers : processors();
	char workers[16];

	c->n_workers = n < CREW_MAX_WORKERS ? n : CREW_MAX_WORKERS;
	snprintf(workers, sizeof workers, "%d", c->n_workers);
	c->path = crew_find_supervisor(o->supervisor, why, size);
	if (!c->path)
		return -1;
	if (add_argument(c, "--workers", workers) < 0 ||
	    add_argument(c, "--least", o->least_tier) < 0 ||
	    add_argument(c, "--python", o->python) < 0 ||
	    add_argument(c, "--cc", o->cc) < 0 ||
	    add_argument(c, "--cxx", o->cxx) < 0) {
		snprintf(why, size, "out of memory");
		return -1;
	}
	return 0;
}

static void dispose(struct code_client *c)
{
	for (int i = 0; i < MAX_ARGUMENTS; i++)
		free(c->arguments[i]);
	free(c->path);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->is_free);
	free(c);
}

/* ------------------------------------------------------- frames, in time */

/* One frame before the deadline; 0, or -1: the worker is gone or hangs. */
static int receive(int fd, struct code_bytes *in, uint64_t *number,
		   struct code_view *payload, int64_t deadline)
{
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLIN};
		int64_t left = deadline - code_client_now();
		int rc;

		if (left <= 0)
			return -1;
		rc = poll(&p, 1, left < 1000000 ? (int)left : 1000000);
		if (rc > 0)
			return code_frame_receive(fd, in, number, payload) == 1
				   ? 0
				   : -1;
		if (rc < 0 && errno != EINTR)
			return -1;
	}
}

static int receive_hello(int fd, struct code_hello *hello)
{
	struct code_bytes in = {0};
	struct code_view payload;
	uint64_t number;
	int rc =
	    receive(fd, &in, &number, &payload, code_client_now() + HELLO_MS);

	if (rc == 0)
		rc = code_hello_read(hello, payload);
	code_bytes_free(&in);
	return rc;
}

/* --------------------------------------------------------------- the crew */

/* With the lock held: starts one where there is none. */
static int start_crew(struct code_client *c)
{
	if (c->crew)
		return 0;
	c->crew = crew_start(c->path, (const char *const *)c->arguments,
			     c->n_arguments, c->n_workers);
	if (!c->crew)
		return -1;
	c->crew->refs = 1;
	return 0;
}

/* With the lock held; the last one to let go ends it. */
static struct crew *release_crew(struct crew *crew)
{
	return --crew->refs == 0 ? crew : NULL;
}

/* One of its workers is gone, or hangs: none of them is asked again. */
static void bury_crew(struct code_client *c, struct crew *crew)
{
	struct crew *last = NULL;

	pthread_mutex_lock(&c->lock);
	if (!crew->is_dead) {
		crew->is_dead = 1;
		kill(crew->pid, SIGKILL);
		say(c, "the code reward's supervisor has died: its rows in "
		       "flight fail, and a new one is started");
		if (c->crew == crew) {
			c->crew = NULL;
			last = release_crew(crew);
		}
		pthread_cond_broadcast(&c->is_free);
	}
	pthread_mutex_unlock(&c->lock);
	crew_end(last);
}

struct worker {
	struct crew *crew;
	int index;
	size_t row;
	uint64_t number;
	int64_t deadline;
};

/* A free worker of the crew as it is; 0, or -1 where there is none. */
static int find_free(const struct crew *crew, int *index)
{
	for (int i = 0; i < crew->n; i++)
		if (!crew->is_busy[i]) {
			*index = i;
			return 0;
		}
	return -1;
}

/* Takes a worker, waiting for one if asked to: 1, 0 where none is free, or -1
 * where no supervisor can be started. */
static int take_worker(struct code_client *c, struct worker *w, int wait)
{
	int rc = 1;

	pthread_mutex_lock(&c->lock);
	for (;;) {
		if (start_crew(c) < 0) {
			rc = -1;
			break;
		}
		if (find_free(c->crew, &w->index) == 0) {
			w->crew = c->crew;
			w->crew->is_busy[w->index] = 1;
			w->crew->refs++;
			w->number = ++c->number;
			break;
		}
		if (!wait) {
			rc = 0;
			break;
		}
		pthread_cond_wait(&c->is_free, &c->lock);
	}
	pthread_mutex_unlock(&c->lock);
	return rc;
}

static void give_back(struct code_client *c, struct worker *w)
{
	struct crew *last;

	pthread_mutex_lock(&c->lock);
	w->crew->is_busy[w->index] = 0;
	last = release_crew(w->crew);
	pthread_cond_signal(&c->is_free);
	pthread_mutex_unlock(&c->lock);
	crew_end(last);
}

/* ------------------------------------------------------------------ rows */

static void fail_row(struct code_response *r, const char *why)
{
	code_response_free(r);
	*r = (struct code_response){.verdict = CODE_FAILED, .first_failed = -1};
	code_bytes_print(&r->note, "why\t%s\n", why);
}

static int greet(struct worker *w)
{
	struct code_hello hello = {0};

	if (w->crew->is_greeted[w->index])
		return 0;
	if (receive_hello(w->crew->fd[w->index], &hello) < 0 || !hello.tier[0])
		return -1;
	w->crew->is_greeted[w->index] = 1;
	return 0;
}

/* `until`: the end of the batch, or 0. */
static int ask(struct worker *w, const struct code_request *request,
	       int64_t until)
{
	struct code_request r = *request;
	struct code_bytes out = {0};
	int64_t left = until ? until - code_client_now() : INT32_MAX;
	int64_t row_ms = r.deadline_ms > 0 ? r.deadline_ms : INT32_MAX;
	int rc = greet(w);

	row_ms = left < row_ms ? left : row_ms;
	r.deadline_ms = row_ms > 0 ? row_ms : 1;
	if (rc == 0)
		rc = code_request_write(&out, &r, w->number);
	if (rc == 0)
		rc = code_frame_send(w->crew->fd[w->index], &out);
	w->deadline = code_client_now() + row_ms + GRACE_MS;
	code_bytes_free(&out);
	return rc;
}

static int hear(struct worker *w, struct code_response *r)
{
	struct code_bytes in = {0};
	struct code_view payload;
	uint64_t number = 0;
	int rc =
	    receive(w->crew->fd[w->index], &in, &number, &payload, w->deadline);

	if (rc == 0 && number != w->number)
		rc = -1;
	if (rc == 0)
		rc = code_response_read(r, payload);
	code_bytes_free(&in);
	return rc;
}

/* The rows of one call, as they are under way. */
struct call {
	struct code_client *client;
	const struct code_request *requests;
	struct code_response *responses;
	size_t n, next;
	int64_t until;
	struct worker worker[CREW_MAX_WORKERS];
	int n_active;
};

static void lose_worker(struct call *c, struct worker *w)
{
	fail_row(&c->responses[w->row], "the supervisor died");
	bury_crew(c->client, w->crew);
	give_back(c->client, w);
}

/* Hands out rows while workers are free; waits for one if none is at work. */
static void hand_out(struct call *c)
{
	while (c->next < c->n && c->n_active < CREW_MAX_WORKERS) {
		struct worker *w = &c->worker[c->n_active];
		int rc;

		if (c->until && code_client_now() >= c->until) {
			fail_row(&c->responses[c->next++],
				 "the batch's time was over");
			continue;
		}
		rc = take_worker(c->client, w, c->n_active == 0);
		if (rc == 0)
			return;
		if (rc < 0) {
			fail_row(&c->responses[c->next++],
				 "the supervisor cannot be started");
			continue;
		}
		w->row = c->next++;
		if (ask(w, &c->requests[w->row], c->until) < 0)
			lose_worker(c, w);
		else
			c->n_active++;
	}
}

static int wait_for_any(const struct call *c, struct pollfd *p)
{
	int64_t first = INT64_MAX, left;

	for (int i = 0; i < c->n_active; i++) {
		const struct worker *w = &c->worker[i];

		p[i] = (struct pollfd){.fd = w->crew->fd[w->index],
				       .events = POLLIN};
		if (w->deadline < first)
			first = w->deadline;
	}
	left = first - code_client_now();
	left = left < 0 ? 0 : left > 1000000 ? 1000000 : left;
	return poll(p, (nfds_t)c->n_active, (int)left);
}

/* From the last to the first, since one that is done makes way for the last. */
static void take_in(struct call *c, const struct pollfd *p)
{
	for (int i = c->n_active - 1; i >= 0; i--) {
		struct worker *w = &c->worker[i];

		if (!p[i].revents && code_client_now() < w->deadline)
			continue;
		if (hear(w, &c->responses[w->row]) < 0)
			lose_worker(c, w);
		else
			give_back(c->client, w);
		*w = c->worker[--c->n_active];
	}
}

void code_client_grade(struct code_client *client,
		       const struct code_request *requests,
		       struct code_response *responses, size_t n, int64_t until)
{
	struct call c = {.client = client,
			 .requests = requests,
			 .responses = responses,
			 .n = n,
			 .until = until};
	struct pollfd p[CREW_MAX_WORKERS];

	while (c.next < n || c.n_active > 0) {
		hand_out(&c);
		if (c.n_active > 0 && wait_for_any(&c, p) >= 0)
			take_in(&c, p);
	}
}

/* --------------------------------------------------------- open and close */

/* The first worker's hello; one line where there is none. */
static int open_crew(struct code_client *c, struct code_hello *hello, char *why,
		     size_t size)
{
	if (start_crew(c) < 0) {
		snprintf(why, size, "%s: %s", c->path, strerror(errno));
		return -1;
	}
	if (receive_hello(c->crew->fd[0], hello) < 0) {
		snprintf(why, size, "%s ended before it said what it found",
			 c->path);
		return -1;
	}
	c->crew->is_greeted[0] = 1;
	if (!hello->tier[0]) {
		snprintf(why, size, "%s", hello->missing);
		return -1;
	}
	return 0;
}

int code_client_open(struct code_client **out, struct code_hello *hello,
		     const struct code_client_config *o, char *why, size_t size)
{
	struct code_client *c = calloc(1, sizeof *c);

	*out = NULL;
	if (!c) {
		snprintf(why, size, "out of memory");
		return -1;
	}
	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->is_free, NULL);
	c->log = o->log;
	c->log_ctx = o->log_ctx;
	if (set_up(c, o, why, size) < 0 || open_crew(c, hello, why, size) < 0) {
		code_client_close(c);
		return -1;
	}
	*out = c;
	return 0;
}

void code_client_close(struct code_client *c)
{
	if (!c)
		return;
	crew_end(c->crew);
	dispose(c);
}
