import type { Schemas } from "@/api/client";

export type Figures = Record<string, unknown>;
export type Metrics = { holdout: Figures; cross_validation: Figures; baseline: Figures };
export type ConfusionMatrix = { labels: string[]; matrix: number[][] };
export type RocCurve = {
  class: string;
  area: number;
  false_positive_rate: number[];
  true_positive_rate: number[];
};
export type PrecisionRecallCurve = {
  class: string;
  average_precision: number;
  recall: number[];
  precision: number[];
  share: number;
};
export type CalibrationCurve = {
  class: string;
  expected_error: number;
  predicted: number[];
  observed: number[];
  count: number[];
};
export type ThresholdRow = {
  threshold: number;
  precision: number;
  recall: number;
  f1: number;
  flagged: number;
  accuracy: number;
};
export type Interval = {
  coverage: number;
  half_width: number;
  relative: boolean;
  floor: number;
  holdout_coverage: number | null;
  holdout_width: number | null;
};
export type Curves = {
  confusion_matrix: ConfusionMatrix | null;
  roc: RocCurve[];
  precision_recall: PrecisionRecallCurve[];
  calibration: CalibrationCurve[];
  thresholds: { class: string; rows: ThresholdRow[] } | null;
  predicted_actual: { actual: number[]; predicted: number[] } | null;
  residual_quantiles: Record<string, number> | null;
  residual_histogram: { edges: number[]; count: number[] } | null;
};
export type Importance = {
  metric: string;
  baseline: number;
  rows: number;
  repeats: number;
  complete: boolean;
  features: { feature: string; importance: number; std: number | null; share: number }[];
};
export type Dependence = {
  feature: string;
  type: string;
  rows: number;
  grid: (string | number | boolean)[];
  series: { class: string | null; mean: number[] }[];
};
export type Decision = {
  metric: string;
  weights: number[];
  gain: number;
  wins: number;
  threshold: number | null;
};
export type PerClass = {
  class: string;
  rows: number;
  answered: number;
  precision: number | null;
  recall: number | null;
  f1: number | null;
};
export type LeaderboardRow = {
  model: string;
  metric: string;
  mean: number | null;
  std: number | null;
  folds: number;
  fit_seconds: number;
  chosen: boolean;
  members?: { model: string; weight: number }[];
};
export type Finding = {
  code: string;
  message: string;
  action: string;
  column: string | null;
  evidence: Record<string, unknown>;
  opted_out: boolean;
};
export type Split = {
  kind: "random" | "group" | "time";
  column: string | null;
  folds: number;
  deals: number;
  seed: number;
  holdout_rows: number;
};
export type Cost = { usd: number; basis: string };
export type Compact = { metric: string; compact: number | null; whole: number | null };

/** What is known of a version, with a value or null for all that a report may leave out. */
export type Report = {
  task: "classification" | "regression";
  target: string;
  createdAt: string;
  metric: string;
  classes: string[];
  positiveClass: string | null;
  classWeights: Record<string, number> | null;
  metrics: Metrics;
  perClass: PerClass[];
  leaderboard: LeaderboardRow[];
  members: { model: string; weight: number }[];
  modelName: string;
  curves: Curves;
  importance: Importance | null;
  dependence: Dependence[];
  decision: Decision | null;
  interval: Interval | null;
  compact: Compact | null;
  split: Split;
  rows: { training: number; holdout: number; dropped: number };
  holdoutId: string | null;
  dataDigest: string | null;
  features: { name: string; type: string; may_be_missing: boolean }[];
  droppedColumns: Record<string, string>;
  recipe: string[] | null;
  parameters: Record<string, unknown>;
  libraries: Record<string, string>;
  seconds: Record<string, number>;
  cost: Cost | null;
  findings: Finding[];
  warnings: string[];
  omitted: { part: string; reason: string }[];
};

/** Take a report apart. Of what was left out for lack of time or room there is an empty list, or null. */
export function readReport(document: Schemas["Report"]): Report {
  const told = document as Record<string, unknown>;
  const model = (told.model ?? {}) as { name?: string; members?: Report["members"] };
  const recipe = told.recipe as { sentences?: string[] } | null;
  return {
    task: document.task,
    target: document.target,
    createdAt: document.created_at,
    metric: document.metric,
    classes: listOf<unknown>(told.classes).map(String),
    positiveClass: (told.positive_class as string | null | undefined) ?? null,
    classWeights: (told.class_weights as Report["classWeights"] | undefined) ?? null,
    metrics: readMetrics(document.metrics),
    perClass: listOf(told.per_class),
    leaderboard: listOf(told.leaderboard),
    members: model.members ?? [],
    modelName: model.name ?? "",
    curves: readCurves((told.curves ?? {}) as Partial<Curves>),
    importance: (told.importance as Importance | null) ?? null,
    dependence: listOf(told.dependence),
    decision: (told.decision as Decision | null) ?? null,
    interval: (told.interval as Interval | null) ?? null,
    compact: (told.compact as Compact | null | undefined) ?? null,
    split: told.split as Split,
    rows: told.rows as Report["rows"],
    holdoutId: document.holdout_id ?? null,
    dataDigest: ((told.data ?? {}) as { sha256?: string | null }).sha256 ?? null,
    features: listOf(told.features),
    droppedColumns: (told.dropped_columns ?? {}) as Record<string, string>,
    recipe: recipe === null || recipe === undefined ? null : (recipe.sentences ?? []),
    parameters: (told.parameters ?? {}) as Record<string, unknown>,
    libraries: (told.libraries ?? {}) as Record<string, string>,
    seconds: (told.seconds ?? {}) as Record<string, number>,
    cost: (told.cost as Cost | null) ?? null,
    findings: listOf(told.findings),
    warnings: listOf(told.warnings),
    omitted: listOf(told.omitted),
  };
}

export function readMetrics(metrics: unknown): Metrics {
  const told = (metrics ?? {}) as Partial<Metrics>;
  return {
    holdout: told.holdout ?? {},
    cross_validation: told.cross_validation ?? {},
    baseline: told.baseline ?? {},
  };
}

/** A figure, if there is one: some can't be computed on the rows there are. */
export function figureOf(figures: Figures, name: string): number | null {
  const value = figures[name];
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

function readCurves(told: Partial<Curves>): Curves {
  return {
    confusion_matrix: told.confusion_matrix ?? null,
    roc: told.roc ?? [],
    precision_recall: told.precision_recall ?? [],
    calibration: told.calibration ?? [],
    thresholds: told.thresholds ?? null,
    predicted_actual: told.predicted_actual ?? null,
    residual_quantiles: told.residual_quantiles ?? null,
    residual_histogram: told.residual_histogram ?? null,
  };
}

function listOf<T>(value: unknown): T[] {
  return Array.isArray(value) ? value : [];
}
