import { describe, expect, it } from "vitest";
import { changesOf, rankedClasses, stepsOf } from "@/views/model/try/reasons";

function reasons(...amounts: number[]) {
  return {
    base: 10,
    contributions: amounts.map((contribution, index) => ({
      feature: `f${index}`,
      value: null,
      contribution,
    })),
  };
}

describe("stepsOf", () => {
  it("leads from the base value to the answer, the largest step first", () => {
    const { steps, answer, low, high, others } = stepsOf(reasons(1, -4, 2), 8);
    expect(steps.map(({ from, to }) => [from, to])).toEqual([
      [10, 6],
      [6, 8],
      [8, 9],
    ]);
    expect({ answer, low, high, others }).toEqual({ answer: 9, low: 6, high: 10, others: 0 });
  });

  it("adds up what is not shown by itself, so that the way still ends at the answer", () => {
    const { steps, answer, others } = stepsOf(reasons(8, 1, 1, -1, 1), 2);
    expect(steps.map(({ contribution, amount }) => [contribution?.feature ?? null, amount])).toEqual([
      ["f0", 8],
      ["f1", 1],
      [null, 1],
    ]);
    expect([answer, others]).toEqual([20, 3]);
  });

  it("names none that weighs nothing, unless all are wanted", () => {
    expect(stepsOf(reasons(5, 0, 0, 0), 8).steps).toHaveLength(2);
    expect(stepsOf(reasons(5, 0, 0, 0), null).steps).toHaveLength(4);
    expect(stepsOf(reasons(), 8)).toMatchObject({ steps: [], answer: 10, low: 10, high: 10 });
  });
});

describe("rankedClasses", () => {
  it("shows the most probable and adds up the others", () => {
    const ranked = rankedClasses({ a: 0.1, b: 0.5, c: 0.25, d: 0.15 }, 2);
    expect(ranked.shown).toEqual([
      ["b", 0.5],
      ["c", 0.25],
    ]);
    expect(ranked.others).toBe(2);
    expect(ranked.share).toBeCloseTo(0.25);
  });

  it("hides no single class", () => {
    expect(rankedClasses({ a: 0.1, b: 0.5, c: 0.4 }, 2).others).toBe(0);
  });
});

describe("changesOf", () => {
  it("names what differs", () => {
    expect(changesOf({ a: "1", b: "x" }, { a: "2", b: "x", c: "new" })).toEqual([
      { name: "a", before: "1", after: "2" },
      { name: "c", before: "", after: "new" },
    ]);
  });
});
