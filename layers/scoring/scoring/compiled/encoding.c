/* From raw columns to blocks: numbers as they are, categories and levels as codes. encoders.py says what each is. */

#include "loops.h"

#include <math.h>

enum {
    NUMBER_SOURCE, NUMBER_PLACE, OTHER_SOURCE, LIMIT, CODE_SOURCE, CODE_PLACE, KNOWN, LEVEL_SOURCE, LEVEL_PLACE,
    LEVEL_END, LEVEL
};
enum { NUMBERS, TEXTS, NUMBER_BLOCK, CODE_BLOCK, ARRAYS };

static double limited(double value, double limit) { return value < -limit ? -limit : value > limit ? limit : value; }

static void encode_numbers(const struct loop *encoding, const double *numbers, int64_t rows, double *block,
                           int64_t width) {
    const int64_t *source = ARRAY(encoding, NUMBER_SOURCE, int64_t), *place = ARRAY(encoding, NUMBER_PLACE, int64_t);
    const int64_t *other = ARRAY(encoding, OTHER_SOURCE, int64_t);
    double limit = *ARRAY(encoding, LIMIT, double);
    for (int64_t number = 0; number < LENGTH(encoding, NUMBER_SOURCE); number++) {
        const double *minuend = numbers + source[number] * rows;
        const double *subtrahend = other[number] < 0 ? NULL : numbers + other[number] * rows;
        for (int64_t row = 0; row < rows; row++) {
            double value = limited(minuend[row], limit);
            block[row * width + place[number]] = subtrahend ? value - limited(subtrahend[row], limit) : value;
        }
    }
}

static void encode_levels(const struct loop *encoding, const double *numbers, int64_t rows, int64_t *block,
                          int64_t width) {
    const int64_t *source = ARRAY(encoding, LEVEL_SOURCE, int64_t), *place = ARRAY(encoding, LEVEL_PLACE, int64_t);
    const int64_t *end = ARRAY(encoding, LEVEL_END, int64_t);
    const double *level = ARRAY(encoding, LEVEL, double);
    int64_t first = 0;
    for (int64_t feature = 0; feature < LENGTH(encoding, LEVEL_SOURCE); first = end[feature++]) {
        int64_t count = end[feature] - first;
        for (int64_t row = 0; row < rows; row++) {
            double value = numbers[source[feature] * rows + row];
            int64_t code = 0;
            while (code < count && level[first + code] != value)
                code++;
            block[row * width + place[feature]] = isnan(value) ? count + 1 : code;
        }
    }
}

/* -1 with an exception. */
static int encode_texts(const struct loop *encoding, PyObject **texts, int64_t rows, int64_t *block, int64_t width) {
    const int64_t *source = ARRAY(encoding, CODE_SOURCE, int64_t), *place = ARRAY(encoding, CODE_PLACE, int64_t);
    PyObject *known = PyTuple_GetItem(encoding->arguments, KNOWN);
    for (int64_t feature = 0; feature < LENGTH(encoding, CODE_SOURCE); feature++) {
        PyObject *codes = PyTuple_GetItem(known, feature);
        PyObject *missing = codes ? PyDict_GetItemWithError(codes, Py_None) : NULL;
        if (!missing)
            return -1;
        /* First its levels, then one for all others, then one for what is missing. */
        int64_t others = PyLong_AsLongLong(missing) - 1;
        for (int64_t row = 0; row < rows; row++) {
            PyObject *text = texts[source[feature] * rows + row];
            PyObject *code = PyDict_GetItemWithError(codes, text ? text : Py_None);
            block[row * width + place[feature]] = code ? PyLong_AsLongLong(code) : others;
            if (!code && PyErr_Occurred())
                return -1;
        }
    }
    return 0;
}

static int inside(const struct loop *encoding, int place, int64_t first, int64_t end) {
    const int64_t *position = ARRAY(encoding, place, int64_t);
    for (int64_t item = 0; item < LENGTH(encoding, place); item++)
        if (position[item] < first || position[item] >= end)
            return 0;
    return 1;
}

static int fits(const struct loop *encoding, const Py_buffer *views) {
    const Py_ssize_t *numbers = views[NUMBERS].shape, *texts = views[TEXTS].shape;
    const Py_ssize_t *number_block = views[NUMBER_BLOCK].shape, *code_block = views[CODE_BLOCK].shape;
    for (int array = 0; array < ARRAYS; array++)
        if (views[array].ndim != 2)
            return 0;
    return numbers[1] == texts[1] && texts[1] == number_block[0] && texts[1] == code_block[0] &&
           inside(encoding, NUMBER_SOURCE, 0, numbers[0]) && inside(encoding, OTHER_SOURCE, -1, numbers[0]) &&
           inside(encoding, LEVEL_SOURCE, 0, numbers[0]) && inside(encoding, CODE_SOURCE, 0, texts[0]) &&
           inside(encoding, NUMBER_PLACE, 0, number_block[1]) &&
           inside(encoding, LEVEL_PLACE, 0, code_block[1]) && inside(encoding, CODE_PLACE, 0, code_block[1]);
}

static PyObject *encode(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    static const char kinds[] = "dOdl";
    const struct loop *encoding = (const struct loop *)object;
    Py_buffer views[ARRAYS] = {0};
    int done = -1;
    if (count != ARRAYS)
        return PyErr_Format(PyExc_TypeError, "%d arrays are needed", ARRAYS);
    for (int array = 0; array < ARRAYS; array++)
        if (hold(args[array], &views[array], kinds[array], array < NUMBER_BLOCK ? PyBUF_ND : PyBUF_ND | PyBUF_WRITABLE))
            goto release;
    if (!fits(encoding, views)) {
        PyErr_SetString(PyExc_IndexError, "the columns and blocks are not those of the encoders");
        goto release;
    }
    int64_t rows = views[TEXTS].shape[1];
    encode_numbers(encoding, views[NUMBERS].buf, rows, views[NUMBER_BLOCK].buf, views[NUMBER_BLOCK].shape[1]);
    encode_levels(encoding, views[NUMBERS].buf, rows, views[CODE_BLOCK].buf, views[CODE_BLOCK].shape[1]);
    done = encode_texts(encoding, views[TEXTS].buf, rows, views[CODE_BLOCK].buf, views[CODE_BLOCK].shape[1]);
release:
    for (int array = 0; array < ARRAYS; array++)
        PyBuffer_Release(&views[array]);
    if (done && !PyErr_Occurred())
        PyErr_SetString(PyExc_KeyError, "the codes lack one for what is missing");
    return done ? NULL : Py_NewRef(Py_None);
}

static PyObject *new_encoding(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    struct loop *encoding = (struct loop *)make_loop(type, args, "llldllollld");
    if (!encoding)
        return NULL;
    const int64_t *end = ARRAY(encoding, LEVEL_END, int64_t);
    int64_t levels = LENGTH(encoding, LEVEL_END);
    int fits = LENGTH(encoding, NUMBER_SOURCE) == LENGTH(encoding, NUMBER_PLACE) && LENGTH(encoding, LIMIT) == 1 &&
               LENGTH(encoding, OTHER_SOURCE) == LENGTH(encoding, NUMBER_SOURCE) &&
               LENGTH(encoding, CODE_SOURCE) == LENGTH(encoding, CODE_PLACE) &&
               LENGTH(encoding, LEVEL_SOURCE) == levels && LENGTH(encoding, LEVEL_PLACE) == levels &&
               (levels ? end[levels - 1] : 0) == LENGTH(encoding, LEVEL);
    for (int64_t feature = 0; feature < levels; feature++)
        fits &= (feature ? end[feature - 1] : 0) <= end[feature];
    if (fits)
        return (PyObject *)encoding;
    Py_DECREF(encoding);
    return PyErr_Format(PyExc_ValueError, "the encoders' arguments do not fit together");
}

DEFINE_LOOP(encoding, "Encoding", new_encoding, METHOD("encode", encode))
