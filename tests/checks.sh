# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Sourced by tests that are scripts.  Each check is a sentence and a command that
# must succeed; the last line has the format of Check, for tests/run.sh.
checks=0 failures=0

check() { # SENTENCE COMMAND...
	local sentence=$1
	shift
	checks=$((checks + 1))
	if ! "$@"; then
		failures=$((failures + 1))
		echo "FAILED: $sentence ($*)"
	fi
}

same() { # GOT EXPECTED
	[ "$1" = "$2" ] || { printf 'got "%s", expected "%s"\n' "$1" "$2"; false; }
}

end_of_checks() {
	echo "$(((checks - failures) * 100 / checks))%: Checks: $checks, Failures: $failures, Errors: 0"
	[ $failures = 0 ]
}
