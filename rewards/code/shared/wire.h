/* SPDX-License-Identifier: MIT */
#ifndef CODE_WIRE_H
#define CODE_WIRE_H

/*
 * What the plug-in and a worker of its supervisor say to each other over one
 * stream socket: a request, then its response, then the next request.  Both
 * sides are of one build; a version in each frame catches a mix-up.
 *
 *	frame = magic u32, version u32, number u64, length u64, payload
 *
 * The number of a request comes back with its response, so that no response is
 * taken for that of another row.  Numbers are in the machine's own order: the
 * socket never leaves it.
 */
#include <stdint.h>
#include "bytes.h"
#include "verdict.h"

#define CODE_WIRE_VERSION 1u
#define CODE_WIRE_MAX_BYTES ((uint64_t)1 << 30) /* of a frame's payload */

/** What one process of the program may use. */
struct code_limits {
	int64_t cpu_ms;       /* processor time of one test */
	int64_t wall_ms;      /* real time of one test */
	int64_t memory_bytes; /* address space */
	int64_t output_bytes; /* of stdout, and of a call's result */
	int64_t compile_ms;   /* real time of compiling */
};

/** One row: a program and its tests.  All views are borrowed. */
struct code_request {
	struct code_view source;
	struct code_view
	    language; /* "python", "c", "cpp"; supervisor/language.h */
	struct code_view tests; /* JSON text, as the dataset's cell holds it */
	struct code_view
	    format; /* name of a format of tests, or empty: find out */
	struct code_view
	    entry; /* entry point of HumanEval-like rows, or empty */
	struct code_view
	    prompt; /* what a HumanEval-like program continues, or empty */
	struct code_limits limits;
	int64_t
	    deadline_ms; /* for the whole row, from when it is read; 0: none */
	int32_t stop_first; /* stop at the first test that fails */
	int32_t explain;    /* fill the response's note */
	int32_t only_check; /* look at the tests, and run nothing: CODE_PASSED
			       where they can be used */
};

/** What came of it. */
struct code_response {
	int32_t
	    verdict; /* of the row: CODE_PASSED, or that of the first failure */
	int32_t is_weak; /* the verdict rests on an exit status alone */
	int64_t n_tests, n_passed, n_run;
	int64_t first_failed;       /* 0-based, -1: none */
	int64_t cpu_us, peak_bytes; /* the most of any test */
	struct code_bytes note;     /* lines "name\ttext\n" for explain */
};

/** The first frame of each socket, from the worker: what the supervisor found.
 */
struct code_hello {
	char tier[8];      /* "T1"; empty: it cannot run programs here */
	char missing[256]; /* what the next tier needs, or why there is none */
	int32_t has_python, has_c, has_cpp;
};

/**
 * Append a whole frame to `out`.  Return 0, or -1 where memory is out.
 */
int code_request_write(struct code_bytes *out, const struct code_request *r,
		       uint64_t number);
int code_response_write(struct code_bytes *out, const struct code_response *r,
			uint64_t number);
int code_hello_write(struct code_bytes *out, const struct code_hello *h);
/**
 * Read a payload, without the frame's head.  The request's views point into the
 * payload.  Return 0, or -1 where the payload is not a whole message (the
 * output is then untouched) or memory is out.
 */
int code_request_read(struct code_request *out, struct code_view in);
int code_response_read(struct code_response *out, struct code_view in);
int code_hello_read(struct code_hello *h, struct code_view in);
void code_response_free(struct code_response *r);

/** Bytes of a frame before its payload. */
#define CODE_FRAME_HEAD 24

/**
 * The frame that `in` begins with.  Returns 1 and its number and payload (a
 * view into `in`), 0 where more bytes must come, or -1 where this is no frame
 * of ours.
 */
int code_frame_find(struct code_view in, uint64_t *number,
		    struct code_view *payload);

/**
 * One frame from a blocking socket, `in` is emptied first.  Returns 1, 0 at the
 * end of the stream between two frames, or -1 (errno is set).
 */
int code_frame_receive(int fd, struct code_bytes *in, uint64_t *number,
		       struct code_view *payload);
/** All of the bytes to a blocking socket; 0 or -1 (errno).  No SIGPIPE. */
int code_frame_send(int fd, const struct code_bytes *out);

#endif
