/* The nodes of trees, what their leaves answer, and the rows that are asked. trees.py says what each array is. */

#ifndef NODES_H
#define NODES_H

#include "loops.h"

#include <math.h>
#include <string.h>

enum {
    SINGLE, SIZES, LEAF, FEATURE, MISSING_LEFT, COLUMN, THRESHOLD, SET_SIZE, SET_BITS, SLOT, SOURCE, LEFTWARD, WIDTH,
    VALUE, CONSTANT, TERM_FIRST, TERM_COUNT, TERM_FEATURE, TERM_WEIGHT
};
/* What is made of the arguments: the nodes, where each tree begins, and the sets, each as its size and its bits. Behind
   them stand the parts of masks.h. */
enum { NODES, ROOTS, SETS, MASKS };

/* All that a step reads stands side by side. Of a split, the column that it asks, and how far behind it its right child
   stands, the left one being the node before that. A split by a set has the complement of its column, and where its
   set begins. A leaf asks the last column, which is missing, and is its own right child: stepping on does not leave
   it. It has its value where the node has room for it, and else its number among the leaves. */
struct large_node {
    union {
        double threshold;
        int32_t place;
    };
    int32_t column, ahead;
};
/* One of single precision and without a set, whose column and distance are small enough to share a word: the lowest
   bits name the column. */
struct small_node {
    union {
        float threshold;
        int32_t place;
    };
    uint32_t link;
};

/* How many bits of a small node's link name its column; 0 where nodes are large. */
enum { COLUMN_BITS = THRESHOLD };

/* Rows that are asked, and where the scores of the first row of all stand. */
struct walks {
    const struct loop *trees;
    const Py_buffer *matrix;
    int64_t begin, rows;
    double *scores;
    int64_t stride;
};

/* Which feature a split asks. */
static inline int64_t feature_of(const Py_buffer *features, int64_t split) {
    switch (features->itemsize) {
    case 1: return ((const uint8_t *)features->buf)[split];
    case 2: return ((const uint16_t *)features->buf)[split];
    default: return ((const int32_t *)features->buf)[split];
    }
}

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
           (trees->numbers[VALUE] || !trees->numbers[COLUMN_BITS]);
}

/* What a linear leaf answers: its constant and its weighted inputs, or its value where one of them is missing. */
static inline double linear(const struct loop *trees, int32_t leaf, const Py_buffer *matrix, int64_t row,
                            double value) {
    int64_t first = ARRAY(trees, TERM_FIRST, int64_t)[leaf];
    double total = ARRAY(trees, CONSTANT, double)[leaf];
    for (int64_t term = first; term < first + ARRAY(trees, TERM_COUNT, int64_t)[leaf]; term++) {
        double input = CELL(matrix, row, ARRAY(trees, TERM_FEATURE, int64_t)[term]);
        if (isnan(input))
            return value;
        total += ARRAY(trees, TERM_WEIGHT, double)[term] * input;
    }
    return total;
}

static inline double value_at(const struct loop *trees, int64_t place) {
    if (trees->numbers[VALUE])
        return (double)ARRAY(trees, VALUE, float)[place];
    return ARRAY(trees, VALUE, double)[place];
}

/* Add to a row's score what a leaf answers whose value stands elsewhere. */
static inline void add_leaf(const struct walks *walks, int64_t row, double *score, int32_t leaf) {
    const struct loop *trees = walks->trees;
    int64_t width = trees->numbers[WIDTH], first = leaf * width;
    if (LENGTH(trees, CONSTANT))
        *score += linear(trees, leaf, walks->matrix, row, value_at(trees, first));
    else
        for (int64_t output = 0; output < width; output++)
            score[output] += value_at(trees, first + output);
}

/* Write the nodes of trees; -1 where the arrays form none, or there is no room. */
int write_trees(struct loop *trees);

#endif
