/* SPDX-License-Identifier: MIT */
#include "core/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/fail.h"
#include "core/mem.h"

#define PIECE ((size_t)1 << 17) /* of a file, read at once */

static const uint64_t p1 = 0x9E3779B185EBCA87u, p2 = 0xC2B2AE3D27D4EB4Fu,
		      p3 = 0x165667B19E3779F9u, p4 = 0x85EBCA77C2B2AE63u,
		      p5 = 0x27D4EB2F165667C5u;

static uint64_t rotate(uint64_t x, int n)
{
	return x << n | x >> (64 - n);
}

/* Little-endian on every machine; compilers make one load of it. */
static inline uint64_t load32(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24;
}

static inline uint64_t load64(const unsigned char *p)
{
	return (uint64_t)p[0] | (uint64_t)p[1] << 8 | (uint64_t)p[2] << 16 |
	       (uint64_t)p[3] << 24 | (uint64_t)p[4] << 32 |
	       (uint64_t)p[5] << 40 | (uint64_t)p[6] << 48 |
	       (uint64_t)p[7] << 56;
}

static uint64_t mix(uint64_t lane, uint64_t input)
{
	return rotate(lane + input * p2, 31) * p1;
}

void grpo__hash_begin(grpo__hash *h)
{
	*h = (grpo__hash){.lane = {p1 + p2, p2, 0, 0 - p1}};
}

/* Blocks of 32 bytes; returns what is left behind the last one. */
static const unsigned char *mix_blocks(grpo__hash *h, const unsigned char *p,
				       size_t n_blocks)
{
	uint64_t a = h->lane[0], b = h->lane[1], c = h->lane[2], d = h->lane[3];

	for (; n_blocks > 0; n_blocks--, p += 32) {
		a = mix(a, load64(p));
		b = mix(b, load64(p + 8));
		c = mix(c, load64(p + 16));
		d = mix(d, load64(p + 24));
	}
	h->lane[0] = a;
	h->lane[1] = b;
	h->lane[2] = c;
	h->lane[3] = d;
	return p;
}

void grpo__hash_add(grpo__hash *h, const void *data, size_t len)
{
	const unsigned char *p = data;
	size_t n;

	h->n_bytes += len;
	if (h->n_rest > 0) {
		n = 32 - h->n_rest < len ? 32 - h->n_rest : len;
		memcpy(h->rest + h->n_rest, p, n);
		h->n_rest += n;
		p += n;
		len -= n;
		if (h->n_rest < 32)
			return;
		mix_blocks(h, h->rest, 1);
		h->n_rest = 0;
	}
	p = mix_blocks(h, p, len / 32);
	h->n_rest = len % 32;
	if (h->n_rest > 0)
		memcpy(h->rest, p, h->n_rest);
}

void grpo__hash_part(grpo__hash *h, const void *data, size_t len)
{
	unsigned char size[8];
	int i;

	for (i = 0; i < 8; i++)
		size[i] = (unsigned char)((uint64_t)len >> 8 * i);
	grpo__hash_add(h, size, sizeof size);
	if (len > 0)
		grpo__hash_add(h, data, len);
}

static uint64_t merge_lanes(const grpo__hash *h)
{
	const uint64_t *lane = h->lane;
	uint64_t x = rotate(lane[0], 1) + rotate(lane[1], 7) +
		     rotate(lane[2], 12) + rotate(lane[3], 18);
	int i;

	for (i = 0; i < 4; i++)
		x = (x ^ mix(0, lane[i])) * p1 + p4;
	return x;
}

static uint64_t mix_rest(uint64_t x, const unsigned char *p, size_t n)
{
	for (; n >= 8; n -= 8, p += 8)
		x = rotate(x ^ mix(0, load64(p)), 27) * p1 + p4;
	if (n >= 4) {
		x = rotate(x ^ load32(p) * p1, 23) * p2 + p3;
		n -= 4;
		p += 4;
	}
	for (; n > 0; n--, p++)
		x = rotate(x ^ *p * p5, 11) * p1;
	return x;
}

uint64_t grpo__hash_value(const grpo__hash *h)
{
	uint64_t x = h->n_bytes >= 32 ? merge_lanes(h) : p5;

	x = mix_rest(x + h->n_bytes, h->rest, h->n_rest);
	x = (x ^ x >> 33) * p2;
	x = (x ^ x >> 29) * p3;
	return x ^ x >> 32;
}

void grpo__hash_hex(char out[GRPO__HASH_HEX], uint64_t hash)
{
	(void)snprintf(out, GRPO__HASH_HEX, "%016" PRIx64, hash);
}

/* ---------------------------------------------------------------- files */

static int add_file(grpo__hash *h, int fd, void *piece, const char *path)
{
	ssize_t n;

	do {
		n = read(fd, piece, PIECE);
		if (n > 0)
			grpo__hash_add(h, piece, (size_t)n);
	} while (n > 0 || (n < 0 && errno == EINTR));
	return n < 0 ? grpo__fail_errno("%s", path) : 0;
}

int grpo__hash_file(uint64_t *hash, int64_t *n_bytes, const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), rc = 0;
	void *piece = NULL;
	grpo__hash h;

	if (fd < 0)
		return grpo__fail_errno("%s", path);
	grpo__hash_begin(&h);
	piece = grpo__alloc(PIECE, 1);
	GRPO_FAIL_IF(!piece, GRPO_ENOMEM, "out of memory");
	GRPO_TRY(add_file(&h, fd, piece, path));
	*hash = grpo__hash_value(&h);
	if (n_bytes)
		*n_bytes = (int64_t)h.n_bytes;
out:
	free(piece);
	close(fd);
	return rc;
}
