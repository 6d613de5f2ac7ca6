/* SPDX-License-Identifier: MIT */
#ifndef GRPO_EXPORT_H
#define GRPO_EXPORT_H

/*
 * How a name leaves the library.  GRPO_API marks what is promised; every
 * other symbol is hidden, or starts with grpo__ (two underscores) and is
 * shared between our own libraries without any promise.
 */
#if defined(__GNUC__)
#define GRPO_API __attribute__((visibility("default")))
#define GRPO_PRINTF(fmt, args) __attribute__((format(printf, fmt, args)))
#define GRPO_NODISCARD __attribute__((warn_unused_result))
#else
#define GRPO_API
#define GRPO_PRINTF(fmt, args)
#define GRPO_NODISCARD
#endif

#ifdef __cplusplus
#define GRPO_BEGIN_DECLS extern "C" {
#define GRPO_END_DECLS }
#else
#define GRPO_BEGIN_DECLS
#define GRPO_END_DECLS
#endif

#endif
