/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/json.h"

/* printf depends on the locale: replace its decimal separator by a point. */
static void fix_point(char *s)
{
	char *p = s + strspn(s, "+-0123456789e");
	size_t n = strcspn(p, "+-0123456789e");

	if (n == 0)
		return;
	*p = '.';
	memmove(p + 1, p + n, strlen(p + n) + 1);
}

int grpo__json_put_number(grpo__buf *b, double x)
{
	char s[64];
	int digits;

	if (!isfinite(x))
		return grpo__buf_add(b, "null", 4);
	if (fabs(x) < 0x1p53 && x == floor(x)) {
		snprintf(s, sizeof s, "%.0f", x);
		return grpo__buf_add(b, s, strlen(s));
	}
	for (digits = 15; digits <= 17; digits++) {
		snprintf(s, sizeof s, "%.*g", digits, x);
		if (strtod(s, NULL) == x)
			break;
	}
	fix_point(s);
	return grpo__buf_add(b, s, strlen(s));
}

static int put_at(grpo__buf *b, const cJSON *v, int depth);

static int put_children(grpo__buf *b, const cJSON *v, int depth)
{
	int object = cJSON_IsObject(v), rc = 0;
	const cJSON *c;

	if (depth == 0)
		return grpo__fail(GRPO_EINVAL, "JSON is nested too deep");
	GRPO_TRY(grpo__buf_add(b, object ? "{" : "[", 1));
	for (c = v->child; c; c = c->next) {
		if (c != v->child)
			GRPO_TRY(grpo__buf_add(b, ", ", 2));
		if (object) {
			GRPO_TRY(
			    grpo__json_quote(b, c->string, strlen(c->string)));
			GRPO_TRY(grpo__buf_add(b, ": ", 2));
		}
		GRPO_TRY(put_at(b, c, depth - 1));
	}
	rc = grpo__buf_add(b, object ? "}" : "]", 1);
out:
	return rc;
}

static int put_at(grpo__buf *b, const cJSON *v, int depth)
{
	if (cJSON_IsObject(v) || cJSON_IsArray(v))
		return put_children(b, v, depth);
	if (cJSON_IsString(v))
		return grpo__json_quote(b, v->valuestring,
					strlen(v->valuestring));
	if (cJSON_IsNumber(v))
		return grpo__json_put_number(b, v->valuedouble);
	if (cJSON_IsTrue(v))
		return grpo__buf_add(b, "true", 4);
	if (cJSON_IsFalse(v))
		return grpo__buf_add(b, "false", 5);
	return grpo__buf_add(b, "null", 4);
}

int grpo__json_put(grpo__buf *b, const cJSON *v)
{
	return put_at(b, v, 64);
}
