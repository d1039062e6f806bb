import { describe, expect, it } from "vitest";
import { sharesByRow, totals, worstConfusions } from "./confusion";

const confusion = {
  labels: ["a", "b", "c"],
  matrix: [
    [8, 2, 0],
    [0, 0, 0],
    [3, 2, 1],
  ],
};

describe("confusion", () => {
  it("divides by rows, and has no share of a class without rows", () => {
    expect(sharesByRow(confusion.matrix)).toEqual([
      [0.8, 0.2, 0],
      [null, null, null],
      [0.5, 2 / 6, 1 / 6],
    ]);
  });

  it("lists the most frequent mistakes first, of equal ones the larger share", () => {
    expect(worstConfusions(confusion, 10).map(({ truth, answer, count }) => [truth, answer, count])).toEqual([
      ["c", "a", 3],
      ["c", "b", 2],
      ["a", "b", 2],
    ]);
    expect(worstConfusions(confusion, 1)).toHaveLength(1);
  });

  it("counts what is right", () => {
    expect(totals(confusion)).toEqual({ rows: 16, right: 9 });
  });
});
