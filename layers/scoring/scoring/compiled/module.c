/* The module: objects that hold arrays, and what they are made of. */

#include "loops.h"

#include <string.h>
#include <sys/mman.h>

/* Of the arguments: __init__.py leaves a library of another version alone. */
#define VERSION 4

static int holds(const Py_buffer *view, char kind) {
    char found = view->format && !view->format[1] ? view->format[0] : 0;
    switch (kind) {
    case 'r': return found == 'f' || found == 'd';
    case 'w': return found == 'B' || found == 'H' || found == 'i';
    default: return found == kind;
    }
}

int hold(PyObject *array, Py_buffer *view, char kind, int flags) {
    if (PyObject_GetBuffer(array, view, flags | PyBUF_FORMAT))
        return -1;
    if (holds(view, kind))
        return 0;
    PyErr_Format(PyExc_TypeError, "an array of type '%c' is needed, not of '%s'", kind, view->format);
    PyBuffer_Release(view);
    return -1;
}

int64_t stride_of(const Py_buffer *matrix, const Py_buffer *scores) {
    return matrix->shape[0] ? scores->len / (int64_t)sizeof(double) / matrix->shape[0] : 0;
}

int hold_asked(PyObject *const *args, Py_ssize_t count, int64_t columns, int64_t places, Py_buffer *matrix,
               Py_buffer *scores) {
    if (count != 2) {
        PyErr_SetString(PyExc_TypeError, "a matrix and scores are needed");
        return -1;
    }
    if (hold(args[0], matrix, 'd', PyBUF_STRIDES))
        return -1;
    if (hold(args[1], scores, 'd', PyBUF_ND | PyBUF_WRITABLE)) {
        PyBuffer_Release(matrix);
        return -1;
    }
    if (matrix->ndim != 2 || matrix->shape[1] < columns)
        PyErr_Format(PyExc_IndexError, "a matrix of at least %lld columns is needed", (long long)columns);
    else if (matrix->shape[0] && stride_of(matrix, scores) < places)
        PyErr_SetString(PyExc_IndexError, "the scores have no place for each answer of each row");
    else
        return 0;
    let_go(matrix, scores);
    return -1;
}

PyObject *let_go(Py_buffer *one, Py_buffer *other) {
    PyBuffer_Release(one);
    PyBuffer_Release(other);
    return PyErr_Occurred() ? NULL : Py_NewRef(Py_None);
}

/* Python's collector and whoever measures a model find the arrays by this. */
int visit_loop(PyObject *object, visitproc visit, void *arg) {
    struct loop *loop = (struct loop *)object;
    Py_VISIT(Py_TYPE(object));
    Py_VISIT(loop->arguments);
    for (int place = 0; place < MOST_ARGUMENTS; place++)
        Py_VISIT(loop->views[place].obj);
    return 0;
}

/* Where a machine has large pages for those who ask, what is large is filled and walked sooner in them. */
#define LARGE_PAGE ((uintptr_t)1 << 21)

static void ask_for_large_pages(void *memory, int64_t bytes) {
#ifdef MADV_HUGEPAGE
    uintptr_t begin = ((uintptr_t)memory + LARGE_PAGE - 1) & ~(LARGE_PAGE - 1);
    uintptr_t end = ((uintptr_t)memory + (uintptr_t)bytes) & ~(LARGE_PAGE - 1);
    if (begin < end)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE);
#else
    (void)memory, (void)bytes;
#endif
}

void *own_part(struct loop *loop, int part, int64_t bytes) {
    loop->memory[part] = PyMem_Malloc(bytes);
    if (!loop->memory[part])
        return PyErr_NoMemory();
    ask_for_large_pages(loop->memory[part], bytes);
    loop->sizes[part] = bytes;
    loop->bytes += bytes;
    return loop->memory[part];
}

void release_part(struct loop *loop, int part) {
    PyMem_Free(loop->memory[part]);
    loop->bytes -= loop->sizes[part];
    loop->memory[part] = NULL;
    loop->sizes[part] = 0;
}

PyObject *size_of_loop(PyObject *object, PyObject *Py_UNUSED(none)) {
    return PyLong_FromLongLong(sizeof(struct loop) + ((struct loop *)object)->bytes);
}

void free_loop(PyObject *object) {
    struct loop *loop = (struct loop *)object;
    PyTypeObject *type = Py_TYPE(object);
    PyObject_GC_UnTrack(object);
    for (int place = 0; place < MOST_ARGUMENTS; place++)
        PyBuffer_Release(&loop->views[place]);
    Py_CLEAR(loop->arguments);
    for (int part = 0; part < MOST_PARTS; part++)
        PyMem_Free(loop->memory[part]);
    ((freefunc)PyType_GetSlot(type, Py_tp_free))(object);
    Py_DECREF(type);
}

PyObject *make_loop(PyTypeObject *type, PyObject *arguments, const char *kinds) {
    Py_ssize_t count = PyTuple_Size(arguments);
    if (count != (Py_ssize_t)strlen(kinds))
        return PyErr_Format(PyExc_TypeError, "%zd arguments are needed, not %zd", strlen(kinds), count);
    struct loop *loop = (struct loop *)((allocfunc)PyType_GetSlot(type, Py_tp_alloc))(type, 0);
    if (!loop)
        return NULL;
    loop->arguments = Py_NewRef(arguments);
    for (Py_ssize_t place = 0; place < count; place++) {
        PyObject *argument = PyTuple_GetItem(arguments, place);
        if (kinds[place] == 'n')
            loop->numbers[place] = PyLong_AsLongLong(argument);
        else if (kinds[place] != 'o' && !hold(argument, &loop->views[place], kinds[place], PyBUF_ND))
            loop->lengths[place] = loop->views[place].len / loop->views[place].itemsize;
        if (PyErr_Occurred()) {
            Py_DECREF(loop);
            return NULL;
        }
    }
    return (PyObject *)loop;
}

static int add_types(PyObject *module) {
    PyType_Spec *specs[] = {&reader_spec, &encoding_spec,  &step_spec,   &plan_spec,
                            &trees_spec,  &oblivious_spec, &linear_spec, &answers_spec};
    for (size_t place = 0; place < sizeof specs / sizeof *specs; place++) {
        PyObject *type = PyType_FromModuleAndSpec(module, specs[place], NULL);
        if (!type || PyModule_AddType(module, (PyTypeObject *)type))
            return -1;
        Py_DECREF(type);
    }
    return PyModule_AddIntConstant(module, "VERSION", VERSION);
}

static PyModuleDef_Slot slots[] = {{Py_mod_exec, add_types}, {0, NULL}};
static PyMethodDef functions[] = {METHOD("mark_pairs", mark_pairs){NULL, NULL, 0, NULL}};
static PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, .m_name = "loops", .m_slots = slots, .m_methods = functions};

PyMODINIT_FUNC PyInit_loops(void) { return PyModuleDef_Init(&definition); }
