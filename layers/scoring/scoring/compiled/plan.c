/* From blocks to the matrix that a model sees. steps.py says what each step does. */

#include "loops.h"

#include <math.h>
#include <string.h>

enum { KIND, START, WIDTH, COLUMNS, OFFSETS, SLOTS, KNOTS, VALUES, FILL };
enum { NUMBERS, SCALED, MISSING, CODES, ONE_HOT, TABLE };

struct blocks {
    const double *numbers;
    const int64_t *codes;
    int64_t rows, number_width, code_width;
};

/* The value at a number of a function that is linear between knots and flat beyond them: to the last bit what np.interp
   makes of it, for training may have asked that. */
static double interpolated(const double *knot, const double *value, int64_t last, double number) {
    int64_t left = 0, end = last + 1;
    if (number < knot[0])
        return value[0];
    /* The last knot that is not above the number. */
    while (end - left > 1) {
        int64_t middle = (left + end) / 2;
        if (knot[middle] <= number)
            left = middle;
        else
            end = middle;
    }
    if (left == last || knot[left] == number)
        return value[left];
    double slope = (value[left + 1] - value[left]) / (knot[left + 1] - knot[left]);
    return slope * (number - knot[left]) + value[left];
}

static void scale(const struct loop *step, const double *numbers, double *cells) {
    const int64_t *column = ARRAY(step, COLUMNS, int64_t);
    int64_t knots = LENGTH(step, COLUMNS) ? LENGTH(step, KNOTS) / LENGTH(step, COLUMNS) : 0;
    for (int64_t place = 0; place < LENGTH(step, COLUMNS); place++) {
        double number = numbers[column[place]];
        cells[place] = isnan(number) ? ARRAY(step, FILL, double)[place]
                                     : interpolated(ARRAY(step, KNOTS, double) + place * knots,
                                                    ARRAY(step, VALUES, double) + place * knots, knots - 1, number);
    }
}

static void indicate(const struct loop *step, const int64_t *codes, double *cells) {
    const int64_t *column = ARRAY(step, COLUMNS, int64_t), *offset = ARRAY(step, OFFSETS, int64_t);
    memset(cells, 0, step->numbers[WIDTH] * sizeof(double));
    for (int64_t place = 0; place < LENGTH(step, COLUMNS); place++) {
        int64_t slot = ARRAY(step, SLOTS, int64_t)[offset[place] + codes[column[place]]];
        if (slot >= 0)
            cells[slot] = 1.0;
    }
}

static void look_up(const struct loop *step, const int64_t *codes, double *cells) {
    const int64_t *column = ARRAY(step, COLUMNS, int64_t), *offset = ARRAY(step, OFFSETS, int64_t);
    int64_t figures = step->numbers[WIDTH] / LENGTH(step, COLUMNS);
    for (int64_t place = 0; place < LENGTH(step, COLUMNS); place++, cells += figures)
        memcpy(cells, ARRAY(step, VALUES, double) + (offset[place] + codes[column[place]]) * figures,
               figures * sizeof(double));
}

static void take_row(const struct loop *step, const double *numbers, const int64_t *codes, double *cells) {
    const int64_t *column = ARRAY(step, COLUMNS, int64_t);
    int64_t columns = LENGTH(step, COLUMNS);
    switch (step->numbers[KIND]) {
    case NUMBERS:
        for (int64_t place = 0; place < columns; place++)
            cells[place] = numbers[column[place]];
        break;
    case SCALED:
        scale(step, numbers, cells);
        break;
    case MISSING:
        for (int64_t place = 0; place < columns; place++)
            cells[place] = isnan(numbers[column[place]]);
        break;
    case CODES:
        for (int64_t place = 0; place < columns; place++) {
            int64_t code = codes[column[place]];
            cells[place] = code < ARRAY(step, OFFSETS, int64_t)[place] ? (double)code : NAN;
        }
        break;
    case ONE_HOT:
        indicate(step, codes, cells);
        break;
    case TABLE:
        look_up(step, codes, cells);
    }
}

static int reads(const struct loop *step, const struct blocks *blocks, int64_t width) {
    int64_t end = step->numbers[KIND] < CODES ? blocks->number_width : blocks->code_width;
    for (int64_t place = 0; place < LENGTH(step, COLUMNS); place++)
        if (ARRAY(step, COLUMNS, int64_t)[place] < 0 || ARRAY(step, COLUMNS, int64_t)[place] >= end)
            return 0;
    return step->numbers[START] + step->numbers[WIDTH] <= width;
}

/* Write the columns of all steps: numbers, codes and the matrix, rows x columns each. */
static PyObject *apply(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    static const char kinds[] = "dld";
    const struct loop *plan = (const struct loop *)object;
    Py_buffer views[3] = {0};
    PyObject *steps = PyTuple_GetItem(plan->arguments, 0);
    if (count != 3)
        return PyErr_Format(PyExc_TypeError, "two blocks and a matrix are needed");
    for (int array = 0; array < 3; array++)
        if (hold(args[array], &views[array], kinds[array], array < 2 ? PyBUF_ND : PyBUF_ND | PyBUF_WRITABLE))
            goto release;
    int fits = views[0].ndim == 2 && views[1].ndim == 2 && views[2].ndim == 2 &&
               views[0].shape[0] == views[2].shape[0] && views[1].shape[0] == views[2].shape[0];
    struct blocks blocks = {0};
    if (fits)
        blocks = (struct blocks){views[0].buf, views[1].buf, views[2].shape[0], views[0].shape[1], views[1].shape[1]};
    for (Py_ssize_t place = 0; fits && place < PyTuple_Size(steps); place++)
        fits = reads((const struct loop *)PyTuple_GetItem(steps, place), &blocks, views[2].shape[1]);
    if (!fits) {
        PyErr_SetString(PyExc_IndexError, "the steps read or write what is not there");
        goto release;
    }
    for (Py_ssize_t place = 0; place < PyTuple_Size(steps); place++) {
        const struct loop *step = (const struct loop *)PyTuple_GetItem(steps, place);
        double *cells = (double *)views[2].buf + step->numbers[START];
        for (int64_t row = 0; row < blocks.rows; row++)
            take_row(step, blocks.numbers + row * blocks.number_width, blocks.codes + row * blocks.code_width,
                     cells + row * views[2].shape[1]);
    }
release:
    for (int array = 0; array < 3; array++)
        PyBuffer_Release(&views[array]);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

static PyObject *new_step(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    return make_loop(type, args, "nnnlllddd");
}

static PyObject *new_plan(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    return make_loop(type, args, "o");
}

DEFINE_LOOP(step, "Step", new_step, )
DEFINE_LOOP(plan, "Plan", new_plan, METHOD("apply", apply))
