import { describe, expect, test } from "vitest";
import { type Choice, choiceOf, chooseColumns } from "@/views/dataset/look/columns";
import { matrixOf, partnersOf, unlistedBelow } from "@/views/dataset/look/correlations";
import { gappyColumns, missingMap, missingPatterns } from "@/views/dataset/look/missing";
import {
  type Column,
  type Correlation,
  missingShare,
  type Warning,
  warningsByCode,
  warningsByColumn,
} from "@/views/dataset/look/profile";

const column = (name: string, fields: Partial<Column> = {}): Column => ({
  name,
  type: "numeric",
  missing: 0,
  missing_share: 0,
  distinct: 1,
  confidence: 1,
  ...fields,
});
const COLUMNS = [
  column("x10", { missing: 1, distinct: 3 }),
  column("x9", { type: "text", distinct: 9 }),
  column("Kind", { missing: 4, distinct: 2 }),
];
const ALL: Choice = { search: "", kind: null, withWarnings: false, withMissing: false, order: "file" };
const WARNINGS: Warning[] = [
  { column: "x9", code: "id_like", message: "", evidence: {} },
  { column: null, code: "duplicate_rows", message: "", evidence: {} },
  { column: "Kind", code: "id_like", message: "", evidence: {} },
];

describe("columns", () => {
  const names = (choice: Partial<Choice>) =>
    chooseColumns(
      COLUMNS,
      { ...ALL, ...choice },
      warningsByColumn(WARNINGS),
      new Map([
        ["Kind", 0.9],
        ["x9", 0],
      ]),
    ).map((found) => found.name);

  test("are found by name, type, warnings and gaps", () => {
    expect(names({ search: " kIN " })).toEqual(["Kind"]);
    expect(names({ kind: "text" })).toEqual(["x9"]);
    expect(names({ withWarnings: true })).toEqual(["x9", "Kind"]);
    expect(names({ withMissing: true, search: "x" })).toEqual(["x10"]);
  });

  test("are put in order", () => {
    expect(names({ order: "name" })).toEqual(["Kind", "x9", "x10"]);
    expect(names({ order: "missing" })).toEqual(["Kind", "x10", "x9"]);
    expect(names({ order: "distinct" })).toEqual(["x9", "x10", "Kind"]);
    expect(names({ order: "warnings" })).toEqual(["x9", "Kind", "x10"]);
    expect(names({ order: "association" })).toEqual(["Kind", "x9", "x10"]);
  });

  test("are chosen by the address, whatever it says", () => {
    expect(choiceOf(new URLSearchParams("type=date&order=missing&warnings=1&search=a"))).toEqual({
      search: "a",
      kind: "date",
      withWarnings: true,
      withMissing: false,
      order: "missing",
    });
    expect(choiceOf(new URLSearchParams("type=nonsense&order=constructor"))).toEqual(ALL);
  });
});

describe("warnings", () => {
  test("are grouped by code and by column", () => {
    expect([...warningsByCode(WARNINGS)].map(([code, found]) => [code, found.length])).toEqual([
      ["id_like", 2],
      ["duplicate_rows", 1],
    ]);
    expect([...warningsByColumn(WARNINGS).keys()]).toEqual(["x9", "Kind"]);
  });
});

test("missingShare is of all cells, of none where there are no rows", () => {
  expect(missingShare({ rows: 10, missing_cells: 6, columns: COLUMNS })).toBeCloseTo(0.2);
  expect(missingShare({ rows: 0, missing_cells: 0, columns: COLUMNS })).toBe(0);
});

describe("correlations", () => {
  const PAIRS: Correlation[] = [
    { columns: ["a", "b"], correlation: 0.9 },
    { columns: ["c", "d"], correlation: -0.8 },
    { columns: ["e", "a"], correlation: 0.3 },
  ];

  test("are a matrix whose neighbours go together, the same both ways", () => {
    const matrix = matrixOf(PAIRS, 5);
    expect(matrix.names).toEqual(["a", "e", "b", "c", "d"]);
    expect(matrix.cell("b", "a")).toBe(0.9);
    expect(matrix.cell("a", "b")).toBe(0.9);
    expect(matrix.cell("a", "c")).toBeUndefined();
  });

  test("leave the weaker ones out where there is no room", () => {
    expect(matrixOf(PAIRS, 4).names).toEqual(["a", "b", "c", "d"]);
    expect(matrixOf(PAIRS, 3).names).toEqual(["a", "e", "b"]);
  });

  test("say below what the unlisted ones stay", () => {
    expect(unlistedBelow(PAIRS)).toBe(0.1);
    const full = Array.from({ length: 20 }, (_, place) => ({
      columns: ["a", `b${place}`] as [string, string],
      correlation: place % 2 ? -0.5 : 0.7,
    }));
    expect(unlistedBelow(full)).toBe(0.5);
  });

  test("name the partners of a column", () => {
    expect(partnersOf(PAIRS, "a")).toEqual([
      { name: "b", correlation: 0.9 },
      { name: "e", correlation: 0.3 },
    ]);
  });
});

describe("missing", () => {
  const PREVIEW = {
    columns: (["a", "b", "c", "d"] as const).map((name) => ({ name, type: "numeric" as const })),
    rows: [
      { row: 0, cells: [1, null, null, 1] },
      { row: 1, cells: [1, null, 0, 1] },
      { row: 2, cells: [null, null, null, ""] },
      { row: 3, cells: [1, false, null, 1] },
    ],
  };

  test("columns come emptiest first, full ones not at all", () => {
    expect(gappyColumns(COLUMNS).map((found) => found.name)).toEqual(["Kind", "x10"]);
  });

  test("the map holds what lacks something, in the order of the file", () => {
    const map = missingMap(PREVIEW, 9);
    expect(map.names).toEqual(["a", "b", "c"]);
    expect(map.counts).toEqual([1, 3, 3]);
    expect(map.lacks[1]).toEqual([false, true, false]);
    expect(missingMap(PREVIEW, 2).names).toEqual(["b", "c"]);
  });

  test("patterns are of several columns, most frequent first", () => {
    const again = { ...PREVIEW, rows: [...PREVIEW.rows, { row: 4, cells: [1, null, null, 1] }] };
    expect(missingPatterns(missingMap(again, 9), 5)).toEqual([
      { names: ["b", "c"], rows: 2 },
      { names: ["a", "b", "c"], rows: 1 },
    ]);
  });
});
