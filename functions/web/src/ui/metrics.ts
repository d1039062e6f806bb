import type { Schemas } from "@/api/client";

export type Task = "classification" | "regression";
/** A metric that may decide which candidate is best. */
export type Metric = Exclude<Schemas["TrainRequest"]["metric"], "auto" | undefined>;

type Nature = {
  better: "higher" | "lower" | "zero";
  /** A share reads as a percentage; `target` and `squared` are in the target's own unit. */
  unit: "share" | "plain" | "target" | "squared";
};

/** Metrics of each task, those first that are asked for most. */
const DECIDING = {
  classification: {
    log_loss: { better: "lower", unit: "plain" },
    accuracy: { better: "higher", unit: "share" },
    balanced_accuracy: { better: "higher", unit: "share" },
    roc_auc: { better: "higher", unit: "plain" },
    average_precision: { better: "higher", unit: "plain" },
    f1_macro: { better: "higher", unit: "plain" },
    f1_weighted: { better: "higher", unit: "plain" },
    precision_macro: { better: "higher", unit: "share" },
    precision_weighted: { better: "higher", unit: "share" },
    recall_macro: { better: "higher", unit: "share" },
    recall_weighted: { better: "higher", unit: "share" },
    mcc: { better: "higher", unit: "plain" },
    brier: { better: "lower", unit: "plain" },
  },
  regression: {
    rmse: { better: "lower", unit: "target" },
    mae: { better: "lower", unit: "target" },
    median_ae: { better: "lower", unit: "target" },
    mape: { better: "lower", unit: "share" },
    r2: { better: "higher", unit: "plain" },
    mse: { better: "lower", unit: "squared" },
  },
} as const satisfies Record<Task, Partial<Record<Metric, Nature>>>;

/** What a report tells besides. */
const REPORTED = {
  max_error: { better: "lower", unit: "target" },
  residual_mean: { better: "zero", unit: "target" },
  residual_std: { better: "lower", unit: "target" },
} as const satisfies Record<string, Nature>;

export type MetricName = Metric | keyof typeof REPORTED;

/** Every metric, in the order in which it is shown. */
export const METRICS: ReadonlyMap<string, Nature> = new Map<string, Nature>(
  [DECIDING.classification, DECIDING.regression, REPORTED].flatMap((metrics) => Object.entries(metrics)),
);

/** What decides when nothing else was asked for. */
export const AUTO_METRIC = { classification: "log_loss", regression: "rmse" } as const satisfies Record<
  Task,
  Metric
>;

const WEIGHTED = "weighted_";

/** A known metric; `weighted` where rows count by the weights of their classes. */
export type ReadMetric = { name: MetricName; weighted: boolean } & Nature;

/** A metric as the service writes it: `weighted_log_loss` is log-loss on weighted rows. */
export function readMetric(written: string): ReadMetric | null {
  const weighted = written.startsWith(WEIGHTED);
  const name = weighted ? written.slice(WEIGHTED.length) : written;
  const nature = METRICS.get(name);
  return nature ? { name: name as MetricName, weighted, ...nature } : null;
}

export function metricsOf(task: Task): Metric[] {
  return Object.keys(DECIDING[task]) as Metric[];
}
