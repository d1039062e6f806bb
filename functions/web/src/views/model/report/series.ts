/** Colour and dash of each line of a chart, so that lines differ by more than colour. */
export const SERIES = [
  { color: "indigo.6", dash: "0" },
  { color: "orange.6", dash: "7 4" },
  { color: "teal.6", dash: "2 3" },
  { color: "grape.6", dash: "10 3 2 3" },
] as const;

export function styleOf(index: number): (typeof SERIES)[number] {
  return SERIES[index % SERIES.length] ?? SERIES[0];
}

/** Rows of a table without those that look like another one. */
export function uniqueRows<T>(rows: readonly T[][]): T[][] {
  return [...new Map(rows.map((row) => [row.join("|"), row])).values()];
}

/** Shorten a name for an axis; the table of the figure has it whole. */
export function shorten(name: string, most: number): string {
  return name.length > most ? `${name.slice(0, most - 1)}…` : name;
}

/** Pair two lists of one length. */
export function zip(xs: readonly number[], ys: readonly number[]): [number, number][] {
  return xs.map((x, place) => [x, ys[place] ?? Number.NaN]);
}
