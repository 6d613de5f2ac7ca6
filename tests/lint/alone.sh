#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Every file compiles alone, a header too, with gcc and clang, the default ones
# and the newest that are installed: what is a warning for one compiler is an
# error for the next.
. tests/lint/common.sh

one() { # COMPILER FLAGS-OF-C FILE
	local compiler=$1 flags=$2 file=$3
	case $file in
	*.cpp)
		compiler=$(sed 's/^gcc/g++/; s/^clang/clang++/' <<<"$compiler")
		flags=
		;;
	esac
	# shellcheck disable=SC2046,SC2086
	"$compiler" $(flags_of "$file") $flags -fsyntax-only -w "$file" 2>&1 |
		grep -m 3 'error: ' | sed "s/\$/ [$compiler]/"
}
export -f one

strict="-Werror=implicit-function-declaration -Werror=implicit-int
	-Werror=incompatible-pointer-types -Werror=int-conversion"
mapfile -t compilers < <(printf '%s\n' gcc "$(newest gcc)" clang "$(newest clang)" |
	while read -r name; do
		command -v "$name" >/dev/null && echo "$name:$("$name" -dumpversion)"
	done | sort -u -t: -k2)
[ ${#compilers[@]} != 0 ] || need gcc
for compiler in "${compilers[@]}"; do
	findings < <(buildable | xargs -P "$(nproc)" -I{} bash -c 'one "$@"' one \
		"${compiler%:*}" "$strict" {} | LC_ALL=C sort)
done
finish
