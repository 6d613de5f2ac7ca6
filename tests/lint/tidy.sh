#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# clang-tidy, by .clang-tidy, over what is built without libtorch.
. tests/lint/common.sh
need clang-tidy
findings < <(find lib rewards examples datasets -name '*.c' ! -path 'lib/torch/*' -print0 |
	xargs -0 -P "$(nproc)" -n 4 sh -c 'clang-tidy -quiet "$@" -- \
		-std=c11 -D_XOPEN_SOURCE=700 -Iinclude -Ilib -I.' sh 2>/dev/null |
	sed -nE "s|^$PWD/||; s|: error: (.*),-warnings-as-errors\]$|: \1]|p" |
	LC_ALL=C sort -u)
finish
