/* SPDX-License-Identifier: MIT */
#include "wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define MAGIC 0x65646f63u /* "code" */

/* ---------------------------------------------------------------- writing */

static int put(struct code_bytes *out, const void *p, size_t n)
{
	return code_bytes_add(out, p, n);
}

static int put_i64(struct code_bytes *out, int64_t x)
{
	return put(out, &x, sizeof x);
}

static int put_view(struct code_bytes *out, struct code_view v)
{
	if (put_i64(out, (int64_t)v.len) < 0)
		return -1;
	return v.len ? put(out, v.ptr, v.len) : 0;
}

/* The head of a frame whose length is not known yet. */
static int begin(struct code_bytes *out, uint64_t number)
{
	uint32_t magic = MAGIC, version = CODE_WIRE_VERSION;
	uint64_t length = 0;

	return put(out, &magic, sizeof magic) < 0 ||
		       put(out, &version, sizeof version) < 0 ||
		       put(out, &number, sizeof number) < 0 ||
		       put(out, &length, sizeof length) < 0
		   ? -1
		   : 0;
}

static void end(struct code_bytes *out, size_t start)
{
	uint64_t length = out->len - start - CODE_FRAME_HEAD;

	memcpy(out->ptr + start + CODE_FRAME_HEAD - sizeof length, &length,
	       sizeof length);
}

/* The fields of each message once, for both directions. */
#define REQUEST(VIEW, NUMBER)                                                  \
	VIEW(source)                                                           \
	VIEW(language)                                                         \
	VIEW(tests)                                                            \
	VIEW(format)                                                           \
	VIEW(entry)                                                            \
	VIEW(prompt)                                                           \
	NUMBER(limits.cpu_ms)                                                  \
	NUMBER(limits.wall_ms)                                                 \
	NUMBER(limits.memory_bytes)                                            \
	NUMBER(limits.output_bytes)                                            \
	NUMBER(limits.compile_ms)                                              \
	NUMBER(deadline_ms)                                                    \
	NUMBER(stop_first)                                                     \
	NUMBER(explain)                                                        \
	NUMBER(only_check)
#define RESPONSE(NUMBER)                                                       \
	NUMBER(verdict)                                                        \
	NUMBER(is_weak)                                                        \
	NUMBER(n_tests)                                                        \
	NUMBER(n_passed)                                                       \
	NUMBER(n_run)                                                          \
	NUMBER(first_failed)                                                   \
	NUMBER(cpu_us)                                                         \
	NUMBER(peak_bytes)

#define PUT_VIEW(field) || put_view(out, r->field) < 0
#define PUT_NUMBER(field) || put_i64(out, r->field) < 0

int code_request_write(struct code_bytes *out, const struct code_request *r,
		       uint64_t number)
{
	size_t start = out->len;

	if (begin(out, number) < 0 REQUEST(PUT_VIEW, PUT_NUMBER)) {
		out->len = start;
		return -1;
	}
	end(out, start);
	return 0;
}

int code_response_write(struct code_bytes *out, const struct code_response *r,
			uint64_t number)
{
	size_t start = out->len;

	if (begin(out, number) < 0 RESPONSE(PUT_NUMBER) ||
	    put_view(out, code_view_of(&r->note)) < 0) {
		out->len = start;
		return -1;
	}
	end(out, start);
	return 0;
}

int code_hello_write(struct code_bytes *out, const struct code_hello *h)
{
	size_t start = out->len;

	if (begin(out, 0) < 0 || put(out, h, sizeof *h) < 0) {
		out->len = start;
		return -1;
	}
	end(out, start);
	return 0;
}

/* ---------------------------------------------------------------- reading */

static int take(struct code_view *in, void *p, size_t n)
{
	if (in->len < n)
		return -1;
	memcpy(p, in->ptr, n);
	in->ptr += n;
	in->len -= n;
	return 0;
}

static int take_view(struct code_view *in, struct code_view *v)
{
	int64_t n;

	if (take(in, &n, sizeof n) < 0 || n < 0 || (uint64_t)n > in->len)
		return -1;
	*v = (struct code_view){in->ptr, (size_t)n};
	in->ptr += n;
	in->len -= (size_t)n;
	return 0;
}

static int64_t take_i64(struct code_view *in, int *bad)
{
	int64_t x = 0;

	*bad |= take(in, &x, sizeof x) < 0;
	return x;
}

#define TAKE_VIEW(field) bad |= take_view(&in, &r.field) < 0;
#define TAKE_NUMBER(field) r.field = (__typeof__(r.field))take_i64(&in, &bad);

int code_request_read(struct code_request *out, struct code_view in)
{
	struct code_request r = {0};
	int bad = 0;

	REQUEST(TAKE_VIEW, TAKE_NUMBER)
	if (bad || in.len)
		return -1;
	*out = r;
	return 0;
}

int code_response_read(struct code_response *out, struct code_view in)
{
	struct code_response r = {0};
	struct code_view note = {0};
	int bad = 0;

	RESPONSE(TAKE_NUMBER)
	bad |= take_view(&in, &note) < 0;
	if (bad || in.len || r.verdict < 0 || r.verdict >= CODE_N_VERDICTS)
		return -1;
	if (note.len && code_bytes_add(&r.note, note.ptr, note.len) < 0)
		return -1;
	*out = r;
	return 0;
}

int code_hello_read(struct code_hello *h, struct code_view in)
{
	struct code_hello read;

	if (in.len != sizeof read)
		return -1;
	memcpy(&read, in.ptr, sizeof read);
	if (!memchr(read.tier, 0, sizeof read.tier) ||
	    !memchr(read.missing, 0, sizeof read.missing))
		return -1;
	*h = read;
	return 0;
}

void code_response_free(struct code_response *r)
{
	code_bytes_free(&r->note);
}

/* ----------------------------------------------------------------- frames */

int code_frame_find(struct code_view in, uint64_t *number,
		    struct code_view *payload)
{
	uint32_t magic, version;
	uint64_t length;

	if (in.len < CODE_FRAME_HEAD)
		return 0;
	take(&in, &magic, sizeof magic);
	take(&in, &version, sizeof version);
	take(&in, number, sizeof *number);
	take(&in, &length, sizeof length);
	if (magic != MAGIC || version != CODE_WIRE_VERSION ||
	    length > CODE_WIRE_MAX_BYTES)
		return -1;
	if (in.len < length)
		return 0;
	*payload = (struct code_view){in.ptr, (size_t)length};
	return 1;
}

/* n more bytes; 1, 0 at the end of the stream before the first, or -1. */
static int receive(int fd, struct code_bytes *in, size_t n)
{
	char part[65536];
	size_t got = 0;

	while (got < n) {
		size_t most = n - got < sizeof part ? n - got : sizeof part;
		ssize_t k = recv(fd, part, most, 0);

		if (k < 0 && errno == EINTR)
			continue;
		if (k == 0 && got == 0)
			return 0;
		if (k == 0)
			errno = EPROTO;
		if (k <= 0)
			return -1;
		if (code_bytes_add(in, part, (size_t)k) < 0) {
			errno = ENOMEM;
			return -1;
		}
		got += (size_t)k;
	}
	return 1;
}

int code_frame_receive(int fd, struct code_bytes *in, uint64_t *number,
		       struct code_view *payload)
{
	uint64_t length;
	int rc;

	in->len = 0;
	rc = receive(fd, in, CODE_FRAME_HEAD);
	if (rc <= 0)
		return rc;
	if (code_frame_find(code_view_of(in), number, payload) < 0) {
		errno = EPROTO;
		return -1;
	}
	memcpy(&length, in->ptr + CODE_FRAME_HEAD - sizeof length,
	       sizeof length);
	rc = length ? receive(fd, in, (size_t)length) : 1;
	if (rc == 0)
		errno = EPROTO;
	if (rc <= 0)
		return -1;
	return code_frame_find(code_view_of(in), number, payload);
}

int code_frame_send(int fd, const struct code_bytes *out)
{
	size_t done = 0;

	while (done < out->len) {
		ssize_t n =
		    send(fd, out->ptr + done, out->len - done, MSG_NOSIGNAL);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		done += (size_t)n;
	}
	return 0;
}
