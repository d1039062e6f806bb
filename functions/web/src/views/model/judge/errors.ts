import type { Interval } from "../report/report";

type Point = { x: number; y: number };

/** Ends of an axis with a little room around the values. */
export function padded(values: readonly number[]): [number, number] {
  const known = values.filter(Number.isFinite);
  if (known.length === 0) {
    return [0, 1];
  }
  const low = known.reduce((least, value) => Math.min(least, value));
  const high = known.reduce((most, value) => Math.max(most, value));
  const room = (high - low) * 0.03 || Math.abs(high) * 0.03 || 1;
  return [low - room, high + room];
}

/** Lower and upper end of the interval around each answer, as lines over an axis of answers. */
export function intervalLines(interval: Interval | null, [low, high]: [number, number]): [Point, Point][] {
  if (interval === null) {
    return [];
  }
  const sizeOf = (x: number) => (interval.relative ? Math.max(Math.abs(x), interval.floor) : 1);
  // A width that grows with the answer bends where answers are small: only the straight part is drawn.
  const from = interval.relative ? Math.max(low, interval.floor) : low;
  if (from >= high) {
    return [];
  }
  return [-1, 1].map((side) => {
    const at = (x: number): Point => ({ x, y: x + side * interval.half_width * sizeOf(x) });
    return [at(from), at(high)];
  });
}

/** Whether the interval kept its promise on the holdout, as far as so many rows can tell. */
export function coverageVerdict(interval: Interval, rows: number): "kept" | "tooNarrow" | "tooWide" {
  const { coverage, holdout_coverage: covered } = interval;
  const noise = 2 * Math.sqrt((coverage * (1 - coverage)) / Math.max(rows, 1));
  if (covered === null || Math.abs(covered - coverage) <= noise) {
    return "kept";
  }
  return covered < coverage ? "tooNarrow" : "tooWide";
}
