/* From scores to answers, and their weighted sum. links.py and ensemble.py say what each is. */

#include "loops.h"

#include <math.h>

enum { LINK, TEMPERATURE, WEIGHT, SCALE };
enum { IDENTITY, LOGISTIC, SOFTMAX, SHARE };
/* Of a regressor: whether it learned the logarithm, and the ends of its answers. */
enum { CENTER, SPREAD, LOG, LEAST, MOST, LOG_LIMIT, SCALES };

#define SMALLEST 1e-9

static double bounded(double number, double least, double most) {
    return number < least ? least : number > most ? most : number;
}

static double scaled(const double *scale, double score) {
    double number = score * scale[SPREAD] + scale[CENTER];
    if (scale[LOG] != 0.0)
        number = expm1(bounded(number, -scale[LOG_LIMIT], scale[LOG_LIMIT]));
    return bounded(number, scale[LEAST], scale[MOST]);
}

static void softmax(const double *scores, double *shares, int64_t outputs) {
    double most = scores[0], sum = 0.0;
    for (int64_t output = 1; output < outputs; output++)
        most = scores[output] > most ? scores[output] : most;
    for (int64_t output = 0; output < outputs; output++)
        sum += shares[output] = exp(scores[output] - most);
    for (int64_t output = 0; output < outputs; output++)
        shares[output] /= sum;
}

static void sharpen(double *shares, int64_t outputs, double temperature) {
    double sum = 0.0;
    for (int64_t output = 0; output < outputs; output++)
        sum += shares[output] = pow(shares[output] > SMALLEST ? shares[output] : SMALLEST, temperature);
    for (int64_t output = 0; output < outputs; output++)
        shares[output] /= sum;
}

static void answer(const struct loop *answers, const double *scores, double *shares, int64_t outputs) {
    double temperature = *ARRAY(answers, TEMPERATURE, double);
    switch (answers->numbers[LINK]) {
    case IDENTITY:
        for (int64_t output = 0; output < outputs; output++)
            shares[output] = scores[output];
        break;
    case LOGISTIC:
    case SHARE:
        shares[1] = answers->numbers[LINK] == SHARE ? *scores : 1.0 / (1.0 + exp(-*scores));
        shares[0] = 1.0 - shares[1];
        break;
    case SOFTMAX:
        softmax(scores, shares, outputs);
    }
    if (LENGTH(answers, SCALE))
        for (int64_t output = 0; output < outputs; output++)
            shares[output] = scaled(ARRAY(answers, SCALE, double), shares[output]);
    else if (temperature != 1.0)
        sharpen(shares, outputs, temperature);
}

/* Add the weighted answers of scores, rows x parts x outputs, to a total, rows x outputs. */
static PyObject *add(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    const struct loop *answers = (const struct loop *)object;
    int64_t parts = LENGTH(answers, WEIGHT), link = answers->numbers[LINK], of_two = link == LOGISTIC || link == SHARE;
    Py_buffer scores, total;
    if (count != 2)
        return PyErr_Format(PyExc_TypeError, "scores and a total are needed");
    if (hold(args[0], &scores, 'd', PyBUF_ND))
        return NULL;
    if (hold(args[1], &total, 'd', PyBUF_ND | PyBUF_WRITABLE)) {
        PyBuffer_Release(&scores);
        return NULL;
    }
    int64_t outputs = total.ndim == 2 ? total.shape[1] : 0, width = of_two ? 1 : outputs;
    double *shares = PyMem_Malloc(outputs * sizeof *shares);
    int fits = outputs > 0 && (!of_two || outputs == 2) && scores.ndim == 3 && scores.shape[0] == total.shape[0] &&
               scores.shape[1] == parts && scores.shape[2] == width;
    if (!shares)
        PyErr_NoMemory();
    else if (!fits)
        PyErr_SetString(PyExc_IndexError, "the scores are not those of the parts and outputs");
    for (int64_t row = 0; shares && fits && row < total.shape[0]; row++)
        for (int64_t part = 0; part < parts; part++) {
            double weight = ARRAY(answers, WEIGHT, double)[part];
            answer(answers, (const double *)scores.buf + (row * parts + part) * width, shares, outputs);
            for (int64_t output = 0; output < outputs; output++)
                ((double *)total.buf)[row * outputs + output] += weight * shares[output];
        }
    PyMem_Free(shares);
    return let_go(&scores, &total);
}

static PyObject *new_answers(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    struct loop *answers = (struct loop *)make_loop(type, args, "nddd");
    if (!answers || (LENGTH(answers, TEMPERATURE) == 1 && LENGTH(answers, SCALE) % SCALES == 0))
        return (PyObject *)answers;
    Py_DECREF(answers);
    return PyErr_Format(PyExc_ValueError, "the arguments of the answers do not fit together");
}

DEFINE_LOOP(answers, "Answers", new_answers, METHOD("add", add))
