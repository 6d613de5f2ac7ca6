/* SPDX-License-Identifier: MIT */
#ifndef GRPO_DATA_DATASET_H
#define GRPO_DATA_DATASET_H

#include <stdint.h>
#include "grpo/dataset.h"

/** Of the rows in their order, as they were opened: names (after the column
 *  map) and values of all cells, whatever the file is called. */
uint64_t grpo__dataset_hash(const grpo_dataset *d);

#endif
