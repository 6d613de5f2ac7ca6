#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Makes the committed corpus of each target anew: few files that reach every
# edge that it and BUILD/corpus/TARGET reach.  Files named regression-* stay.
#	tests/fuzz/merge.sh BUILD TARGET...
set -eu
build=$1
shift
memory=/tmp
[ ! -w /dev/shm ] || memory=/dev/shm
TMPDIR=$(mktemp -d "${TMPDIR:-$memory}/fuzz-XXXXXX") || exit
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
for target in "$@"; do
	old=tests/fuzz/corpus/$target new=$build/merged/$target
	rm -rf "$new"
	mkdir -p "$new" "$build/corpus/$target"
	"$build/fuzz/$target" -set_cover_merge=1 -use_counters=0 -max_len=65536 \
		-timeout=5 -rss_limit_mb=1024 "$new" "$old" "$build/corpus/$target" \
		>"$build/$target.merge.log" 2>&1 </dev/null
	find "$old" -type f ! -name 'regression-*' -delete
	cp "$new"/* "$old"
	echo "$target: $(find "$old" -type f | wc -l) files, $(cat "$old"/* | wc -c) bytes"
done
