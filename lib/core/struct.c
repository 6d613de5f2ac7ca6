/* SPDX-License-Identifier: MIT */
#include "core/struct.h"

#include <string.h>

#include "core/fail.h"

#define MAX_STRUCT_SIZE 4096 /* far above any struct; far below garbage */

/* sizeof of a struct that holds a size_t is a multiple of its alignment, so
 * a size that cuts a field in two cannot be a real one. */
static int plausible(size_t size)
{
	return size >= sizeof(size_t) && size <= MAX_STRUCT_SIZE &&
	       size % _Alignof(size_t) == 0;
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

static int all_zero(const unsigned char *p, size_t n)
{
	while (n > 0 && p[n - 1] == 0)
		n--;
	return n == 0;
}

int grpo__struct_import(void *ours, size_t our_size, const void *theirs,
			const char *type, const char *remedy)
{
	const unsigned char *bytes = theirs;
	size_t size;

	if (!theirs)
		return grpo__fail(GRPO_EINVAL, "%s is NULL", type);
	memcpy(&size, theirs, sizeof size);
	if (!plausible(size))
		return grpo__fail(GRPO_EINVAL,
				  "%s.struct_size is %zu, expected %zu: %s",
				  type, size, our_size, remedy);
	if (size > our_size && !all_zero(bytes + our_size, size - our_size))
		return grpo__fail(GRPO_EABI,
				  "%s sets a field that this version of the "
				  "library does not know",
				  type);
	memcpy(ours, theirs, smaller(size, our_size));
	memcpy(ours, &our_size, sizeof our_size);
	return 0;
}

void grpo__struct_export(void *theirs, const void *ours, size_t our_size)
{
	size_t size;

	memcpy(&size, theirs, sizeof size);
	memcpy(theirs, ours, smaller(size, our_size));
	memcpy(theirs, &size, sizeof size);
}

int grpo__struct_init(void *theirs, size_t their_size, const void *defaults,
		      size_t our_size, const char *type)
{
	if (!theirs)
		return grpo__fail(GRPO_EINVAL, "%s is NULL", type);
	if (!plausible(their_size))
		return grpo__fail(GRPO_EINVAL,
				  "%s_init: size is %zu, expected %zu", type,
				  their_size, our_size);
	memset(theirs, 0, their_size);
	memcpy(theirs, defaults, smaller(their_size, our_size));
	memcpy(theirs, &their_size, sizeof their_size);
	return 0;
}
