#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# cppcheck over the sources, and the tests that need libtorch, as one program.
# What it is not asked about: readdir is safe on streams of one's own; a plug-in
# stays loaded for ever; a text that ends in NUL is looked at before its index;
# anonymous memory is mapped with file -1 and, in check_reward's children and the
# code reward's keepers, kept;
# NULL is a pointer here, also after the last typed argument.
. tests/lint/common.sh
need cppcheck
findings < <(cppcheck -q -j "$(nproc)" --std=c11 --enable=warning,performance,portability \
	--suppress=readdirCalled --suppress=arrayIndexThenCheck --suppress=varFuncNullUB \
	--suppress=resourceLeak:lib/reward/plugin.c \
	--suppress=invalidFunctionArg:examples/check_reward/memory.c \
	--suppress=memleak:examples/check_reward/memory.c \
	--suppress=invalidFunctionArg:rewards/code/jail/keeper.c \
	--suppress=invalidFunctionArg:rewards/code/jail/native.c \
	--suppress=memleak:rewards/code/jail/keeper.c \
	--suppress=deallocuse:rewards/code/jail/keeper.c --library=posix -Iinclude -Ilib -I. \
	-DGRPO_ISA=base --template='{file}:{line}: {message} [{id}]' \
	lib rewards examples datasets tests/torch_*.c 2>&1)
finish
