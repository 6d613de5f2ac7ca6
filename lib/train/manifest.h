/* SPDX-License-Identifier: MIT */
#ifndef GRPO_TRAIN_MANIFEST_H
#define GRPO_TRAIN_MANIFEST_H

/*
 * manifest.json of a checkpoint: bytes and hash (core/hash.h) of each file in
 * it, so that a bit that flipped is found before anything is loaded.
 *
 *	{"format": 1, "files": {"state.json": {"bytes": 2913,
 *	                                       "xxh64": "44bc2cf5ad770999"}}}
 */

/** Syncs every file below the folder and writes its manifest, the last. */
int grpo__manifest_write(const char *folder);

/** GRPO_EFORMAT or GRPO_EIO where a file is not what the manifest says; the
 *  line names it. */
int grpo__manifest_check(const char *folder);

#endif
