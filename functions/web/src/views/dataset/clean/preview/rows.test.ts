import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { cellsOf, spanOf } from "@/views/dataset/clean/preview/rows";

const preview = (names: string[], rows: Schemas["PreviewRow"][]): Schemas["Preview"] => ({
  recipe: null,
  total_rows: rows.length,
  preview_rows: rows.length,
  offset: 0,
  columns: names.map((name) => ({ name, type: "numeric" })),
  rows,
});

test("asks for the rows of the file that the cleaned ones were, but not for too many", () => {
  expect(spanOf([{ row: 3 }, { row: 9 }], 100)).toEqual({ offset: 3, limit: 7 });
  expect(spanOf([{ row: 3 }, { row: 900 }], 100)).toEqual({ offset: 3, limit: 100 });
});

test("finds what a cell was by the row's position and the column's first name", () => {
  const before = preview(
    ["a", "b"],
    [
      { row: 0, cells: [1, 2], cut: [] },
      { row: 1, cells: [null, 4], cut: [] },
    ],
  );
  const after = preview(["renamed", "b"], [{ row: 1, cells: [7, 4], cut: [] }]);
  const columns = [
    { name: "renamed", type: "numeric", origin: "a" },
    { name: "b", type: "numeric", origin: "b" },
  ] as const;
  const [row] = after.rows;
  if (!row) throw new Error("no row");
  expect(cellsOf(row, after, before, columns)).toEqual([{ value: 7, was: null }, { value: 4 }]);
  expect(cellsOf(row, after, undefined, columns)).toEqual([{ value: 7 }, { value: 4 }]);
});
