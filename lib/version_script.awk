# SPDX-License-Identifier: MIT
# Makes the linker's version script of a list of symbols (lib/symbols): a node
# for each version that brought some, and one for what our own libraries share,
# which only the very same version finds.
#	awk -v version=0.1.0 -f lib/version_script.awk lib/symbols
/^#/ || NF == 0 { next }
NF != 2 || $2 !~ /^[0-9]+\.[0-9]+$/ {
	printf "%s:%d: expected NAME VERSION, as in \"grpo_version 0.1\"\n", \
		FILENAME, FNR >"/dev/stderr"
	exit bad = 1
}
!($2 in names) { order[++n] = $2 }
{ names[$2] = names[$2] "\t" $1 ";\n" }

# By number: 0.10 comes after 0.9.
function after(a, b,    x, y) {
	split(a, x, ".")
	split(b, y, ".")
	return x[1] + 0 != y[1] + 0 ? x[1] + 0 > y[1] + 0 : x[2] + 0 > y[2] + 0
}

END {
	if (bad)
		exit 1
	for (i = 2; i <= n; i++)
		for (j = i; j > 1 && after(order[j - 1], order[j]); j--) {
			v = order[j]
			order[j] = order[j - 1]
			order[j - 1] = v
		}
	printf "GRPO_PRIVATE_%s {\nglobal:\n\tgrpo__*;\nlocal:\n\t*;\n};\n", \
		version
	for (i = 1; i <= n; i++) {
		printf "GRPO_%s {\nglobal:\n%s}%s;\n", order[i], \
			names[order[i]], (i > 1 ? " GRPO_" order[i - 1] : "")
	}
}
