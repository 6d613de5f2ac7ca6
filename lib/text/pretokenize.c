/* SPDX-License-Identifier: MIT */
#include "text/pretokenize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/fail.h"
#include "core/json.h"
#include "text/split.h"

/* ByteLevel's own expression (github.com/openai/gpt-2, src/encoder.py). */
#define GPT2                                                                   \
	"'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+"    \
	"|\\s+(?!\\S)|\\s+"

/* "pre_tokenizer.pretokenizers[1]" */
#define KEY_BYTES 128

static int add_step(grpo__pretokenizer *p, struct grpo__step **out)
{
	if (grpo__grow(&p->step, &p->cap, p->n + 1, sizeof *p->step) < 0)
		return GRPO_ENOMEM;
	*out = &p->step[p->n++];
	memset(*out, 0, sizeof **out);
	return 0;
}

static int add_split(grpo__pretokenizer *p, const char *pattern, int literal,
		     int behaviour, int invert)
{
	struct grpo__step *s;

	if (add_step(p, &s) < 0)
		return GRPO_ENOMEM;
	s->behaviour = behaviour;
	s->invert = invert;
	return grpo__step_compile(s, pattern, literal);
}

static int read_behaviour(int *out, const cJSON *json, const char *key)
{
	static const char *const names[] = {
	    "Removed",    "Isolated", "MergedWithPrevious", "MergedWithNext",
	    "Contiguous", NULL}; /* as in enum grpo__behaviour */
	const char *name;
	int rc = 0, i;

	GRPO_TRY(grpo__json_string(&name, json, "behavior", key));
	for (i = 0; names[i]; i++) {
		if (strcmp(name, names[i]) == 0) {
			*out = i;
			return 0;
		}
	}
	rc = grpo__fail(GRPO_EFORMAT,
			"%s: \"behavior\": \"%s\" is not supported", key, name);
out:
	return rc;
}

static int read_split(grpo__pretokenizer *p, const cJSON *json, const char *key)
{
	const cJSON *pattern =
	    cJSON_GetObjectItemCaseSensitive(json, "pattern");
	const cJSON *regex = cJSON_GetObjectItemCaseSensitive(pattern, "Regex");
	const cJSON *text = cJSON_GetObjectItemCaseSensitive(pattern, "String");
	int rc = 0, behaviour = 0, invert;

	GRPO_FAIL_IF(!cJSON_IsString(regex) && !cJSON_IsString(text),
		     GRPO_EFORMAT,
		     "%s: \"pattern\": expected {\"Regex\": \"…\"} or "
		     "{\"String\": \"…\"}",
		     key);
	GRPO_TRY(read_behaviour(&behaviour, json, key));
	GRPO_TRY(grpo__json_bool_or(&invert, json, "invert", 0, key));
	rc = add_split(p, regex ? regex->valuestring : text->valuestring,
		       !regex, behaviour, invert);
	if (rc < 0 && rc != GRPO_ENOMEM)
		grpo__fail_context(rc, "%s.pattern", key);
out:
	return rc;
}

static int read_digits(grpo__pretokenizer *p, const cJSON *json,
		       const char *key)
{
	int rc = 0, individual;

	GRPO_TRY(
	    grpo__json_bool_or(&individual, json, "individual_digits", 0, key));
	rc = add_split(
	    p, "\\p{N}", 0,
	    individual ? GRPO__SPLIT_ISOLATED : GRPO__SPLIT_CONTIGUOUS, 0);
out:
	return rc;
}

static int read_byte_level(grpo__pretokenizer *p, const cJSON *json,
			   const char *key)
{
	int rc = 0, prefix, regex;
	struct grpo__step *s;

	GRPO_TRY(grpo__json_bool_or(&prefix, json, "add_prefix_space", 1, key));
	GRPO_TRY(grpo__json_bool_or(&regex, json, "use_regex", 1, key));
	if (prefix) {
		GRPO_TRY(add_step(p, &s));
		s->behaviour = GRPO__PREFIX_SPACE;
	}
	if (regex)
		rc = add_split(p, GPT2, 0, GRPO__SPLIT_ISOLATED, 0);
out:
	return rc;
}

/* Reads one that is not a Sequence; *bytes: it is ByteLevel. */
static int read_one(grpo__pretokenizer *p, const cJSON *json, const char *key,
		    int *bytes)
{
	const char *type;
	int rc = 0;

	GRPO_FAIL_IF(!cJSON_IsObject(json), GRPO_EFORMAT,
		     "%s: expected an object", key);
	GRPO_TRY(grpo__json_string(&type, json, "type", key));
	*bytes = strcmp(type, "ByteLevel") == 0;
	if (*bytes)
		rc = read_byte_level(p, json, key);
	else if (strcmp(type, "Split") == 0)
		rc = read_split(p, json, key);
	else if (strcmp(type, "Digits") == 0)
		rc = read_digits(p, json, key);
	else
		rc = grpo__fail(GRPO_EFORMAT,
				"%s: \"type\": \"%s\" is not supported, "
				"expected ByteLevel, Split, Digits or a "
				"Sequence of them",
				key, type);
out:
	return rc;
}

static int read_sequence(grpo__pretokenizer *p, const cJSON *json, int *bytes)
{
	const cJSON *list =
	    cJSON_GetObjectItemCaseSensitive(json, "pretokenizers");
	const cJSON *each;
	char key[KEY_BYTES];
	int rc = 0, i = 0;

	GRPO_FAIL_IF(!cJSON_IsArray(list), GRPO_EFORMAT,
		     "pre_tokenizer: \"pretokenizers\": expected a list");
	cJSON_ArrayForEach(each, list)
	{
		snprintf(key, sizeof key, "pre_tokenizer.pretokenizers[%d]",
			 i++);
		/* A step after ByteLevel would see its alphabet, not the text.
		 */
		GRPO_FAIL_IF(*bytes, GRPO_EFORMAT,
			     "%s: expected nothing after ByteLevel", key);
		GRPO_TRY(read_one(p, each, key, bytes));
	}
out:
	return rc;
}

int grpo__pretokenizer_read(grpo__pretokenizer *p, const cJSON *json)
{
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "type");
	int rc = 0, bytes = 0;

	GRPO_FAIL_IF(!json || cJSON_IsNull(json), GRPO_EFORMAT,
		     "\"pre_tokenizer\" is missing, expected ByteLevel or a "
		     "Sequence with it");
	if (cJSON_IsString(type) && strcmp(type->valuestring, "Sequence") == 0)
		GRPO_TRY(read_sequence(p, json, &bytes));
	else
		GRPO_TRY(read_one(p, json, "pre_tokenizer", &bytes));
	GRPO_FAIL_IF(!bytes, GRPO_EFORMAT,
		     "\"pre_tokenizer\" has no ByteLevel, expected byte-level "
		     "BPE");
out:
	return rc;
}

void grpo__pretokenizer_dispose(grpo__pretokenizer *p)
{
	size_t i;

	for (i = 0; i < p->n; i++)
		grpo__step_dispose(&p->step[i]);
	free(p->step);
	memset(p, 0, sizeof *p);
}

void grpo__pieces_dispose(grpo__pieces *p)
{
	free(p->spans.span);
	free(p->next.span);
	free(p->matches.span);
	grpo__buf_dispose(&p->prefixed);
	grpo__buf_dispose(&p->work);
	grpo__matcher_free(p->matcher);
}

int grpo__pretokenize(const grpo__pretokenizer *p, grpo__pieces *pieces,
		      const char *text, size_t len)
{
	grpo__spans *s = &pieces->spans;
	int rc = 0;
	size_t i;

	pieces->text = text;
	s->n = 0;
	if (len == 0)
		return 0;
	GRPO_TRY(grpo__grow(&s->span, &s->cap, 1, sizeof *s->span));
	s->span[s->n++] = (grpo__span){0, len, 0};
	for (i = 0; i < p->n; i++)
		GRPO_TRY(grpo__step_apply(&p->step[i], pieces));
out:
	return rc;
}
