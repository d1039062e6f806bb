import { describe, expect, test } from "vitest";
import type { Draft, Step } from "@/recipes/draft";
import type { Column, Warning } from "@/views/dataset/look/profile";
import { droppedBy, isDone, joinSteps, remediesFor, remediesOf } from "@/views/dataset/look/remedies";

const column = (fields: Partial<Column>): Column => ({
  name: "a",
  type: "numeric",
  missing: 0,
  missing_share: 0,
  distinct: 5,
  confidence: 1,
  ...fields,
});
const warning = (code: string, evidence: Record<string, unknown> = {}): Warning => ({
  column: "a",
  code,
  message: "",
  evidence,
});
const draft = (...steps: Step[]): Draft => ({ target: null, steps });
const stepsFor = (...given: Parameters<typeof remediesFor>) => remediesFor(...given).map(({ step }) => step);

describe("remediesFor", () => {
  test.each(["all_missing", "constant", "id_like", "high_cardinality", "duplicate_column", "leaking_column"])(
    "drops a column that is %s, but never the target",
    (code) => {
      expect(stepsFor(warning(code), column({}), null)).toEqual([{ step: "drop_columns", columns: ["a"] }]);
      expect(stepsFor(warning(code), column({}), "a")).toEqual([]);
    },
  );

  test("marks the very value as missing, of the target, too", () => {
    const found = warning("disguised_missing", { value: -200, count: 3 });
    const step = { step: "mark_missing", columns: ["a"], values: [-200] };
    expect(stepsFor(found, column({}), null)).toEqual([step]);
    expect(stepsFor(found, column({}), "a")).toEqual([step]);
    const words = warning("disguised_missing", { value: "unknown", count: 3 });
    expect(stepsFor(words, column({ type: "categorical" }), null)).toEqual([
      { step: "mark_missing", columns: ["a"], values: ["unknown"] },
    ]);
  });

  test("offers nothing where the evidence lacks the value", () => {
    expect(stepsFor(warning("disguised_missing", { value: null }), column({}), null)).toEqual([]);
  });

  test("drops or fills what is mostly missing", () => {
    const gappy = column({ missing: 9, type: "categorical" });
    expect(stepsFor(warning("mostly_missing"), gappy, null)).toEqual([
      { step: "drop_columns", columns: ["a"] },
      { step: "impute", columns: ["a"], strategy: "mode" },
    ]);
    expect(stepsFor(warning("mostly_missing"), gappy, "a")).toEqual([]);
  });

  test("fills numbers and dates with the median, where there is something to go by", () => {
    expect(stepsFor(warning("unread_cells"), column({ missing: 1, type: "date" }), null)).toEqual([
      { step: "impute", columns: ["a"], strategy: "median" },
    ]);
    expect(stepsFor(warning("unread_cells"), column({ missing: 1, distinct: 0 }), null)).toEqual([]);
  });

  test("drops repeated rows without naming a column", () => {
    const rows = { ...warning("duplicate_rows", { rows: 5 }), column: null };
    expect(stepsFor(rows, undefined, null)).toEqual([{ step: "drop_duplicates" }]);
  });

  test("takes the case away only where blanks alone do not tell spellings apart", () => {
    const words = column({ type: "categorical" });
    expect(stepsFor(warning("spelling_variants", { example: ["House", "house "] }), words, null)).toEqual([
      { step: "trim", columns: ["a"], case: "lower" },
    ]);
    expect(stepsFor(warning("spelling_variants", { example: ["a  b", "a b "] }), words, null)).toEqual([
      { step: "trim", columns: ["a"] },
    ]);
  });

  test("reads numbers as the file writes them", () => {
    const words = column({ type: "text" });
    expect(stepsFor(warning("mixed_types"), words, null, ",")).toEqual([
      { step: "change_type", columns: ["a"], type: "numeric", decimal: "," },
    ]);
    expect(stepsFor(warning("mixed_types"), words, null, ".")).toEqual([
      { step: "change_type", columns: ["a"], type: "numeric" },
    ]);
  });

  test.each(["ambiguous_dates", "mixed_units", "imbalanced_target", "rows_in_time_order", "something_new"])(
    "offers no step for %s",
    (code) => {
      expect(stepsFor(warning(code), column({}), null)).toEqual([]);
    },
  );
});

describe("remediesOf", () => {
  test("clips what lies beyond the fences, and leaves the target alone", () => {
    const far = column({ outliers: { count: 2, low: -1, high: 7 } });
    expect(remediesOf(far, null).map(({ step }) => step)).toEqual([
      { step: "clip", columns: ["a"], lower: -1, upper: 7 },
      { step: "drop_columns", columns: ["a"] },
    ]);
    expect(remediesOf(far, "a")).toEqual([]);
  });
});

describe("joinSteps", () => {
  test("makes one step of equal ones, and keeps others apart", () => {
    expect(
      joinSteps([
        { step: "drop_columns", columns: ["a"] },
        { step: "mark_missing", columns: ["a"], values: [-1] },
        { step: "drop_columns", columns: ["b", "a"] },
        { step: "mark_missing", columns: ["b"], values: [-200] },
        { step: "drop_duplicates" },
      ]),
    ).toEqual([
      { step: "drop_columns", columns: ["a", "b"] },
      { step: "mark_missing", columns: ["a"], values: [-1] },
      { step: "mark_missing", columns: ["b"], values: [-200] },
      { step: "drop_duplicates" },
    ]);
  });
});

describe("isDone", () => {
  test("sees a column among several, and columns across several steps", () => {
    const both: Step = { step: "drop_columns", columns: ["a", "b"] };
    expect(isDone(draft(both), { step: "drop_columns", columns: ["a"] })).toBe(true);
    expect(isDone(draft({ step: "drop_columns", columns: ["a"] }), both)).toBe(false);
    expect(
      isDone(draft({ step: "drop_columns", columns: ["a"] }, { step: "drop_columns", columns: ["b"] }), both),
    ).toBe(true);
  });

  test("tells settings apart", () => {
    const lower: Step = { step: "trim", columns: ["a"], case: "lower" };
    expect(isDone(draft(lower), lower)).toBe(true);
    expect(isDone(draft({ step: "trim", columns: ["a"] }), lower)).toBe(false);
  });

  test("goes by the value that is marked, and by whether a column is filled at all", () => {
    const marked = draft({ step: "mark_missing", columns: ["a"], values: [-1, -200] });
    expect(isDone(marked, { step: "mark_missing", columns: ["a"], values: [-200] })).toBe(true);
    expect(isDone(marked, { step: "mark_missing", columns: ["a"], values: [999] })).toBe(false);
    const filled = draft({ step: "impute", columns: ["a"], strategy: "constant", value: 0 });
    expect(isDone(filled, { step: "impute", columns: ["a"], strategy: "median" })).toBe(true);
  });

  test("wants repeated rows dropped by all their columns", () => {
    expect(isDone(draft({ step: "drop_duplicates", columns: ["a"] }), { step: "drop_duplicates" })).toBe(
      false,
    );
    expect(isDone(draft({ step: "drop_duplicates", keep: "last" }), { step: "drop_duplicates" })).toBe(true);
  });
});

test("droppedBy names what goes", () => {
  const steps = draft({ step: "drop_columns", columns: ["a"] }, { step: "trim", columns: ["b"] });
  expect([...droppedBy(steps)]).toEqual(["a"]);
});
