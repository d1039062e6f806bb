import { describe, expect, it } from "vitest";
import english from "@/messages/en/metrics.json";
import { AUTO_METRIC, METRICS, metricsOf, readMetric } from "@/ui/metrics";

describe("readMetric", () => {
  it("knows a metric, and the same on weighted rows", () => {
    expect(readMetric("accuracy")).toEqual({
      name: "accuracy",
      weighted: false,
      better: "higher",
      unit: "share",
    });
    expect(readMetric("weighted_log_loss")).toMatchObject({ name: "log_loss", weighted: true });
    expect(readMetric("precision_weighted")).toMatchObject({ name: "precision_weighted", weighted: false });
  });

  it.each(["surprise", "", "weighted_", "toString"])("does not know %j", (name) => {
    expect(readMetric(name)).toBeNull();
  });
});

it("every metric has a name and an explanation, and every one that is explained is known", () => {
  const { weighted, better, ...explained } = english;
  expect(Object.keys(explained).sort()).toEqual([...METRICS.keys()].sort());
});

it("what decides by itself can be chosen, too", () => {
  expect(metricsOf("classification")).toContain(AUTO_METRIC.classification);
  expect(metricsOf("regression")).toContain(AUTO_METRIC.regression);
});
