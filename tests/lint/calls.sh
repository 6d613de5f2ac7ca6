#!/usr/bin/env bash
# SPDX-License-Identifier: MIT
# Who calls whom in lib/, by what each object defines and needs.  There is no
# circle of files, and the files of lib/train call only their own layer and those
# below.
. tests/lint/common.sh
need nm
need tsort
# lib/train, from the bottom up; one layer a line.
layers="comm report output manifest schedule settings idle config policy
rollout said measures batch
run ranks
prompt sizes rows
generate given kl
update evaluate references check alarm alarm_send
figures samples rollouts contents state checkpoint best
trainer"

objects=$(mktemp -d)
trap 'rm -rf "$objects"' EXIT

compile() { # FILE: its object, named lib,core,json.o
	# shellcheck disable=SC2086
	cc $c_flags -O0 -w -c "$1" -o "$2/$(printf %s "${1%.c}" | tr / ,).o"
}
export -f compile

# Where they are built, the objects of libgrpo-torch are looked at too.
find lib -name '*.c' ! -path 'lib/torch/*' -print0 |
	xargs -0 -P "$(nproc)" -I{} bash -c 'compile "$1" "$2"' _ {} "$objects" ||
	finding "lib: it does not compile"
for object in "$build"/obj/lib/torch/*.o "$build"/obj/lib/torch/*/*.o; do
	[ ! -e "$object" ] || cp "$object" "$objects/$(printf %s "${object#"$build"/obj/}" | tr / ,)"
done

# "CALLER CALLED" a line; what several objects define (kernels) has no home.
arrows() {
	nm -A --defined-only -g "$objects"/*.o | awk '{ print "def", $1, $NF }'
	nm -A -u "$objects"/*.o | awk '{ print "use", $1, $NF }'
}

arrows | awk '
	function name(file) { sub(/:.*/, "", file); sub(/.*\//, "", file)
		sub(/\.o$/, "", file); gsub(/,/, "/", file); return file }
	$1 == "def" { n[$3]++; home[$3] = name($2) }
	$1 == "use" { user[++m] = name($2); used[m] = $3 }
	END { for (i = 1; i <= m; i++)
		if (n[used[i]] == 1 && home[used[i]] != user[i])
			print user[i], home[used[i]] }' |
	sort -u >"$objects/arrows"
[ -s "$objects/arrows" ] || finding "lib: no calls were found"
findings < <(tsort "$objects/arrows" 2>&1 >/dev/null |
	sed -n -e 's/^tsort: .*loop:$/lib: these files call each other in a circle:/p' \
		-e 's/^tsort: \(lib.*\)$/    \1/p')
findings < <(awk -v layers="$layers" '
	BEGIN { n = split(layers, line, "\n")
		for (i = 1; i <= n; i++) {
			m = split(line[i], file, " ")
			for (j = 1; j <= m; j++) layer["lib/train/" file[j]] = i
		} }
	{ for (i = 1; i <= 2; i++)
		if ($i ~ /^lib\/train\// && !($i in layer) && !seen[$i]++)
			print $i ".c: it has no layer in tests/lint/calls.sh" }
	$1 in layer && $2 in layer && layer[$1] < layer[$2] {
		print $1 ".c: it calls " $2 ".c, which is in a layer above" }
' "$objects/arrows")
finish
