/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CORE_OPTIONS_H
#define GRPO_CORE_OPTIONS_H

#include <stddef.h>
#include <cjson/cJSON.h>
#include "grpo/export.h"
#include "core/mem.h"

/*
 * Options from JSON: one table gives each key's name, type, place in a struct,
 *default, range and help.  Defaults, reading, checking, --set, --help and the
 *resolved configuration all use this table.
 *
 *	static const grpo__option table[] = {
 *		GRPO__OPT_INT(my_opts, num_generations, 8, 2, 1e6,
 *			      "completions per prompt"),
 *		...
 *		{0}};
 *
 * Strings are owned by the struct (grpo__options_dispose frees them).
 * GRPO__OPT_JSON members are cJSON trees, owned likewise.
 */
enum grpo__option_type {
	GRPO__OPTION_INT,    /* int64_t */
	GRPO__OPTION_NUMBER, /* double */
	GRPO__OPTION_BOOL,   /* int, 0 or 1 */
	GRPO__OPTION_STRING, /* char *, may be NULL */
	GRPO__OPTION_JSON    /* cJSON *, may be NULL: checked by its reader */
};

typedef struct grpo__option {
	const char *key;
	int type; /* enum grpo__option_type */
	size_t offset;
	double dflt;             /* numbers and bools */
	const char *dflt_string; /* strings; JSON text for JSON */
	double min, max;         /* numbers: allowed range, inclusive */
	const char *choices;     /* strings: "a|b|c", or NULL for any */
	const char *help;        /* one line */
} grpo__option;

#define GRPO__OPT_INT(type, key, dflt, min, max, help)                         \
	{                                                                      \
#key, GRPO__OPTION_INT, offsetof(type, key), dflt, NULL, min,  \
		    max, NULL, help                                            \
	}
#define GRPO__OPT_NUMBER(type, key, dflt, min, max, help)                      \
	{                                                                      \
#key, GRPO__OPTION_NUMBER, offsetof(type, key), dflt, NULL,    \
		    min, max, NULL, help                                       \
	}
#define GRPO__OPT_BOOL(type, key, dflt, help)                                  \
	{                                                                      \
#key, GRPO__OPTION_BOOL, offsetof(type, key), dflt, NULL, 0,   \
		    1, NULL, help                                              \
	}
#define GRPO__OPT_STRING(type, key, dflt, choices, help)                       \
	{                                                                      \
#key, GRPO__OPTION_STRING, offsetof(type, key), 0, dflt, 0, 0, \
		    choices, help                                              \
	}
#define GRPO__OPT_JSON(type, key, dflt_text, help)                             \
	{                                                                      \
#key, GRPO__OPTION_JSON, offsetof(type, key), 0, dflt_text, 0, \
		    0, NULL, help                                              \
	}

/** Fills `opts` with the defaults. */
GRPO_API int grpo__options_init(void *opts, const grpo__option *table);

/**
 * Sets the options in the object `json`. An unknown key, a wrong type or a
 * value out of range is an error; for an unknown key it suggests the nearest
 * known one: "recipe.json: unknown key "num_generation" (nearest:
 * "num_generations")". On failure `opts` may be partly set.
 */
GRPO_API int grpo__options_read(void *opts, const grpo__option *table,
				const cJSON *json, const char *where);

/** One "key=value" from the command line; value is JSON or a bare string. */
GRPO_API int grpo__options_set(void *opts, const grpo__option *table,
			       const char *assignment);

/** Appends the whole configuration as a JSON object, one key a line. */
GRPO_API int grpo__options_print(grpo__buf *out, const void *opts,
				 const grpo__option *table);

/** Appends the help: key, type, default, text. */
GRPO_API int grpo__options_help(grpo__buf *out, const grpo__option *table);

GRPO_API void grpo__options_dispose(void *opts, const grpo__option *table);

#endif
