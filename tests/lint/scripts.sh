#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Runs shellcheck on every script, without notes and without following sourced
# files.
. tests/lint/common.sh
need shellcheck
mapfile -t files < <(sources '*.sh'; ls deps/*.sh .ci/run)
findings < <(shellcheck -f gcc -S warning -e SC1091 "${files[@]}")
finish
