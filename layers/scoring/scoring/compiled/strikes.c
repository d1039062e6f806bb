/* Strikes: each leaves fewer leaves to rows, until it is known where they end. */

#include "strikes.h"

#ifdef __x86_64__
#define WIDE __attribute__((target("avx2")))
#else
#define WIDE
#endif

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
