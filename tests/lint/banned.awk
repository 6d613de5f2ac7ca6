# SPDX-License-Identifier: MIT
# After code.awk: functions that are not called, by folder.
BEGIN {
	ban("include lib rewards supervisor examples datasets", \
		"strcpy strcat sprintf vsprintf gets strtok atoi atol atof alloca", \
		"can write past its buffer, or accepts text that is not a number")
	ban("lib rewards", \
		"system popen alarm setitimer signal sigaction fork vfork", \
		"the process belongs to somebody else, with threads of its own")
	ban("lib rewards", "exit _exit _Exit abort printf puts putchar perror", \
		"a library returns an error, or logs")
	ban("lib rewards", "rand srand random drand48", \
		"random numbers come from core/rng.h")
}

function ban(folders, names, reason,    f, n, i, j, nf, nn) {
	nf = split(folders, f, " ")
	nn = split(names, n, " ")
	for (i = 1; i <= nf; i++)
		for (j = 1; j <= nn; j++)
			banned[f[i], n[j]] = reason
}

# What a line calls: a name before a parenthesis, no member of a struct.
{
	folder = FILENAME
	# The code reward's supervisor is a process of its own.
	sub(/^rewards\/code\/(jail|supervisor)\//, "supervisor/", folder)
	sub(/\/.*/, "", folder)
	rest = code
	while (match(rest, /[A-Za-z_][A-Za-z0-9_]* *\(/)) {
		before = RSTART > 1 ? substr(rest, RSTART - 1, 1) : ""
		name = substr(rest, RSTART, RLENGTH - 1)
		sub(/ +$/, "", name)
		if (before !~ /[.>]/ && (folder, name) in banned)
			printf "%s:%d: %s(): %s\n", FILENAME, FNR, name, \
				banned[folder, name]
		rest = substr(rest, RSTART + RLENGTH)
	}
}
