import { METRICS, readMetric } from "@/ui/metrics";
import { figureOf, type Metrics } from "./report";

/** Names of the figures to show: the deciding one, then as METRICS has them. */
export function shownMetrics(deciding: string, ...told: Record<string, unknown>[]): string[] {
  const known = new Set(told.flatMap((figures) => Object.keys(figures)));
  const names = [...known].filter((name) => readMetric(name) !== null && !isSpread(name, known));
  const order = [...METRICS.keys()];
  const placeOf = (name: string) => {
    const metric = readMetric(name);
    return name === deciding ? -1 : order.indexOf(metric?.name ?? "") + (metric?.weighted ? 0.5 : 0);
  };
  return names.sort((one, other) => placeOf(one) - placeOf(other));
}

/** `residual_std` is a figure, `rmse_std` the spread of one. */
function isSpread(name: string, known: ReadonlySet<string>): boolean {
  return name.endsWith("_std") && known.has(name.slice(0, -4)) && !METRICS.has(name);
}

/** How far a figure is from the best there can be; smaller is better. */
export function distance(name: string, value: number): number {
  const better = readMetric(name)?.better ?? "lower";
  if (better === "higher") return 1 - value;
  return better === "lower" ? value : Math.abs(value);
}

export type Verdict = "unknown" | "worse" | "unsure" | "slight" | "clear" | "strong" | "nearPerfect";

export type Judgement = {
  metric: string;
  holdout: number | null;
  mean: number | null;
  std: number | null;
  folds: number | null;
  baseline: number | null;
  /** Of the way from a guess to a perfect model, the part that was made. */
  skill: number | null;
  verdict: Verdict;
  /** Whether the holdout is within two spreads of cross-validation; null where that is unknown. */
  steady: boolean | null;
};

const NEAR_PERFECT = 0.995;
const STRONG = 0.6;
const CLEAR = 0.2;

/** Say how good a version is: its deciding metric against a guess, and how much that varies. */
export function judge(metric: string, metrics: Metrics): Judgement {
  const holdout = figureOf(metrics.holdout, metric);
  const mean = figureOf(metrics.cross_validation, metric);
  const std = figureOf(metrics.cross_validation, `${metric}_std`);
  const folds = figureOf(metrics.cross_validation, "folds");
  const baseline = figureOf(metrics.baseline, metric);
  const value = holdout ?? mean;
  const skill = value === null || baseline === null ? null : skillOf(metric, value, baseline);
  return {
    metric,
    holdout,
    mean,
    std,
    folds,
    baseline,
    skill,
    verdict: verdictOf(metric, skill, value, baseline, std),
    steady:
      holdout === null || mean === null || std === null ? null : Math.abs(holdout - mean) <= 2 * std + 1e-12,
  };
}

function skillOf(metric: string, value: number, baseline: number): number | null {
  const before = distance(metric, baseline);
  return before > 0 ? 1 - distance(metric, value) / before : null;
}

function verdictOf(
  metric: string,
  skill: number | null,
  value: number | null,
  baseline: number | null,
  std: number | null,
): Verdict {
  if (skill === null || value === null || baseline === null) return "unknown";
  if (skill <= 0) return "worse";
  const gain = distance(metric, baseline) - distance(metric, value);
  if (std !== null && gain <= std) return "unsure";
  if (skill >= NEAR_PERFECT) return "nearPerfect";
  if (skill >= STRONG) return "strong";
  return skill >= CLEAR ? "clear" : "slight";
}
