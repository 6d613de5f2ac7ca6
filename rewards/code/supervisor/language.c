/* SPDX-License-Identifier: MIT */
#include "language.h"

#include <stddef.h>

#include "../shared/names.h"

/* Static: the box of a compiled program holds no libraries.  Few diagnostics,
 * and no plug-ins: the flags are all that the compiler is told. */
#define NATIVE_FLAGS                                                           \
	"-O2", "-static", "-pipe", "-w", "-fmax-errors=5",                     \
	    "-fno-diagnostics-show-caret", "-fdiagnostics-color=never"

static const struct language languages[CODE_N_LANGUAGES] = {
    [CODE_PYTHON] = {.name = "python",
		     .kind = LANGUAGE_PYTHON,
		     .file = "solution.py"},
    [CODE_C] = {.name = "c",
		.kind = LANGUAGE_NATIVE,
		.tool = TOOL_CC,
		.file = "solution.c",
		.flags = {"-std=gnu17", NATIVE_FLAGS},
		.trivial = "int main(void) { return 0; }\n"},
    [CODE_CPP] = {.name = "cpp",
		  .kind = LANGUAGE_NATIVE,
		  .tool = TOOL_CXX,
		  .file = "solution.cpp",
		  .flags = {"-std=gnu++17", NATIVE_FLAGS},
		  .header = "bits/stdc++.h",
		  .trivial =
		      "#include <iostream>\nint main() { std::cout << 1; }\n"},
};

const struct language *language_named(struct code_view name)
{
	int found = code_language_find(name);

	return found < 0 ? NULL : &languages[found];
}
