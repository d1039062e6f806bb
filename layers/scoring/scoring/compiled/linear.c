/* Linear models. linear.py says what each array is. */

#include "loops.h"

#include <math.h>

enum { CENTER, SPREAD, CLIP, WEIGHT, INTERCEPT };

/* Write the scores, rows x outputs, of a matrix. */
static PyObject *score(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    const struct loop *linear = (const struct loop *)object;
    int64_t inputs = LENGTH(linear, CENTER), outputs = LENGTH(linear, INTERCEPT);
    double clip = *ARRAY(linear, CLIP, double);
    Py_buffer matrix, scores;
    if (hold_asked(args, count, inputs, outputs, &matrix, &scores))
        return NULL;
    int64_t stride = stride_of(&matrix, &scores);
    int fits = matrix.shape[1] == inputs;
    if (!fits)
        PyErr_Format(PyExc_ValueError, "a matrix of %lld columns is needed", (long long)inputs);
    for (int64_t row = 0; fits && row < matrix.shape[0]; row++) {
        double *score = (double *)scores.buf + row * stride;
        for (int64_t output = 0; output < outputs; output++)
            score[output] = ARRAY(linear, INTERCEPT, double)[output];
        for (int64_t input = 0; input < inputs; input++) {
            const double *weight = ARRAY(linear, WEIGHT, double) + input * outputs;
            double value = CELL(&matrix, row, input) - ARRAY(linear, CENTER, double)[input];
            value /= ARRAY(linear, SPREAD, double)[input];
            value = value < -clip ? -clip : value > clip ? clip : value;
            for (int64_t output = 0; output < outputs; output++)
                score[output] += value * weight[output];
        }
    }
    return let_go(&matrix, &scores);
}

static PyObject *new_linear(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    struct loop *linear = (struct loop *)make_loop(type, args, "ddddd");
    if (!linear)
        return NULL;
    int64_t inputs = LENGTH(linear, CENTER);
    if (LENGTH(linear, SPREAD) == inputs && LENGTH(linear, CLIP) == 1 &&
        LENGTH(linear, WEIGHT) == inputs * LENGTH(linear, INTERCEPT))
        return (PyObject *)linear;
    Py_DECREF(linear);
    return PyErr_Format(PyExc_ValueError, "the linear model's arguments do not fit together");
}

DEFINE_LOOP(linear, "Linear", new_linear, METHOD("score", score))
