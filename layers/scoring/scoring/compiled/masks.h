/* Many rows through small trees: no row walks, but each split strikes out leaves, for many rows at a time.

   A row that goes right at a split cannot end in a leaf on its left. Once all splits of a tree have struck out what
   they exclude, a row ends in the first leaf that is left: Lucchese et al., "QuickScorer: a Fast Algorithm to Rank
   Documents with Additive Ensembles of Regression Trees" (SIGIR 2015). Leaves are bits of words, and a row's input is
   the number of thresholds that it passes, so all of it is whole numbers of 16 bits, and processors do many of those
   in one step: Ye et al., "RapidScorer" (KDD 2018). The work grows with the leaves of a tree, that of a walk with its
   depth. */

#ifndef MASKS_H
#define MASKS_H

#include "nodes.h"

/* Leaves of a word, and words that are searched together. */
#define LEAVES 16
#define WORDS 4
/* Rows of a block, and of one step. */
#define ROWS 64
#define LANES 16

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

static inline int64_t end_of_tree(const struct loop *trees, int64_t tree) {
    return tree + 1 < LENGTH(trees, SLOT) ? ((const int32_t *)trees->memory[ROOTS])[tree + 1] : LENGTH(trees, LEAF);
}

static inline int64_t words_of(int64_t leaves) { return (leaves + LEAVES - 1) / LEAVES; }

/* How many of the cuts each pair of numbers passes; what is missing passes all. All are halved together, and by masks:
   no processor could foresee where a number goes, and compilers make a jump of anything else. */
static inline void pass(const double *cuts, int64_t count, const numbers *values, int64_t pairs, counts *passed) {
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

/* Trees whose nodes are written may get masks, which are made when first so many rows come that they are the sooner
   way. */
void expect_masks(struct loop *trees);
/* Whether they answer so many rows. */
int have_masks(struct loop *trees, int64_t rows);

#endif
