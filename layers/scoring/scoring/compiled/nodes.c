/* Nodes, written once from the arrays of a model. */

#include "nodes.h"

#define SMALL(trees, node) ((struct small_node *)(trees)->memory[NODES] + (node))
#define LARGE(trees, node) ((struct large_node *)(trees)->memory[NODES] + (node))

static void write_link(const struct loop *trees, int64_t node, int32_t column, int64_t ahead) {
    int bits = (int)trees->numbers[COLUMN_BITS];
    if (bits)
        SMALL(trees, node)->link = (uint32_t)column | (uint32_t)ahead << bits;
    else {
        LARGE(trees, node)->column = column;
        LARGE(trees, node)->ahead = (int32_t)ahead;
    }
}

/* A threshold or a value. Small nodes are given none that they would round. */
static void write_number(const struct loop *trees, int64_t node, double number) {
    if (trees->numbers[COLUMN_BITS])
        SMALL(trees, node)->threshold = (float)number;
    else
        LARGE(trees, node)->threshold = number;
}

static void write_place(const struct loop *trees, int64_t node, int32_t place) {
    if (trees->numbers[COLUMN_BITS])
        SMALL(trees, node)->place = place;
    else
        LARGE(trees, node)->place = place;
}

/* Where one stands among splits, leaves and sets while nodes are written one after the other. */
struct progress {
    int64_t split, leaf;
    int32_t set;
};

static double threshold_at(const struct loop *trees, int64_t split) {
    if (trees->numbers[SINGLE])
        return (double)ARRAY(trees, THRESHOLD, float)[split];
    return ARRAY(trees, THRESHOLD, double)[split];
}

static int write_split(const struct loop *trees, int64_t node, int64_t right, struct progress *done) {
    int64_t split = done->split++;
    /* A byte of a stored truth can be anything. */
    int missing_left = ARRAY(trees, MISSING_LEFT, uint8_t)[split] != 0;
    int64_t pair = 2 * feature_of(&trees->views[FEATURE], split) + missing_left;
    if (pair < 0 || pair >= LENGTH(trees, COLUMN))
        return -1;
    int32_t column = ARRAY(trees, COLUMN, int32_t)[pair];
    if (column < 0 || column >= LENGTH(trees, SOURCE))
        return -1;
    int32_t size = LENGTH(trees, SET_SIZE) ? ARRAY(trees, SET_SIZE, int32_t)[split] : 0;
    write_link(trees, node, size ? ~column : column, right - node);
    if (size) {
        write_place(trees, node, done->set);
        done->set += sizeof size + (size + 7) / 8;
    } else
        write_number(trees, node, threshold_at(trees, split));
    return 0;
}

static void write_leaf(const struct loop *trees, int64_t node, struct progress *done) {
    int32_t leaf = (int32_t)done->leaf++;
    write_link(trees, node, (int32_t)LENGTH(trees, SOURCE), 0);
    if (is_inlined(trees))
        write_number(trees, node, value_at(trees, leaf));
    else
        write_place(trees, node, leaf);
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

/* How many bits tell each of so many. */
static int bits_of(int64_t count) {
    int bits = 1;
    while (count > (int64_t)1 << bits)
        bits++;
    return bits;
}

/* Small nodes have room for the columns, with that of leaves, and for what is less than the largest tree. */
static int bits_of_columns(const struct loop *trees, int64_t largest) {
    int bits = bits_of(LENGTH(trees, SOURCE) + 1);
    return trees->numbers[SINGLE] && !trees->memory[SETS] && bits + bits_of(largest) <= 32 ? bits : 0;
}

int write_trees(struct loop *trees) {
    int64_t nodes = LENGTH(trees, LEAF), largest = 0, leaves = 0;
    for (int64_t node = 0; node < nodes; node++)
        leaves += ARRAY(trees, LEAF, uint8_t)[node] != 0;
    for (int64_t tree = 0; tree < LENGTH(trees, SIZES); tree++)
        if (ARRAY(trees, SIZES, int64_t)[tree] > largest)
            largest = ARRAY(trees, SIZES, int64_t)[tree];
    if (largest > nodes || leaves * trees->numbers[WIDTH] > LENGTH(trees, VALUE) || write_sets(trees))
        return -1;
    trees->numbers[COLUMN_BITS] = bits_of_columns(trees, largest);
    size_t size = trees->numbers[COLUMN_BITS] ? sizeof(struct small_node) : sizeof(struct large_node);
    int32_t *places = PyMem_Malloc(largest * sizeof *places);
    int failed = !places || !own_part(trees, ROOTS, LENGTH(trees, SIZES) * sizeof *places) ||
                 !own_part(trees, NODES, nodes * size) || write_nodes(trees, places);
    PyMem_Free(places);
    return failed ? -1 : 0;
}
