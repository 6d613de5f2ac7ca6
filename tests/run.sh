#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs test programs of Check and prints a line for each, with the end of its log
# if it fails, and each line "skipped: WHAT (why)" that it printed.  The last lines
# are "N passed, N failed", with ", N skipped" where such lines came, and, after a
# failure, the tests that failed: "failed: test_core/a_name_is_kept, ...".
#	tests/run.sh PROGRAM...
# RUN is put before each program: RUN='valgrind -q' tests/run.sh PROGRAM...
set -u
limit=${TEST_TIMEOUT:-900}
# Threads that spin for long make a busy machine several times slower.
# A busy machine must not fail a test by its clock.
export CK_TIMEOUT_MULTIPLIER=${CK_TIMEOUT_MULTIPLIER:-20}
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
passed=0 failed=0 skipped=0 names=

# Sums "100%: Checks: 5, Failures: 0, Errors: 0" over a program's suites.
count() { # LOG: prints CHECKS BAD
	sed -n 's/^[0-9]*%: Checks: \([0-9]*\), Failures: \([0-9]*\), Errors: \([0-9]*\)$/\1 \2 \3/p' "$1" |
		awk '{ n += $1; bad += $2 + $3 } END { print n + 0, bad + 0 }'
}

# The tests that failed, as PROGRAM/TEST; the program alone if its log has none.
failed_tests() { # PROGRAM STATUS
	local name=${1##*/} tests
	tests=$(sed -nE -e 's/^[^:]*:[^:]*:[FE]:[^:]*:([^:]*):.*/\1/p' \
		-e 's/^FAILED: (.*) \(.*\)$/"\1"/p' "$1.log" | sort -u)
	if [ -n "$tests" ]; then
		printf '%s\n' "$tests" | sed "s|^|$name/|"
	elif [ "$2" = 124 ]; then
		echo "$name (stopped after $limit s)"
	else
		echo "$name (exit status $2)"
	fi
}

for program in "$@"; do
	log=$program.log
	start=$(date +%s%N)
	# shellcheck disable=SC2086
	timeout -k 10 "$limit" ${RUN:-} "$program" >"$log" 2>&1 </dev/null
	rc=$?
	ms=$((($(date +%s%N) - start) / 1000000))
	read -r n bad <<<"$(count "$log")"
	# A program that ends badly, or checks nothing, has failed once.
	if [ "$bad" = 0 ] && { [ $rc != 0 ] || [ "$n" = 0 ]; }; then
		n=$((n + 1)) bad=1
	fi
	passed=$((passed + n - bad)) failed=$((failed + bad))
	verdict=ok
	[ "$bad" = 0 ] || verdict=FAIL
	printf '%-4s %-36s %4d checks %6d.%02d s\n' "$verdict" "${program##*/}" \
		"$n" $((ms / 1000)) $((ms % 1000 / 10))
	grep '^skipped: ' "$log" | sed 's/^/     /'
	skipped=$((skipped + $(grep -c '^skipped: ' "$log")))
	if [ "$bad" != 0 ]; then
		names+=$(failed_tests "$program" $rc)$'\n'
		[ $rc != 124 ] || echo "stopped after $limit s"
		echo "exit status $rc; the end of $log:"
		tail -n 60 "$log" | sed 's/^/    /'
	fi
done
tail=
[ "$skipped" = 0 ] || tail=", $skipped skipped"
echo "$passed passed, $failed failed$tail"
[ -z "$names" ] || echo "failed: $(printf %s "$names" | paste -sd, | sed 's/,/, /g')"
[ "$failed" = 0 ] && [ "$passed" != 0 ]
