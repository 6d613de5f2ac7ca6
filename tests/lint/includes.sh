#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Who may include whom.  A folder sees itself, the folders named here, and system
# headers with <...>.  Rewards share the headers directly in rewards/; the folders
# of rewards/math lie in layers, from compare down to tree.
. tests/lint/common.sh

# FOLDER REGEX: what a quoted include in the folder may name.
allowed="include/grpo grpo/
lib/core (core|grpo)/
lib/data (data|core|grpo)/
lib/text (text|core|grpo)/
lib/algo (algo|core|grpo)/
lib/reward (reward|core|grpo)/
lib/train (train|reward|algo|text|data|core|grpo)/
lib/torch (torch|data|core|grpo)/|tch\.h$
rewards grpo/reward\.h$|(\.\./)*([a-z]+/)?[a-z0-9_]+\.h$
rewards/math/tree grpo/reward\.h$|[a-z_]+\.h$
rewards/math/find grpo/reward\.h$|(\.\./tree/)?[a-z_]+\.h$
rewards/math/read grpo/reward\.h$|(\.\./(\.\./|find/|tree/))?[a-z_]+\.h$
rewards/math/value (\.\./tree/)?[a-z_]+\.h$
rewards/code/shared [a-z_]+\.h$
rewards/code/jail (\.\./shared/)?[a-z_]+\.h$
rewards/code/supervisor (\.\./(jail|shared)/)?[a-z_]+\.h$
rewards/math/compare (\.\./(value|read|tree)/)?[a-z_]+\.h$
examples (grpo|examples|datasets)/|[a-z0-9_]+\.h$
datasets (grpo|datasets)/|(\.\./)?[a-z0-9_]+\.h$
tests/plugins grpo/reward\.h$|(\.\./abi/)?[a-z0-9_]+\.[ch]$
tests/install nothing"

# FILE:LINE:NAME of each quoted include below the folder.
includes() {
	grep -rnE --include='*.[ch]' --include='*.cpp' '^ *# *include *"' "$1" |
		sed -E 's/# *include *"([^"]*)".*/\1/'
}

while read -r folder regex; do
	findings < <(includes "$folder" | awk -F: -v folder="$folder" -v regex="^($regex)" \
		'$3 !~ regex { print $1 ":" $2 ": \"" $3 "\" may not be included from " folder }')
done <<<"$allowed"

# Only lib/torch may include the header of libgrpo-torch.
findings < <(grep -rnE 'include *[<"]grpo/torch\.h' lib --include='*.[ch]' |
	grep -v '^lib/torch/' | sed 's/$/: only lib\/torch sees it/')
# <...> is for system headers, except in examples of how others include us.
findings < <(grep -rnE '^ *# *include *<(grpo|core|data|text|algo|reward|train|torch)/.*\.h>' \
	include lib rewards datasets | grep -v 'lib/torch/ext.cpp' |
	sed 's/$/: ours is included with quotes/')
finish
