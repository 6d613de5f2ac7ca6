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

# newest TOOL: the name of its newest version here, of those that have a number
# in their name, else TOOL.
newest() {
	local name
	name=$(compgen -c "$1-" | grep -xE "$1-[0-9]+" | sort -u -V | tail -n 1)
	echo "${name:-$1}"
}

# Folders of libtorch's headers, and C++'s standard, as make has found them.
build=${BUILD:-build}
torch_cflags=$(sed -n 's/^TORCH_CFLAGS := //p' "$build/deps/config.mk" 2>/dev/null)
torch_std=$(sed -n 's/^CXXSTD := //p' "$build/deps/config.mk" 2>/dev/null)
export build torch_cflags torch_std
# Clang without an OpenMP of its own takes gcc's omp.h, and no other of its
# headers.
omp=$build/lint/omp
[ -e "$omp/omp.h" ] || {
	mkdir -p "$omp"
	ln -sf "$(gcc -print-file-name=include/omp.h)" "$omp/omp.h"
}
export omp

# flags_of FILE: what make compiles it with, warnings and code aside.
flags_of() {
	local std="-std=c11 -x c"
	case $1 in
	lib/torch/*.cpp) std="-std=$torch_std $torch_cflags" ;;
	*.cpp) std=-std=c++17 ;;
	esac
	echo "$std -D_XOPEN_SOURCE=700 -Iinclude -idirafter $omp"
	case $1 in
	lib/torch/kernels*) echo "-DGRPO_ISA=base -Ilib" ;;
	lib/torch/*) echo "-Ilib -I$build/deps" ;;
	tests/*) echo "-Ilib -I. -I$build/deps" ;;
	lib/*) echo -Ilib ;;
	examples/* | datasets/*) echo -I. ;;
	esac
}
export -f flags_of

# The sources that compile here: without libtorch, those that need it don't.  Two
# headers of tests/abi come after a version of reward.h that they don't choose.
buildable() {
	sources '*.c' '*.h' '*.cpp' | grep -vxE 'tests/abi/(host|plugin)\.h' | if [ -e "$build/deps/tch.h" ]; then
		cat
	else
		grep -vE '^(lib/torch|tests/(torch|kernels)_)'
	fi
}
