/* SPDX-License-Identifier: MIT */
#ifndef GRPO_MATH_BALLS_H
#define GRPO_MATH_BALLS_H

/* Arb, a library of its own before it became a part of FLINT 3. */
#if __has_include(<flint/acb.h>)
#include <flint/acb.h>
#include <flint/acb_mat.h>
#include <flint/arb.h>
#else
#include <acb.h>
#include <acb_mat.h>
#include <arb.h>
#endif

#endif
