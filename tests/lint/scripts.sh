#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every script, by shellcheck; notes are left out, and what is sourced need not
# be followed.
. tests/lint/common.sh
need shellcheck
mapfile -t files < <(sources '*.sh'; ls deps/*.sh .ci/run)
findings < <(shellcheck -f gcc -S warning -e SC1091 "${files[@]}")
finish
