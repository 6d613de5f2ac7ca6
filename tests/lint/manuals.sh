#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# mandoc finds nothing wrong with a manual page.
. tests/lint/common.sh
need mandoc
findings < <(mandoc -T lint -W warning docs/man/*.[1-9] | sed 's/^mandoc: //')
finish
