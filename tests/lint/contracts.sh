#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every public function says what threads may call it and since when it is there.
#	tests/lint/contracts.sh --report    how much of each header is comment
. tests/lint/common.sh
if [ "${1:-}" = --report ]; then
	exec awk -v report=1 -f tests/lint/contracts.awk include/grpo/*.h
fi
findings < <(awk -f tests/lint/contracts.awk include/grpo/*.h)
finish
