/* Walks through trees. */

#ifndef WALKS_H
#define WALKS_H

#include "nodes.h"

/* Add what the leaves answer that rows walk to; the inputs have room for these rows. */
int64_t bytes_of_inputs(const struct loop *trees, int64_t rows);
void score_by_walks(const struct walks *walks, void *inputs);

#endif
