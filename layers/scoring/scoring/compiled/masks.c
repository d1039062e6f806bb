/* Masks, made of the nodes of trees. */

#include "masks.h"

#include <stdlib.h>
#ifdef __x86_64__
#include <cpuid.h>
#endif

/* A walk is sooner through trees that have more leaves in the mean, or with fewer rows. */
#define MOST_LEAVES 160
#define FEWEST_ROWS 48
/* What 16 bits count. */
#define MOST_COLUMNS UINT16_MAX
#define MOST_CUTS INT16_MAX
/* What masks take for each node, roughly; it is counted before they are made. */
#define BYTES_OF_NODE 10

/* The leaves of a node, counted from the left of its tree. */
struct span {
    int32_t first, count;
};

/* A node of either size. */
struct any_node {
    double threshold;
    int32_t place, column, right;
};

static struct any_node node_at(const struct loop *trees, int64_t node) {
    int bits = (int)trees->numbers[COLUMN_BITS];
    if (bits) {
        const struct small_node *here = (const struct small_node *)trees->memory[NODES] + node;
        int32_t column = here->link & ((1u << bits) - 1), right = (int32_t)node + (int32_t)(here->link >> bits);
        return (struct any_node){here->threshold, here->place, column, right};
    }
    const struct large_node *here = (const struct large_node *)trees->memory[NODES] + node;
    return (struct any_node){here->threshold, here->place, here->column, (int32_t)node + here->ahead};
}

static int is_leaf(const struct loop *trees, struct any_node node) { return node.column == LENGTH(trees, SOURCE); }

/* Children stand behind their parents. */
static void find_spans(const struct loop *trees, int64_t root, int64_t end, struct span *spans) {
    for (int64_t node = end - 1; node >= root; node--) {
        struct any_node here = node_at(trees, node);
        spans[node].count = is_leaf(trees, here) ? 1 : spans[here.right - 1].count + spans[here.right].count;
    }
    spans[root].first = 0;
    for (int64_t node = root; node < end; node++) {
        struct any_node here = node_at(trees, node);
        if (is_leaf(trees, here))
            continue;
        spans[here.right - 1].first = spans[node].first;
        spans[here.right].first = spans[node].first + spans[here.right - 1].count;
    }
}

/* Columns of sets stand behind the trees' own, one for each split. */
static void find_columns(const struct loop *trees, struct column *columns) {
    struct column *of_set = columns + LENGTH(trees, SOURCE);
    for (int64_t node = 0; node < LENGTH(trees, LEAF); node++) {
        struct any_node here = node_at(trees, node);
        if (here.column < 0) {
            struct column *asked = columns + ~here.column;
            *of_set = (struct column){.source = ~here.column, .set = (uint8_t *)trees->memory[SETS] + here.place};
            int64_t words = words_of(size_of_set(of_set++->set));
            asked->marks = words > asked->marks ? words : asked->marks;
        } else if (!is_leaf(trees, here))
            columns[here.column].cuts++;
    }
}

static int make_columns(struct loop *trees) {
    int64_t count = LENGTH(trees, SOURCE), first = 0, mark = 0;
    for (int64_t node = 0; node < LENGTH(trees, LEAF); node++)
        count += node_at(trees, node).column < 0;
    struct column *columns = count > MOST_COLUMNS ? NULL : own_part(trees, COLUMNS, (count + 1) * sizeof *columns);
    if (!columns)
        return -1;
    memset(columns, 0, (count + 1) * sizeof *columns);
    find_columns(trees, columns);
    for (int64_t place = 0; place < LENGTH(trees, SOURCE); place++) {
        struct column *column = columns + place;
        column->leftward = ARRAY(trees, LEFTWARD, uint8_t)[place];
        column->source = ARRAY(trees, SOURCE, int64_t)[place];
        column->first = first;
        first += column->cuts;
        column->cuts = 0;
        column->mark = count + mark;
        mark += column->marks;
    }
    trees->numbers[ALL_COLUMNS] = count;
    trees->numbers[ALL_MARKS] = mark;
    return 0;
}

static int ascending(const void *one, const void *other) {
    double left = *(const double *)one, right = *(const double *)other;
    return (left > right) - (left < right);
}

/* The thresholds of each column, once each, ascending: how many all columns have, or -1 if one has too many. */
static int64_t sort_cuts(const struct loop *trees, struct column *columns, double *cuts) {
    int64_t total = 0;
    for (int64_t node = 0; node < LENGTH(trees, LEAF); node++) {
        struct any_node here = node_at(trees, node);
        if (here.column >= 0 && !is_leaf(trees, here))
            cuts[columns[here.column].first + columns[here.column].cuts++] = here.threshold;
    }
    for (int64_t place = 0; place < LENGTH(trees, SOURCE); place++) {
        struct column *column = columns + place;
        const double *own = cuts + column->first;
        int64_t count = column->cuts;
        qsort(cuts + column->first, count, sizeof *cuts, ascending);
        column->first = total;
        for (int64_t cut = 0; cut < count; cut++)
            if (total == column->first || own[cut] != cuts[total - 1])
                cuts[total++] = own[cut];
        column->cuts = total - column->first;
        if (column->cuts > MOST_CUTS)
            return -1;
    }
    return total;
}

static int make_cuts(struct loop *trees) {
    double *all = PyMem_Malloc((LENGTH(trees, LEAF) / 2 + 1) * sizeof *all);
    int64_t total = all ? sort_cuts(trees, trees->memory[COLUMNS], all) : -1;
    double *cuts = total < 0 ? NULL : own_part(trees, CUTS, (total + 1) * sizeof *cuts);
    if (cuts)
        memcpy(cuts, all, total * sizeof *cuts);
    PyMem_Free(all);
    return cuts ? 0 : -1;
}

/* A strike for each word that has some of these leaves, behind those that the word has; without strikes count them. */
static void strike_out(struct span left, struct strike strike, struct strike *strikes, int32_t *stops) {
    for (int32_t leaf = left.first, end = left.first + left.count; leaf < end;) {
        int32_t bit = leaf % LEAVES, count = LEAVES - bit < end - leaf ? LEAVES - bit : end - leaf;
        int32_t *stop = stops + leaf / LEAVES;
        strike.leaves = (int16_t)(((1u << count) - 1) << bit);
        if (strikes)
            strikes[*stop] = strike;
        ++*stop;
        leaf += count;
    }
}

static void strike_all(const struct loop *trees, const struct span *spans, struct strike *strikes, int32_t *stops) {
    const struct column *columns = trees->memory[COLUMNS];
    int32_t of_set = (int32_t)LENGTH(trees, SOURCE);
    for (int64_t tree = 0, node = 0; tree < LENGTH(trees, SLOT); tree++) {
        int64_t root = node, end = end_of_tree(trees, tree);
        for (; node < end; node++) {
            struct any_node here = node_at(trees, node);
            struct strike strike = {0, 0, 0};
            if (is_leaf(trees, here))
                continue;
            if (here.column < 0)
                strike.column = (uint16_t)of_set++;
            else {
                const struct column *column = columns + here.column;
                const double *cuts = (const double *)trees->memory[CUTS] + column->first;
                strike.column = (uint16_t)here.column;
                numbers threshold = {here.threshold, here.threshold};
                counts before;
                pass(cuts, column->cuts, &threshold, 1, &before);
                strike.cuts = (int16_t)before[0];
            }
            strike_out(spans[here.right - 1], strike, strikes, stops);
        }
        stops += words_of((end - root + 1) / 2);
    }
}

/* What a call reads besides the columns; -1 where there is no room. */
static int make_strikes(struct loop *trees, const struct span *spans) {
    int64_t nodes = LENGTH(trees, LEAF), count = LENGTH(trees, SLOT), words = 0, total = 0, first = 0;
    for (int64_t tree = 0; tree < count; tree++)
        words += words_of((end_of_tree(trees, tree) - ((const int32_t *)trees->memory[ROOTS])[tree] + 1) / 2);
    int32_t *stops = own_part(trees, STOPS, (words + 1) * sizeof *stops);
    union end *ends = own_part(trees, ENDS, ((nodes + count) / 2) * sizeof *ends);
    if (!stops || !ends)
        return -1;
    memset(stops++, 0, (words + 1) * sizeof *stops);
    strike_all(trees, spans, NULL, stops);
    for (int64_t word = 0; word < words; word++) {
        int32_t own = stops[word];
        stops[word] = (int32_t)total;
        total += own;
    }
    struct strike *strikes = total > INT32_MAX ? NULL : own_part(trees, STRIKES, (total + 1) * sizeof *strikes);
    if (!strikes)
        return -1;
    strike_all(trees, spans, strikes, stops);
    for (int64_t tree = 0, node = 0; tree < count; tree++) {
        int64_t root = node, end = end_of_tree(trees, tree);
        for (; node < end; node++) {
            struct any_node here = node_at(trees, node);
            if (!is_leaf(trees, here))
                continue;
            if (is_inlined(trees))
                ends[first + spans[node].first].value = here.threshold;
            else
                ends[first + spans[node].first].place = here.place;
        }
        first += (end - root + 1) / 2;
    }
    return 0;
}

/* Whether processor and system have AVX2. What compilers offer to ask for it is not there in Zig's library. */
static int is_wide(void) {
#ifdef __x86_64__
    uint32_t a, b, c, d, saved, high;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_OSXSAVE) || !__get_cpuid_count(7, 0, &a, &b, &c, &d))
        return 0;
    __asm__("xgetbv" : "=a"(saved), "=d"(high) : "c"(0));
    return (saved & 6) == 6 && (b & bit_AVX2);
#else
    return 0;
#endif
}

void expect_masks(struct loop *trees) {
    trees->numbers[STATE] = LENGTH(trees, LEAF) <= 2 * MOST_LEAVES * LENGTH(trees, SLOT) ? EXPECTED : NONE;
    if (trees->numbers[STATE])
        trees->bytes += LENGTH(trees, LEAF) * BYTES_OF_NODE;
}

/* What is made is counted as it is; what could not be made is given up. */
static void make_masks(struct loop *trees) {
    int64_t nodes = LENGTH(trees, LEAF);
    struct span *spans = PyMem_Malloc(nodes * sizeof *spans);
    trees->bytes -= nodes * BYTES_OF_NODE;
    trees->numbers[STATE] = NONE;
    if (spans && !make_columns(trees) && !make_cuts(trees)) {
        for (int64_t tree = 0, root = 0; tree < LENGTH(trees, SLOT); root = end_of_tree(trees, tree++))
            find_spans(trees, root, end_of_tree(trees, tree), spans);
        if (!make_strikes(trees, spans))
            trees->numbers[STATE] = MADE;
        trees->numbers[VECTORS] = is_wide();
    }
    for (int part = COLUMNS; part <= ENDS && !trees->numbers[STATE]; part++)
        release_part(trees, part);
    PyMem_Free(spans);
    PyErr_Clear();
}

int have_masks(struct loop *trees, int64_t rows) {
    if (rows >= FEWEST_ROWS && trees->numbers[STATE] == EXPECTED)
        make_masks(trees);
    return rows >= FEWEST_ROWS && trees->numbers[STATE] == MADE;
}
