import type { Report } from "../report/report";

/** What happens when a row is answered with the positive class from some probability on. */
export type OperatingPoint = {
  threshold: number;
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
  trueNegatives: number;
  /** Whether it is the rule that the model answers by. */
  own: boolean;
};

export type Costs = { falsePositive: number; falseNegative: number };

export const EVEN_COSTS: Costs = { falsePositive: 1, falseNegative: 1 };

/** The probability of the positive class from which on the model answers it. */
export function ownThreshold(report: Report): number | null {
  const threshold = report.decision?.threshold ?? null;
  if (threshold === null || report.positiveClass === null) {
    return null;
  }
  // The rule is told for the second class, whichever is the positive one.
  return report.positiveClass === report.classes[1] ? threshold : 1 - threshold;
}

/** Return the points that are known, by rising threshold; the model's own with its exact counts. */
export function operatingPoints(report: Report): OperatingPoint[] {
  const { thresholds, confusion_matrix: confusion } = report.curves;
  const place = confusion === null || thresholds === null ? -1 : confusion.labels.indexOf(thresholds.class);
  if (confusion === null || thresholds === null || place < 0 || confusion.labels.length !== 2) {
    return [];
  }
  const other = 1 - place;
  const at = (row: number, column: number) => confusion.matrix[row]?.[column] ?? 0;
  const members = at(place, 0) + at(place, 1);
  const strangers = at(other, 0) + at(other, 1);
  const points = thresholds.rows.map((row): OperatingPoint => {
    const truePositives = Math.round(row.recall * members);
    const falsePositives = Math.round(row.flagged * (members + strangers)) - truePositives;
    return {
      threshold: row.threshold,
      truePositives,
      falsePositives,
      falseNegatives: members - truePositives,
      trueNegatives: strangers - falsePositives,
      own: false,
    };
  });
  const threshold = ownThreshold(report);
  if (threshold === null) {
    return points;
  }
  const own: OperatingPoint = {
    threshold,
    truePositives: at(place, place),
    falsePositives: at(other, place),
    falseNegatives: at(place, other),
    trueNegatives: at(other, other),
    own: true,
  };
  return [...points.filter((point) => Math.abs(point.threshold - threshold) > 1e-9), own].sort(
    (one, next) => one.threshold - next.threshold,
  );
}

export type Rates = {
  precision: number | null;
  recall: number;
  f1: number;
  flagged: number;
  accuracy: number;
  falsePositiveRate: number;
};

export function ratesOf(point: OperatingPoint): Rates {
  const flagged = point.truePositives + point.falsePositives;
  const members = point.truePositives + point.falseNegatives;
  const strangers = point.falsePositives + point.trueNegatives;
  const rows = members + strangers;
  return {
    precision: flagged > 0 ? point.truePositives / flagged : null,
    recall: share(point.truePositives, members),
    f1: share(2 * point.truePositives, flagged + members),
    flagged: share(flagged, rows),
    accuracy: share(point.truePositives + point.trueNegatives, rows),
    falsePositiveRate: share(point.falsePositives, strangers),
  };
}

export function costOf(point: OperatingPoint, costs: Costs): number {
  return point.falsePositives * costs.falsePositive + point.falseNegatives * costs.falseNegative;
}

/** Return where the cheapest point is; of several that cost the same the one nearest to the model's own. */
export function cheapest(points: readonly OperatingPoint[], costs: Costs): number {
  const own = points.find((point) => point.own)?.threshold ?? 0.5;
  return indexOfLeast(points, (point) => [costOf(point, costs), Math.abs(point.threshold - own)]);
}

/** Return where the point is that lies nearest to a threshold; without one, the model's own. */
export function nearest(points: readonly OperatingPoint[], threshold: number | null): number {
  const own = points.findIndex((point) => point.own);
  if (threshold === null && own >= 0) {
    return own;
  }
  return indexOfLeast(points, (point) => [Math.abs(point.threshold - (threshold ?? 0.5)), 0]);
}

/** Read a number that an address holds, if it is one that can be meant. */
export function readNumber(text: string | null, least: number, most: number): number | null {
  if (text === null || text.trim() === "") {
    return null;
  }
  const value = Number(text);
  return Number.isFinite(value) && value >= least && value <= most ? value : null;
}

/** Write a threshold so that reading it finds the same point again. */
export function writeThreshold(points: readonly OperatingPoint[], index: number): string {
  const exact = points[index]?.threshold ?? 0.5;
  for (let digits = 2; digits <= 17; digits += 1) {
    const text = String(Number(exact.toPrecision(digits)));
    if (nearest(points, Number(text)) === index) {
      return text;
    }
  }
  return String(exact);
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function indexOfLeast(
  points: readonly OperatingPoint[],
  keyOf: (point: OperatingPoint) => [number, number],
): number {
  let best = -1;
  let least: [number, number] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  points.forEach((point, index) => {
    const key = keyOf(point);
    if (key[0] < least[0] || (key[0] === least[0] && key[1] < least[1])) {
      best = index;
      least = key;
    }
  });
  return best;
}
