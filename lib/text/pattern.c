/* SPDX-License-Identifier: MIT */
#include "text/pattern.h"

#include <string.h>
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "core/fail.h"
#include "text/utf8.h"

#define SPACE "\\t-\\r\\x{20}\\x{85}\\p{Z}"
#define NOT_SPACE                                                              \
	"\\x{0}-\\x{8}\\x{e}-\\x{1f}\\x{21}-\\x{84}\\x{86}-\\x{9f}"            \
	"\\x{a1}-\\x{167f}\\x{1681}-\\x{1fff}\\x{200b}-\\x{2027}"              \
	"\\x{202a}-\\x{202e}\\x{2030}-\\x{205e}\\x{2060}-\\x{2fff}"            \
	"\\x{3001}-\\x{10ffff}"
#define WORD                                                                   \
	"\\p{L}\\p{M}\\p{Nd}\\p{Nl}\\p{Pc}\\x{24b6}-\\x{24e9}"                 \
	"\\x{1f130}-\\x{1f149}\\x{1f150}-\\x{1f169}\\x{1f170}-\\x{1f189}"
/* Outside of classes, Oniguruma uses its Latin-1 table, which counts
 * superscripts and fractions as word characters. */
#define WORD_ALONE WORD "\\x{b2}\\x{b3}\\x{b9}\\x{bc}-\\x{be}"

/* What an escaped letter stands for: alone, and inside a class. */
static const struct escape {
	char letter;
	const char *alone, *in_class; /* NULL: refused there */
} escapes[] = {
    {'s', "[" SPACE "]", SPACE},
    {'S', "[^" SPACE "]", NOT_SPACE},
    {'w', "[" WORD_ALONE "]", WORD},
    {'W', "[^" WORD_ALONE "]", NULL},
    {'d', "\\p{Nd}", "\\p{Nd}"},
    {'D', "\\P{Nd}", "\\P{Nd}"},
    {'h', "[0-9a-fA-F]", "0-9a-fA-F"},
    {'H', "[^0-9a-fA-F]", NULL},
    {'v', "\\x{b}", "\\x{b}"},
    {'t', "\\t", "\\t"},
    {'n', "\\n", "\\n"},
    {'r', "\\r", "\\r"},
    {'f', "\\f", "\\f"},
    {'a', "\\a", "\\a"},
    {'e', "\\e", "\\e"},
    {'A', "\\A", NULL},
    {'z', "\\z", NULL},
    {'Z', "\\Z", NULL},
};

struct reader {
	const char *s;
	size_t len, i;
	grpo__buf *out;
};

static int refuse(const struct reader *r, size_t start, const char *why)
{
	size_t n = r->len - start;

	if (n > 12) {
		n = 12;
		while (((unsigned char)r->s[start + n] & 0xc0) == 0x80)
			n--;
	}
	return grpo__fail(GRPO_EFORMAT, "at byte %zu, \"%.*s\": %s", start,
			  (int)n, r->s + start, why);
}

static int put(struct reader *r, const char *s)
{
	return grpo__buf_add(r->out, s, strlen(s));
}

/* Copies n bytes of the pattern. */
static int copy(struct reader *r, size_t n)
{
	r->i += n;
	return grpo__buf_add(r->out, r->s + r->i - n, n);
}

static int looking_at(const struct reader *r, const char *s)
{
	size_t n = strlen(s);

	return r->len - r->i >= n && memcmp(r->s + r->i, s, n) == 0;
}

static int is_hex(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* \xHH, \x{H…} and \uHHHH; at the backslash. */
static int hex_escape(struct reader *r)
{
	size_t start = r->i, i = r->i + 2, n = 0;
	int braced = i < r->len && r->s[i] == '{';
	size_t least = r->s[start + 1] == 'u' ? 4 : 1;
	size_t most = braced ? 6 : r->s[start + 1] == 'u' ? 4 : 2;

	if (braced)
		i++;
	while (n < most && i + n < r->len && is_hex(r->s[i + n]))
		n++;
	if (n < least ||
	    (braced && (least == 4 || i + n >= r->len || r->s[i + n] != '}')))
		return refuse(r, start, "expected a hexadecimal code point");
	r->i = i + n + (size_t)braced;
	if (put(r, "\\x{") < 0 || grpo__buf_add(r->out, r->s + i, n) < 0)
		return GRPO_ENOMEM;
	return put(r, "}");
}

/* \p{Name}, \P{Name}, \p{^Name}; names of scripts need a prefix since
 * PCRE2 10.40, which else takes script extensions. */
static int property(struct reader *r)
{
	size_t start = r->i, i = start + 3, n = 0;
	int negated;

	if (i >= r->len || r->s[i - 1] != '{')
		return refuse(r, start, "expected \\p{Name}");
	negated = r->s[i] == '^';
	i += (size_t)negated;
	while (i + n < r->len && r->s[i + n] != '}')
		n++;
	if (i + n >= r->len)
		return refuse(r, start, "expected \\p{Name}");
	r->i = i + n + 1;
	if (grpo__buf_add(r->out, r->s + start, 2) < 0 ||
	    put(r, negated ? "{^" : "{") < 0)
		return GRPO_ENOMEM;
#if PCRE2_MAJOR > 10 || PCRE2_MINOR >= 40
	if (n > 2 && !(n == 3 && memcmp(r->s + i, "Any", 3) == 0) &&
	    put(r, "sc:") < 0)
		return GRPO_ENOMEM;
#endif
	if (grpo__buf_add(r->out, r->s + i, n) < 0)
		return GRPO_ENOMEM;
	return put(r, "}");
}

static int is_ascii_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || c == '_';
}

static int escape(struct reader *r, int in_class)
{
	const struct escape *e = escapes;
	size_t n = sizeof escapes / sizeof *escapes;
	const char *text;
	char c;

	if (r->i + 1 >= r->len)
		return refuse(r, r->i, "a lone backslash");
	c = r->s[r->i + 1];
	if (c == 'p' || c == 'P')
		return property(r);
	if (c == 'x' || c == 'u')
		return hex_escape(r);
	if (!is_ascii_word(c)) /* escaped punctuation is itself */
		return (unsigned char)c < 0x80 ? copy(r, 2)
					       : copy(r, 1) /* keeps UTF-8 */;
	while (n > 0 && e->letter != c) {
		e++;
		n--;
	}
	text = n == 0 ? NULL : in_class ? e->in_class : e->alone;
	if (!text)
		return refuse(r, r->i, "this escape is not supported");
	r->i += 2;
	return put(r, text);
}

static int class_item(struct reader *r)
{
	size_t n = 1;

	if (r->s[r->i] == '\\')
		return escape(r, 1);
	if (r->s[r->i] == '[')
		return refuse(r, r->i,
			      "a class inside a class is not "
			      "supported");
	if (looking_at(r, "&&"))
		return refuse(r, r->i,
			      "an intersection of classes is not "
			      "supported");
	while (r->i + n < r->len &&
	       ((unsigned char)r->s[r->i + n] & 0xc0) == 0x80)
		n++;
	return copy(r, n);
}

static int class(struct reader *r)
{
	size_t start = r->i;
	int rc = copy(r, 1);

	if (rc == 0 && looking_at(r, "^"))
		rc = copy(r, 1);
	if (rc == 0 && looking_at(r, "]"))
		return refuse(r, start, "an empty class is not supported");
	while (rc == 0 && r->i < r->len && r->s[r->i] != ']')
		rc = class_item(r);
	if (rc < 0)
		return rc;
	if (r->i >= r->len)
		return refuse(r, start, "the class is not closed");
	return copy(r, 1);
}

/* Options inside a pattern end at different places in the two dialects, except
 * at its start. */
static int group(struct reader *r)
{
	static const char *const known[] = {
	    "(?:", "(?=", "(?!", "(?<=", "(?<!", "(?>", "(?i:", "(?-i:", NULL};
	int k;

	if (!looking_at(r, "(?"))
		return copy(r, 1);
	if (r->i == 0 && looking_at(r, "(?i)"))
		return copy(r, 4);
	for (k = 0; known[k]; k++)
		if (looking_at(r, known[k]))
			return copy(r, strlen(known[k]));
	return refuse(r, r->i, "this kind of group is not supported");
}

/* Bytes of {n}, {n,}, {,m} or {n,m} at r, 0 where it is none. */
static size_t interval_length(const struct reader *r, int *comma)
{
	size_t i = r->i + 1, digits = 0;

	*comma = 0;
	for (; i < r->len; i++) {
		if (r->s[i] >= '0' && r->s[i] <= '9')
			digits++;
		else if (r->s[i] == ',' && !*comma)
			*comma = 1;
		else
			break;
	}
	if (i >= r->len || r->s[i] != '}' || digits == 0)
		return 0;
	return i + 1 - r->i;
}

static int interval(struct reader *r)
{
	size_t start = r->i;
	int comma;
	size_t n = interval_length(r, &comma);
	int rc = 0;

	if (n == 0)
		return refuse(r, start, "write a brace as \\{");
	if (r->s[r->i + 1] == ',') {
		GRPO_TRY(put(r, "{0"));
		r->i++;
		n--;
	}
	GRPO_TRY(copy(r, n));
	if (looking_at(r, "+") || (!comma && looking_at(r, "?")))
		rc = refuse(r, start, "a second quantifier is not supported");
out:
	return rc;
}

int grpo__pattern_translate(grpo__buf *out, const char *pattern, size_t len)
{
	struct reader r = {pattern, len, 0, out};
	int rc = 0;

	while (rc == 0 && r.i < len) {
		switch (pattern[r.i]) {
		case '\\':
			rc = escape(&r, 0);
			break;
		case '[':
			rc = class(&r);
			break;
		case '(':
			rc = group(&r);
			break;
		case '{':
			rc = interval(&r);
			break;
		default:
			rc = copy(&r, 1);
		}
	}
	return rc;
}
