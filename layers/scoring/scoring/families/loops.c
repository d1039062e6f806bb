/* The inner loops of trees. walks.py and oblivious.py say what each array is; they have checked every position, so
   nothing is checked here. */

#include <stdint.h>

int32_t loops_version(void) { return 1; }

/* So many walks go on side by side: while one waits for memory, the others step. */
#define LANES 16

struct sets {
    const int32_t *size;
    const int64_t *first;
    const uint8_t *member;
};

static inline int in_set(const struct sets *sets, int32_t node, double code) {
    return code > -1 && code < sets->size[node] && sets->member[sets->first[node] + (int64_t)code];
}

/* A leaf asks the last column, which is zero, whether it is at most zero, and is its own left child: stepping on
   does not leave it. NaN is not at most anything, so it goes right. */
#define DEFINE_WALK(NAME, REAL)                                                                             \
    struct NAME##_node {                                                                                    \
        REAL threshold;                                                                                     \
        int32_t column;                                                                                     \
        int32_t right;                                                                                      \
    };                                                                                                      \
                                                                                                            \
    static inline int32_t NAME##_step(const struct NAME##_node *nodes, const struct sets *sets,             \
                                      int32_t node, const REAL *row) {                                      \
        const struct NAME##_node *here = nodes + node;                                                      \
        REAL value = row[here->column];                                                                     \
        if (sets && sets->size[node])                                                                       \
            return here->right - in_set(sets, node, value);                                                 \
        return here->right - (value <= here->threshold);                                                    \
    }                                                                                                       \
                                                                                                            \
    static inline void NAME##_lanes(const struct NAME##_node *nodes, const struct sets *sets,               \
                                    const int32_t *rank, const int64_t *roots, const REAL *inputs,          \
                                    int64_t rows, int64_t columns, int64_t begin, int lanes,                \
                                    int64_t *leaves) {                                                      \
        int32_t node[LANES], moved = 1;                                                                     \
        const REAL *row[LANES];                                                                             \
        int64_t tree = begin / rows, place = begin % rows;                                                  \
        for (int lane = 0; lane < lanes; lane++) {                                                          \
            node[lane] = (int32_t)roots[tree];                                                              \
            row[lane] = inputs + place * columns;                                                           \
            if (++place == rows) {                                                                          \
                place = 0;                                                                                  \
                tree++;                                                                                     \
            }                                                                                               \
        }                                                                                                   \
        while (moved) {                                                                                     \
            for (int lane = 0; lane < lanes; lane++)                                                        \
                node[lane] = NAME##_step(nodes, sets, node[lane], row[lane]);                               \
            moved = 0;                                                                                      \
            for (int lane = 0; lane < lanes; lane++) {                                                      \
                int32_t next = NAME##_step(nodes, sets, node[lane], row[lane]);                             \
                moved |= next ^ node[lane];                                                                 \
                node[lane] = next;                                                                          \
            }                                                                                               \
        }                                                                                                   \
        for (int lane = 0; lane < lanes; lane++)                                                            \
            leaves[begin + lane] = rank[node[lane]];                                                        \
    }                                                                                                       \
                                                                                                            \
    static inline void NAME##_all(const struct NAME##_node *nodes, const struct sets *sets,                 \
                                  const int32_t *rank, const int64_t *roots, int64_t trees,                 \
                                  const REAL *inputs, int64_t rows, int64_t columns, int64_t *leaves) {     \
        int64_t walks = trees * rows, walk = 0;                                                             \
        for (; walk + LANES <= walks; walk += LANES)                                                        \
            NAME##_lanes(nodes, sets, rank, roots, inputs, rows, columns, walk, LANES, leaves);             \
        for (; walk < walks; walk++)                                                                        \
            NAME##_lanes(nodes, sets, rank, roots, inputs, rows, columns, walk, 1, leaves);                 \
    }                                                                                                       \
                                                                                                            \
    void NAME(const struct NAME##_node *nodes, const int32_t *set_size, const int64_t *set_first,           \
              const uint8_t *member, const int32_t *rank, const int64_t *roots, int64_t trees,              \
              const REAL *inputs, int64_t rows, int64_t columns, int64_t *leaves) {                         \
        const struct sets sets = {set_size, set_first, member};                                             \
        if (set_size)                                                                                       \
            NAME##_all(nodes, &sets, rank, roots, trees, inputs, rows, columns, leaves);                    \
        else                                                                                                \
            NAME##_all(nodes, 0, rank, roots, trees, inputs, rows, columns, leaves);                        \
    }

DEFINE_WALK(walk_float, float)
DEFINE_WALK(walk_double, double)

/* Rows whose leaves are found together: their numbers stay in the nearest cache. */
#define STRIP 256

void ask(const float *inputs, int64_t rows, const int64_t *feature, const float *border,
         const uint8_t *missing_above, int64_t questions, uint8_t *above) {
    for (int64_t question = 0; question < questions; question++) {
        const float *value = inputs + feature[question] * rows;
        uint8_t *answer = above + question * rows;
        float least = border[question];
        if (missing_above[question])
            for (int64_t row = 0; row < rows; row++)
                answer[row] = !(value[row] <= least);
        else
            for (int64_t row = 0; row < rows; row++)
                answer[row] = value[row] > least;
    }
}

void add_leaves(const uint8_t *above, int64_t rows, const int64_t *levels, int64_t depth, int64_t trees,
                const int64_t *part, const int64_t *first, const double *value, int64_t outputs, double *total) {
    for (int64_t start = 0; start < rows; start += STRIP) {
        int64_t strip = rows - start < STRIP ? rows - start : STRIP;
        for (int64_t tree = 0; tree < trees; tree++) {
            uint16_t leaf[STRIP];
            for (int64_t row = 0; row < strip; row++)
                leaf[row] = 0;
            for (int64_t level = 0; level < depth; level++) {
                const uint8_t *answer = above + levels[level * trees + tree] * rows + start;
                for (int64_t row = 0; row < strip; row++)
                    leaf[row] |= (uint16_t)answer[row] << level;
            }
            const double *values = value + first[tree] * outputs;
            double *sum = total + (part[tree] * rows + start) * outputs;
            if (outputs == 1)
                for (int64_t row = 0; row < strip; row++)
                    sum[row] += values[leaf[row]];
            else
                for (int64_t row = 0; row < strip; row++)
                    for (int64_t output = 0; output < outputs; output++)
                        sum[row * outputs + output] += values[leaf[row] * outputs + output];
        }
    }
}
