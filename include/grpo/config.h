/* SPDX-License-Identifier: MIT */
#ifndef GRPO_CONFIG_H
#define GRPO_CONFIG_H

#include <stddef.h>
#include <stdint.h>
#include "grpo/export.h"
#include "grpo/reward_set.h"

/*
 * Settings of a program: defaults, then a JSON file, then the command line.
 *
 * One table describes each key: its name, where its value is stored, its
 * default, its range and its help text.  Reading, checking, help and the
 * resolved configuration all use this table:
 *
 *	struct app { int64_t n_threads; const char *model; } app;
 *	static const grpo_option options[] = {
 *		GRPO_OPT_INT(struct app, n_threads, 0, 0, 1024, 0,
 *			     "CPU threads; 0: all"),
 *		GRPO_OPT_STRING(struct app, model, NULL, 0,
 *				"model folder"),
 *		GRPO_OPT_END};
 *
 *	grpo_config *c;
 *	grpo_trainer_config t;
 *	grpo_config_create(&c);
 *	grpo_config_add(c, "Model", NULL, options, &app);
 *	grpo_config_add_trainer(c, &t);             // trainer_config.h
 *	grpo_config_read(c, "recipe.json");
 *	grpo_config_set(c, "learning_rate=1e-4");   // one --set
 *	...
 *	grpo_config_free(c);                        // frees app.model too
 *
 * An unknown key is an error, and the message suggests the nearest known key:
 *
 *	recipe.json: unknown key "num_generation" (nearest: "num_generations")
 */
typedef struct grpo_config grpo_config;

/** The C type behind a key.  Strings belong to the grpo_config. */
enum grpo_option_type {
	GRPO_OPTION_END = 0,    /* ends a table */
	GRPO_OPTION_INT = 1,    /* int64_t */
	GRPO_OPTION_NUMBER = 2, /* double */
	GRPO_OPTION_BOOL = 3,   /* int32_t, 0 or 1 */
	GRPO_OPTION_CHOICE = 4, /* int32_t, index into `choices` */
	GRPO_OPTION_STRING = 5, /* const char *, or NULL */
	GRPO_OPTION_JSON = 6    /* const char *, any value as its JSON text */
};

enum grpo_option_flags {
	/* May change when a run is resumed: it does not affect the results, or
	 * is a name for contents that a checkpoint holds (grpo/checkpoint.h).
	 */
	GRPO_OPTION_FREE = 1
};

/** One key.  Use the macros below to write a table. */
typedef struct grpo_option {
	const char *key;
	int32_t type;          /* enum grpo_option_type */
	int32_t flags;         /* enum grpo_option_flags */
	size_t offset;         /* of the value in the struct */
	double dflt;           /* INT, NUMBER, BOOL, CHOICE (the index) */
	const char *dflt_text; /* STRING, JSON; NULL: none */
	double min, max;       /* INT, NUMBER: inclusive range */
	const char *choices;   /* CHOICE: "grpo|bnpo|dapo" */
	const char *help;      /* one line, lower case, no full stop */
} grpo_option;

/* clang-format off */
#define GRPO_OPT_INT(type, key, dflt, min, max, flags, help)                   \
	{#key, GRPO_OPTION_INT, flags, offsetof(type, key), dflt, NULL, min,   \
	 max, NULL, help}
#define GRPO_OPT_NUMBER(type, key, dflt, min, max, flags, help)                \
	{#key, GRPO_OPTION_NUMBER, flags, offsetof(type, key), dflt, NULL,     \
	 min, max, NULL, help}
#define GRPO_OPT_BOOL(type, key, dflt, flags, help)                            \
	{#key, GRPO_OPTION_BOOL, flags, offsetof(type, key), dflt, NULL, 0, 1, \
	 NULL, help}
#define GRPO_OPT_CHOICE(type, key, dflt, choices, flags, help)                 \
	{#key, GRPO_OPTION_CHOICE, flags, offsetof(type, key), dflt, NULL, 0,  \
	 0, choices, help}
#define GRPO_OPT_STRING(type, key, dflt, flags, help)                          \
	{#key, GRPO_OPTION_STRING, flags, offsetof(type, key), 0, dflt, 0, 0,  \
	 NULL, help}
#define GRPO_OPT_JSON(type, key, dflt, flags, help)                            \
	{#key, GRPO_OPTION_JSON, flags, offsetof(type, key), 0, dflt, 0, 0,    \
	 NULL, help}
#define GRPO_OPT_END                                                           \
	{NULL, GRPO_OPTION_END, 0, 0, 0, NULL, 0, 0, NULL, NULL}
/* clang-format on */

GRPO_BEGIN_DECLS

/**
 * Creates a configuration without any keys.
 *
 * out  out  free with grpo_config_free
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_create(grpo_config **out);

/**
 * Frees the configuration and every string that it stored in a struct.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_config_free(grpo_config *c);

/**
 * Adds a table and fills its struct with the defaults.
 *
 * title    in   heading in the help
 * section  in   NULL: the keys are at the top level of the file.  Otherwise
 *               they are in an object of this name, and on the command line
 *               they are "section.key":
 *               {"base": {"steps": 1300}}, --set base.steps=1300
 * table    in   ends with GRPO_OPT_END; kept
 * values   in   the struct; kept until grpo_config_free, and written by
 *               every call below that succeeds
 *
 * Returns 0, or GRPO_EINVAL if a key already exists.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_add_(grpo_config *c, const char *title,
			      const char *section, const grpo_option *table,
			      size_t option_size, void *values);
#define grpo_config_add(c, title, section, table, values)                      \
	grpo_config_add_((c), (title), (section), (table), sizeof *(table),    \
			 (values))

/**
 * Reads a JSON file.  Keys that are not in the file keep their values.
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT (the message names the file, the key
 * and what was expected).  After a failure every struct is untouched, and the
 * only thing to do with `c` is to free it.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_read(grpo_config *c, const char *path);

/**
 * Sets one key: "key=value", where the value is JSON or a bare string.
 * Returns the same codes as grpo_config_read.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_set(grpo_config *c, const char *assignment);

enum grpo_config_text_flags {
	/* Leave out the keys with GRPO_OPTION_FREE.  The results of a run
	 * depend on the remaining keys. */
	GRPO_CONFIG_NUMBERS = 1
};

/**
 * Writes the whole configuration as a JSON object that grpo_config_read can
 * read.  The values are taken from the structs, so changes that the program
 * made itself are included; a program can also write a small JSON report in
 * this way.
 *
 * text   out  NUL-terminated; free with free()
 * flags  in   enum grpo_config_text_flags
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_text(const grpo_config *c, char **text,
			      uint32_t flags);

/**
 * Lists every key with its type, default and help text.
 *
 * text  out  NUL-terminated; free with free()
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_help(const grpo_config *c, char **text);

/**
 * Adds the rewards of a JSON list to a set, in the order of the list:
 *
 *	[{"name": "format", "weight": 0.5, "params": {…}}, {"name": "math"}]
 *
 * where  in   the file or key, used in messages
 *
 * Returns 0, GRPO_EFORMAT, or what grpo_reward_set_add returns.
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API int grpo_config_rewards(grpo_reward_set *set, const char *json,
				 const char *where);

GRPO_END_DECLS

#endif
