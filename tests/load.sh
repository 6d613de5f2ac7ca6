#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs a command several times beside busy loops, to find tests that need an idle
# machine.  `make load` runs it on `make test`.
#	tests/load.sh RUNS LOOPS COMMAND...
# The logs stay in build/load/; the exit status is 1 if a run failed.
set -u
if [ $# -lt 3 ] || [ -n "${1//[0-9]/}" ] || [ -n "${2//[0-9]/}" ]; then
	sed -n '3,6s/^# \{0,1\}//p' "$0"
	exit 2
fi
runs=$1 loops=$2
shift 2
logs=build/load pids=() failed=0
trap '[ ${#pids[@]} = 0 ] || kill "${pids[@]}"' EXIT
trap 'exit 130' INT TERM

mkdir -p $logs
for _ in $(seq "$loops"); do
	while :; do :; done &
	pids+=($!)
done
for i in $(seq "$runs"); do
	start=$SECONDS
	"$@" >$logs/"$i".log 2>&1 && verdict=ok || verdict=FAIL
	[ $verdict = ok ] || failed=$((failed + 1))
	printf '%-4s run %d of %d, %d s: %s\n' $verdict "$i" "$runs" $((SECONDS - start)) \
		"$(grep -E '^([0-9]+ passed|failed:)' $logs/"$i".log | paste -sd ' ')"
done
echo "$((runs - failed)) of $runs runs passed beside $loops busy loops"
[ $failed = 0 ]
