import { expect, it } from "vitest";
import { errorCurve } from "./errorCurve";

it("rises to all rows at the largest error", () => {
  const { points, median } = errorCurve([1, 2, 3, 4], [1, 1, 5, 1]);
  expect(points).toEqual([
    [0, 0],
    [0, 0.25],
    [1, 0.5],
    [2, 0.75],
    [3, 1],
  ]);
  expect(median).toBe(1);
});

it("keeps few points of many rows", () => {
  const actual = Array.from({ length: 500 }, (_, row) => row);
  const { points } = errorCurve(
    actual,
    actual.map(() => 0),
  );
  expect(points).toHaveLength(101);
  expect(points.at(-1)).toEqual([499, 1]);
});

it("is empty without rows", () => {
  expect(errorCurve([], []).points).toEqual([]);
});
