#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# C is formatted by clang-format.  Versions differ in details, so only that of
# Debian 12 is used.
. tests/lint/common.sh
expected=14
need clang-format
got=$(clang-format --version | sed -n 's/.*version \([0-9]*\).*/\1/p')
[ "$got" = $expected ] || {
	echo "clang-format is version $got; version $expected decides"
	exit 77
}
mapfile -t files < <(sources '*.c' '*.h' '*.cpp')
clang-format --dry-run -Werror "${files[@]}" 2>&1 |
	sed -n 's/: error: .*/: not as clang-format has it (clang-format -i)/p' |
	sort -u -t: -k1,1
[ "${PIPESTATUS[0]}" = 0 ]
