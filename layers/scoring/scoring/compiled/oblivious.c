/* Oblivious trees: the answers to all questions, then the sum of the leaves that they lead to. oblivious.py says what
   each array is; it has checked every position. */

#include "loops.h"

#include <math.h>

/* Rows that are answered together: what is known of them stays in the nearest cache. */
#define STRIP 128
/* All bits, each of which is one level's. */
#define YES 255

enum { FEATURE, BORDER, MISSING_ABOVE, DEPTH, LEVELS, PART, FIRST, OUTPUTS, VALUE };

static void ask(const struct loop *trees, const Py_buffer *matrix, int64_t begin, int64_t rows, uint8_t *above) {
    const int64_t *feature = ARRAY(trees, FEATURE, int64_t);
    const float *border = ARRAY(trees, BORDER, float);
    const uint8_t *missing_above = ARRAY(trees, MISSING_ABOVE, uint8_t);
    int64_t held = -1;
    float value[STRIP];
    for (int64_t question = 0; question < LENGTH(trees, FEATURE); question++, above += rows) {
        float least = border[question];
        /* They stand feature by feature. */
        if (feature[question] != held) {
            held = feature[question];
            for (int64_t row = 0; row < rows; row++)
                value[row] = (float)CELL(matrix, begin + row, held);
        }
        if (missing_above[question])
            for (int64_t row = 0; row < rows; row++)
                above[row] = value[row] <= least ? 0 : YES;
        else
            for (int64_t row = 0; row < rows; row++)
                above[row] = value[row] > least ? YES : 0;
    }
    /* The levels that a shallow tree lacks ask one more, whose answer is always no. */
    for (int64_t row = 0; row < rows; row++)
        above[row] = 0;
}

static void add_leaves(const struct loop *trees, const uint8_t *above, int64_t rows, double *scores, int64_t stride) {
    const int32_t *level = ARRAY(trees, LEVELS, int32_t);
    int64_t depth = trees->numbers[DEPTH], outputs = trees->numbers[OUTPUTS];
    for (int64_t tree = 0; tree < LENGTH(trees, FIRST); tree++, level += depth) {
        const double *value = ARRAY(trees, VALUE, double) + ARRAY(trees, FIRST, int64_t)[tree] * outputs;
        double *score = scores + ARRAY(trees, PART, int64_t)[tree] * outputs;
        /* Byte by byte, which is how most rows are done at a time. */
        uint8_t leaf[2][STRIP] = {{0}};
        for (int64_t bit = 0; bit < depth; bit++) {
            const uint8_t *answer = above + level[bit] * rows;
            uint8_t *byte = leaf[bit / 8], worth = (uint8_t)(1 << bit % 8);
            for (int64_t row = 0; row < rows; row++)
                byte[row] |= answer[row] & worth;
        }
        for (int64_t row = 0; row < rows; row++)
            for (int64_t output = 0; output < outputs; output++)
                score[row * stride + output] += value[(leaf[1][row] * 256 + leaf[0][row]) * outputs + output];
    }
}

/* What a level asks, as a single row is asked: tree by tree, for each question is the next one's neighbour. */
struct level {
    float border;
    int32_t input;
};

/* The inputs, each as it is, then with infinity where it is missing: above all borders, as the levels want it that
   count what is missing as above. */
static void add_row(const struct loop *trees, const Py_buffer *matrix, int64_t row, float *input, double *score) {
    const struct level *level = trees->memory[0];
    int64_t depth = trees->numbers[DEPTH], outputs = trees->numbers[OUTPUTS];
    for (int64_t column = 0; column < trees->numbers[FEATURE]; column++) {
        float value = (float)CELL(matrix, row, column);
        input[2 * column] = value;
        input[2 * column + 1] = isnan(value) ? INFINITY : value;
    }
    /* The levels that a shallow tree lacks ask this one. */
    input[2 * trees->numbers[FEATURE]] = NAN;
    for (int64_t tree = 0; tree < LENGTH(trees, FIRST); tree++, level += depth) {
        uint32_t leaf = 0;
        for (int64_t bit = 0; bit < depth; bit++)
            leaf |= (uint32_t)(input[level[bit].input] > level[bit].border) << bit;
        const double *value = ARRAY(trees, VALUE, double) + (ARRAY(trees, FIRST, int64_t)[tree] + leaf) * outputs;
        for (int64_t output = 0; output < outputs; output++)
            score[ARRAY(trees, PART, int64_t)[tree] * outputs + output] += value[output];
    }
}

static int write_levels(struct loop *trees) {
    int64_t count = LENGTH(trees, LEVELS), questions = LENGTH(trees, FEATURE);
    struct level *level = own_part(trees, 0, count * sizeof *level);
    if (!level)
        return -1;
    for (int64_t place = 0; place < count; place++) {
        int32_t question = ARRAY(trees, LEVELS, int32_t)[place];
        if (question == questions) {
            level[place] = (struct level){0.0f, (int32_t)(2 * trees->numbers[FEATURE])};
            continue;
        }
        int missing_above = ARRAY(trees, MISSING_ABOVE, uint8_t)[question] != 0;
        level[place] = (struct level){ARRAY(trees, BORDER, float)[question],
                                      (int32_t)(2 * ARRAY(trees, FEATURE, int64_t)[question] + missing_above)};
    }
    return 0;
}

/* Add the answers of all trees to scores: rows x parts x outputs. */
static PyObject *score(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    const struct loop *trees = (const struct loop *)object;
    int64_t places = trees->numbers[PART] * trees->numbers[OUTPUTS];
    Py_buffer matrix, scores;
    if (hold_asked(args, count, trees->numbers[FEATURE], places, &matrix, &scores))
        return NULL;
    int64_t rows = matrix.shape[0], strip = rows < STRIP ? rows : STRIP, stride = stride_of(&matrix, &scores);
    size_t answers = (LENGTH(trees, FEATURE) + 1) * strip, inputs = (2 * trees->numbers[FEATURE] + 1) * sizeof(float);
    void *above = PyMem_Malloc(answers > inputs ? answers : inputs);
    if (!above)
        PyErr_NoMemory();
    else {
        Py_BEGIN_ALLOW_THREADS
        if (rows == 1)
            add_row(trees, &matrix, 0, above, scores.buf);
        else
            for (int64_t begin = 0; begin < rows; begin += strip) {
                int64_t here = rows - begin < strip ? rows - begin : strip;
                ask(trees, &matrix, begin, here, above);
                add_leaves(trees, above, here, (double *)scores.buf + begin * stride, stride);
            }
        Py_END_ALLOW_THREADS
    }
    PyMem_Free(above);
    return let_go(&matrix, &scores);
}

static PyObject *new_oblivious(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    struct loop *trees = (struct loop *)make_loop(type, args, "lf?nillnd");
    if (!trees)
        return NULL;
    /* How many columns the matrix has at least, and how many parts there are. */
    for (int64_t question = 0; question < LENGTH(trees, FEATURE); question++)
        if (ARRAY(trees, FEATURE, int64_t)[question] >= trees->numbers[FEATURE])
            trees->numbers[FEATURE] = ARRAY(trees, FEATURE, int64_t)[question] + 1;
    for (int64_t tree = 0; tree < LENGTH(trees, PART); tree++)
        if (ARRAY(trees, PART, int64_t)[tree] >= trees->numbers[PART])
            trees->numbers[PART] = ARRAY(trees, PART, int64_t)[tree] + 1;
    int64_t questions = LENGTH(trees, FEATURE), count = LENGTH(trees, FIRST);
    int fits = LENGTH(trees, BORDER) == questions && LENGTH(trees, MISSING_ABOVE) == questions &&
               LENGTH(trees, PART) == count && LENGTH(trees, LEVELS) == count * trees->numbers[DEPTH];
    if (!fits)
        PyErr_SetString(PyExc_ValueError, "the oblivious trees' arguments do not fit together");
    if (fits && !write_levels(trees))
        return (PyObject *)trees;
    Py_DECREF(trees);
    return NULL;
}

DEFINE_LOOP(oblivious, "Oblivious", new_oblivious, METHOD("score", score))
