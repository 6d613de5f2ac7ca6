/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MAX_WORKERS 64

static int read_tier(enum jail_tier *out, const char *name)
{
	for (int t = 0; t < JAIL_N_TIERS; t++)
		if (strcmp(jail_tier_name((enum jail_tier)t), name) == 0) {
			*out = (enum jail_tier)t;
			return 0;
		}
	fprintf(stderr,
		"code-supervisor: no tier \"%s\", expected T0, T0r, T1 or T2\n",
		name);
	return -1;
}

/* ---------------------------------------------------------------- programs */

/* Links are followed: a jail shows the program where it really is. */
static const char *absolute(const char *path, char *out)
{
	return access(path, X_OK) == 0 ? realpath(path, out) : NULL;
}

static const char *search(const char *name, char *out)
{
	const char *path = getenv("PATH"), *end;
	char full[PATH_MAX];

	for (; path && *path; path = *end ? end + 1 : end) {
		end = strchr(path, ':');
		end = end ? end : path + strlen(path);
		if (end == path)
			continue;
		snprintf(full, sizeof full, "%.*s/%s", (int)(end - path), path,
			 name);
		if (absolute(full, out))
			return out;
	}
	return NULL;
}

/* The system's own first: an environment's Python starts slowly, and drags in
 * what lies about.  `given` may be a name or a path. */
static const char *find(const char *given, const char *const *names, char *out)
{
	char full[PATH_MAX];

	if (given)
		return strchr(given, '/') ? absolute(given, out)
					  : search(given, out);
	for (; *names; names++) {
		snprintf(full, sizeof full, "/usr/bin/%s", *names);
		if (absolute(full, out) || search(*names, out))
			return out;
	}
	return NULL;
}

static void find_programs(struct supervisor_options *o)
{
	static const char *const pythons[] = {"python3", NULL};
	static const char *const ccs[] = {"gcc", "cc", "clang", NULL};
	static const char *const cxxs[] = {"g++", "c++", "clang++", NULL};
	static char python[PATH_MAX], cc[PATH_MAX], cxx[PATH_MAX];

	o->python = find(o->python, pythons, python);
	o->cc = find(o->cc, ccs, cc);
	o->cxx = find(o->cxx, cxxs, cxx);
}

/* --------------------------------------------------------------- arguments */

static int read_workers(struct supervisor_options *o, const char *text)
{
	char *end;
	long n = strtol(text, &end, 10);

	if (end == text || *end || n < 1 || n > MAX_WORKERS) {
		fprintf(stderr,
			"code-supervisor: --workers is \"%s\", expected 1 to "
			"%d\n",
			text, MAX_WORKERS);
		return -1;
	}
	o->n_workers = (int)n;
	return 0;
}

static int take(struct supervisor_options *o, int option, const char *value)
{
	switch (option) {
	case 'd':
		o->doctor = 1;
		return 0;
	case 'h':
		o->help = 1;
		return 0;
	case 'w':
		return read_workers(o, value);
	case 'l':
		return read_tier(&o->least, value);
	case 'm':
		return read_tier(&o->most, value);
	case 'p':
		o->python = value;
		return 0;
	case 'c':
		o->cc = value;
		return 0;
	case 'x':
		o->cxx = value;
		return 0;
	default:
		return -1;
	}
}

int options_read(struct supervisor_options *o, int argc, char **argv)
{
	static const struct option known[] = {
	    {"doctor", no_argument, NULL, 'd'},
	    {"help", no_argument, NULL, 'h'},
	    {"workers", required_argument, NULL, 'w'},
	    {"least", required_argument, NULL, 'l'},
	    {"most", required_argument, NULL, 'm'},
	    {"python", required_argument, NULL, 'p'},
	    {"cc", required_argument, NULL, 'c'},
	    {"cxx", required_argument, NULL, 'x'},
	    {0}};
	int option;

	*o = (struct supervisor_options){.least = JAIL_T0, .most = JAIL_T2};
	while ((option = getopt_long(argc, argv, "", known, NULL)) != -1)
		if (take(o, option, optarg) < 0)
			return -1;
	if (!o->doctor && !o->help && o->n_workers == 0) {
		fprintf(stderr,
			"code-supervisor: the code reward starts this program; "
			"by hand, use --doctor\n");
		return -1;
	}
	find_programs(o);
	return 0;
}
