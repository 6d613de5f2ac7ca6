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

one() { # FILE
	local out=$fixes/${1//\//@}
	# shellcheck disable=SC2046
	"$tidy" -quiet --checks='-*,misc-include-cleaner' --export-fixes="$out" "$1" -- \
		$(flags_of "$1") >/dev/null 2>&1
	[ ! -e "$out" ] || python3 tests/lint/own_includes.py "$out" "$1"
}
export -f one

findings < <(buildable | xargs -P "$(nproc)" -I{} bash -c 'one {}' | LC_ALL=C sort)
finish
