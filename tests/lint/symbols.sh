#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The lists of exported symbols match the public headers: a function that is not
# listed is in no shared library.  `make symbols` runs only this check.
. tests/lint/common.sh

now=$(sed -n 's/^# *define GRPO_VERSION_\(MAJOR\|MINOR\) //p' include/grpo/version.h |
	paste -sd.)

# compare LIST HEADER...: the functions of these headers, and no others.
compare() {
	local list=$1
	shift
	findings < <(awk -v now="$now" -v list="$list" '
		NR == FNR {
			if ($0 !~ /^#/) { since[$1] = $2; at[$1] = FNR }
			next
		}
		{ seen[$3] }
		!($3 in since) {
			printf "%s: add the line \"%s %s\" (%s:%d)\n", list, $3, now, $1, $2
		}
		END {
			for (name in since)
				if (!(name in seen))
					printf "%s:%d: no public header declares %s\n", \
						list, at[name], name
		}' "$list" <(awk -f tests/lint/code.awk -f tests/lint/declared.awk "$@"))
	findings < <(grep -v '^#' "$list" | LC_ALL=C sort -c 2>&1 |
		sed "s|.*disorder: |$list: not sorted at |")
}

torch=include/grpo/torch.h
mapfile -t others < <(find include/grpo -name '*.h' ! -path $torch)
compare lib/symbols "${others[@]}"
compare lib/torch/symbols $torch
finish
