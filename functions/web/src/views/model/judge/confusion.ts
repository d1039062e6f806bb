import type { ConfusionMatrix } from "../report/report";

export type Confused = { truth: string; answer: string; count: number; share: number };

/** Return the count of each cell divided by its row: of the rows of a class, the part answered so. */
export function sharesByRow(matrix: readonly (readonly number[])[]): (number | null)[][] {
  return matrix.map((row) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count) => (total > 0 ? count / total : null));
  });
}

/** Return what is most often taken for something else, the most frequent first. */
export function worstConfusions({ labels, matrix }: ConfusionMatrix, most: number): Confused[] {
  const shares = sharesByRow(matrix);
  return matrix
    .flatMap((row, truth) =>
      row.map((count, answer) => ({
        truth: labels[truth] ?? "",
        answer: labels[answer] ?? "",
        count,
        share: shares[truth]?.[answer] ?? 0,
        wrong: truth !== answer,
      })),
    )
    .filter(({ wrong, count }) => wrong && count > 0)
    .sort((one, other) => other.count - one.count || other.share - one.share)
    .slice(0, most)
    .map(({ truth, answer, count, share }) => ({ truth, answer, count, share }));
}

export function totals({ matrix }: ConfusionMatrix): { rows: number; right: number } {
  return {
    rows: matrix.flat().reduce((sum, count) => sum + count, 0),
    right: matrix.reduce((sum, row, place) => sum + (row[place] ?? 0), 0),
  };
}
