import type { Schemas } from "@/api/client";
import { type Report, readReport } from "./report";

/** A report of two classes, as the service tells it, for tests. */
export function makeReport(changes: Partial<Report> = {}): Report {
  const document = {
    report_version: "1.0",
    created_at: "2026-01-01T00:00:00Z",
    task: "classification",
    target: "sick",
    metric: "log_loss",
    classes: ["no", "yes"],
    positive_class: "yes",
    metrics: {
      holdout: { log_loss: 0.3, accuracy: 0.8, roc_auc: null },
      cross_validation: { log_loss: 0.35, log_loss_std: 0.02, folds: 5 },
      baseline: { log_loss: 0.6, accuracy: 0.6 },
    },
    leaderboard: [{ model: "Linear model", metric: "log_loss", mean: 0.35, std: 0.02, chosen: true }],
    model: { name: "Linear model", members: [{ model: "Linear model", weight: 1 }] },
    curves: {
      confusion_matrix: {
        labels: ["no", "yes"],
        matrix: [
          [50, 10],
          [5, 35],
        ],
      },
      thresholds: {
        class: "yes",
        rows: [
          { threshold: 0.2, precision: 0.5, recall: 1, f1: 0.666667, flagged: 0.8, accuracy: 0.6 },
          { threshold: 0.5, precision: 0.777778, recall: 0.875, f1: 0.823529, flagged: 0.45, accuracy: 0.85 },
          { threshold: 0.9, precision: 1, recall: 0.25, f1: 0.4, flagged: 0.1, accuracy: 0.7 },
        ],
      },
    },
    decision: { metric: "log_loss", weights: [1, 1], gain: 0, wins: 0, threshold: 0.5 },
    importance: null,
    dependence: null,
    interval: null,
    split: { kind: "random", column: null, folds: 5, deals: 1, seed: 0, holdout_rows: 100 },
    rows: { training: 400, holdout: 100, dropped: 0 },
    holdout_id: "h1",
    data: { sha256: "aaaaaaaaaaaaaaaa" },
    features: [
      { name: "age", type: "numeric", may_be_missing: false },
      { name: "kind", type: "categorical", may_be_missing: false },
    ],
    dropped_columns: { id: "id-like" },
    recipe: null,
    parameters: { excluded: "", class_weights: "none" },
    libraries: { numpy: "2.0" },
    seconds: { budget: 10, used: 9 },
    cost: null,
    findings: [],
    warnings: [],
    omitted: [],
    exports: {},
    per_class: [],
  };
  return { ...readReport(document as unknown as Schemas["Report"]), ...changes };
}
