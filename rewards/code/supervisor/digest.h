/* SPDX-License-Identifier: MIT */
#ifndef CODE_DIGEST_H
#define CODE_DIGEST_H

/*
 * SHA-256 (FIPS 180-4): names in the store must not collide even where a
 * program was written for it.
 */
#include <stdint.h>
#include "../shared/bytes.h"

enum { DIGEST_NAME = 65 }; /* 64 hexadecimal digits and a NUL */

/** Start with digest_begin. */
struct digest {
	uint32_t state[8];
	uint64_t n;
	unsigned char block[64];
};

void digest_begin(struct digest *d);
/** Adds the bytes and their number, so that parts can't be shifted. */
void digest_add(struct digest *d, struct code_view part);
void digest_end(struct digest *d, char name[DIGEST_NAME]);

#endif
