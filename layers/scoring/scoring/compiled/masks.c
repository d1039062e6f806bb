/* Many rows through small trees: no row walks, but each split strikes out leaves, for many rows at a time.

   A row that goes right at a split cannot end in a leaf on its left. Once all splits of a tree have struck out what
   they exclude, a row ends in the first leaf that is left: Lucchese et al., "QuickScorer: a Fast Algorithm to Rank
   Documents with Additive Ensembles of Regression Trees" (SIGIR 2015). Leaves are bits of words, and a row's input is
   the number of thresholds that it passes, so all of it is whole numbers of 16 bits, and processors do many of those
   in one step: Ye et al., "RapidScorer" (KDD 2018). The work grows with the leaves of a tree, that of a walk with its
   depth. */

#include "trees.h"

#include <math.h>
#include <stdlib.h>
#ifdef __x86_64__
#include <cpuid.h>
#define WIDE __attribute__((target("avx2")))
#else
#define WIDE
#endif

/* Leaves of a word, and words that are searched together. */
#define LEAVES 16
#define WORDS 4
/* A walk is sooner through trees that have more leaves in the mean, or with fewer rows. */
#define MOST_LEAVES 160
#define FEWEST_ROWS 48
#define ROWS 64
#define LANES 16
/* What 16 bits count. */
#define MOST_COLUMNS UINT16_MAX
#define MOST_CUTS INT16_MAX
/* What masks take for each node, roughly; it is counted before they are made. */
#define BYTES_OF_NODE 10

/* What a column asks: how many of its cuts a row passes, or, where it has a set, whether the set lacks its code. The
   codes of a column of which sets are asked are marked: one bit in the words of a row. */
struct column {
    int64_t source, first, cuts, mark, marks;
    const uint8_t *set;
    int leftward;
};

/* What is struck out of a word for rows that pass more cuts of a column than these. */
struct strike {
    uint16_t column;
    int16_t leaves, cuts;
};

/* Of the numbers: whether masks answer, whether by vectors of 32 bytes, and how many columns and marks there are. */
enum { STATE = LEAF, VECTORS = FEATURE, ALL_COLUMNS = COLUMN, ALL_MARKS = SET_BITS };
enum { NONE, EXPECTED, MADE };
/* Of the memory: the columns; the cuts of one after those of the other; the strikes of one word after those of the
   other, and where those of each word stop; and what rows end in, of one tree after the other, from left to right. */
enum { COLUMNS = MASKS, CUTS, STRIKES, STOPS, ENDS };

/* Rows of one step, or of two where processors have only half of such vectors. */
typedef int16_t lanes __attribute__((vector_size(LANES * sizeof(int16_t)), aligned(16), may_alias));

/* Two numbers, and what is counted of them. */
typedef double numbers __attribute__((vector_size(2 * sizeof(double)), may_alias));
typedef int64_t counts __attribute__((vector_size(2 * sizeof(int64_t)), may_alias));

/* What a row ends in: a leaf's value, or its number where the value stands elsewhere. */
union end {
    double value;
    int32_t place;
};

/* The leaves of a node, counted from the left of its tree. */
struct span {
    int32_t first, count;
};

/* A node of either precision. */
struct any_node {
    double threshold;
    int32_t place, column, right;
};

static struct any_node node_at(const struct loop *trees, int64_t node) {
    if (trees->numbers[SINGLE]) {
        const struct float_node *here = (const struct float_node *)trees->memory[NODES] + node;
        return (struct any_node){here->threshold, here->place, here->column, here->right};
    }
    const struct double_node *here = (const struct double_node *)trees->memory[NODES] + node;
    return (struct any_node){here->threshold, here->place, here->column, here->right};
}

static int is_leaf(const struct loop *trees, struct any_node node) { return node.column == LENGTH(trees, SOURCE); }

static int64_t end_of_tree(const struct loop *trees, int64_t tree) {
    return tree + 1 < LENGTH(trees, SLOT) ? ((const int32_t *)trees->memory[ROOTS])[tree + 1] : LENGTH(trees, LEAF);
}

static int64_t words_of(int64_t leaves) { return (leaves + LEAVES - 1) / LEAVES; }

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

/* How many of the cuts each pair of numbers passes; what is missing passes all. All are halved together, and by masks:
   no processor could foresee where a number goes, and compilers make a jump of anything else. */
static void pass(const double *cuts, int64_t count, const numbers *values, int64_t pairs, counts *passed) {
    memset(passed, 0, pairs * sizeof *passed);
    while (count > 0) {
        int64_t half = (count + 1) / 2;
        const double *middle = cuts + half - 1;
        for (int64_t pair = 0; pair < pairs; pair++) {
            numbers cut = {middle[passed[pair][0]], middle[passed[pair][1]]};
            passed[pair] += ~(values[pair] <= cut) & half;
        }
        count -= half;
    }
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

int64_t bytes_of_bins(const struct loop *trees) {
    return (trees->numbers[ALL_COLUMNS] + trees->numbers[ALL_MARKS]) * ROWS * (int64_t)sizeof(int16_t);
}

/* How many cuts each row passes, and the mark of its code. */
static void ask_numbers(const struct walks *walks, int64_t begin, int64_t rows, const struct column *column,
                        int16_t *bin, uint16_t *marks) {
    numbers values[ROWS / 2] = {{0}};
    counts passed[ROWS / 2];
    memset(marks, 0, column->marks * ROWS * sizeof *marks);
    for (int64_t row = 0; row < rows; row++) {
        double value = CELL(walks->matrix, begin + row, column->source);
        if (walks->trees->numbers[SINGLE])
            value = (float)value;
        if (column->marks && value > -1 && value < column->marks * LEAVES)
            marks[(int32_t)value / LEAVES * ROWS + row] = (uint16_t)(1u << (int32_t)value % LEAVES);
        ((double *)values)[row] = column->leftward && isnan(value) ? -INFINITY : value;
    }
    pass((const double *)walks->trees->memory[CUTS] + column->first, column->cuts, values, (rows + 1) / 2,
         passed);
    for (int64_t row = 0; row < rows; row++)
        bin[row] = (int16_t)passed[row / 2][row % 2];
}

/* One where a set lacks a row's code, else zero. */
static void ask_set(const uint8_t *set, const lanes *marks, lanes *bin) {
    int32_t size = size_of_set(set);
    for (int lane = 0; lane < ROWS / LANES; lane++)
        bin[lane] = (lanes){0};
    for (int32_t code = 0; code < size; code += LEAVES, marks += ROWS / LANES) {
        const uint8_t *bits = set + sizeof size + code / 8;
        uint32_t codes = size - code > 8 ? bits[0] | bits[1] << 8 : bits[0];
        if (size - code < LEAVES)
            codes &= (1u << (size - code)) - 1;
        for (int lane = 0; lane < ROWS / LANES; lane++)
            bin[lane] |= marks[lane] & ((lanes){0} + (int16_t)codes);
    }
    for (int lane = 0; lane < ROWS / LANES; lane++)
        bin[lane] = (bin[lane] == 0) & 1;
}

static void fill_bins(const struct walks *walks, int64_t begin, int64_t rows, lanes *bins) {
    const struct column *columns = walks->trees->memory[COLUMNS], *column = columns;
    for (int64_t place = 0; place < walks->trees->numbers[ALL_COLUMNS]; place++, column++) {
        lanes *bin = bins + place * (ROWS / LANES);
        if (column->set)
            ask_set(column->set, bins + columns[column->source].mark * (ROWS / LANES), bin);
        else
            ask_numbers(walks, begin, rows, column, (int16_t *)bin,
                        (uint16_t *)(bins + column->mark * (ROWS / LANES)));
    }
}

/* The leaves of one word that are struck out for each row. */
static inline __attribute__((always_inline)) void strike_rows(const struct strike *strike, const struct strike *stop,
                                                              const lanes *bins, lanes *struck) {
    for (int lane = 0; lane < ROWS / LANES; lane++)
        struck[lane] = (lanes){0};
    for (; strike < stop; strike++) {
        const lanes *bin = bins + strike->column * (ROWS / LANES);
        lanes cuts = (lanes){0} + strike->cuts, leaves = (lanes){0} + strike->leaves;
        for (int lane = 0; lane < ROWS / LANES; lane++)
            struck[lane] |= (bin[lane] > cuts) & leaves;
    }
}

/* Most of the time is spent there: a version for processors whose vectors have 32 bytes, and one for any other. */
typedef void strike_any(const struct strike *strike, const struct strike *stop, const lanes *bins, lanes *struck);

WIDE static void strike_wide(const struct strike *strike, const struct strike *stop, const lanes *bins, lanes *struck) {
    strike_rows(strike, stop, bins, struck);
}

static void strike_narrow(const struct strike *strike, const struct strike *stop, const lanes *bins, lanes *struck) {
    strike_rows(strike, stop, bins, struck);
}

/* What is struck out for the rows of a block. */
union struck {
    lanes lanes[ROWS / LANES];
    uint16_t rows[ROWS];
};

/* The first leaf that words leave to each row, if they leave any. */
static inline void find_in(const union struck *struck, int words, int32_t before, int32_t *leaf) {
    for (int row = 0; row < ROWS; row++) {
        uint64_t left = 0;
        for (int word = 0; word < words; word++)
            left |= (uint64_t)(uint16_t)~struck[word].rows[row] << word * LEAVES;
        if (left)
            leaf[row] = before + __builtin_ctzll(left);
    }
}

/* The first leaf that a tree leaves to each row. Its last words come first: what earlier ones leave replaces that. */
static void find_leaves(const struct loop *trees, int64_t first, int64_t words, const lanes *bins, int32_t *leaf) {
    const struct strike *strikes = trees->memory[STRIKES];
    const int32_t *stops = (const int32_t *)trees->memory[STOPS] + first;
    strike_any *strike = trees->numbers[VECTORS] ? strike_wide : strike_narrow;
    union struck struck[WORDS];
    for (int64_t group = (words - 1) / WORDS * WORDS; group >= 0; words = group, group -= WORDS) {
        int32_t before = (int32_t)group * LEAVES;
        for (int64_t word = group; word < words; word++)
            strike(strikes + stops[word], strikes + stops[word + 1], bins, struck[word - group].lanes);
        switch (words - group) {
        case 1: find_in(struck, 1, before, leaf); break;
        case 2: find_in(struck, 2, before, leaf); break;
        case 3: find_in(struck, 3, before, leaf); break;
        default: find_in(struck, WORDS, before, leaf);
        }
    }
}

static void score_rows(const struct walks *walks, int64_t begin, int64_t rows, const lanes *bins) {
    const struct loop *trees = walks->trees;
    const union end *ends = trees->memory[ENDS];
    int64_t width = trees->numbers[WIDTH], root = 0, word = 0;
    int inlined = is_inlined(trees);
    int32_t leaf[ROWS] = {0};
    for (int64_t tree = 0; tree < LENGTH(trees, SLOT); tree++) {
        int64_t end = end_of_tree(trees, tree), leaves = (end - root + 1) / 2, words = words_of(leaves);
        double *score = walks->scores + begin * walks->stride + ARRAY(trees, SLOT, int64_t)[tree] * width;
        find_leaves(trees, word, words, bins, leaf);
        for (int64_t row = 0; row < rows; row++, score += walks->stride)
            if (inlined)
                *score += ends[leaf[row]].value;
            else
                add_leaf(walks, begin + row, score, ends[leaf[row]].place);
        ends += leaves;
        word += words;
        root = end;
    }
}

void score_by_masks(const struct walks *walks, void *bins) {
    for (int64_t done = 0; done < walks->rows; done += ROWS) {
        int64_t begin = walks->begin + done, rows = walks->rows - done < ROWS ? walks->rows - done : ROWS;
        fill_bins(walks, begin, rows, bins);
        score_rows(walks, begin, rows, bins);
    }
}
