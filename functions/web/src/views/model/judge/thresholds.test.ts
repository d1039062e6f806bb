import { describe, expect, it } from "vitest";
import { makeReport } from "../report/fixtures";
import {
  cheapest,
  costOf,
  nearest,
  operatingPoints,
  ownThreshold,
  ratesOf,
  readNumber,
  writeThreshold,
} from "./thresholds";

const points = operatingPoints(makeReport());

describe("operatingPoints", () => {
  it("finds the counts behind rates", () => {
    expect(points.map((point) => [point.truePositives, point.falsePositives])).toEqual([
      [40, 40],
      [35, 10],
      [10, 0],
    ]);
    expect(points[0]?.falseNegatives).toBe(0);
    expect(points[0]?.trueNegatives).toBe(20);
  });

  it("marks the model's own rule, with the counts of its confusion matrix", () => {
    expect(points.map(({ own }) => own)).toEqual([false, true, false]);
    const tuned = operatingPoints(
      makeReport({ decision: { metric: "mcc", weights: [0.6, 1.4], gain: 0.1, wins: 1, threshold: 0.3 } }),
    );
    expect(tuned.map(({ threshold }) => threshold)).toEqual([0.2, 0.3, 0.5, 0.9]);
    expect(tuned[1]).toMatchObject({ own: true, truePositives: 35, falsePositives: 10 });
  });

  it("turns the rule round where the first class is the positive one", () => {
    const decision = { metric: "mcc", weights: [1.4, 0.6], gain: 0.1, wins: 1, threshold: 0.7 };
    expect(ownThreshold(makeReport({ positiveClass: "no", decision }))).toBeCloseTo(0.3);
    expect(ownThreshold(makeReport({ decision }))).toBe(0.7);
    expect(ownThreshold(makeReport({ decision: null }))).toBeNull();
  });

  it("is empty without a table of thresholds", () => {
    const { curves } = makeReport();
    expect(operatingPoints(makeReport({ curves: { ...curves, thresholds: null } }))).toEqual([]);
    expect(operatingPoints(makeReport({ curves: { ...curves, confusion_matrix: null } }))).toEqual([]);
  });
});

describe("ratesOf", () => {
  it("says the rates of a point", () => {
    const own = points[1];
    expect(own && ratesOf(own)).toMatchObject({ recall: 0.875, flagged: 0.45, accuracy: 0.85 });
    expect(own && ratesOf(own).precision).toBeCloseTo(35 / 45);
    expect(own && ratesOf(own).falsePositiveRate).toBeCloseTo(10 / 60);
  });

  it("knows no precision where nothing is answered", () => {
    const none = {
      truePositives: 0,
      falsePositives: 0,
      falseNegatives: 4,
      trueNegatives: 6,
      threshold: 1,
      own: false,
    };
    expect(ratesOf(none)).toMatchObject({ precision: null, recall: 0, f1: 0, accuracy: 0.6 });
  });
});

describe("cheapest", () => {
  it("goes down where misses are dear, and up where false alarms are", () => {
    expect(cheapest(points, { falsePositive: 1, falseNegative: 1 })).toBe(1);
    expect(cheapest(points, { falsePositive: 1, falseNegative: 100 })).toBe(0);
    expect(cheapest(points, { falsePositive: 100, falseNegative: 1 })).toBe(2);
    expect(points.map((point) => costOf(point, { falsePositive: 2, falseNegative: 3 }))).toEqual([
      80, 35, 90,
    ]);
  });

  it("stays at the model's own rule where all cost the same", () => {
    expect(cheapest(points, { falsePositive: 0, falseNegative: 0 })).toBe(1);
  });
});

describe("the address", () => {
  it("leads to the nearest point, and without a threshold to the model's own", () => {
    expect(nearest(points, null)).toBe(1);
    expect(nearest(points, 0.21)).toBe(0);
    expect(nearest(points, 1)).toBe(2);
  });

  it("takes only numbers that can be meant", () => {
    expect(readNumber("0.25", 0, 1)).toBe(0.25);
    for (const text of [null, "", " ", "x", "-1", "2", "NaN", "Infinity"]) {
      expect(readNumber(text, 0, 1)).toBeNull();
    }
  });

  it("finds thresholds that lie close together again", () => {
    const close = [0.00415298, 0.00415299, 0.5].map((threshold) => ({
      ...(points[0] as (typeof points)[0]),
      threshold,
    }));
    for (const index of close.keys()) {
      expect(nearest(close, Number(writeThreshold(close, index)))).toBe(index);
    }
  });
});
