/* SPDX-License-Identifier: MIT */
#ifndef CODE_SETTINGS_H
#define CODE_SETTINGS_H

#include "../params.h"
#include "shared/names.h"

#define SETTINGS_PATH_BYTES 1024
#define SETTINGS_FORMAT_BYTES 32

/** How tests that passed become a reward; README.md has the formulas. */
enum credit { CREDIT_ALL, CREDIT_FRACTION, CREDIT_CODEFORCES };

/** The parameters. */
struct settings {
	int language; /* enum code_language of rows that name none */
	int credit;   /* enum credit */
	/* columns of the dataset; an empty name: there is none */
	char language_column[PARAM_TEXT_SIZE], tests[PARAM_TEXT_SIZE];
	char entry_point[PARAM_TEXT_SIZE], code_prompt[PARAM_TEXT_SIZE];
	char tests_format[SETTINGS_FORMAT_BYTES]; /* empty: found by its keys */
	int64_t cpu_ms, wall_ms, memory_mb, output_kb, compile_ms;
	int64_t row_timeout_ms, batch_timeout_ms, workers;
	char least_tier[8];
	/* empty: found */
	char python[SETTINGS_PATH_BYTES], cc[SETTINGS_PATH_BYTES];
	char cxx[SETTINGS_PATH_BYTES], supervisor[SETTINGS_PATH_BYTES];
};

/** Defaults, then what `params` says.  0, or -1 after telling the host. */
int settings_read(struct settings *s, const grpo_reward_host *host,
		  grpo_str params);

#endif
