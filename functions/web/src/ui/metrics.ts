import type { Schemas } from "@/api/client";

export type Task = "classification" | "regression";
export type Metric = Exclude<Schemas["TrainRequest"]["metric"], "auto" | undefined>;

/** Metrics of each task, those first that are asked for most; whether more is better. */
export const METRICS = {
  classification: {
    log_loss: false,
    accuracy: true,
    balanced_accuracy: true,
    roc_auc: true,
    average_precision: true,
    f1_macro: true,
    f1_weighted: true,
    precision_macro: true,
    precision_weighted: true,
    recall_macro: true,
    recall_weighted: true,
    mcc: true,
    brier: false,
  },
  regression: { rmse: false, mae: false, median_ae: false, mape: false, r2: true, mse: false },
} as const satisfies Record<Task, Partial<Record<Metric, boolean>>>;

/** What decides when nothing else was asked for. */
export const AUTO_METRIC = { classification: "log_loss", regression: "rmse" } as const satisfies Record<
  Task,
  Metric
>;

const ALL: Readonly<Record<string, boolean>> = { ...METRICS.classification, ...METRICS.regression };
const WEIGHTED = "weighted_";

/** A metric as the leaderboard writes it: `weighted_log_loss` is log-loss on weighted rows. */
export function readMetric(written: string): { metric: Metric; weighted: boolean; more: boolean } | null {
  const weighted = written.startsWith(WEIGHTED);
  const name = weighted ? written.slice(WEIGHTED.length) : written;
  const more = ALL[name];
  return more === undefined ? null : { metric: name as Metric, weighted, more };
}

export function metricsOf(task: Task): Metric[] {
  return Object.keys(METRICS[task]) as Metric[];
}
