#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cppcheck over what is built without libtorch, as one program.  What it is not
# asked about: readdir is safe on streams of one's own; a plug-in stays loaded
# for ever; a text that ends in NUL is looked at before its index.
. tests/lint/common.sh
need cppcheck
findings < <(cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability \
	--suppress=readdirCalled --suppress=arrayIndexThenCheck \
	--suppress=resourceLeak:lib/reward/plugin.c --library=posix -Iinclude -Ilib -I. \
	--template='{file}:{line}: {message} [{id}]' \
	lib rewards examples datasets -i lib/torch -i examples/r1_zero 2>&1)
finish
