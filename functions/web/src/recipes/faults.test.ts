import { describe, expect, test } from "vitest";
import { type StepColumn, statesOf } from "@/recipes/columns";
import type { Step } from "@/recipes/draft";
import { faultsOf, isDateFormat } from "@/recipes/faults";

const COLUMNS: StepColumn[] = (
  [
    ["age", "numeric"],
    ["city", "categorical"],
    ["note", "text"],
    ["joined", "date"],
    ["active", "boolean"],
  ] as const
).map(([name, type]) => ({ name, type, origin: name }));

const codes = (steps: Step[], target: string | null = null) =>
  faultsOf(COLUMNS, { target, steps }).map((found) => found.map(({ code }) => code));

describe("what steps find", () => {
  test("is what the steps before leave, known by its first name", () => {
    const states = statesOf({ columns: COLUMNS, target: "age" }, [
      { step: "rename", columns: { city: "note", note: "city" } },
      { step: "parse_dates", columns: ["note"] },
      { step: "drop_columns", columns: ["city", "age"] },
    ]);
    expect(states.at(-1)?.columns).toEqual([
      { name: "age", type: "numeric", origin: "age" },
      { name: "note", type: "date", origin: "city" },
      { name: "joined", type: "date", origin: "joined" },
      { name: "active", type: "boolean", origin: "active" },
    ]);
  });

  test("makes a step wrong that comes too late", () => {
    const drop: Step = { step: "drop_columns", columns: ["age"] };
    const fill: Step = { step: "impute", columns: ["age"], strategy: "mean" };
    expect(codes([fill, drop])).toEqual([[], []]);
    expect(codes([drop, fill])).toEqual([[], ["unknownColumn"]]);
  });

  test("has the type that a step before gave it", () => {
    const clip: Step = { step: "clip", columns: ["city"], lower: 0 };
    expect(codes([clip])).toEqual([["wrongType"]]);
    expect(codes([{ step: "change_type", columns: ["city"], type: "numeric" }, clip])).toEqual([[], []]);
  });
});

describe("faults that the page sees by itself", () => {
  test.each<[Step, string[]]>([
    [{ step: "drop_columns", columns: [] }, ["noColumns"]],
    [{ step: "drop_columns", columns: COLUMNS.map(({ name }) => name) }, ["nothingLeft"]],
    [{ step: "drop_rows_missing" }, ["needsLimit"]],
    [{ step: "drop_rows_missing", columns: [] }, ["noColumns"]],
    [{ step: "impute", columns: ["city"], strategy: "median" }, ["noStatistic"]],
    [{ step: "impute", columns: ["joined"], strategy: "median" }, []],
    [{ step: "impute", columns: ["age"], strategy: "constant" }, ["noValue"]],
    [{ step: "impute", columns: ["age"], strategy: "constant", value: "x" }, ["badValue"]],
    [{ step: "impute", columns: ["age"], strategy: "mean", by: "age" }, ["ownGroup"]],
    [{ step: "change_type", columns: ["joined"], type: "numeric" }, ["cannotBecome"]],
    [{ step: "change_type", columns: ["city"], type: "numeric", thousands: "." }, ["sameSigns"]],
    [{ step: "parse_dates", columns: ["city"], format: "%d/%m" }, ["badFormat"]],
    [{ step: "trim", columns: ["age"] }, ["wrongType"]],
    [{ step: "map_values", columns: ["city"], mapping: {} }, ["noValue"]],
    [{ step: "map_values", columns: ["age"], mapping: { "1": 2, "1.0": 3 } }, ["mappedTwice"]],
    [
      { step: "map_values", columns: ["city"], mapping: { a: "x", A: "y" }, ignore_case: true },
      ["mappedTwice"],
    ],
    [{ step: "map_values", columns: ["city"], mapping: { a: "x", A: "y" } }, []],
    [{ step: "map_values", columns: ["age"], mapping: { old: 1 } }, ["badValue"]],
    [{ step: "map_values", columns: ["active"], mapping: { true: null } }, []],
    [{ step: "mark_missing", columns: ["age", "city"], values: [-200] }, ["badValue"]],
    [{ step: "clip", columns: ["age"] }, ["noBound"]],
    [{ step: "clip", columns: ["age"], lower: 2, upper: 1 }, ["boundsCrossed"]],
    [{ step: "filter_rows", column: "", operator: "present" }, ["noColumns"]],
    [{ step: "filter_rows", column: "city", operator: "gt", value: "x" }, ["noOrder"]],
    [{ step: "filter_rows", column: "age", operator: "between", values: [3, 1] }, ["betweenOrder"]],
    [{ step: "filter_rows", column: "age", operator: "in" }, ["noValue"]],
    [{ step: "filter_rows", column: "age", operator: "missing" }, []],
    [{ step: "rename", columns: { age: "city" } }, ["nameTaken"]],
    [{ step: "rename", columns: { age: "city", city: "age" } }, []],
    [{ step: "rename", columns: { age: "x", city: "x" } }, ["sameNames"]],
    [{ step: "rename", columns: { age: " x" } }, ["badName"]],
  ])("%j", (step, expected) => {
    expect(codes([step])[0]?.sort()).toEqual(expected.sort());
  });

  test.each<[Step, string[]]>([
    [{ step: "drop_columns", columns: ["age"] }, ["target"]],
    [{ step: "rename", columns: { age: "years" } }, ["target"]],
    [{ step: "impute", columns: ["joined"], strategy: "mode", by: "age" }, ["targetGroup"]],
    [{ step: "mark_missing", columns: ["age"], values: [-200] }, []],
    [{ step: "filter_rows", column: "age", operator: "gt", value: 1 }, []],
  ])("of the target: %j", (step, expected) => {
    expect(codes([step], "age")[0]).toEqual(expected);
  });
});

test.each([
  ["ISO8601", true],
  ["%d.%m.%y", true],
  ["100%% %Y", true],
  ["%d/%m", false],
  ["%Y%Y", false],
  ["%Q %Y", false],
  ["%Y%", false],
  ["", false],
])("form of dates %s", (format, expected) => {
  expect(isDateFormat(format)).toBe(expected);
});
