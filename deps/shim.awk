# SPDX-License-Identifier: MIT
# Takes some functions out of the C shim's sources, with what they call.
#
#	awk -v names="at_dim atg_add" -v part=code -f shim.awk FILE.cpp...
#	awk -v names="at_dim atg_add" -v part=header -f shim.awk FILE.h...
#
# part=code: the functions, those of the files' own that they call first.
# part=header: their prototypes, a line each.  A name that no file holds is left
# out; the compiler of who calls it will say so.
#
# Both kinds of file are plain enough to be read by lines: what stands at the
# left margin begins something, and it ends where its braces are closed, or,
# where it opens none, at a semicolon.

BEGIN {
	n_wanted = split(names, wanted, " ")
}

# The compiler's directives, comments and empty lines between two things.
!text && /^([#}\/ \t]|$)/ { next }
!text && /^extern "C"/ { next }

{
	sub(/[ \t]*\/\/.*/, "")
	text = text $0 "\n"
	depth += gsub(/{/, "{") - gsub(/}/, "}")
	opened = opened || /{/
}

depth == 0 && (opened || /;[ \t]*$/) {
	keep()
	text = ""
	opened = 0
}

# The thing's name is the last word before its first bracket or "=".
function keep(   head, name)
{
	head = text
	sub(/[(=].*/, "", head)
	if (match(head, /[A-Za-z_][A-Za-z_0-9]*[ \t\n]*$/)) {
		name = substr(head, RSTART)
		gsub(/[ \t\n]/, "", name)
		things[name] = text
	}
}

# Prints a thing after those that it names.
function take(name,   n, i, words)
{
	if (!(name in things) || name in taken)
		return
	taken[name]
	n = split(things[name], words, /[^A-Za-z_0-9]+/)
	for (i = 1; i <= n; i++)
		take(words[i])
	printf "%s", (part == "header" ? one_line(things[name]) : things[name])
}

function one_line(s)
{
	gsub(/[ \t\n]+/, " ", s)
	sub(/ $/, "", s)
	return s "\n"
}

END {
	for (w = 1; w <= n_wanted; w++)
		take(wanted[w])
}
