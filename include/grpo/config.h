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
 * A table says once what each key is called, where its value goes, what it
 * is by default, what it may be and what it does.  Reading, checking, help
 * and the resolved configuration all follow from it:
 *
 *	struct app { int64_t n_threads; const char *model; } app;
 *	static const grpo_option options[] = {
 *		GRPO_OPT_INT(struct app, n_threads, 0, 0, 1024, 0,
 *			     "threads of the CPU; 0: all"),
 *		GRPO_OPT_STRING(struct app, model, NULL, 0,
 *				"folder of the model"),
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
 * An unknown key is an error that names the nearest known one:
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
	/* May differ when a run is resumed: it changes no number of it. */
	GRPO_OPTION_FREE = 1
};

/** One key.  Tables are made with the macros below. */
typedef struct grpo_option {
	const char *key;
	int32_t type;          /* enum grpo_option_type */
	int32_t flags;         /* enum grpo_option_flags */
	size_t offset;         /* of the value, in the struct */
	double dflt;           /* INT, NUMBER, BOOL, CHOICE (the index) */
	const char *dflt_text; /* STRING, JSON; NULL: none */
	double min, max;       /* INT, NUMBER: allowed, both included */
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
 * out  out  without any key; free with grpo_config_free
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: any.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_create(grpo_config **out);

/**
 * Frees it and every string that it put into a struct.
 *
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API void grpo_config_free(grpo_config *c);

/**
 * Adds a table and fills its struct with the defaults.
 *
 * title    in   heading in the help
 * section  in   NULL: keys stand at the top of the file; else they stand in
 *               an object of this name and are "section.key" on the command
 *               line: {"base": {"steps": 1300}}, --set base.steps=1300
 * table    in   ended by GRPO_OPT_END; kept
 * values   in   the struct; kept until grpo_config_free, and written by
 *               every call below that succeeds
 *
 * Returns 0, or GRPO_EINVAL for a key that is there already.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_add_(grpo_config *c, const char *title,
			      const char *section, const grpo_option *table,
			      size_t option_size, void *values);
#define grpo_config_add(c, title, section, table, values)                      \
	grpo_config_add_((c), (title), (section), (table), sizeof *(table),    \
			 (values))

/**
 * Reads a JSON file of any of the keys; a key that it lacks keeps its value.
 *
 * Returns 0, GRPO_EIO, or GRPO_EFORMAT with file, key and what was expected;
 * then every struct is untouched, and `c` can only be freed.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_read(grpo_config *c, const char *path);

/**
 * One "key=value"; the value is JSON, or a bare string.  Returns as
 * grpo_config_read.
 *
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_set(grpo_config *c, const char *assignment);

enum grpo_config_text_flags {
	/* Leave out the keys of GRPO_OPTION_FREE: what is left is what the
	 * run's numbers depend on. */
	GRPO_CONFIG_NUMBERS = 1
};

/**
 * The whole configuration, as it now stands in the structs, as a JSON object
 * that grpo_config_read takes.  A program may have changed values itself, so
 * this also writes small reports.
 *
 * text   out  NUL-terminated, the caller frees it with free()
 * flags  in   of enum grpo_config_text_flags
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_text(const grpo_config *c, char **text,
			      uint32_t flags);

/**
 * Every key with its type, default and meaning.
 *
 * text  out  NUL-terminated, the caller frees it with free()
 *
 * Returns 0 or GRPO_ENOMEM.
 * Threads: one at a time.  Allocates: yes.  Since 0.1.
 */
GRPO_API int grpo_config_help(const grpo_config *c, char **text);

/**
 * Adds the rewards of a JSON list to a set, in its order:
 *
 *	[{"name": "format", "weight": 0.5, "params": {…}}, {"name": "math"}]
 *
 * where  in   the file or key, for messages
 *
 * Returns 0, GRPO_EFORMAT, or what grpo_reward_set_add returns.
 * Threads: one at a time.  Since 0.1.
 */
GRPO_API int grpo_config_rewards(grpo_reward_set *set, const char *json,
				 const char *where);

GRPO_END_DECLS

#endif
