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
# Clang without an OpenMP of its own takes gcc's omp.h, and no other of its
# headers.
omp=$build/lint/omp
[ -e "$omp/omp.h" ] || {
	mkdir -p "$omp"
	ln -sf "$(gcc -print-file-name=include/omp.h)" "$omp/omp.h"
}

# What sources compile with, code and warnings aside; who may include whom is
# another check.
flags="-D_XOPEN_SOURCE=700 -DGRPO_ISA=base -Iinclude -Ilib -I. -I$build/deps -idirafter $omp"
c_flags="-std=c11 -x c $flags" cxx_flags="-std=${torch_std:-c++17} $flags $torch_cflags"
export build c_flags cxx_flags

flags_of() { # FILE
	case $1 in
	*.cpp) echo "$cxx_flags" ;;
	*) echo "$c_flags" ;;
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
