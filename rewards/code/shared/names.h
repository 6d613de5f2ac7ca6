/* SPDX-License-Identifier: MIT */
#ifndef CODE_NAMES_H
#define CODE_NAMES_H

/*
 * What languages are called, in a dataset's column and behind a fence of
 * Markdown.  How each is run is in supervisor/language.c.
 */
#include "bytes.h"

enum code_language { CODE_PYTHON, CODE_C, CODE_CPP, CODE_N_LANGUAGES };

/** By name or alias, in any case; -1 where there is none. */
int code_language_find(struct code_view name);
/** "python", "c", "cpp". */
const char *code_language_name(int language);

#endif
