#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# tests/run.sh: what it counts, and that its last line names what failed.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
# shellcheck source=tests/checks.sh
. "$here/checks.sh"
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT

program() { # NAME STATUS OUTPUT
	printf '#!/bin/sh\ncat <<"END"\n%s\nEND\nexit %s\n' "$3" "$2" >"$dir/$1"
	chmod +x "$dir/$1"
}

last_line() { # PROGRAM...: the last line of a run of these
	(cd "$dir" && RUN='' "$here/run.sh" "$@" 2>&1 | tail -n 1)
}

status() { # PROGRAM...
	(cd "$dir" && RUN='' "$here/run.sh" "$@" >/dev/null 2>&1)
	echo $?
}

program test_good 0 '100%: Checks: 3, Failures: 0, Errors: 0'
program test_bad 1 '66%: Checks: 3, Failures: 1, Errors: 1
tests/test_bad.c:12:F:Core:a_sum_is_right:0: Assertion failed
tests/test_bad.c:(after this point):E:Core:a_crash_is_seen:0: (after this point) Received signal 11
tests/test_bad.c:20:E:Core:a_second_crash:0: Received signal 11'
program test_gone 3 ''
program test_part 0 'skipped: T2 (no cgroup v2)
100%: Checks: 2, Failures: 0, Errors: 0'
program test_script 1 'FAILED: a page is there (test -f page)
50%: Checks: 2, Failures: 1, Errors: 0'

check "a run without failures ends with its count" \
	same "$(last_line ./test_good)" "3 passed, 0 failed"
check "what was skipped is counted too" \
	same "$(last_line ./test_good ./test_part)" "5 passed, 0 failed, 1 skipped"
check "it ends with status 0" same "$(status ./test_good)" 0
check "the last line names the tests that failed" \
	same "$(last_line ./test_good ./test_script)" 'failed: test_script/"a page is there"'
check "a program that ends without a count has failed" \
	same "$(last_line ./test_gone)" "failed: test_gone (exit status 3)"
check "all that failed are named" \
	same "$(last_line ./test_script ./test_gone)" \
	'failed: test_script/"a page is there", test_gone (exit status 3)'
check "a test that crashed is named like one that failed" \
	same "$(last_line ./test_bad)" \
	"failed: test_bad/a_crash_is_seen, test_bad/a_second_crash, test_bad/a_sum_is_right"
check "a failure is the run's exit status" same "$(status ./test_good ./test_bad)" 1
check "a run of nothing is a failure" same "$(status)" 1
end_of_checks
