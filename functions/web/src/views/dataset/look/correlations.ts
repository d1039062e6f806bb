import type { Correlation } from "@/views/dataset/look/profile";

/** More than the twenty pairs that the profile lists it never holds. */
const LISTED = 20;
/** Weaker pairs are never listed. */
const LEAST = 0.1;

export type Matrix = { names: string[]; cell: (a: string, b: string) => number | undefined };

/** The columns of the strongest pairs, neighbours beside each other, at most `most` of them. */
export function matrixOf(pairs: readonly Correlation[], most: number): Matrix {
  const values = new Map<string, number>();
  const names: string[] = [];
  for (const { columns, correlation } of pairs) {
    const missing = columns.filter((name) => !names.includes(name));
    if (names.length + missing.length > most) {
      continue;
    }
    for (const name of missing) {
      const partner = columns.find((other) => other !== name && names.includes(other));
      names.splice(partner === undefined ? names.length : names.indexOf(partner) + 1, 0, name);
    }
    values.set(keyOf(...columns), correlation);
  }
  return { names, cell: (a, b) => values.get(keyOf(a, b)) };
}

/** What a pair that is not listed stays below. */
export function unlistedBelow(pairs: readonly Correlation[]): number {
  return pairs.length < LISTED ? LEAST : Math.min(...pairs.map((pair) => Math.abs(pair.correlation)));
}

/** What goes with a column, strongest first. */
export function partnersOf(
  pairs: readonly Correlation[],
  name: string,
): { name: string; correlation: number }[] {
  return pairs
    .filter(({ columns }) => columns.includes(name))
    .map(({ columns, correlation }) => ({
      name: columns[0] === name ? columns[1] : columns[0],
      correlation,
    }));
}

function keyOf(a: string, b: string): string {
  return JSON.stringify(a < b ? [a, b] : [b, a]);
}
