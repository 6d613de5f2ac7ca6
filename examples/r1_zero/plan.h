/* SPDX-License-Identifier: MIT */
#ifndef R1_ZERO_PLAN_H
#define R1_ZERO_PLAN_H

#include "lab.h"

/** The sizes of the run, before it begins. */
int plan_show(const struct lab *l);

/** After it: the command that talks to the model in folder/model. */
void plan_talk(const struct lab *l, const char *folder);

#endif
