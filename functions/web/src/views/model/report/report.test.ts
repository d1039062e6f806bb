import { describe, expect, it } from "vitest";
import { makeReport } from "./fixtures";
import { figureOf } from "./report";

describe("readReport", () => {
  it("has an empty list or null for whatever was left out", () => {
    const report = makeReport();
    expect(report.curves.roc).toEqual([]);
    expect(report.curves.predicted_actual).toBeNull();
    expect(report.dependence).toEqual([]);
    expect(report.importance).toBeNull();
    expect(report.recipe).toBeNull();
    expect(report.compact).toBeNull();
    expect(report.classWeights).toBeNull();
  });
});

describe("figureOf", () => {
  it("takes numbers only", () => {
    const { holdout } = makeReport().metrics;
    expect(figureOf(holdout, "log_loss")).toBe(0.3);
    expect(figureOf(holdout, "roc_auc")).toBeNull();
    expect(figureOf(holdout, "confusion_matrix")).toBeNull();
  });
});
