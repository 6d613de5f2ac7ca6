/* SPDX-License-Identifier: MIT */
#ifndef EXAMPLES_JSON_OUT_H
#define EXAMPLES_JSON_OUT_H

#include <stddef.h>
#include <stdio.h>

/** A JSON string with its quotes.  Bytes that are not UTF-8, as a model or a
 *  plug-in may write them, become U+FFFD. */
void json_string(FILE *f, const char *text, size_t len);

/** A number that reads back the same; null if it is not finite. */
void json_number(FILE *f, double x);

#endif
