/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_PLACES_H
#define R1_ZERO_PLACES_H

#include "files.h"

/*
 * Where the program's own files lie: its recipes and the base's configuration
 * and tokenizer.  Once installed that is PREFIX/share/grpo; otherwise the
 * folder of its source.
 */

/** "base" or "recipes", as a path.  Returns GRPO_ENOTFOUND where it is nowhere.
 */
int data_folder(char out[MAX_PATH], const char *name);

/** A recipe: the path of a file, or the name of one of those that come with
 *  the program, such as "default". */
int recipe_path(char out[MAX_PATH], const char *recipe);

/** "default, smollm2", in the order of the alphabet; empty where there is
 *  none. */
void recipe_names(char *out, size_t size);

/** The folder of the base: the program's own for NULL; else as it stands or,
 *  where that is not there, beside the recipe (which may be NULL). */
int base_folder(char out[MAX_PATH], const char *folder, const char *recipe);

#endif
