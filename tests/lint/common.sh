# shellcheck shell=bash
# SPDX-License-Identifier: MIT
# Sourced by the checks.
set -u
found=0

finding() {
	printf '%s\n' "$*"
	found=1
}

# Reads findings, one a line.
findings() {
	local line
	while IFS= read -r line; do
		finding "$line"
	done
}

finish() {
	exit $found
}

need() { # TOOL
	command -v "$1" >/dev/null || {
		echo "$1 is not installed: deps/bring.sh system lint"
		exit 77
	}
}

# Sources of ours that match; what is built is never among them.
sources() { # NAME-PATTERN...
	local pattern args=()
	for pattern in "$@"; do
		args+=(-o -name "$pattern")
	done
	find include lib rewards examples datasets tests -type f \
		\( "${args[@]:1}" \) | LC_ALL=C sort
}

