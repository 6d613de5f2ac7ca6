#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy, by .clang-tidy, over the sources; C++ first, as libtorch's headers
# take longest.
. tests/lint/common.sh
need clang-tidy

one() { # FILE...
	local file
	for file in "$@"; do
		# shellcheck disable=SC2046
		clang-tidy -quiet "$file" -- $(flags_of "$file") -fopenmp -I.
	done
}
export -f one
findings < <(buildable | grep -E '^(lib|rewards|examples|datasets)/' |
	awk '/^lib.*\.cpp$/; /\.c$/ { c[++n] = $0 } END { for (i = 1; i <= n; i++) print c[i] }' |
	xargs -P "$(nproc)" -n 3 bash -c 'one "$@"' one 2>/dev/null |
	sed -nE "s|^$PWD/||; s|^\./||; s|: error: (.*)\]$|: \1]|; s|,-warnings-as-errors\]$|]|p" |
	LC_ALL=C sort -u)
[ -e "$build/deps/tch.h" ] || echo "lib/torch is left out, for want of $build/deps/tch.h: make deps"
finish
