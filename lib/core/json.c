/* SPDX-License-Identifier: MIT */
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include "core/fail.h"
#include "core/file.h"
#include "core/json_scan.h"

/* cJSON copies only the first 64 bytes of a number. */
#define CJSON_MAX_NUMBER 63

/* cJSON reads numbers with strtod, which depends on the caller's locale. */
static cJSON *parse_in_c_locale(const char *text, size_t len)
{
	locale_t c = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	locale_t old;
	cJSON *tree;

	if (c == (locale_t)0)
		return NULL;
	old = uselocale(c);
	tree = cJSON_ParseWithLength(text, len);
	uselocale(old);
	freelocale(c);
	return tree;
}

int grpo__json_parse(cJSON **out, const char *text, size_t len,
		     const char *where)
{
	int rc;

	*out = NULL;
	rc = grpo__json_scan(text, len, where, CJSON_MAX_NUMBER, NULL, NULL);
	if (rc < 0)
		return rc;
	*out = parse_in_c_locale(text, len);
	if (!*out) /* the text is valid, so only memory can be missing */
		return grpo__fail(GRPO_ENOMEM, "%s: out of memory",
				  where ? where : "JSON");
	return 0;
}

int grpo__json_read(cJSON **out, const char *path, size_t max_bytes)
{
	size_t len;
	char *text;
	int rc;

	*out = NULL;
	rc = grpo__file_read(&text, &len, path, max_bytes);
	if (rc == 0)
		rc = grpo__json_parse(out, text, len, path);
	free(text);
	return rc;
}

static int find(const cJSON **out, const cJSON *obj, const char *key,
		const char *where)
{
	if (!cJSON_IsObject(obj))
		return grpo__fail(GRPO_EFORMAT, "%s: expected an object",
				  where);
	*out = cJSON_GetObjectItemCaseSensitive(obj, key);
	if (!*out)
		return grpo__fail(GRPO_ENOTFOUND, "%s: \"%s\" is missing",
				  where, key);
	return 0;
}

static int wrong_type(const char *key, const char *what, const char *where)
{
	return grpo__fail(GRPO_EFORMAT, "%s: \"%s\": expected %s", where, key,
			  what);
}

/* Missing or null: the cases in which the _or forms take their default. */
static int absent(const cJSON *obj, const char *key)
{
	const cJSON *v = cJSON_GetObjectItemCaseSensitive(obj, key);

	return cJSON_IsObject(obj) && (!v || cJSON_IsNull(v));
}

int grpo__json_is_int(const cJSON *v)
{
	return cJSON_IsNumber(v) && fabs(v->valuedouble) < 0x1p53 &&
	       v->valuedouble == floor(v->valuedouble);
}

int grpo__json_int(int64_t *out, const cJSON *obj, const char *key,
		   const char *where)
{
	const cJSON *v = NULL;
	int rc = find(&v, obj, key, where);

	if (rc < 0)
		return rc;
	if (!grpo__json_is_int(v))
		return wrong_type(key, "an integer", where);
	*out = (int64_t)v->valuedouble;
	return 0;
}

int grpo__json_number(double *out, const cJSON *obj, const char *key,
		      const char *where)
{
	const cJSON *v = NULL;
	int rc = find(&v, obj, key, where);

	if (rc < 0)
		return rc;
	if (!cJSON_IsNumber(v) || !isfinite(v->valuedouble))
		return wrong_type(key, "a number", where);
	*out = v->valuedouble;
	return 0;
}

int grpo__json_bool(int *out, const cJSON *obj, const char *key,
		    const char *where)
{
	const cJSON *v = NULL;
	int rc = find(&v, obj, key, where);

	if (rc < 0)
		return rc;
	if (!cJSON_IsBool(v))
		return wrong_type(key, "true or false", where);
	*out = cJSON_IsTrue(v) ? 1 : 0;
	return 0;
}

int grpo__json_string(const char **out, const cJSON *obj, const char *key,
		      const char *where)
{
	const cJSON *v = NULL;
	int rc = find(&v, obj, key, where);

	if (rc < 0)
		return rc;
	if (!cJSON_IsString(v))
		return wrong_type(key, "a string", where);
	*out = v->valuestring;
	return 0;
}

int grpo__json_int_or(int64_t *out, const cJSON *obj, const char *key,
		      int64_t dflt, const char *where)
{
	if (!absent(obj, key))
		return grpo__json_int(out, obj, key, where);
	*out = dflt;
	return 0;
}

int grpo__json_number_or(double *out, const cJSON *obj, const char *key,
			 double dflt, const char *where)
{
	if (!absent(obj, key))
		return grpo__json_number(out, obj, key, where);
	*out = dflt;
	return 0;
}

int grpo__json_bool_or(int *out, const cJSON *obj, const char *key, int dflt,
		       const char *where)
{
	if (!absent(obj, key))
		return grpo__json_bool(out, obj, key, where);
	*out = dflt;
	return 0;
}

int grpo__json_members(grpo__json_member **out, size_t *n, const char *text,
		       size_t len, const char *where)
{
	*out = NULL;
	*n = 0;
	return grpo__json_scan(text, len, where, 0, out, n);
}
