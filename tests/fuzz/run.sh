#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs fuzzers one after another, each for some seconds, and says every ten
# where it stands; a closing line each:
#	json: 1234567 executions, 812 edges, 2345 features, 0 crashes
# What a fuzzer finds of use stays in BUILD/corpus/TARGET, an input that breaks
# it in BUILD/crashes, its log in BUILD/TARGET.log.
#	tests/fuzz/run.sh BUILD SECONDS TARGET...
set -u
build=$1 seconds=$2
shift 2
here=tests/fuzz
# Scratch files in memory, where they may be: a fuzzer writes some each time, and
# leaves the last ones where it breaks.
memory=/tmp
[ ! -w /dev/shm ] || memory=/dev/shm
TMPDIR=$(mktemp -d "${TMPDIR:-$memory}/fuzz-XXXXXX") || exit
export TMPDIR
trap 'rm -rf "$TMPDIR"' EXIT
export ASAN_OPTIONS=${ASAN_OPTIONS:-allocator_may_return_null=1}

longest() { # TARGET: prints -max_len
	case $1 in
	tokenizer) echo 6000 ;;
	encode | dataset | config) echo 4096 ;;
	*) echo 2048 ;;
	esac
}

slow() { # TARGET: prints the milliseconds of processor time a row may take
	case $1 in
	reward_math) echo 50 ;;
	*) echo 5000 ;;
	esac
}

dictionary() { # TARGET: prints -dict=FILE, for rewards reward.dict and its own
	local file
	for file in "$1" "${1%_*}"; do
		if [ -e "$here/dict/$file.dict" ]; then
			echo "-dict=$here/dict/$file.dict"
			return
		fi
	done
}

last() { # LOG FIELD: the newest value of "cov:" or "ft:"
	sed -n "s/^#[0-9].* $2 \([0-9]*\).*/\1/p" "$1" | tail -n 1
}

executions() { # LOG
	sed -n 's/^#\([0-9][0-9]*\).*/\1/p' "$1" | tail -n 1
}

watch() { # TARGET PID LOG: until it ends
	local start=$SECONDS said=0 passed
	while sleep 1 && kill -0 "$2" 2>/dev/null; do
		passed=$((SECONDS - start))
		if ((passed >= said + 10)); then
			said=$passed
			echo "  $1: $passed s, $(executions "$3") executions, $(last "$3" cov:) edges"
		fi
	done
}

fuzz() { # TARGET: returns 1 where it breaks
	local log=$build/$1.log found=$build/corpus/$1 crashes=$build/crashes/$1
	local rc broken
	mkdir -p "$found" "$crashes"
	# shellcheck disable=SC2046  # no dictionary is no argument
	FUZZ_SLOW_MS=$(slow "$1") "$build/fuzz/$1" -max_total_time="$seconds" -max_len="$(longest "$1")" \
		-timeout=5 -rss_limit_mb=1024 -print_final_stats=1 \
		-artifact_prefix="$crashes/" $(dictionary "$1") \
		"$found" "$here/corpus/$1" >"$log" 2>&1 </dev/null &
	watch "$1" $! "$log"
	wait $!
	rc=$?
	broken=$(sed -n 's/.*Test unit written to //p' "$log")
	echo "$1: $(executions "$log") executions, $(last "$log" cov:) edges," \
		"$(last "$log" ft:) features, $(wc -w <<<"$broken") crashes"
	[ $rc = 0 ] && return
	echo "exit status $rc, the log is $log; the input:"
	echo "    ${broken:-none}"
	return 1
}

failed=0
for target in "$@"; do
	fuzz "$target" || failed=1
done
exit $failed
