/* From JSON objects to raw columns, where there is nothing to refuse and nothing to remark. values.py reads all others,
   and says what is wrong with them. */

#include "loops.h"

#include <math.h>

enum { NAMES, KINDS, NULLABLE, LOW, HIGH, KNOWN };
enum { NUMBER, BOOLEAN, TEXT };

/* Whether a value is a number that needs no remark. */
static int read_number(PyObject *value, int kind, double *number) {
    PyTypeObject *type = Py_TYPE(value);
    if (kind == BOOLEAN) {
        *number = value == Py_True;
        return type == &PyBool_Type;
    }
    if (type == &PyFloat_Type) {
        *number = PyFloat_AsDouble(value);
        return isfinite(*number);
    }
    if (type != &PyLong_Type)
        return 0;
    *number = PyLong_AsDouble(value);
    if (*number != -1.0 || !PyErr_Occurred())
        return 1;
    PyErr_Clear();
    return 0;
}

/* 1 where an instance has been read, 0 where there is something to say of it, -1 with an exception. */
static int read_instance(const struct loop *reader, PyObject *instance, double *numbers, PyObject **texts,
                         Py_ssize_t rows) {
    PyObject *names = PyTuple_GetItem(reader->arguments, NAMES);
    PyObject *known = PyTuple_GetItem(reader->arguments, KNOWN);
    const uint8_t *kinds = ARRAY(reader, KINDS, uint8_t), *nullable = ARRAY(reader, NULLABLE, uint8_t);
    const double *low = ARRAY(reader, LOW, double), *high = ARRAY(reader, HIGH, double);
    Py_ssize_t features = PyTuple_Size(names);
    if (!PyDict_CheckExact(instance) || PyDict_Size(instance) != features)
        return 0;
    for (Py_ssize_t feature = 0; feature < features; feature++) {
        PyObject *value = PyDict_GetItemWithError(instance, PyTuple_GetItem(names, feature));
        if (!value)
            return PyErr_Occurred() ? -1 : 0;
        if (kinds[feature] != TEXT) {
            if (value == Py_None && nullable[feature])
                *numbers = NAN;
            else if (!read_number(value, kinds[feature], numbers) ||
                     !(low[feature] <= *numbers && *numbers <= high[feature]))
                return 0;
            numbers += rows;
            continue;
        }
        if (value != Py_None && !PyUnicode_CheckExact(value))
            return 0;
        PyObject *all = PyTuple_GetItem(known, feature), *text = value;
        /* Where not all texts are listed, somebody else looks at them. */
        if (all != Py_None)
            text = PyDict_GetItemWithError(all, value);
        else if (value == Py_None && !nullable[feature])
            return 0;
        if (!text)
            return PyErr_Occurred() ? -1 : 0;
        PyObject *before = *texts;
        *texts = Py_NewRef(text);
        Py_XDECREF(before);
        texts += rows;
    }
    return 1;
}

static PyObject *read_all(PyObject *object, PyObject *const *args, Py_ssize_t count) {
    const struct loop *reader = (const struct loop *)object;
    Py_buffer numbers, texts;
    if (count != 3 || !PyList_CheckExact(args[0]))
        return PyErr_Format(PyExc_TypeError, "a list, an array of numbers and one of texts are needed");
    if (hold(args[1], &numbers, 'd', PyBUF_ND | PyBUF_WRITABLE))
        return NULL;
    if (hold(args[2], &texts, 'O', PyBUF_ND | PyBUF_WRITABLE)) {
        PyBuffer_Release(&numbers);
        return NULL;
    }
    Py_ssize_t rows = PyList_Size(args[0]);
    int done = 1;
    if (texts.len != rows * reader->numbers[KNOWN] * (Py_ssize_t)sizeof(PyObject *) ||
        numbers.len != rows * reader->numbers[NAMES] * (Py_ssize_t)sizeof(double)) {
        PyErr_SetString(PyExc_ValueError, "the arrays have no place for each feature of each instance");
        done = -1;
    }
    for (Py_ssize_t row = 0; done == 1 && row < PyList_Size(args[0]); row++)
        done = row == rows ? 0 : read_instance(reader, PyList_GetItem(args[0], row), (double *)numbers.buf + row,
                                               (PyObject **)texts.buf + row, rows);
    PyBuffer_Release(&numbers);
    PyBuffer_Release(&texts);
    return done < 0 ? NULL : PyBool_FromLong(done);
}

static PyObject *new_reader(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(names)) {
    struct loop *reader = (struct loop *)make_loop(type, args, "oBBddo");
    if (!reader)
        return NULL;
    int64_t features = LENGTH(reader, KINDS);
    /* How many features are numbers, and how many texts. */
    for (int64_t feature = 0; feature < features; feature++)
        reader->numbers[ARRAY(reader, KINDS, uint8_t)[feature] == TEXT ? KNOWN : NAMES]++;
    int fits = PyTuple_Size(PyTuple_GetItem(args, NAMES)) == features &&
               PyTuple_Size(PyTuple_GetItem(args, KNOWN)) == features;
    for (int place = NULLABLE; place <= HIGH; place++)
        fits &= LENGTH(reader, place) == features;
    if (fits)
        return (PyObject *)reader;
    Py_DECREF(reader);
    return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "the features' arguments differ in length");
}

DEFINE_LOOP(reader, "Reader", new_reader, METHOD("read", read_all))
