import { describe, expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { compare, spread } from "@/views/dataset/clean/preview/distribution";

type ColumnProfile = Schemas["ColumnProfile"];
const column = (fields: Partial<ColumnProfile>): ColumnProfile =>
  ({
    name: "a",
    type: "numeric",
    missing: 0,
    missing_share: 0,
    distinct: 50,
    confidence: 1,
    ...fields,
  }) as ColumnProfile;

describe("spreading a histogram over other edges", () => {
  test("keeps the number of values", () => {
    const counts = spread({ edges: [0, 1, 2, 3], counts: [30, 60, 30] }, [0, 1.5, 3]);
    expect(counts).toEqual([60, 60]);
  });

  test("leaves bins empty beyond its own range", () => {
    expect(spread({ edges: [2, 3], counts: [7] }, [0, 1, 2, 3])).toEqual([0, 0, 7]);
    expect(spread(null, [0, 1, 2])).toEqual([0, 0]);
  });
});

describe("comparing a column before and after", () => {
  test("puts both histograms on the range of both", () => {
    const before = column({ histogram: { edges: [-200, -100, 0, 100], counts: [42, 0, 700] } });
    const after = column({ histogram: { edges: [0, 50, 100], counts: [300, 400] } });
    const found = compare(before, after);
    if (found.kind !== "bins") throw new Error(found.kind);
    expect(found.bars).toHaveLength(20);
    expect(found.bars[0]).toMatchObject({ from: -200, before: expect.any(Number), after: 0 });
    expect(found.bars.at(-1)?.to).toBe(100);
    const total = (side: "before" | "after") => found.bars.reduce((sum, bar) => sum + bar[side], 0);
    expect(total("after")).toBeGreaterThan(690);
    expect(total("after")).toBeLessThan(710);
  });

  test("reads edges of dates as moments", () => {
    const dates = column({
      type: "date",
      histogram: { edges: ["2024-01-01T00:00:00", "2024-01-03T00:00:00"], counts: [50] },
    });
    const found = compare(dates, dates);
    expect(found.kind === "bins" && found.bars[0]?.from).toBe(Date.UTC(2024, 0, 1));
  });

  test("counts values where there are few, and knows which have gone", () => {
    const before = column({
      type: "categorical",
      distinct: 3,
      top: [
        { value: "x", count: 5 },
        { value: "X", count: 3 },
      ],
    });
    const after = column({ type: "categorical", distinct: 1, top: [{ value: "x", count: 8 }] });
    expect(compare(before, after)).toEqual({
      kind: "values",
      bars: [
        { value: "x", before: 5, after: 8 },
        { value: "X", before: 3, after: 0 },
      ],
    });
  });

  test("does not claim to know what the profile leaves out", () => {
    const before = column({ type: "categorical", distinct: 40, top: [{ value: "x", count: 5 }] });
    const after = column({ type: "categorical", distinct: 40, top: [{ value: "y", count: 5 }] });
    const found = compare(before, after);
    expect(found.kind === "values" && found.bars[0]).toEqual({ value: "x", before: 5, after: null });
  });

  test("draws nothing of texts that all differ", () => {
    const texts = column({ type: "text", distinct: 500, top: [{ value: "one", count: 1 }] });
    expect(compare(texts, texts)).toEqual({ kind: "none" });
  });

  test("shows what was there of a column that is gone", () => {
    const before = column({ type: "boolean", distinct: 2, top: [{ value: true, count: 9 }] });
    expect(compare(before, null)).toEqual({
      kind: "values",
      bars: [{ value: true, before: 9, after: null }],
    });
  });
});
