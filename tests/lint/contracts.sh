#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The comment of every public function says which threads may call it, and since
# which version it exists.
#	tests/lint/contracts.sh --report    how much of each header is comment
. tests/lint/common.sh
if [ "${1:-}" = --report ]; then
	exec awk -v report=1 -f tests/lint/contracts.awk include/grpo/*.h
fi
findings < <(awk -f tests/lint/contracts.awk include/grpo/*.h)
finish
