/* SPDX-License-Identifier: MIT */
#include "programs_kinds.h"

#include <stdio.h>
#include <string.h>

enum { MAX_NUMBERS = 60 };

/* ---- pieces of tests ---- */

static void put_line(draw *d, int64_t n)
{
	draw_put_number(d, n);
	draw_put(d, "\n");
}

/* n, and in the next line n numbers; returns n. */
static int32_t put_list(struct programs_io *io, const int64_t *v, int32_t n)
{
	int32_t i;

	put_line(&io->in, n);
	for (i = 0; i < n; i++) {
		draw_put(&io->in, i > 0 ? " " : "");
		draw_put_number(&io->in, v[i]);
	}
	draw_put(&io->in, "\n");
	return n;
}

static int32_t put_numbers(struct programs_io *io, int64_t *v, int64_t least,
			   int64_t low, int64_t high)
{
	int32_t n = (int32_t)draw_between(io->random, least, MAX_NUMBERS), i;

	for (i = 0; i < n; i++)
		v[i] = draw_between(io->random, low, high);
	return put_list(io, v, n);
}

/* ---- the kinds ---- */

/* Enough of them are multiples that 0 is rarely right. */
static void make_multiples(struct programs_io *io, int64_t p)
{
	int32_t n = (int32_t)draw_between(io->random, 1, MAX_NUMBERS), i;
	int64_t v[MAX_NUMBERS], found = 0;

	for (i = 0; i < n; i++) {
		v[i] = draw_between(io->random, 0, 9 * p);
		if (draw_chance(io->random, 400))
			v[i] -= v[i] % p;
		found += v[i] % p == 0;
	}
	(void)put_list(io, v, n);
	put_line(&io->out, found);
}

static void make_above(struct programs_io *io, int64_t p)
{
	int64_t v[MAX_NUMBERS], sum = 0;
	int32_t n = put_numbers(io, v, 1, p - 1000000000, p + 1000000000), i;

	for (i = 0; i < n; i++)
		sum += v[i] > p ? v[i] : 0;
	put_line(&io->out, sum);
}

static void make_window(struct programs_io *io, int64_t p)
{
	int64_t v[MAX_NUMBERS] = {0}, best = INT64_MIN, sum = 0;
	int32_t n = put_numbers(io, v, p, -1000, 1000), i;

	for (i = 0; i < n; i++) {
		sum += v[i] - (i >= p ? v[i - p] : 0);
		if (i >= p - 1 && sum > best)
			best = sum;
	}
	put_line(&io->out, best);
}

static void make_caesar(struct programs_io *io, int64_t p)
{
	int32_t n = (int32_t)draw_between(io->random, 1, MAX_NUMBERS), i;
	char from[2] = "", to[2] = "";

	for (i = 0; i < n; i++) {
		from[0] = (char)draw_between(io->random, 'a', 'z');
		to[0] = (char)('a' + (from[0] - 'a' + p) % 26);
		draw_put(&io->in, from);
		draw_put(&io->out, to);
	}
	draw_put(&io->in, "\n");
	draw_put(&io->out, "\n");
}

static void make_digits(struct programs_io *io, int64_t p)
{
	int64_t n = draw_between(io->random, 0, 1000000000000000), sum = 0;

	put_line(&io->in, n);
	for (; n > 0; n /= p)
		sum += n % p;
	put_line(&io->out, sum);
}

static void make_power(struct programs_io *io, int64_t p)
{
	int64_t a = draw_between(io->random, 0, 1000000000);
	int64_t b = draw_between(io->random, 0, 1000000000), r = 1 % p, s;

	draw_put_number(&io->in, a);
	draw_put(&io->in, " ");
	put_line(&io->in, b);
	for (s = a % p; b > 0; b /= 2, s = s * s % p)
		if (b % 2 == 1)
			r = r * s % p;
	put_line(&io->out, r);
}

/* A letter is mostly the one before, so that there are long runs. */
static void make_runs(struct programs_io *io, int64_t p)
{
	int32_t n = (int32_t)draw_between(io->random, 20, MAX_NUMBERS), i;
	int64_t found = 0, run = 0;
	int b = 0;

	for (i = 0; i < n; i++) {
		if (i == 0 || draw_chance(io->random, 150)) {
			b = !b;
			run = 0;
		}
		found += ++run == p;
		draw_put(&io->in, b ? "b" : "a");
	}
	draw_put(&io->in, "\n");
	put_line(&io->out, found);
}

/* Half of the means are not whole. */
static void make_mean(struct programs_io *io, int64_t p)
{
	int64_t v[MAX_NUMBERS], sum = 0, kept = 0;
	int32_t n = put_numbers(io, v, 1, 0, 2 * p), i;
	char text[40];

	for (i = 0; i < n; i++) {
		sum += v[i] < p ? v[i] : 0;
		kept += v[i] < p;
	}
	if (kept == 0) {
		draw_put(&io->out, "none\n");
		return;
	}
	(void)snprintf(text, sizeof(text), "%.3f\n",
		       (double)sum / (double)kept);
	draw_put(&io->out, text);
}

static void make_stairs(struct programs_io *io, int64_t p)
{
	int64_t ways[1001] = {1}, n = draw_between(io->random, 1, 1000), i;

	put_line(&io->in, n);
	for (i = 1; i <= n; i++)
		ways[i] = (ways[i - 1] + (i >= 2 ? ways[i - 2] : 0) +
			   (i >= 3 ? ways[i - 3] : 0)) %
			  p;
	put_line(&io->out, ways[n] % p);
}

static void make_top(struct programs_io *io, int64_t p)
{
	int64_t v[MAX_NUMBERS] = {0}, x;
	int32_t n = put_numbers(io, v, p, -999, 999), i, j;

	for (i = 1; i < n; i++) {
		x = v[i];
		for (j = i; j > 0 && v[j - 1] < x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
	for (i = 0; i < p; i++) {
		draw_put(&io->out, i > 0 ? " " : "");
		draw_put_number(&io->out, v[i]);
	}
	draw_put(&io->out, "\n");
}

/* ---- their solutions ---- */

#define C_HEAD "#include <stdio.h>\n\nint main(void)\n{\n"
#define C_READ                                                                 \
	C_HEAD "    int n;\n    long long v[100];\n"                           \
	       "    if (scanf(\"%d\", &n) != 1) return 1;\n"                   \
	       "    for (int i = 0; i < n; i++)\n"                             \
	       "        if (scanf(\"%lld\", &v[i]) != 1) return 1;\n"
#define C_WORD                                                                 \
	C_HEAD "    char s[100];\n    if (scanf(\"%99s\", s) != 1) return "    \
	       "1;\n"
#define CPP_HEAD                                                               \
	"#include <algorithm>\n#include <cstdio>\n#include <functional>\n"     \
	"#include <iostream>\n#include <string>\n#include <vector>\n"          \
	"using namespace std;\n\nint main()\n{\n"
#define CPP_READ                                                               \
	CPP_HEAD "    int n;\n    cin >> n;\n    vector<long long> v(n);\n"    \
		 "    for (auto &x : v) cin >> x;\n"
#define PY_READ "n = int(input())\nv = list(map(int, input().split()))\n"
#define NUMBERS "Read n and then n integers. "
#define END "    return 0;\n}\n"

const struct programs_kind programs_all_kinds[] = {
    {"multiples",
     NUMBERS "Print how many of them are multiples of {p}.",
     2,
     999,
     make_multiples,
     {PY_READ "print(sum(x % {p} == 0 for x in v))\n",
      C_READ "    int found = 0;\n"
	     "    for (int i = 0; i < n; i++) found += v[i] % {p} == 0;\n"
	     "    printf(\"%d\\n\", found);\n" END,
      CPP_READ "    cout << count_if(v.begin(), v.end(), [](long long x) "
	       "{ return x % {p} == 0; }) << endl;\n" END}},
    {"above",
     NUMBERS "Print the sum of those that are greater than {p}.",
     -999,
     999,
     make_above,
     {PY_READ "print(sum(x for x in v if x > {p}))\n",
      C_READ "    long long sum = 0;\n    for (int i = 0; i < n; i++)\n"
	     "        if (v[i] > {p}) sum += v[i];\n"
	     "    printf(\"%lld\\n\", sum);\n" END,
      CPP_READ "    long long sum = 0;\n    for (auto x : v)\n"
	       "        if (x > {p}) sum += x;\n"
	       "    cout << sum << endl;\n" END}},
    {"window",
     NUMBERS "Print the greatest sum of {p} integers that follow each other "
	     "directly; n is at least {p}.",
     2,
     20,
     make_window,
     {PY_READ "print(max(sum(v[i:i + {p}]) for i in range(n - {p} + 1)))\n",
      C_READ "    long long best = -1000000, sum = 0;\n"
	     "    for (int i = 0; i < n; i++) {\n        sum += v[i];\n"
	     "        if (i >= {p}) sum -= v[i - {p}];\n"
	     "        if (i >= {p} - 1 && sum > best) best = sum;\n    }\n"
	     "    printf(\"%lld\\n\", best);\n" END,
      CPP_READ "    long long best = -1000000;\n"
	       "    for (int i = 0; i + {p} <= n; i++) {\n"
	       "        long long sum = 0;\n"
	       "        for (int j = 0; j < {p}; j++) sum += v[i + j];\n"
	       "        best = max(best, sum);\n    }\n"
	       "    cout << best << endl;\n" END}},
    {"caesar",
     "Read a word of small letters. Move each letter {p} places on in the "
     "alphabet, where a follows z, and print the word.",
     1,
     300,
     make_caesar,
     {"s = input()\n"
      "print(''.join(chr((ord(c) - 97 + {p}) % 26 + 97) for c in s))\n",
      C_WORD "    for (char *c = s; *c; c++) *c = (*c - 'a' + {p}) % 26 + "
	     "'a';\n    puts(s);\n" END,
      CPP_HEAD "    string s;\n    cin >> s;\n"
	       "    for (auto &c : s) c = (c - 'a' + {p}) % 26 + 'a';\n"
	       "    cout << s << endl;\n" END}},
    {"digits",
     "Read an integer from 0 to 10^15 and print the sum of its digits in base "
     "{p}.",
     2,
     500,
     make_digits,
     {"n, s = int(input()), 0\nwhile n:\n    s += n % {p}\n"
      "    n //= {p}\nprint(s)\n",
      C_HEAD "    long long n, s = 0;\n"
	     "    if (scanf(\"%lld\", &n) != 1) return 1;\n"
	     "    for (; n; n /= {p}) s += n % {p};\n"
	     "    printf(\"%lld\\n\", s);\n" END,
      CPP_HEAD "    long long n, s = 0;\n    cin >> n;\n"
	       "    for (; n; n /= {p}) s += n % {p};\n"
	       "    cout << s << endl;\n" END}},
    {"power",
     "Read two integers a and b, from 0 to 10^9 each, and print a to the "
     "power of b, modulo {p}. 0 to the power of 0 is 1.",
     2,
     99999,
     make_power,
     {"a, b = map(int, input().split())\nprint(pow(a, b, {p}))\n",
      C_HEAD "    long long a, b, r = 1;\n"
	     "    if (scanf(\"%lld %lld\", &a, &b) != 2) return 1;\n"
	     "    for (a %= {p}; b; b /= 2, a = a * a % {p})\n"
	     "        if (b % 2) r = r * a % {p};\n"
	     "    printf(\"%lld\\n\", r);\n" END,
      CPP_HEAD "    long long a, b, r = 1;\n    cin >> a >> b;\n"
	       "    for (a %= {p}; b; b /= 2, a = a * a % {p})\n"
	       "        if (b % 2) r = r * a % {p};\n"
	       "    cout << r << endl;\n" END}},
    {"runs",
     "Read a word of the letters a and b. A run is as many equal letters in a "
     "row as possible. Print how many runs have at least {p} letters.",
     1,
     12,
     make_runs,
     {"from itertools import groupby\ns = input()\n"
      "print(sum(len(list(g)) >= {p} for _, g in groupby(s)))\n",
      C_WORD "    int run = 0, found = 0;\n"
	     "    for (int i = 0; s[i]; i++) {\n"
	     "        run = i && s[i] == s[i - 1] ? run + 1 : 1;\n"
	     "        found += run == {p};\n    }\n"
	     "    printf(\"%d\\n\", found);\n" END,
      CPP_HEAD "    string s;\n    cin >> s;\n    int run = 0, found = 0;\n"
	       "    for (size_t i = 0; i < s.size(); i++) {\n"
	       "        run = i && s[i] == s[i - 1] ? run + 1 : 1;\n"
	       "        found += run == {p};\n    }\n"
	       "    cout << found << endl;\n" END}},
    {"mean",
     NUMBERS "Print the mean of those below {p} with 3 digits behind the "
	     "point, or \"none\" if there are none.",
     1,
     999,
     make_mean,
     {PY_READ "v = [x for x in v if x < {p}]\n"
	      "print('%.3f' % (sum(v) / len(v)) if v else 'none')\n",
      C_READ "    long long sum = 0, kept = 0;\n"
	     "    for (int i = 0; i < n; i++)\n"
	     "        if (v[i] < {p}) sum += v[i], kept++;\n"
	     "    if (kept == 0) { puts(\"none\"); return 0; }\n"
	     "    printf(\"%.3f\\n\", (double)sum / kept);\n" END,
      CPP_READ "    double sum = 0, kept = 0;\n    for (auto x : v)\n"
	       "        if (x < {p}) sum += x, kept++;\n"
	       "    if (kept == 0) { cout << \"none\" << endl; return 0; }\n"
	       "    printf(\"%.3f\\n\", sum / kept);\n" END}},
    {"stairs",
     "Read n, from 1 to 1000. Somebody climbs n stairs and takes 1, 2 or 3 at "
     "a time. Print in how many ways, modulo {p}.",
     2,
     999999,
     make_stairs,
     {"n = int(input())\nw = [1, 1, 2]\nfor i in range(3, n + 1):\n"
      "    w.append(sum(w[-3:]))\nprint(w[n] % {p})\n",
      C_HEAD "    int n;\n    long long w[1001] = {1, 1, 2};\n"
	     "    if (scanf(\"%d\", &n) != 1) return 1;\n"
	     "    for (int i = 3; i <= n; i++)\n"
	     "        w[i] = (w[i - 1] + w[i - 2] + w[i - 3]) % {p};\n"
	     "    printf(\"%lld\\n\", w[n] % {p});\n" END,
      CPP_HEAD "    int n;\n    cin >> n;\n"
	       "    vector<long long> w(n + 3, 1);\n    w[2] = 2;\n"
	       "    for (int i = 3; i <= n; i++)\n"
	       "        w[i] = (w[i - 1] + w[i - 2] + w[i - 3]) % {p};\n"
	       "    cout << w[n] % {p} << endl;\n" END}},
    {"top",
     NUMBERS "Print the {p} greatest of them, the greatest first, in one "
	     "line; n is at least {p}.",
     1,
     20,
     make_top,
     {PY_READ "v.sort(reverse=True)\nprint(*v[:{p}])\n",
      C_READ
      "    for (int i = 0; i < n; i++)\n"
      "        for (int j = i + 1; j < n; j++)\n"
      "            if (v[j] > v[i]) {\n"
      "                long long x = v[i];\n                v[i] = v[j];\n"
      "                v[j] = x;\n            }\n"
      "    for (int i = 0; i < {p}; i++) printf(\"%lld \", v[i]);\n" END,
      CPP_READ "    sort(v.begin(), v.end(), greater<long long>());\n"
	       "    for (int i = 0; i < {p}; i++) cout << v[i] << ' ';\n" END}},
};

const uint64_t programs_n_kinds = DRAW_COUNT(programs_all_kinds);
