/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_JSON_H
#define GRPO_CORE_JSON_H

#include <stddef.h>
#include <stdint.h>
#include <cjson/cJSON.h>
#include "grpo/export.h"
#include "core/mem.h"

/*
 * Checked JSON over cJSON.  cJSON alone stops at \u0000, takes invalid UTF-8
 * and trailing text, rounds integers past 2^53, keeps duplicate keys and
 * recurses; this wrapper validates the text first (UTF-8, grammar, depth 64,
 * no NUL, no duplicate key, whole text used), then lets cJSON build the tree.
 *
 * `where` names the place in messages: "file.json" or "file.jsonl:17".
 * Errors are GRPO_EFORMAT and read "where: line 3: expected ',' or '}'"
 * (the line within the text, where it has more than one).
 */

/** Parses one value; the caller frees *out with cJSON_Delete. */
GRPO_API int grpo__json_parse(cJSON **out, const char *text, size_t len,
			      const char *where);

/* Such numbers as 1e999 become infinite; grpo__json_number refuses them.  A
 * number may have 63 bytes (cJSON's limit); grpo__json_members has none. */

/** Reads and parses a file of at most max_bytes. */
GRPO_API int grpo__json_read(cJSON **out, const char *path, size_t max_bytes);

/*
 * Members of the object `obj`.  A missing key is GRPO_ENOTFOUND, a wrong type
 * GRPO_EFORMAT, each with a message such as: where: "key": expected an integer.
 * The _or forms use a default for a missing key or null.
 */
GRPO_API int grpo__json_int(int64_t *out, const cJSON *obj, const char *key,
			    const char *where); /* |x| < 2^53, integral */
GRPO_API int grpo__json_number(double *out, const cJSON *obj, const char *key,
			       const char *where);
GRPO_API int grpo__json_bool(int *out, const cJSON *obj, const char *key,
			     const char *where);
GRPO_API int grpo__json_string(const char **out, const cJSON *obj,
			       const char *key, const char *where);
GRPO_API int grpo__json_int_or(int64_t *out, const cJSON *obj, const char *key,
			       int64_t dflt, const char *where);
GRPO_API int grpo__json_number_or(double *out, const cJSON *obj,
				  const char *key, double dflt,
				  const char *where);
GRPO_API int grpo__json_bool_or(int *out, const cJSON *obj, const char *key,
				int dflt, const char *where);

/** 1 for a number that grpo__json_int accepts. 2^53 is too large, since 2^53 +
 * 1 reads as 2^53 and the two cannot be distinguished. */
GRPO_API int grpo__json_is_int(const cJSON *v);

/**
 * The members of a JSON object as slices of its own text, so that numbers
 * keep every digit.  The text is validated as grpo__json_parse does.
 * members: [n] allocated array; keys are decoded and NUL-terminated.
 */
typedef struct grpo__json_member {
	char *key;
	const char *value; /* into the caller's text */
	size_t value_len;
} grpo__json_member;
GRPO_API int grpo__json_members(grpo__json_member **out, size_t *n,
				const char *text, size_t len,
				const char *where);
GRPO_API void grpo__json_members_free(grpo__json_member *m, size_t n);

/**
 * The text of a JSON string: a member's value, or another slice of a text
 * that was checked, from quote to quote.  *out is NUL-terminated, free() it;
 * len may be NULL.
 */
GRPO_API int grpo__json_decode(char **out, size_t *len, const char *json,
			       size_t json_len);

/** Appends `s` as a JSON string with quotes; s must be UTF-8. */
GRPO_API int grpo__json_quote(grpo__buf *b, const char *s, size_t len);

/** Appends a double that reads back the same ("%.17g" shortened), in any
 * locale; null if it is not finite. */
GRPO_API int grpo__json_put_number(grpo__buf *b, double x);

/** Appends a tree on one line; numbers read back the same (cJSON's own
 *  printer drops their last digits). */
GRPO_API int grpo__json_put(grpo__buf *b, const cJSON *v);

/** The entry of `names` (NULL-terminated) that `word` probably means, the first
 * of equals: at most a third of the letters differ (two neighbours swapped
 * count once), the letters are the same, or one is the start of the other or
 * made of parts of it, as "batch_size" of "per_device_train_batch_size". NULL
 * if none is near. */
GRPO_API const char *grpo__nearest(const char *word, const char *const *names);

#endif
