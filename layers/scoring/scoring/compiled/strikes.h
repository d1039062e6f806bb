/* Rows, answered by masks. */

#ifndef STRIKES_H
#define STRIKES_H

#include "masks.h"

/* Add what the leaves answer that are left to rows; the bins have room for a block of them. */
int64_t bytes_of_bins(const struct loop *trees);
void score_by_masks(const struct walks *walks, void *bins);

#endif
