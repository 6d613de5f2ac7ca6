#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# What deps/ does without downloading anything.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tests/checks.sh
scratch=$(mktemp -d) && trap 'rm -rf "$scratch"' EXIT
export XDG_CACHE_HOME=$scratch/cache
unset MAKEFLAGS MAKELEVEL LIBTORCH LIBTORCH_USE_PYTORCH TORCH_PIN
export CCACHE_DISABLE=1 # it would keep its statistics in the cache

has() { # FILE TEXT
	grep -qF -e "$2" "$1" || { echo "\"$2\" is not in:" && cat "$1" && false; }
}
lacks() { ! grep -qF -e "$2" "$1"; }

# ---- a dry run

"${MAKE:-make}" -n B="$scratch/b" all >"$scratch/dry" 2>&1
check "a dry run of a new clone succeeds" test $? = 0
check "a dry run says what make would bring" \
	has "$scratch/dry" "a dry run brings nothing; make would bring: "
check "libtorch is among it, with its size" has "$scratch/dry" "libtorch $(
	awk '$1 == "torch" { print $2 }' deps/versions) ("
check "it says so in one line" \
	same "$(grep -c '^deps: ' "$scratch/dry")" 1
check "a dry run leaves nothing behind" \
	same "$(find "$scratch" -mindepth 1 | sort)" "$scratch/dry"

# ---- the shim's functions

cat >"$scratch/crate.cpp" <<'EOF'
#include "torch_api.h"

// of several
static int helper(int x) {
  if (x) { return 1; }
  return 0;
}

tensor at_one(tensor t) {
  PROTECT(return helper(1);)
  return nullptr;
}
int at_two(tensor t) { return 2; }
scalar
at_three(int64_t n,
         int m) {
  return at_two(nullptr);
}
EOF
take() { # NAMES: what is taken for these
	awk -v names="$1" -v part=code -f deps/shim.awk "$scratch/crate.cpp" >"$scratch/code"
}
take "at_one"
check "a function is taken with what it calls" has "$scratch/code" "static int helper"
check "a function is taken whole" has "$scratch/code" "return nullptr;"
check "others are left out" lacks "$scratch/code" at_two
take "at_three at_four"
check "a name may stand on the second line" has "$scratch/code" "at_three(int64_t n,"
check "what it calls stands before it" \
	same "$(head -n 1 "$scratch/code")" "int at_two(tensor t) { return 2; }"
deps/bring.sh names >"$scratch/names"
check "the functions that lib/torch calls are found in its sources" \
	has "$scratch/names" at_run_backward

# ---- which libtorch

libtorch() { # VERSION: a folder that has nothing but that
	mkdir -p "$scratch/t/lib" "$scratch/t/include/torch/headeronly"
	touch "$scratch/t/lib/libtorch_cpu.so"
	echo "$1" | awk -F. '{ print "#define TORCH_VERSION_MAJOR " $1
		print "#define TORCH_VERSION_MINOR " $2
		print "#define TORCH_VERSION_PATCH " $3 }' \
		>"$scratch/t/include/torch/headeronly/version.h"
	LIBTORCH=$scratch/t deps/bring.sh version >"$scratch/said" 2>&1
}
tested=$(awk '$1 == "tested" { print $2 }' deps/versions | paste -sd, | sed 's/,/, /g')
oldest=${tested%%,*}
libtorch 2.10.9
check "an old libtorch is refused" test $? = 1
check "the error names the oldest version that works" \
	has "$scratch/said" "is too old: $oldest or later is needed"
libtorch "$oldest"
check "a tested libtorch is taken without a word" same "$(cat "$scratch/said")" \
	"$oldest: c++17"
libtorch 2.99.1
check "a libtorch that is not tested is tried" test $? = 0
check "a warning says so and names the tested ones" has "$scratch/said" \
	"warning: libtorch 2.99.1 has not been tested ($tested have)"
check "the standards to try begin with that of the newest" \
	has "$scratch/said" "2.99.1: c++20 c++23"
libtorch 2.12.0
check "one between two tested ones begins with the older one's" \
	has "$scratch/said" "2.12.0: c++17 c++20 c++23"

# ---- system packages

deps/bring.sh list >"$scratch/list"
for name in gcc libpcre2-dev libcjson-dev libutf8proc-dev check cargo; do
	check "the list of packages names $name" has "$scratch/list" "  $name "
done
end_of_checks
