/* SPDX-License-Identifier: MIT */
#ifndef GRPO_EXPORT_H
#define GRPO_EXPORT_H

/*
 * Symbol visibility.  GRPO_API marks the public API.  Every other symbol is
 * hidden, or starts with grpo__ (two underscores): those are shared between
 * our own libraries and may change at any time.
 */
#if defined(__GNUC__)
#define GRPO_API __attribute__((visibility("default")))
#define GRPO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#else
#define GRPO_API
#define GRPO_PRINTF(fmt, args)
#endif

#ifdef __cplusplus
#define GRPO_BEGIN_DECLS extern "C" {
#define GRPO_END_DECLS }
#else
#define GRPO_BEGIN_DECLS
#define GRPO_END_DECLS
#endif

#endif
