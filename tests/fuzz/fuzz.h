/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/*
 * Fuzzing: fuzz_WHAT.c is one target, a function that must hold for any
 * bytes.  `make fuzz` links it with libFuzzer, which looks for bytes that
 * break it; `make test` links it with replay.c, which gives it every file of
 * corpus/WHAT.  docs/fuzzing.md says more.
 *
 * An input of several parts has the byte 0x1e between them, so that a corpus
 * can be read and written by hand.
 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/** Ends the process unless `cond` holds, also where NDEBUG is defined. */
#define fuzz_require(cond)                                                     \
	do {                                                                   \
		if (!(cond))                                                   \
			fuzz_fail(__FILE__, __LINE__, #cond);                  \
	} while (0)

_Noreturn void fuzz_fail(const char *file, int line, const char *cond);

/** rc is 0, or a known code with one line of text. */
void fuzz_check_code(int rc);

/** What is left of an input. */
struct fuzz_input {
	const char *p, *end; /* p is NULL after the last part */
};

struct fuzz_input fuzz_begin(const uint8_t *data, size_t size);

/** The next part as bytes of its own, free() them: a read past the end is
 *  seen.  Where there is none: no bytes, and not NULL. */
char *fuzz_bytes(struct fuzz_input *in, size_t *len);

/** The same as text up to a NUL; free() it. */
char *fuzz_text(struct fuzz_input *in);

/** Whether a part is left. */
int fuzz_more(const struct fuzz_input *in);

/** The process's own folder, gone at its end. */
const char *fuzz_folder(void);

/** Writes a file of that name there; the path is valid until the next call. */
const char *fuzz_file(const char *name, const void *data, size_t len);

#endif
