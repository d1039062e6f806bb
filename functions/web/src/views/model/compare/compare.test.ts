import { describe, expect, it } from "vitest";
import { makeReport } from "../report/fixtures";
import {
  bestOf,
  compareHoldouts,
  compareImportance,
  compareMetrics,
  differences,
  firstVersions,
  readVersions,
} from "./compare";

describe("versions", () => {
  it("reads an address, without what is unknown, repeated or too much", () => {
    expect(readVersions("3,1", [1, 2, 3])).toEqual([3, 1]);
    expect(readVersions("3,3,9,x,-1", [1, 2, 3])).toEqual([3]);
    expect(readVersions("1,2,3,4,5", [1, 2, 3, 4, 5])).toEqual([1, 2, 3, 4]);
    expect(readVersions(null, [1])).toEqual([]);
  });

  it("begins with what is in production and the newest other one", () => {
    expect(firstVersions([1, 2, 3], 1)).toEqual([1, 3]);
    expect(firstVersions([1, 2, 3], 3)).toEqual([3, 2]);
    expect(firstVersions([1, 2, 3], null)).toEqual([2, 3]);
    expect(firstVersions([1, 2], 7)).toEqual([1, 2]);
    expect(firstVersions([1], null)).toEqual([1]);
  });
});

describe("compareHoldouts", () => {
  it("compares by id", () => {
    const of = (...ids: (string | null)[]) => compareHoldouts(ids.map((holdoutId) => ({ holdoutId })));
    expect(of("a", "a")).toBe("same");
    expect(of("a", "b", "a")).toBe("different");
    expect(of("a", null)).toBe("unknown");
  });
});

describe("bestOf", () => {
  it("knows which direction is better", () => {
    expect(bestOf("log_loss", [0.3, 0.2, null])).toEqual([false, true, false]);
    expect(bestOf("accuracy", [0.3, 0.2])).toEqual([true, false]);
    expect(bestOf("residual_mean", [-5, 1])).toEqual([false, true]);
  });

  it("marks several that are equally good, and none where all are", () => {
    expect(bestOf("accuracy", [0.9, 0.8, 0.9])).toEqual([true, false, true]);
    expect(bestOf("accuracy", [0.9, 0.9])).toEqual([false, false]);
    expect(bestOf("accuracy", [0.9, null])).toEqual([false, false]);
  });
});

describe("compareMetrics", () => {
  it("says the difference to the first version", () => {
    const other = makeReport();
    other.metrics = { ...other.metrics, holdout: { log_loss: 0.2 } };
    const [first, accuracy] = compareMetrics([makeReport(), other], "holdout");
    expect(first).toMatchObject({ name: "log_loss", values: [0.3, 0.2], best: [false, true] });
    expect(first?.differences[0]).toBeNull();
    expect(first?.differences[1]).toBeCloseTo(-0.1);
    expect(accuracy).toMatchObject({ name: "accuracy", values: [0.8, null], differences: [null, null] });
  });
});

describe("compareImportance", () => {
  it("puts shares side by side, the largest of any version first", () => {
    const with_ = (shares: Record<string, number>) =>
      makeReport({
        importance: {
          metric: "log_loss",
          baseline: 0.3,
          rows: 100,
          repeats: 1,
          complete: true,
          features: Object.entries(shares).map(([feature, share]) => ({
            feature,
            share,
            importance: 1,
            std: null,
          })),
        },
      });
    expect(compareImportance([with_({ a: 0.6, b: 0.4 }), with_({ b: 0.9 }), makeReport()], 10)).toEqual([
      { feature: "b", shares: [0.4, 0.9, null] },
      { feature: "a", shares: [0.6, null, null] },
    ]);
  });
});

describe("differences", () => {
  it("is empty for equal versions", () => {
    expect(differences([makeReport(), makeReport()])).toEqual([]);
  });

  it("tells what is not the same everywhere, of columns only those", () => {
    const other = makeReport({
      dataDigest: "bbbbbbbbbbbbbbbb",
      features: [{ name: "age", type: "numeric", may_be_missing: false }],
      droppedColumns: { id: "id-like", kind: "excluded" },
      recipe: ["Drop rows.", "Fill gaps."],
      libraries: { numpy: "2.1" },
      seconds: { budget: 60 },
      split: { kind: "time", column: "day", folds: 5, deals: 1, seed: 0, holdout_rows: 100 },
    });
    expect(differences([makeReport(), other])).toEqual([
      { aspect: "data", values: ["aaaaaaaaaaaa", "bbbbbbbbbbbb"] },
      { aspect: "budget", values: ["10", "60"] },
      { aspect: "split", values: ["random", "time: day"] },
      { aspect: "columns", values: ["kind", ""] },
      { aspect: "dropped", values: ["", "kind"] },
      { aspect: "recipe", values: ["", "Drop rows. Fill gaps."] },
      { aspect: "libraries", values: ["numpy 2.0", "numpy 2.1"] },
    ]);
  });
});
