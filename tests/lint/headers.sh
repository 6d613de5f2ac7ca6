#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every public header compiles on its own without warnings; reward.h also as C99.
. tests/lint/common.sh
strict="-fsyntax-only -Iinclude -Wall -Wextra -Wpedantic -Wconversion -Wshadow
	-Wundef -Wsign-conversion -Wcast-qual -Werror"
c_only="-Wstrict-prototypes -Wmissing-prototypes -Wc++-compat"
cxx_only="-Wold-style-cast -Wzero-as-null-pointer-constant"

alone() { # HEADER COMPILER FLAG...
	local header=$1 out
	shift
	# shellcheck disable=SC2086
	out=$(printf '#include "%s"\n#include "%s"\ntypedef int alone;\n' "$header" "$header" |
		"$@" $strict - 2>&1) && return
	finding "include/$header: not clean with: $*"
	findings < <(printf "%s\n" "$out" | grep -E "error|warning")
}

compilers=()
for pair in gcc:g++ clang:clang++; do
	command -v "${pair%:*}" >/dev/null && command -v "${pair#*:}" >/dev/null &&
		compilers+=("$pair")
done
[ ${#compilers[@]} != 0 ] || need gcc

# shellcheck disable=SC2086
for pair in "${compilers[@]}"; do
	for path in include/grpo/*.h; do
		header=${path#include/}
		alone "$header" "${pair%:*}" -xc -std=c11 $c_only
		alone "$header" "${pair#*:}" -xc++ -std=c++17 $cxx_only
	done
	alone grpo/reward.h "${pair%:*}" -xc -std=c99 $c_only
done
finish
