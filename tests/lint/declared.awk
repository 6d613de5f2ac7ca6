# SPDX-License-Identifier: MIT
# After code.awk, over headers: prints FILE LINE NAME of every function that is
# marked GRPO_API.
/^#/ { next }
code ~ /GRPO_API/ {
	statement = ""
	line = FNR
	open = 1
}
open {
	statement = statement " " code
	if (code ~ /;/) {
		open = 0
		if (match(statement, /[a-z0-9_]+ *\(/)) {
			name = substr(statement, RSTART, RLENGTH - 1)
			sub(/ +$/, "", name)
			print FILENAME, line, name
		}
	}
}
