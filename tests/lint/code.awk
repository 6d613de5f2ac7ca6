# SPDX-License-Identifier: MIT
# For each line of C sets `code`: the line without comments and without the text
# of strings.  Another program follows: awk -f code.awk -f next.awk FILE...
FNR == 1 { comment = 0 }
{ code = without($0) }

function without(line,    out, i, n, c, two, quote) {
	out = quote = ""
	n = length(line)
	for (i = 1; i <= n; i++) {
		c = substr(line, i, 1)
		two = substr(line, i, 2)
		if (comment) {
			if (two == "*/") {
				comment = 0
				i++
			}
		} else if (quote != "") {
			if (c == "\\")
				i++
			else if (c == quote) {
				quote = ""
				out = out c
			}
		} else if (two == "/*") {
			comment = 1
			i++
		} else if (two == "//") {
			break
		} else {
			if (c == "\"" || c == "'")
				quote = c
			out = out c
		}
	}
	return out
}
