#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs the checks of this folder and reports which found something.  A check is a
# script that prints one line per finding, `file:line: what, and what was
# expected`.  Its exit status is 0, 1 if it found something, or 77 if it cannot
# run here.
#	tests/lint/run.sh [CHECK...]     all of them, or those named
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
[ $# != 0 ] || set -- format includes calls own_includes alone banned headers contracts symbols versions scripts \
	manuals cppcheck tidy
bad=0
for name in "$@"; do
	start=$(date +%s%N)
	out=$("tests/lint/$name.sh" 2>&1)
	case $? in
	0) verdict=ok ;;
	77) verdict=skip ;;
	*) verdict=FAIL bad=$((bad + 1)) ;;
	esac
	printf '%-4s %-10s %6d.%01d s\n' $verdict "$name" \
		$((($(date +%s%N) - start) / 1000000000)) \
		$((($(date +%s%N) - start) / 100000000 % 10))
	[ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/    /'
done
echo "lint: $# checks, $bad failed"
[ $bad = 0 ]
