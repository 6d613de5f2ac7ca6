/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TEXT_PATTERN_H
#define GRPO_TEXT_PATTERN_H

#include <stddef.h>
#include "core/mem.h"

/*
 * The regular expressions of tokenizer.json are Oniguruma's, in its Ruby
 * syntax.  This translates one into PCRE2's (UTF and UCP on, multiline, newline
 * LF) so that both match the same text.  It refuses what PCRE2 cannot express
 * and what the two interpret differently:
 *
 *	\s \S     the White_Space property; PCRE2's own holds U+180E too
 *	\w \d     by Unicode, as Oniguruma has them
 *	\h \v     a hex digit and U+000B; PCRE2 has other meanings
 *	\uHHHH    \x{HHHH}
 *	\p{Han}   the script, not its extensions
 *	refused   back references, \b, \R, \X, nested classes, &&, named
 *	          groups, options but (?i:…), {n,m}+ and {n}?
 *
 * Returns 0, or GRPO_EFORMAT with a line that says what and where.
 */
int grpo__pattern_translate(grpo__buf *out, const char *pattern, size_t len);

#endif
