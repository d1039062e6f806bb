/* What the compiled loops share: objects that hold the arrays of a model, and arrays that a call is given. */

#ifndef LOOPS_H
#define LOOPS_H

#define Py_LIMITED_API 0x030C0000
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>

#define MOST_ARGUMENTS 20
#define MOST_PARTS 8

/* An object that was made of arguments, and stays as it was made. Each argument is an array of one type, a whole
   number or any other object; what is kept of it stands at its place. At places of no number, objects keep numbers of
   their own, and in `memory` what they have made of the arguments. */
struct loop {
    PyObject_HEAD
    PyObject *arguments;
    Py_buffer views[MOST_ARGUMENTS];
    int64_t lengths[MOST_ARGUMENTS];
    int64_t numbers[MOST_ARGUMENTS];
    void *memory[MOST_PARTS];
    int64_t sizes[MOST_PARTS], bytes;
};

#define ARRAY(loop, place, type) ((const type *)(loop)->views[place].buf)
#define LENGTH(loop, place) ((loop)->lengths[place])

/* Make an object; `kinds` has one letter an argument: that of struct for arrays, r for one of float or double, w for
   one of unsigned bytes, unsigned shorts or ints, n for a whole number, o for any object. Arrays are contiguous. */
PyObject *make_loop(PyTypeObject *type, PyObject *arguments, const char *kinds);
void free_loop(PyObject *object);
int visit_loop(PyObject *object, visitproc visit, void *arg);
/* Room for a part of the memory, which the object counts as its own; NULL with an exception where there is none. */
void *own_part(struct loop *loop, int part, int64_t bytes);
void release_part(struct loop *loop, int part);
/* How much memory it is. */
PyObject *size_of_loop(PyObject *object, PyObject *none);

/* Hold an array of the type that a letter of struct names; -1 with an exception where it is none. */
int hold(PyObject *array, Py_buffer *view, char kind, int flags);
/* Hold what a model is asked: a matrix of doubles, of at least so many columns, whose strides are those of its view,
   and scores, with at least so many places for each row. -1 with an exception where it is asked otherwise. */
int hold_asked(PyObject *const *args, Py_ssize_t count, int64_t columns, int64_t places, Py_buffer *matrix,
               Py_buffer *scores);
/* How far the scores of two rows are apart. */
int64_t stride_of(const Py_buffer *matrix, const Py_buffer *scores);
/* Let them go; None, or NULL where there is an exception. */
PyObject *let_go(Py_buffer *one, Py_buffer *other);

#define CELL(view, row, column)                                                                             \
    (*(const double *)((const char *)(view)->buf + (row) * (view)->strides[0] + (column) * (view)->strides[1]))

/* A method that takes its arguments as they come. */
#define METHOD(name, function) {name, (PyCFunction)(void (*)(void))(function), METH_FASTCALL, NULL},

/* A kind of object: what makes it, and its methods, if it has any. */
#define DEFINE_LOOP(kind, title, make, methods)                                                             \
    static PyMethodDef kind##_methods[] = {                                                                 \
        methods{"__sizeof__", size_of_loop, METH_NOARGS, NULL}, {NULL, NULL, 0, NULL}};                     \
    static PyType_Slot kind##_slots[] = {{Py_tp_new, make},                                                 \
                                         {Py_tp_dealloc, free_loop},                                        \
                                         {Py_tp_traverse, visit_loop},                                      \
                                         {Py_tp_methods, kind##_methods},                                   \
                                         {0, NULL}};                                                        \
    PyType_Spec kind##_spec = {"scoring.compiled.loops." title, sizeof(struct loop), 0,                     \
                               Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC, kind##_slots};

PyObject *mark_pairs(PyObject *module, PyObject *const *args, Py_ssize_t count);

extern PyType_Spec reader_spec, encoding_spec, step_spec, plan_spec;
extern PyType_Spec trees_spec, oblivious_spec, linear_spec, answers_spec;

#endif
