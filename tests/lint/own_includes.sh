#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every file includes what it uses of the standard library, itself or through a
# header of ours: that some other header brings it is luck, and differs from
# system to system.  Asked of clang-tidy's misc-include-cleaner, which versions
# from 17 on have.
. tests/lint/common.sh
tidy=$(newest clang-tidy)
version=$("$tidy" --version 2>/dev/null | sed -n 's/.*version \([0-9]*\).*/\1/p')
[ "${version:-0}" -ge 17 ] || {
	echo "clang-tidy 17 or later is needed, and none is installed"
	exit 77
}
fixes=$(mktemp -d) && trap 'rm -rf "$fixes"' EXIT
export tidy fixes

# Sources that match are given to clang-tidy, ten at a time.
look() { # PATTERN FLAG...
	local pattern=$1
	shift
	buildable | grep -E "$pattern" | xargs -r -P "$(nproc)" -n 10 sh -c '
		flags=$1 && shift
		"$tidy" -quiet --checks="-*,misc-include-cleaner" \
			--export-fixes="$fixes/$$" "$@" -- $flags' sh "$*" >/dev/null 2>&1
}
# shellcheck disable=SC2086
look '\.[ch]$' $c_flags
# shellcheck disable=SC2086
look '\.cpp$' $cxx_flags
findings < <(python3 tests/lint/own_includes.py "$fixes"/* | LC_ALL=C sort)
finish
