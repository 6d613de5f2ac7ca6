#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The files of `make install` are enough: programs outside this tree can be built
# with pkg-config alone, they run and find the reward plug-ins; and `make
# uninstall` removes exactly the files that were installed.
#
# Done twice: with the libraries of BUILD under a DESTDIR, where plug-ins are
# found relative to the library; and with small libraries under a PREFIX, where a
# static program uses the folder that was compiled in.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tests/checks.sh
BUILD=$(realpath "${BUILD:-build}")
: "${CC:=cc}" "${CXX:=c++}" "${MAKE:=make}"
unset GRPO_REWARD_PATH LD_LIBRARY_PATH
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

version=$(sed -n 's/^# *define GRPO_VERSION_[A-Z]* //p' include/grpo/version.h |
	paste -sd.)
prefix=

# flags PACKAGE [--static]: pkg-config's flags for the folder `prefix`.
flags() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig \
		pkg-config --define-prefix --cflags --libs "${@:2}" "$1"
}
# With the archive in the program, as the manual page has it.
static_flags() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --define-prefix --cflags "$1"
	variable static_libs "$1"
}
variable() {
	PKG_CONFIG_PATH=$prefix/lib/pkgconfig \
		pkg-config --define-prefix --variable="$1" "$2"
}

build() { # PROGRAM FLAGS COMPILER ARGUMENT...
	local out=$1 flags=$2
	shift 2
	# shellcheck disable=SC2086
	(cd "$tmp" && "$@" -o "$out" $flags)
}

run() { # PROGRAM ARGUMENT...
	(cd / && LD_LIBRARY_PATH=$prefix/lib "$@")
}

answers="$version $version 1
format 1"

shared_library() {
	local c=$PWD/tests/install/user.c
	check "a C program is built by pkg-config alone" \
		build c "$(flags grpo)" "$CC" -std=c11 -Wall -Wextra -Werror "$c"
	check "it runs, and finds the installed plug-ins" \
		same "$(run "$tmp/c" format)" "$answers"
	check "it asks for the soname of version.h" \
		same "$(readelf -d "$tmp/c" | sed -n 's/.*\[\(libgrpo.*\)\]/\1/p')" \
		"libgrpo.so.$soversion"
	check "a C++ program is built by pkg-config alone" \
		build cxx "$(flags grpo)" "$CXX" -std=c++17 -Wall -Wextra -Werror -x c++ "$c"
	check "it runs, and finds the installed plug-ins" \
		same "$(run "$tmp/cxx" format)" "$answers"
}

# Where the loader does not look by itself, as in /usr/local before ldconfig.
without_ldconfig() {
	local c=$PWD/tests/install/user.c rpath
	rpath=-Wl,-rpath,$(variable libdir grpo)
	check "with rpath a program is built" \
		build rpath "$(flags grpo) $rpath" "$CC" -std=c11 "$c"
	check "it starts without ldconfig and without LD_LIBRARY_PATH" \
		same "$(cd / && "$tmp/rpath" format)" "$answers"
}

# --static names all that the archive needs: with no shared library about, the
# linker takes the archive.
archive_alone() {
	local c=$PWD/tests/install/user.c
	mkdir -p "$tmp/alone/lib/pkgconfig"
	ln -s "$prefix/include" "$tmp/alone/include"
	cp "$prefix/lib/libgrpo.a" "$tmp/alone/lib"
	cp "$prefix/lib/pkgconfig/grpo.pc" "$tmp/alone/lib/pkgconfig"
	local prefix=$tmp/alone
	check "pkg-config --static links a program with the archive alone" \
		build alone_program "$(flags grpo --static)" "$CC" -std=c11 "$c"
	check "it runs" same "$(cd / && "$tmp/alone_program")" "${answers%%$'\n'*}"
}

static_library() {
	local c=$PWD/tests/install/user.c
	check "a C program is linked with the archive" \
		build static "$(static_flags grpo)" "$CC" -std=c11 "$c"
	check "it runs without the shared library and finds the plug-ins" \
		same "$(cd / && "$tmp/static" format)" "$answers"
	check "a C++ program is linked with the archive" \
		build static_cxx "$(static_flags grpo)" "$CXX" -x c++ "$c" -x none
	check "it runs without the shared library and finds the plug-ins" \
		same "$(cd / && "$tmp/static_cxx" format)" "$answers"
}

torch_library() {
	check "a program is linked with libgrpo-torch" \
		build torch "$(flags grpo-torch)" "$CC" -std=c11 "$PWD/tests/install/user_torch.c"
	check "it finds libtorch by itself, and both libraries share the error" \
		same "$(run "$tmp/torch")" "$1
-3 no-such-folder: No such file or directory; expected a model's Hugging Face folder"
}

manuals() {
	local program name
	for program in "$prefix"/bin/grpo-*; do
		[ -e "$program" ] || continue
		name=${program##*/}
		check "$name has a manual page" test -s "$prefix/share/man/man1/$name.1"
		check "$name says how it is used" \
			grep -q "^usage: " <(run "$program" --help 2>&1)
	done
}

# The program that trains finds its recipes in the installed tree.
recipes() {
	local program=$prefix/bin/grpo-r1-zero
	check "grpo-r1-zero lists its recipes without arguments" \
		grep -q '^RECIPE is a JSON file, or one of: countdown, default, smollm2' \
		<(run "$program" 2>&1)
	check "it finds recipe, base and plug-ins from any folder" \
		grep -q 'nothing was trained (--dry-run)' \
		<(cd "$tmp" && XDG_CACHE_HOME=$tmp "$program" --config default --dry-run 2>&1)
}

# The sandbox and its supervisor are found in the installed tree.
sandbox() {
	local program=$prefix/bin/grpo-run-code
	printf 'print(int(input()) + 1)\n' >"$tmp/solution.py"
	printf '{"inputs": ["1\\n"], "outputs": ["2\\n"]}\n' >"$tmp/tests.json"
	if ! run "$program" --doctor >"$tmp/doctor" 2>&1; then
		echo "skipped: grpo-run-code ($(tail -n 1 "$tmp/doctor"))"
		return
	fi
	check "grpo-run-code judges a program" \
		grep -q '^verdict *passed' <(run "$program" "$tmp/solution.py" "$tmp/tests.json" 2>&1)
}

# All files, and the folders with our name.
left() {
	find "$1" \( ! -type d -o -name 'grpo*' \) -printf '%P\n' | sort
}

soversion=${version%.*}
[ "${version%%.*}" = 0 ] || soversion=${version%%.*}

install_under_destdir() {
	# --define-prefix makes up for DESTDIR, which the .pc files leave out.
	local at=(PREFIX=/usr/local DESTDIR="$tmp/stage")
	prefix=$tmp/stage/usr/local
	check "make install fills a DESTDIR" "$MAKE" -j"$(nproc)" -s B="$BUILD" install "${at[@]}"
	shared_library
	without_ldconfig
	[ ! -e "$prefix/lib/libgrpo-torch.so" ] || torch_library \
		"$(sed -n 's/^TORCH_VERSION := //p' "$BUILD/deps/config.mk")"
	manuals
	sandbox
	[ ! -e "$prefix/bin/grpo-r1-zero" ] || recipes
	touch "$prefix/lib/grpo/rewards/somebody_elses.so"
	check "make uninstall works" "$MAKE" -j"$(nproc)" -s B="$BUILD" uninstall "${at[@]}"
	check "what somebody else put there stays, and nothing of ours" \
		same "$(left "$tmp/stage")" "usr/local/lib/grpo
usr/local/lib/grpo/rewards/somebody_elses.so"
}

install_under_prefix() {
	local at=(B="$BUILD/install" TORCH=0 CFLAGS=-O0)
	prefix=$BUILD/install/prefix
	at+=(PREFIX="$prefix" LIBDIR="$prefix/lib")
	rm -rf "$prefix"
	check "make install fills a PREFIX" "$MAKE" -j"$(nproc)" -s install "${at[@]}"
	check "the .pc file says where plug-ins lie" same \
		"$(PKG_CONFIG_PATH=$prefix/lib/pkgconfig pkg-config --variable=plugindir grpo)" \
		"$prefix/lib/grpo/rewards"
	static_library
	archive_alone
	check "make uninstall works" "$MAKE" -j"$(nproc)" -s uninstall "${at[@]}"
	check "nothing is left" same "$(left "$prefix")" ""
}

install_under_destdir
install_under_prefix
end_of_checks
