#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every file compiles alone, a header too, with gcc and clang, the default ones
# and the newest that are installed: what is a warning for one compiler is an
# error for the next.
. tests/lint/common.sh

# Prints the errors in sources: COMPILER FLAG... FILE...
errors() {
	"$@" -fsyntax-only 2>&1 | grep 'error: ' | sed "s/\$/ [$1]/"
}
export -f errors

# Sources that match are given to the compiler, twenty at a time.
compile() { # PATTERN COMPILER FLAG...
	local pattern=$1
	shift
	findings < <(buildable | grep -E "$pattern" |
		xargs -r -P "$(nproc)" -n 20 bash -c 'errors "$@"' errors "$@")
}

strict="-Werror=implicit-function-declaration -Werror=implicit-int
	-Werror=incompatible-pointer-types -Werror=int-conversion"
mapfile -t compilers < <(printf '%s\n' gcc "$(newest gcc)" clang "$(newest clang)" |
	while read -r name; do
		command -v "$name" >/dev/null && echo "$name:$("$name" -dumpversion)"
	done | sort -u -t: -k2)
[ ${#compilers[@]} != 0 ] || need gcc
# shellcheck disable=SC2086
for compiler in "${compilers[@]}"; do
	cc=${compiler%:*}
	cxx=$(sed 's/^gcc/g++/; s/^clang/clang++/' <<<"$cc")
	compile '\.[ch]$' "$cc" $c_flags $strict
	compile '\.cpp$' "$cxx" $cxx_flags
done
finish
