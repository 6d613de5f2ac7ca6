/* SPDX-License-Identifier: MIT */
#include "names.h"

#include <strings.h>

enum { MAX_NAMES = 10 };

/* The first is the name itself. */
static const char *const names[CODE_N_LANGUAGES][MAX_NAMES] = {
    [CODE_PYTHON] = {"python", "python3", "py", "py3"},
    [CODE_C] = {"c", "c11", "c17"},
    [CODE_CPP] = {"cpp", "c++", "cxx", "cc", "c++17", "cpp17", "c++20",
		  "cpp20"},
};

static int is_named(const char *name, struct code_view v)
{
	size_t i;

	for (i = 0; i < v.len && name[i] != '\0'; i++)
		if (strncasecmp(name + i, v.ptr + i, 1) != 0)
			return 0;
	return i == v.len && name[i] == '\0';
}

int code_language_find(struct code_view name)
{
	for (int l = 0; l < CODE_N_LANGUAGES; l++)
		for (int i = 0; names[l][i]; i++)
			if (is_named(names[l][i], name))
				return l;
	return -1;
}

const char *code_language_name(int language)
{
	return names[language][0];
}
