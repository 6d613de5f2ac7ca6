/* SPDX-License-Identifier: MIT */
#define _GNU_SOURCE
#include "worker.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "grade.h"

#define STORE_BYTES ((int64_t)256 << 20)

/* code-keeper.so lies beside this program. */
static void find_keeper(char *out, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", out, size - 1);
	char *slash;

	out[n > 0 ? n : 0] = '\0';
	slash = strrchr(out, '/');
	if (slash)
		*slash = '\0';
	n = (ssize_t)strlen(out);
	snprintf(out + n, size - (size_t)n, "/code-keeper.so");
}

struct jail_config worker_jail(const struct supervisor_options *o,
			       const struct scratch *s, int index, char *keeper,
			       size_t size)
{
	struct jail_config c = {.least = o->least,
				.most = o->most,
				.index = index,
				.scratch = s->folder,
				.keeper = keeper,
				.python = o->python,
				.shelf = s->shelf};
	int n = 0;

	find_keeper(keeper, size);
	if (o->python)
		c.tools[n++] = o->python;
	if (o->cc)
		c.tools[n++] = o->cc;
	if (o->cxx)
		c.tools[n++] = o->cxx;
	return c;
}

static int send_hello(int fd, const struct supervisor_options *o,
		      const struct jail_report *report, int is_open)
{
	struct code_hello h = {.has_python = o->python != NULL,
			       .has_c = o->cc != NULL,
			       .has_cpp = o->cxx != NULL};
	struct code_bytes out = {0};
	int rc;

	if (is_open)
		snprintf(h.tier, sizeof h.tier, "%s",
			 jail_tier_name(report->tier));
	snprintf(h.missing, sizeof h.missing, "%s", report->missing);
	rc = code_hello_write(&out, &h);
	if (rc == 0)
		rc = code_frame_send(fd, &out);
	code_bytes_free(&out);
	return rc;
}

static int answer(int fd, struct grader *g, uint64_t number,
		  struct code_view payload)
{
	struct code_response response = {.first_failed = -1};
	struct code_request request;
	struct code_bytes out = {0};
	int rc = code_request_read(&request, payload);

	if (rc == 0) {
		grade(g, &request, &response);
		rc = code_response_write(&out, &response, number);
	}
	if (rc == 0)
		rc = code_frame_send(fd, &out);
	code_response_free(&response);
	code_bytes_free(&out);
	return rc;
}

static int serve(int fd, struct grader *g)
{
	struct code_bytes in = {0};
	struct code_view payload;
	uint64_t number;
	int rc;

	while ((rc = code_frame_receive(fd, &in, &number, &payload)) == 1) {
		if (answer(fd, g, number, payload) < 0) {
			rc = -1;
			break;
		}
		if (in.cap > ((size_t)16 << 20)) /* a rare giant is not kept */
			code_bytes_free(&in);
	}
	code_bytes_free(&in);
	return rc;
}

int worker_serve(int fd, int index, const struct supervisor_options *o,
		 const struct scratch *s)
{
	char keeper[PATH_MAX];
	struct jail_config config =
	    worker_jail(o, s, index, keeper, sizeof keeper);
	struct jail_report report = {0};
	struct grader_config grading = {.store = s->store,
					.shelf = s->shelf,
					.python = o->python,
					.cc = o->cc,
					.cxx = o->cxx,
					.store_bytes = STORE_BYTES};
	struct jail *jail = NULL;
	struct grader *g = NULL;
	int is_open = jail_open(&jail, &config, &report) == 0, rc = -1;

	grading.jail = jail;
	if (is_open && grader_new(&g, &grading) < 0)
		is_open = 0;
	if (send_hello(fd, o, &report, is_open) == 0 && is_open)
		rc = serve(fd, g);
	grader_free(g);
	jail_close(jail);
	return rc < 0;
}
