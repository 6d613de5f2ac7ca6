# SPDX-License-Identifier: MIT
# Over headers: prints FILE:LINE: for every function whose comment lacks a
# required part, and with `report` set a line with FILE and the share of comment
# lines in percent.  A comment covers the declarations below it, up to the next
# empty line.
FNR == 1 && NR > 1 { end_of_file() }
FNR == 1 {
	text = lines = comments = speaks = 0
	file = FILENAME
}
NF { lines++ }
/^\/\*/ { inside = 1; text = ""; speaks = 1 }
inside || /\/\*.*\*\// { comments++ }
inside { text = text "\n" $0 }
inside && /\*\// { inside = 0; next }
inside { next }
NF == 0 { speaks = 0 }
/^GRPO_API/ {
	missing = ""
	if (!speaks)
		missing = "a comment"
	else if (text !~ /[Tt]hreads/)
		missing = "\"Threads:\""
	else if (text !~ /[Ss]ince/)
		missing = "\"Since\""
	if (missing != "" && !report)
		printf "%s:%d: its comment lacks %s: %s\n", FILENAME, FNR, \
			missing, $0
}
END { end_of_file() }

function end_of_file() {
	if (report)
		printf "%-32s %3d %% of %d lines are comment\n", file, \
			100 * comments / lines, lines
}
