/* SPDX-License-Identifier: MIT */
#include "language.h"

#include <strings.h>

/* Static: the box of a compiled program holds no libraries.  Few diagnostics,
 * and no plug-ins: the flags are all that the compiler is told. */
#define NATIVE_FLAGS                                                           \
	"-O2", "-static", "-pipe", "-w", "-fmax-errors=5",                     \
	    "-fno-diagnostics-show-caret", "-fdiagnostics-color=never"

static const struct language languages[] = {
    {.name = "python",
     .aliases = {"python3", "py", "py3"},
     .kind = LANGUAGE_PYTHON,
     .file = "solution.py"},
    {.name = "c",
     .aliases = {"c11", "c17"},
     .kind = LANGUAGE_NATIVE,
     .tool = TOOL_CC,
     .file = "solution.c",
     .flags = {"-std=gnu17", NATIVE_FLAGS},
     .trivial = "int main(void) { return 0; }\n"},
    {.name = "cpp",
     .aliases = {"c++", "cxx", "cc", "c++17", "cpp17", "c++20", "cpp20"},
     .kind = LANGUAGE_NATIVE,
     .tool = TOOL_CXX,
     .file = "solution.cpp",
     .flags = {"-std=gnu++17", NATIVE_FLAGS},
     .header = "bits/stdc++.h",
     .trivial = "#include <iostream>\nint main() { std::cout << 1; }\n"},
};

static int is_named(const char *name, struct code_view v)
{
	size_t i;

	for (i = 0; i < v.len && name[i] != '\0'; i++)
		if (strncasecmp(name + i, v.ptr + i, 1) != 0)
			return 0;
	return i == v.len && name[i] == '\0';
}

static int has_alias(const struct language *l, struct code_view name)
{
	int i;

	for (i = 0; l->aliases[i]; i++)
		if (is_named(l->aliases[i], name))
			return 1;
	return 0;
}

const struct language *language_named(struct code_view name)
{
	size_t i;

	for (i = 0; i < sizeof(languages) / sizeof(languages[0]); i++)
		if (is_named(languages[i].name, name) ||
		    has_alias(&languages[i], name))
			return &languages[i];
	return NULL;
}
