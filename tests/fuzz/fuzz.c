/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/file.h"
#include "grpo/error.h"

#define SEPARATOR 0x1e

static char folder[256];

_Noreturn void fuzz_fail(const char *file, int line, const char *cond)
{
	fprintf(stderr, "%s:%d: does not hold: %s\nlast error: %s\n", file,
		line, cond, grpo_error_message());
	abort();
}

void fuzz_check_code(int rc)
{
	const char *message = grpo_error_message();

	if (rc == 0)
		return;
	fuzz_require(strcmp(grpo_strerror(rc), "unknown error") != 0);
	fuzz_require(message[0] != '\0');
	fuzz_require(strchr(message, '\n') == NULL);
}

struct fuzz_input fuzz_begin(const uint8_t *data, size_t size)
{
	static const char none[1];
	const char *p = size ? (const char *)data : none;

	return (struct fuzz_input){p, p + size};
}

int fuzz_more(const struct fuzz_input *in)
{
	return in->p != NULL;
}

/* The next part where it stands. */
static const char *take(struct fuzz_input *in, size_t *len)
{
	const char *start = in->p, *stop = NULL;

	*len = 0;
	if (!start)
		return "";
	if (start < in->end)
		stop = memchr(start, SEPARATOR, (size_t)(in->end - start));
	*len = (size_t)((stop ? stop : in->end) - start);
	in->p = stop ? stop + 1 : NULL;
	return start;
}

char *fuzz_bytes(struct fuzz_input *in, size_t *len)
{
	const char *p = take(in, len);
	char *copy = malloc(*len);

	/* malloc(0) may give NULL */
	if (!copy)
		copy = malloc(1);
	fuzz_require(copy != NULL);
	memcpy(copy, p, *len);
	return copy;
}

char *fuzz_text(struct fuzz_input *in)
{
	size_t len;
	const char *p = take(in, &len);
	char *copy = malloc(len + 1);

	fuzz_require(copy != NULL);
	memcpy(copy, p, len);
	copy[len] = '\0';
	return copy;
}

static void remove_folder(void)
{
	grpo__remove_folder(folder);
}

const char *fuzz_folder(void)
{
	const char *base = getenv("TMPDIR");

	if (folder[0])
		return folder;
	snprintf(folder, sizeof folder, "%s/grpo-fuzz-XXXXXX",
		 base && *base ? base : "/tmp");
	fuzz_require(mkdtemp(folder) != NULL);
	atexit(remove_folder);
	return folder;
}

const char *fuzz_file(const char *name, const void *data, size_t len)
{
	static char path[512];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", fuzz_folder(), name);
	f = fopen(path, "wb");
	fuzz_require(f != NULL);
	fuzz_require(fwrite(data, 1, len, f) == len);
	fuzz_require(fclose(f) == 0);
	return path;
}
