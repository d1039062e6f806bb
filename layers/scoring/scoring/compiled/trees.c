/* Walks through trees, and the sum of what the leaves answer that they end in. trees.py says what each array is. */

#include "trees.h"

#include <math.h>

/* So many walks go on side by side: while one waits for memory, the others step. Where most nodes are far, in slower
   memory than the nearest cache, more of them do, and each asks for its next node before it is its turn again. */
#define LANES 16
#define FAR_LANES 64
/* So many nodes of a tree are near, as rows walk it one after the other; of all trees, where there are fewer rows. */
#define NEAR_TREE 1024
#define NEAR_TREES 32768
#define NEAR_ROWS 16
/* Rows whose inputs are held at a time. */
#define BLOCK 2048

/* What a linear leaf answers: its constant and its weighted inputs, or its value where one of them is missing. */
static double linear(const struct loop *trees, int32_t leaf, const Py_buffer *matrix, int64_t row, double value) {
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

static double value_at(const struct loop *trees, int64_t place) {
    if (trees->numbers[VALUE])
        return (double)ARRAY(trees, VALUE, float)[place];
    return ARRAY(trees, VALUE, double)[place];
}

void add_leaf(const struct walks *walks, int64_t row, double *score, int32_t leaf) {
    const struct loop *trees = walks->trees;
    int64_t width = trees->numbers[WIDTH], first = leaf * width;
    if (LENGTH(trees, CONSTANT))
        *score += linear(trees, leaf, walks->matrix, row, value_at(trees, first));
    else
        for (int64_t output = 0; output < width; output++)
            score[output] += value_at(trees, first + output);
}

static int is_far(const struct walks *walks) {
    int64_t nodes = LENGTH(walks->trees, LEAF);
    return nodes > NEAR_TREE * LENGTH(walks->trees, SLOT) || (walks->rows < NEAR_ROWS && nodes > NEAR_TREES);
}

/* NaN is not at most anything, so it goes right. */
#define DEFINE_WALKS(REAL)                                                                                  \
    /* The columns that splits read; those whose missing values go left have minus infinity for them. */    \
    static void REAL##_inputs(const struct walks *walks, REAL *inputs) {                                    \
        const int64_t *source = ARRAY(walks->trees, SOURCE, int64_t);                                       \
        const uint8_t *leftward = ARRAY(walks->trees, LEFTWARD, uint8_t);                                   \
        int64_t columns = LENGTH(walks->trees, SOURCE);                                                     \
        for (int64_t row = 0; row < walks->rows; row++) {                                                   \
            for (int64_t column = 0; column < columns; column++) {                                          \
                double value = CELL(walks->matrix, walks->begin + row, source[column]);                     \
                *inputs++ = leftward[column] && isnan(value) ? -INFINITY : (REAL)value;                     \
            }                                                                                               \
            *inputs++ = NAN;                                                                                \
        }                                                                                                   \
    }                                                                                                       \
                                                                                                            \
    static inline int32_t REAL##_step(const struct REAL##_node *nodes, const uint8_t *sets, int32_t node,   \
                                      const REAL *row) {                                                    \
        const struct REAL##_node *here = nodes + node;                                                      \
        if (sets && here->column < 0)                                                                       \
            return here->right - in_set(sets + here->place, row[~here->column]);                            \
        return here->right - (row[here->column] <= here->threshold);                                        \
    }                                                                                                       \
                                                                                                            \
    static inline void REAL##_lanes(const struct walks *walks, const uint8_t *sets, int inlined, int far,   \
                                    const REAL *inputs, int64_t tree, int64_t place, int lanes) {           \
        const struct loop *trees = walks->trees;                                                            \
        const struct REAL##_node *nodes = trees->memory[NODES];                                             \
        int64_t columns = LENGTH(trees, SOURCE) + 1, width = trees->numbers[WIDTH], of_row[FAR_LANES];          \
        int32_t node[FAR_LANES], moved = 1;                                                                     \
        const REAL *row[FAR_LANES];                                                                             \
        double *score[FAR_LANES];                                                                               \
        for (int lane = 0; lane < lanes; lane++) {                                                          \
            node[lane] = ((const int32_t *)trees->memory[ROOTS])[tree];                                      \
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
                node[lane] = REAL##_step(nodes, sets, node[lane], row[lane]);                               \
                if (far)                                                                                    \
                    __builtin_prefetch(nodes + node[lane]);                                                 \
            }                                                                                               \
            moved = 0;                                                                                      \
            for (int lane = 0; lane < lanes; lane++) {                                                      \
                int32_t next = REAL##_step(nodes, sets, node[lane], row[lane]);                             \
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
    static inline void REAL##_all(const struct walks *walks, const uint8_t *sets, int inlined, int far,     \
                                  const REAL *inputs) {                                                     \
        int64_t count = LENGTH(walks->trees, SLOT) * walks->rows, walk = 0;                                 \
        int lanes = far ? FAR_LANES : LANES;                                                                \
        for (; walk + lanes <= count; walk += lanes)                                                        \
            REAL##_lanes(walks, sets, inlined, far, inputs, walk / walks->rows, walk % walks->rows, lanes); \
        if (walk < count)                                                                                   \
            REAL##_lanes(walks, sets, inlined, far, inputs, walk / walks->rows, walk % walks->rows,         \
                         (int)(count - walk));                                                              \
    }                                                                                                       \
                                                                                                            \
    static inline void REAL##_of_kind(const struct walks *walks, const uint8_t *sets, int inlined,          \
                                      const REAL *inputs) {                                                 \
        if (is_far(walks))                                                                                  \
            REAL##_all(walks, sets, inlined, 1, inputs);                                                    \
        else                                                                                                \
            REAL##_all(walks, sets, inlined, 0, inputs);                                                    \
    }                                                                                                       \
                                                                                                            \
    static void REAL##_scores(const struct walks *walks, void *inputs) {                                    \
        const uint8_t *sets = walks->trees->memory[SETS];                                                   \
        REAL##_inputs(walks, inputs);                                                                       \
        if (sets && is_inlined(walks->trees))                                                               \
            REAL##_of_kind(walks, sets, 1, inputs);                                                         \
        else if (sets)                                                                                      \
            REAL##_of_kind(walks, sets, 0, inputs);                                                         \
        else if (is_inlined(walks->trees))                                                                  \
            REAL##_of_kind(walks, NULL, 1, inputs);                                                         \
        else                                                                                                \
            REAL##_of_kind(walks, NULL, 0, inputs);                                                         \
    }

DEFINE_WALKS(float)
DEFINE_WALKS(double)

/* Of both kinds of nodes: what is asked, then the column and the right child. */
static void write_node(const struct loop *trees, int64_t node, int32_t column, int32_t right, const void *asked,
                       size_t size) {
    int32_t links[2] = {column, right};
    size_t real = trees->numbers[SINGLE] ? sizeof(float) : sizeof(double);
    char *own = (char *)trees->memory[NODES] + node * (real + sizeof links);
    memcpy(own, asked, size);
    memcpy(own + real, links, sizeof links);
}

/* Where one stands among splits, leaves and sets while nodes are written one after the other. */
struct progress {
    int64_t split, leaf;
    int32_t set;
};

static int write_split(const struct loop *trees, int64_t node, int64_t right, struct progress *done) {
    int64_t split = done->split++;
    /* A byte of a stored truth can be anything. */
    int missing_left = ARRAY(trees, MISSING_LEFT, uint8_t)[split] != 0;
    int64_t pair = 2 * (int64_t)ARRAY(trees, FEATURE, int32_t)[split] + missing_left;
    if (pair < 0 || pair >= LENGTH(trees, COLUMN))
        return -1;
    int32_t column = ARRAY(trees, COLUMN, int32_t)[pair];
    if (column < 0 || column >= LENGTH(trees, SOURCE))
        return -1;
    int32_t size = LENGTH(trees, SET_SIZE) ? ARRAY(trees, SET_SIZE, int32_t)[split] : 0;
    size_t real = trees->views[THRESHOLD].itemsize;
    if (!size) {
        write_node(trees, node, column, (int32_t)right, ARRAY(trees, THRESHOLD, char) + split * real, real);
        return 0;
    }
    write_node(trees, node, ~column, (int32_t)right, &done->set, sizeof done->set);
    done->set += sizeof size + (size + 7) / 8;
    return 0;
}

static void write_leaf(const struct loop *trees, int64_t node, struct progress *done) {
    int32_t column = (int32_t)LENGTH(trees, SOURCE), leaf = (int32_t)done->leaf++;
    if (is_inlined(trees)) {
        double value = value_at(trees, leaf);
        float single = (float)value;
        if (trees->numbers[SINGLE])
            write_node(trees, node, column, (int32_t)node, &single, sizeof single);
        else
            write_node(trees, node, column, (int32_t)node, &value, sizeof value);
    } else
        write_node(trees, node, column, (int32_t)node, &leaf, sizeof leaf);
}

/* The children of a tree's k-th split are its nodes 2 k + 1 and 2 k + 2. They stand behind their parent, and there are
   as many as places in the tree: no walk is endless or leaves it. -1 where they do not. `places` has room for the tree:
   splits are put at its begin, leaves at its end, and the one of both that it is not is overwritten: a processor could
   not foresee which. */
static int write_tree(const struct loop *trees, int64_t root, int64_t size, int32_t *places, struct progress *done) {
    int64_t splits = 0, end = size;
    for (int32_t place = 0; place < size; place++) {
        int leaf = ARRAY(trees, LEAF, uint8_t)[root + place] != 0;
        places[splits] = places[end - 1] = place;
        splits += !leaf;
        end -= leaf;
    }
    if (2 * splits + 1 != size || splits > LENGTH(trees, FEATURE) - done->split)
        return -1;
    for (int64_t split = 0; split < splits; split++)
        if (2 * split + 1 <= places[split] ||
            write_split(trees, root + places[split], root + 2 * split + 2, done))
            return -1;
    for (int64_t leaf = size - 1; leaf >= splits; leaf--)
        write_leaf(trees, root + places[leaf], done);
    return 0;
}

static int write_sets(struct loop *trees) {
    int64_t bytes = 0, first = 0;
    for (int64_t split = 0; split < LENGTH(trees, SET_SIZE); split++) {
        int32_t size = ARRAY(trees, SET_SIZE, int32_t)[split];
        bytes += size ? (int64_t)sizeof size + (size + 7) / 8 : 0;
    }
    if (!bytes)
        return 0;
    if (bytes > INT32_MAX)
        return -1;
    uint8_t *set = own_part(trees, SETS, bytes);
    if (!set)
        return -1;
    for (int64_t split = 0; split < LENGTH(trees, SET_SIZE); split++) {
        int32_t size = ARRAY(trees, SET_SIZE, int32_t)[split], length = (size + 7) / 8;
        if (!size)
            continue;
        if (size < 0 || first + length > LENGTH(trees, SET_BITS))
            return -1;
        memcpy(set, &size, sizeof size);
        memcpy(set + sizeof size, ARRAY(trees, SET_BITS, uint8_t) + first, length);
        set += sizeof size + length;
        first += length;
    }
    return 0;
}

static int write_nodes(struct loop *trees, int32_t *places) {
    int64_t nodes = LENGTH(trees, LEAF), root = 0;
    struct progress done = {0, 0, 0};
    for (int64_t tree = 0; tree < LENGTH(trees, SIZES); root += ARRAY(trees, SIZES, int64_t)[tree++]) {
        int64_t own = ARRAY(trees, SIZES, int64_t)[tree];
        ((int32_t *)trees->memory[ROOTS])[tree] = (int32_t)root;
        if (own < 1 || own > nodes - root || write_tree(trees, root, own, places, &done))
            return -1;
    }
    return root == nodes ? 0 : -1;
}

static int write_trees(struct loop *trees) {
    int64_t nodes = LENGTH(trees, LEAF), largest = 0, leaves = 0;
    size_t size = trees->numbers[SINGLE] ? sizeof(struct float_node) : sizeof(struct double_node);
    for (int64_t node = 0; node < nodes; node++)
        leaves += ARRAY(trees, LEAF, uint8_t)[node] != 0;
    for (int64_t tree = 0; tree < LENGTH(trees, SIZES); tree++)
        if (ARRAY(trees, SIZES, int64_t)[tree] > largest)
            largest = ARRAY(trees, SIZES, int64_t)[tree];
    if (largest > nodes || leaves * trees->numbers[WIDTH] > LENGTH(trees, VALUE) || write_sets(trees))
        return -1;
    int32_t *places = PyMem_Malloc(largest * sizeof *places);
    int failed = !places || !own_part(trees, ROOTS, LENGTH(trees, SIZES) * sizeof *places) ||
                 !own_part(trees, NODES, nodes * size) || write_nodes(trees, places);
    PyMem_Free(places);
    return failed ? -1 : 0;
}

/* Add the answers of all trees to scores: rows x slots x width. */
static PyObject *score(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    struct loop *trees = (struct loop *)object;
    Py_buffer matrix, scores;
    if (hold_asked(args, count, trees->numbers[SOURCE], trees->numbers[SLOT] * trees->numbers[WIDTH], &matrix, &scores))
        return NULL;
    int64_t rows = matrix.shape[0], block = rows < BLOCK ? rows : BLOCK, stride = stride_of(&matrix, &scores);
    size_t real = trees->numbers[SINGLE] ? sizeof(float) : sizeof(double);
    int masked = have_masks(trees, rows);
    void *inputs = PyMem_Malloc(masked ? bytes_of_bins(trees) : block * (LENGTH(trees, SOURCE) + 1) * (int64_t)real);
    if (!inputs)
        PyErr_NoMemory();
    else {
        Py_BEGIN_ALLOW_THREADS
        for (int64_t begin = 0; begin < rows; begin += block) {
            int64_t here = rows - begin < block ? rows - begin : block;
            struct walks walks = {trees, &matrix, begin, here, scores.buf, stride};
            if (masked)
                score_by_masks(&walks, inputs);
            else if (trees->numbers[SINGLE])
                float_scores(&walks, inputs);
            else
                double_scores(&walks, inputs);
        }
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(inputs);
    return let_go(&matrix, &scores);
}

static int64_t end_of(const struct loop *trees, int place) {
    int64_t end = 0;
    for (int64_t item = 0; item < LENGTH(trees, place); item++)
        if (ARRAY(trees, place, int64_t)[item] >= end)
            end = ARRAY(trees, place, int64_t)[item] + 1;
    return end;
}

/* Whether arrays of the same things have the same lengths. */
static int fits(const struct loop *trees) {
    int64_t splits = LENGTH(trees, FEATURE), leaves = LENGTH(trees, CONSTANT);
    return LENGTH(trees, MISSING_LEFT) == splits && LENGTH(trees, THRESHOLD) == splits &&
           (!LENGTH(trees, SET_SIZE) || LENGTH(trees, SET_SIZE) == splits) &&
           LENGTH(trees, SLOT) == LENGTH(trees, SIZES) && LENGTH(trees, LEFTWARD) == LENGTH(trees, SOURCE) &&
           LENGTH(trees, TERM_FIRST) == leaves && LENGTH(trees, TERM_COUNT) == leaves &&
           (!leaves || leaves == LENGTH(trees, VALUE)) && LENGTH(trees, TERM_WEIGHT) == LENGTH(trees, TERM_FEATURE);
}

static PyObject *new_trees(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    int single = PyTuple_Size(args) && PyObject_IsTrue(PyTuple_GetItem(args, SINGLE)) == 1;
    struct loop *trees =
        (struct loop *)make_loop(type, args, single ? "nl?i?ifiBll?nrdllld" : "nl?i?idiBll?nrdllld");
    if (!trees)
        return NULL;
    /* How many columns the matrix has at least, how many slots the scores, and whether values are single. */
    trees->numbers[VALUE] = trees->views[VALUE].itemsize == sizeof(float);
    trees->numbers[SOURCE] = end_of(trees, SOURCE);
    if (end_of(trees, TERM_FEATURE) > trees->numbers[SOURCE])
        trees->numbers[SOURCE] = end_of(trees, TERM_FEATURE);
    trees->numbers[SLOT] = end_of(trees, SLOT);
    if (!fits(trees) || write_trees(trees)) {
        Py_DECREF(trees);
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "the nodes do not form trees");
    }
    /* The nodes hold what these said. */
    for (int place = SIZES; place <= SET_BITS; place++)
        PyBuffer_Release(&trees->views[place]);
    if (is_inlined(trees))
        PyBuffer_Release(&trees->views[VALUE]);
    Py_CLEAR(trees->arguments);
    expect_masks(trees);
    return (PyObject *)trees;
}

static int mark(const Py_buffer *features, const Py_buffer *directions, Py_buffer *pairs) {
    const int32_t *feature = features->buf;
    const uint8_t *missing_left = directions->buf;
    int64_t splits = features->len / (int64_t)sizeof *feature;
    if (directions->len != splits)
        return -1;
    for (int64_t split = 0; split < splits; split++) {
        int64_t pair = 2 * (int64_t)feature[split] + (missing_left[split] != 0);
        if (pair < 0 || pair >= pairs->len)
            return -1;
        ((uint8_t *)pairs->buf)[pair] = 1;
    }
    return 0;
}

/* Mark the pairs of a feature and a direction of the missing that splits ask. */
PyObject *mark_pairs(PyObject *Py_UNUSED(module), PyObject *const *args, Py_ssize_t count) {
    Py_buffer features, directions, pairs;
    if (count != 3)
        return PyErr_Format(PyExc_TypeError, "features, directions and pairs are needed");
    if (hold(args[0], &features, 'i', PyBUF_ND))
        return NULL;
    if (!hold(args[1], &directions, '?', PyBUF_ND)) {
        if (!hold(args[2], &pairs, '?', PyBUF_ND | PyBUF_WRITABLE)) {
            if (mark(&features, &directions, &pairs))
                PyErr_SetString(PyExc_IndexError, "the splits ask pairs that there are not");
            PyBuffer_Release(&pairs);
        }
        PyBuffer_Release(&directions);
    }
    PyBuffer_Release(&features);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

DEFINE_LOOP(trees, "Trees", new_trees, METHOD("score", score))
