#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# The shared objects export the right symbols: a library those in its list, with
# the version given there; a plug-in only its entry.
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
. tests/checks.sh
BUILD=${BUILD:-build}

exported() { # OBJECT: NAME@@NODE, sorted; a node's own name left out
	nm -D --defined-only "$1" | awk '$2 != "A" { print $3 }' | LC_ALL=C sort
}

promised() { # LIST
	awk '!/^#/ { print $1 "@@GRPO_" $2 }' "$1" | LC_ALL=C sort
}

library() { # NAME LIST
	local object=$BUILD/lib/$1.so
	[ -e "$object" ] || return 0
	check "$1.so exports what $2 lists, at its version" \
		same "$(exported "$object" | grep -v '^grpo__')" "$(promised "$2")"
	check "$1.so shares the rest with its very own version alone" \
		same "$(exported "$object" | grep '^grpo__' | sed 's/.*@@//' | sort -u)" "$3"
}

version=$(sed -n 's/^# *define GRPO_VERSION_[A-Z]* //p' include/grpo/version.h |
	paste -sd.)
check "the lists hold what the public headers declare" tests/lint/symbols.sh
library libgrpo lib/symbols "GRPO_PRIVATE_$version"
library libgrpo-torch lib/torch/symbols ""
for plugin in "$BUILD"/rewards/*.so; do
	# no plug-in: the code reward's Python loads it
	[ "${plugin##*/}" != code-keeper.so ] || continue
	check "${plugin##*/} exports its entry alone" \
		same "$(exported "$plugin")" grpo_reward_plugin_v1
done
end_of_checks
