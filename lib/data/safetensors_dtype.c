/* SPDX-License-Identifier: MIT */
#include <string.h>
#include "data/safetensors_dtype.h"
#include "grpo/error.h"

/* In the order of the reference's enum, which is the order of a file's data
 * from its end. */
static const struct grpo__st_dtype_info infos[] = {
    {"BOOL", 8, GRPO__ST_OTHER},
    {"F4", 4, GRPO__ST_OTHER},
    {"F6_E2M3", 6, GRPO__ST_OTHER},
    {"F6_E3M2", 6, GRPO__ST_OTHER},
    {"U8", 8, GRPO__ST_U8},
    {"I8", 8, GRPO__ST_OTHER},
    {"F8_E5M2", 8, GRPO__ST_OTHER},
    {"F8_E4M3", 8, GRPO__ST_OTHER},
    {"F8_E8M0", 8, GRPO__ST_OTHER},
    {"F8_E4M3FNUZ", 8, GRPO__ST_OTHER},
    {"F8_E5M2FNUZ", 8, GRPO__ST_OTHER},
    {"I16", 16, GRPO__ST_OTHER},
    {"U16", 16, GRPO__ST_OTHER},
    {"F16", 16, GRPO__ST_F16},
    {"BF16", 16, GRPO__ST_BF16},
    {"I32", 32, GRPO__ST_I32},
    {"U32", 32, GRPO__ST_OTHER},
    {"F32", 32, GRPO__ST_F32},
    {"C64", 64, GRPO__ST_OTHER},
    {"F64", 64, GRPO__ST_F64},
    {"I64", 64, GRPO__ST_I64},
    {"U64", 64, GRPO__ST_OTHER},
};
#define N_INFOS (sizeof infos / sizeof infos[0])

const struct grpo__st_dtype_info *grpo__st_dtype_named(const char *name)
{
	size_t i;

	for (i = 0; i < N_INFOS; i++)
		if (!strcmp(infos[i].name, name))
			return &infos[i];
	return NULL;
}

const struct grpo__st_dtype_info *grpo__st_dtype_info(int dtype)
{
	size_t i;

	for (i = 0; i < N_INFOS; i++)
		if (infos[i].dtype == dtype && dtype != GRPO__ST_OTHER)
			return &infos[i];
	return NULL;
}

int grpo__st_bytes(size_t *bytes, const int64_t *shape, int rank, int bits)
{
	size_t n = (size_t)bits;
	int i;

	for (i = 0; i < rank; i++) {
		if (shape[i] < 0)
			return GRPO_EFORMAT;
		if (shape[i] && n > SIZE_MAX / 2 / (size_t)shape[i])
			return GRPO_EFORMAT;
		n *= (size_t)shape[i];
	}
	if (n % 8)
		return GRPO_EFORMAT;
	*bytes = n / 8;
	return 0;
}
