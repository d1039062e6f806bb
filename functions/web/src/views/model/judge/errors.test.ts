import { describe, expect, it } from "vitest";
import { coverageVerdict, intervalLines, padded } from "./errors";

const interval = {
  coverage: 0.9,
  half_width: 10,
  relative: false,
  floor: 0,
  holdout_coverage: 0.9,
  holdout_width: 20,
};

describe("padded", () => {
  it("leaves room, also around a single value and none", () => {
    expect(padded([0, 100])).toEqual([-3, 103]);
    expect(padded([50])).toEqual([48.5, 51.5]);
    expect(padded([0])).toEqual([-1, 1]);
    expect(padded([])).toEqual([0, 1]);
  });
});

describe("intervalLines", () => {
  it("runs beside the diagonal, or opens where the width grows with the answer", () => {
    expect(intervalLines(interval, [0, 100])).toEqual([
      [
        { x: 0, y: -10 },
        { x: 100, y: 90 },
      ],
      [
        { x: 0, y: 10 },
        { x: 100, y: 110 },
      ],
    ]);
    expect(intervalLines({ ...interval, relative: true, half_width: 0.5, floor: 20 }, [-5, 100])).toEqual([
      [
        { x: 20, y: 10 },
        { x: 100, y: 50 },
      ],
      [
        { x: 20, y: 30 },
        { x: 100, y: 150 },
      ],
    ]);
    expect(intervalLines(null, [0, 1])).toEqual([]);
    expect(intervalLines({ ...interval, relative: true, floor: 200 }, [0, 100])).toEqual([]);
  });
});

describe("coverageVerdict", () => {
  it("allows for the noise of few rows", () => {
    expect(coverageVerdict({ ...interval, holdout_coverage: 0.85 }, 50)).toBe("kept");
    expect(coverageVerdict({ ...interval, holdout_coverage: 0.85 }, 5000)).toBe("tooNarrow");
    expect(coverageVerdict({ ...interval, holdout_coverage: 0.99 }, 5000)).toBe("tooWide");
    expect(coverageVerdict({ ...interval, holdout_coverage: null }, 5000)).toBe("kept");
  });
});
