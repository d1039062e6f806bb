import { readMetric } from "@/ui/metrics";

export type Row = {
  model: string;
  mean: number | null;
  std: number | null;
  folds: number | null;
  seconds: number | null;
  isChosen: boolean;
  members: { model: string; weight: number }[];
};

export type Board = {
  /** As the service writes it. */
  metric: string;
  /** Best first; what has no score comes last. */
  rows: Row[];
};

const numberOf = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** The leaderboard as the service sends it, in the order of its metric. */
export function readBoard(sent: readonly Record<string, unknown>[]): Board {
  const metric = String(sent[0]?.metric ?? "");
  const known = readMetric(metric);
  const rows = sent.map((row): Row => {
    const members = Array.isArray(row.members) ? row.members : [];
    return {
      model: String(row.model ?? ""),
      mean: numberOf(row.mean),
      std: numberOf(row.std),
      folds: numberOf(row.folds),
      seconds: numberOf(row.fit_seconds),
      isChosen: row.chosen === true,
      members: members.map((member) => ({ model: String(member.model), weight: Number(member.weight) })),
    };
  });
  if (known) {
    const more = known.better === "higher";
    const worst = more ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
    const sign = more ? -1 : 1;
    rows.sort((one, other) => {
      const [left, right] = [sign * (one.mean ?? worst), sign * (other.mean ?? worst)];
      return left === right ? 0 : left - right;
    });
  }
  return { metric, rows };
}

/** Where scores stand between the worst (0) and the best (1); the spread is cut at both ends. */
export function placesOf(board: Board): (row: Row) => { at: number; from: number; to: number } | null {
  const means = board.rows.flatMap(({ mean }) => (mean === null ? [] : [mean]));
  const best = board.rows[0];
  const margin = best?.std ?? 0;
  const low = Math.min(...means) - margin;
  const high = Math.max(...means) + margin;
  const more = readMetric(board.metric)?.better !== "lower";
  const place = (value: number) => {
    const share = high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0.5;
    return more ? share : 1 - share;
  };
  return ({ mean, std }) => {
    if (mean === null) {
      return null;
    }
    const [one, other] = [place(mean - (std ?? 0)), place(mean + (std ?? 0))];
    return { at: place(mean), from: Math.min(one, other), to: Math.max(one, other) };
  };
}
