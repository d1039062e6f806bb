/* Trees: an object that answers rows by walks or by masks. trees.py says what each array is. */

#include "strikes.h"
#include "walks.h"

/* Rows whose inputs are held at a time. */
#define BLOCK 2048

/* Add the answers of all trees to scores: rows x slots x width. */
static PyObject *score(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    struct loop *trees = (struct loop *)object;
    Py_buffer matrix, scores;
    if (hold_asked(args, count, trees->numbers[SOURCE], trees->numbers[SLOT] * trees->numbers[WIDTH], &matrix, &scores))
        return NULL;
    int64_t rows = matrix.shape[0], block = rows < BLOCK ? rows : BLOCK, stride = stride_of(&matrix, &scores);
    int masked = have_masks(trees, rows);
    void *inputs = PyMem_Malloc(masked ? bytes_of_bins(trees) : bytes_of_inputs(trees, block));
    if (!inputs)
        PyErr_NoMemory();
    else {
        Py_BEGIN_ALLOW_THREADS
        for (int64_t begin = 0; begin < rows; begin += block) {
            int64_t here = rows - begin < block ? rows - begin : block;
            struct walks walks = {trees, &matrix, begin, here, scores.buf, stride};
            if (masked)
                score_by_masks(&walks, inputs);
            else
                score_by_walks(&walks, inputs);
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
        (struct loop *)make_loop(type, args, single ? "nl?w?ifiBll?nrdllld" : "nl?w?idiBll?nrdllld");
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
    const uint8_t *missing_left = directions->buf;
    int64_t splits = features->len / features->itemsize;
    if (directions->len != splits)
        return -1;
    for (int64_t split = 0; split < splits; split++) {
        int64_t pair = 2 * feature_of(features, split) + (missing_left[split] != 0);
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
    if (hold(args[0], &features, 'w', PyBUF_ND))
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
