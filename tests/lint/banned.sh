#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# No file may contain calls listed in banned.awk or flags that drop checks for
# NaN, and every file must name its licence.
. tests/lint/common.sh

mapfile -t files < <(sources '*.c' '*.h' '*.cpp')
findings < <(awk -f tests/lint/code.awk -f tests/lint/banned.awk "${files[@]}")

mapfile -t scripts < <(sources '*.sh' '*.awk' '*.py')
findings < <(grep -L 'SPDX-License-Identifier: MIT' "${files[@]}" "${scripts[@]}" \
	deps/*.sh .ci/run Makefile | sed 's/$/:1: no line SPDX-License-Identifier: MIT/')

findings < <(grep -nHE '^[^#]*-(ffast-math|Ofast|ffinite-math-only)' Makefile deps/bring.sh |
	sed 's/$/: removes the checks for NaN/')
finish
