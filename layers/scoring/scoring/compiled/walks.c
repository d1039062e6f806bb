/* Walks through trees, and the sum of what the leaves answer that they end in. */

#include "walks.h"

/* So many walks go on side by side: while one waits for memory, the others step. Where most nodes are far, in slower
   memory than the nearest cache, more of them do, and each asks for its next node before it is its turn again. */
#define LANES 16
#define FAR_LANES 64
/* So many nodes of a tree are near, as rows walk it one after the other; of all trees, where there are fewer rows. */
#define NEAR_TREE 1024
#define NEAR_TREES 32768
#define NEAR_ROWS 16

static int is_far(const struct walks *walks) {
    int64_t nodes = LENGTH(walks->trees, LEAF);
    return nodes > NEAR_TREE * LENGTH(walks->trees, SLOT) || (walks->rows < NEAR_ROWS && nodes > NEAR_TREES);
}

/* A step from a node for a row: to the right child, or to the one before it. NaN is not at most anything, so it goes
   right. */
static inline int32_t small_step(const struct small_node *nodes, int bits, const uint8_t *sets, int32_t node,
                                 const float *row) {
    uint32_t link = nodes[node].link;
    (void)sets;
    return node + (int32_t)(link >> bits) - (row[link & ((1u << bits) - 1)] <= nodes[node].threshold);
}

static inline int32_t large_step(const struct large_node *nodes, int bits, const uint8_t *sets, int32_t node,
                                 const double *row) {
    const struct large_node *here = nodes + node;
    (void)bits;
    if (sets && here->column < 0)
        return node + here->ahead - in_set(sets + here->place, row[~here->column]);
    return node + here->ahead - (row[here->column] <= here->threshold);
}

#define DEFINE_WALKS(SIZE, REAL)                                                                            \
    /* The columns that splits read; those whose missing values go left have minus infinity for them. */    \
    static void SIZE##_inputs(const struct walks *walks, REAL *inputs) {                                    \
        const int64_t *source = ARRAY(walks->trees, SOURCE, int64_t);                                       \
        const uint8_t *leftward = ARRAY(walks->trees, LEFTWARD, uint8_t);                                   \
        int64_t columns = LENGTH(walks->trees, SOURCE);                                                     \
        int single = walks->trees->numbers[SINGLE] != 0;                                                    \
        for (int64_t row = 0; row < walks->rows; row++) {                                                   \
            for (int64_t column = 0; column < columns; column++) {                                          \
                double value = CELL(walks->matrix, walks->begin + row, source[column]);                     \
                value = single ? (float)value : value;                                                      \
                *inputs++ = leftward[column] && isnan(value) ? -INFINITY : (REAL)value;                     \
            }                                                                                               \
            *inputs++ = NAN;                                                                                \
        }                                                                                                   \
    }                                                                                                       \
                                                                                                            \
    static inline void SIZE##_lanes(const struct walks *walks, const uint8_t *sets, int inlined, int far,   \
                                    const REAL *inputs, int64_t tree, int64_t place, int lanes) {           \
        const struct loop *trees = walks->trees;                                                            \
        const struct SIZE##_node *nodes = trees->memory[NODES];                                             \
        int bits = (int)trees->numbers[COLUMN_BITS];                                                        \
        int64_t columns = LENGTH(trees, SOURCE) + 1, width = trees->numbers[WIDTH], of_row[FAR_LANES];      \
        int32_t node[FAR_LANES], moved = 1;                                                                 \
        const REAL *row[FAR_LANES];                                                                         \
        double *score[FAR_LANES];                                                                           \
        for (int lane = 0; lane < lanes; lane++) {                                                          \
            node[lane] = ((const int32_t *)trees->memory[ROOTS])[tree];                                     \
            row[lane] = inputs + place * columns;                                                           \
            of_row[lane] = walks->begin + place;                                                            \
            score[lane] = walks->scores + (walks->begin + place) * walks->stride +                          \
                          ARRAY(trees, SLOT, int64_t)[tree] * width;                                        \
            if (++place == walks->rows) {                                                                   \
                place = 0;                                                                                  \
                tree++;                                                                                     \
            }                                                                                               \
        }                                                                                                   \
        while (moved) {                                                                                     \
            for (int lane = 0; lane < lanes; lane++) {                                                      \
                node[lane] = SIZE##_step(nodes, bits, sets, node[lane], row[lane]);                         \
                if (far)                                                                                    \
                    __builtin_prefetch(nodes + node[lane]);                                                 \
            }                                                                                               \
            moved = 0;                                                                                      \
            for (int lane = 0; lane < lanes; lane++) {                                                      \
                int32_t next = SIZE##_step(nodes, bits, sets, node[lane], row[lane]);                       \
                moved |= next ^ node[lane];                                                                 \
                node[lane] = next;                                                                          \
                if (far)                                                                                    \
                    __builtin_prefetch(nodes + next);                                                       \
            }                                                                                               \
        }                                                                                                   \
        for (int lane = 0; lane < lanes; lane++)                                                            \
            if (inlined)                                                                                    \
                *score[lane] += nodes[node[lane]].threshold;                                                \
            else                                                                                            \
                add_leaf(walks, of_row[lane], score[lane], nodes[node[lane]].place);                        \
    }                                                                                                       \
                                                                                                            \
    static inline void SIZE##_all(const struct walks *walks, const uint8_t *sets, int inlined, int far,     \
                                  const REAL *inputs) {                                                     \
        int64_t count = LENGTH(walks->trees, SLOT) * walks->rows, walk = 0;                                 \
        int lanes = far ? FAR_LANES : LANES;                                                                \
        for (; walk + lanes <= count; walk += lanes)                                                        \
            SIZE##_lanes(walks, sets, inlined, far, inputs, walk / walks->rows, walk % walks->rows, lanes); \
        if (walk < count)                                                                                   \
            SIZE##_lanes(walks, sets, inlined, far, inputs, walk / walks->rows, walk % walks->rows,         \
                         (int)(count - walk));                                                              \
    }                                                                                                       \
                                                                                                            \
    static inline void SIZE##_of_kind(const struct walks *walks, const uint8_t *sets, int inlined,          \
                                      const REAL *inputs) {                                                 \
        if (is_far(walks))                                                                                  \
            SIZE##_all(walks, sets, inlined, 1, inputs);                                                    \
        else                                                                                                \
            SIZE##_all(walks, sets, inlined, 0, inputs);                                                    \
    }                                                                                                       \
                                                                                                            \
    static void SIZE##_scores(const struct walks *walks, const uint8_t *sets, void *inputs) {               \
        SIZE##_inputs(walks, inputs);                                                                       \
        if (is_inlined(walks->trees))                                                                       \
            SIZE##_of_kind(walks, sets, 1, inputs);                                                         \
        else                                                                                                \
            SIZE##_of_kind(walks, sets, 0, inputs);                                                         \
    }

DEFINE_WALKS(small, float)
DEFINE_WALKS(large, double)

int64_t bytes_of_inputs(const struct loop *trees, int64_t rows) {
    int64_t real = trees->numbers[COLUMN_BITS] ? sizeof(float) : sizeof(double);
    return rows * (LENGTH(trees, SOURCE) + 1) * real;
}

void score_by_walks(const struct walks *walks, void *inputs) {
    const uint8_t *sets = walks->trees->memory[SETS];
    if (walks->trees->numbers[COLUMN_BITS])
        small_scores(walks, NULL, inputs);
    else if (sets)
        large_scores(walks, sets, inputs);
    else
        large_scores(walks, NULL, inputs);
}
