/* SPDX-License-Identifier: MIT */
#include "examples/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "examples/fault.h"
#include "grpo/log.h"

int argument_int(int64_t *out, const char *option, const char *text,
		 int64_t min, int64_t max)
{
	char *end;
	long long x;

	errno = 0;
	x = strtoll(text, &end, 10);
	if (end == text || *end || errno || x < min || x > max)
		return fail(GRPO_EINVAL,
			    "%s: \"%s\" is not a whole number from %" PRId64
			    " to %" PRId64,
			    option, text, min, max);
	*out = x;
	return 0;
}

int argument_number(double *out, const char *option, const char *text,
		    double min, double max)
{
	char *end;
	double x = strtod(text, &end);

	if (end == text || *end || !(x >= min && x <= max))
		return fail(GRPO_EINVAL,
			    "%s: \"%s\" is not a number from %g to %g", option,
			    text, min, max);
	*out = x;
	return 0;
}

int argument_log_level(int *out, const char *option, const char *text)
{
	static const char *const names[] = {"error", "warn", "info", "debug"};

	for (int i = GRPO_LOG_ERROR; i <= GRPO_LOG_DEBUG; i++)
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return 0;
		}
	return fail(GRPO_EINVAL,
		    "%s: \"%s\": expected error, warn, info or debug", option,
		    text);
}

int argument_unknown(int c, char *const *argv)
{
	const char *last = argv[optind - 1];

	if (c == ':')
		return fail(GRPO_EINVAL, "%s needs a value (see --help)", last);
	if (optopt > 0 && optopt < 128 && last[1] != '-')
		return fail(GRPO_EINVAL, "unknown option -%c (see --help)",
			    optopt);
	return fail(GRPO_EINVAL, "unknown option %s (see --help)", last);
}

int32_t cpu_count(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 && n <= 1024 ? (int32_t)n : 1;
}
