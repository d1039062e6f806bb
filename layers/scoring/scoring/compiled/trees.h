/* What walks through trees and masks of leaves share: the nodes of trees, and the rows that they answer. */

#ifndef TREES_H
#define TREES_H

#include "loops.h"

#include <string.h>

enum {
    SINGLE, SIZES, LEAF, FEATURE, MISSING_LEFT, COLUMN, THRESHOLD, SET_SIZE, SET_BITS, SLOT, SOURCE, LEFTWARD, WIDTH,
    VALUE, CONSTANT, TERM_FIRST, TERM_COUNT, TERM_FEATURE, TERM_WEIGHT
};
/* What is made of the arguments: the nodes, where each tree begins, and the sets, each as its size and its bits. */
enum { NODES, ROOTS, SETS, MASKS };

/* All that a step reads stands side by side. Of a split, the column that it asks, and its right child, the left one
   being the node before that. A split by a set has the complement of its column, and where its set begins. A leaf
   asks the last column, which is missing, and is its own right child: stepping on does not leave it. It has its value
   where the node has room for it, and else its number among the leaves. */
struct float_node {
    union {
        float threshold;
        int32_t place;
    };
    int32_t column, right;
};
struct double_node {
    union {
        double threshold;
        int32_t place;
    };
    int32_t column, right;
};

/* Rows that are asked, and where the scores of the first row of all stand. */
struct walks {
    const struct loop *trees;
    const Py_buffer *matrix;
    int64_t begin, rows;
    double *scores;
    int64_t stride;
};

static inline int32_t size_of_set(const uint8_t *set) {
    int32_t size;
    memcpy(&size, set, sizeof size);
    return size;
}

static inline int in_set(const uint8_t *set, double code) {
    int32_t size = size_of_set(set);
    return code > -1 && code < size && set[sizeof size + ((int32_t)code >> 3)] >> ((int32_t)code & 7) & 1;
}

/* Whether a leaf's value stands in its node: one that its kind of number holds. */
static inline int is_inlined(const struct loop *trees) {
    return trees->numbers[WIDTH] == 1 && !LENGTH(trees, CONSTANT) &&
           (trees->numbers[VALUE] || !trees->numbers[SINGLE]);
}

/* Add to a row's score what a leaf answers whose value stands elsewhere. */
void add_leaf(const struct walks *walks, int64_t row, double *score, int32_t leaf);

/* Trees whose nodes are written may get masks, which are made when first so many rows come that they are the sooner
   way. Whether they answer these rows: */
void expect_masks(struct loop *trees);
int have_masks(struct loop *trees, int64_t rows);
int64_t bytes_of_bins(const struct loop *trees);
void score_by_masks(const struct walks *walks, void *bins);

#endif
