/* SPDX-License-Identifier: MIT */
#include "examples/json_out.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* Length of the UTF-8 sequence at p, 0 where it is none. */
static size_t utf8_length(const unsigned char *p, size_t left)
{
	static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
	size_t i, n = p[0] < 0x80             ? 1
		      : (p[0] & 0xe0) == 0xc0 ? 2
		      : (p[0] & 0xf0) == 0xe0 ? 3
		      : (p[0] & 0xf8) == 0xf0 ? 4
					      : 0;
	uint32_t c = n > 1 ? p[0] & (0xffu >> (n + 1)) : p[0];

	if (n == 0 || n > left)
		return 0;
	for (i = 1; i < n; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (p[i] & 0x3fu);
	}
	if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff))
		return 0;
	return n;
}

static void put_ascii(FILE *f, unsigned char c)
{
	if (c == '"' || c == '\\')
		fprintf(f, "\\%c", c);
	else if (c == '\n')
		fputs("\\n", f);
	else if (c < 0x20)
		fprintf(f, "\\u%04x", c);
	else
		putc(c, f);
}

void json_string(FILE *f, const char *text, size_t len)
{
	const unsigned char *p = (const unsigned char *)text;
	size_t i = 0;

	putc('"', f);
	while (i < len) {
		size_t n = utf8_length(p + i, len - i);

		if (n == 0)
			fputs("\xef\xbf\xbd", f);
		else if (n == 1)
			put_ascii(f, p[i]);
		else
			fwrite(p + i, 1, n, f);
		i += n ? n : 1;
	}
	putc('"', f);
}

void json_number(FILE *f, double x)
{
	char s[32];
	int digits;

	if (!isfinite(x)) {
		fputs("null", f);
		return;
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, x);
		if (strtod(s, NULL) == x)
			break;
	}
	fputs(s, f);
}
