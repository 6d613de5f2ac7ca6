#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# version.h defines the version.  The newest part of CHANGELOG.md, the lists of
# symbols and each "Since" must agree with it.
. tests/lint/common.sh

version=$(sed -n 's/^# *define GRPO_VERSION_[A-Z]* //p' include/grpo/version.h |
	paste -sd.)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+$ ]] ||
	finding "include/grpo/version.h: expected three numbers, found \"$version\""

newest=$(sed -n 's/^## *//p' CHANGELOG.md | head -n 1)
[[ $newest =~ ^"$version"([^0-9]|$) ]] ||
	finding "CHANGELOG.md: \"## $newest\" stands first, version.h says $version"

findings < <(awk -v version="$version" '
	BEGIN { split(version, now, ".") }
	match($0, /(Since |^grpo_[a-z0-9_]+ )[0-9]+\.[0-9]+/) {
		text = substr($0, RSTART, RLENGTH)
		sub(/.* /, "", text)
		split(text, since, ".")
		if (since[1] * 1000 + since[2] > now[1] * 1000 + now[2])
			printf "%s:%d: since %s, but this is %s\n", FILENAME, FNR, \
				text, version
	}' include/grpo/*.h lib/symbols lib/torch/symbols)
finish
