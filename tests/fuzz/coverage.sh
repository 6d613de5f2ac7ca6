#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Which lines of the code under test the corpora reach: the committed one and,
# where there is one, what BUILD-FUZZ/corpus holds beside it.
#	tests/fuzz/coverage.sh BUILD BUILD-FUZZ TARGET...
set -u
build=$1 fuzzed=$2
shift 2
version=${LLVM_VERSION:-$(clang -dumpversion | cut -d. -f1)}

sources() { # TARGET: prints the files that it is about
	case $1 in
	json) echo lib/core/json*.c ;;
	config) echo lib/train/config.c lib/core/options.c lib/core/nearest.c ;;
	template) echo lib/text/template.c ;;
	dataset) echo lib/data/dataset.c ;;
	safetensors) echo lib/data/safetensors{,_write,_dtype}.c ;;
	shards) echo lib/data/safetensors_folder.c ;;
	tokenizer) echo lib/text/{bpe_read,pretokenize,specials,tokenizer}.c ;;
	pattern) echo lib/text/{pattern,split}.c ;;
	encode) echo lib/text/{added,bpe,byte_level,decode,encode,nfc,utf8,vocab}.c ;;
	reward_*) echo "rewards/${1#reward_}"/*.c ;;
	esac
}

cover() { # TARGET
	local program=$build/tests/fuzz_$1 raw=$build/$1.profraw data=$build/$1.profdata
	local corpora=("tests/fuzz/corpus/$1")
	[ -d "$fuzzed/corpus/$1" ] && corpora+=("$fuzzed/corpus/$1")
	CK_FORK=no LLVM_PROFILE_FILE=$raw "$program" "${corpora[@]}" >"$build/$1.log" 2>&1 || {
		echo "$1: fails, see $build/$1.log"
		return 1
	}
	"llvm-profdata-$version" merge -o "$data" "$raw" || return 1
	# shellcheck disable=SC2046  # a list of files
	"llvm-cov-$version" export -summary-only -instr-profile="$data" "$program" \
		$(sources "$1") | python3 -c '
import json, os, sys
for f in json.load(sys.stdin)["data"][0]["files"]:
    n = f["summary"]["lines"]
    print("%-18s %-34s %5d of %5d lines %6.1f %%" % (sys.argv[1],
          os.path.relpath(f["filename"]), n["covered"], n["count"], n["percent"]))
' "$1"
}

failed=0
for target in "$@"; do
	cover "$target" || failed=1
done
exit $failed
