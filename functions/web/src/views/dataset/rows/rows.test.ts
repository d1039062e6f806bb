import { describe, expect, test } from "vitest";
import { arrange, type Filter, type Row, type Sorting, widthOf } from "@/views/dataset/rows/rows";

const ROWS: Row[] = [
  { row: 0, cells: [10, "b10", null] },
  { row: 1, cells: [9, "b9", "x"] },
  { row: 2, cells: [null, "A", "Villa"] },
  { row: 3, cells: [9, null, "9"] },
];
const ANY: Filter = { text: "", place: null, isLacking: false };
const numbers = (filter: Partial<Filter>, sorting: Sorting | null = null) =>
  arrange(ROWS, { ...ANY, ...filter }, sorting, (cell) => String(cell).replace(".", ",")).map(
    ({ row }) => row,
  );

describe("arrange", () => {
  test("leaves rows as in the file by default", () => {
    expect(numbers({})).toEqual([0, 1, 2, 3]);
  });

  test("sorts numbers as numbers, texts by the numbers in them, missing cells last both ways", () => {
    expect(numbers({}, { place: 0, isDescending: false })).toEqual([1, 3, 0, 2]);
    expect(numbers({}, { place: 0, isDescending: true })).toEqual([0, 1, 3, 2]);
    expect(numbers({}, { place: 1, isDescending: false })).toEqual([2, 1, 0, 3]);
    expect(numbers({}, { place: 1, isDescending: true })).toEqual([0, 1, 2, 3]);
  });

  test("finds texts as they are shown, whatever their case, in one column or in any", () => {
    expect(numbers({ text: " VILLA" })).toEqual([2]);
    expect(numbers({ text: "9" })).toEqual([1, 3]);
    expect(numbers({ text: "9", place: 1 })).toEqual([1]);
    expect(numbers({ text: "null" })).toEqual([]);
  });

  test("finds rows that lack something", () => {
    expect(numbers({ isLacking: true })).toEqual([0, 2, 3]);
    expect(numbers({ isLacking: true, place: 0 })).toEqual([2]);
  });
});

test("a column is as wide as what it holds, within bounds", () => {
  expect(widthOf("a", [])).toBe(96);
  expect(widthOf("a", ["x".repeat(20)])).toBe(184);
  expect(widthOf("a", ["x".repeat(500)])).toBe(320);
  expect(widthOf("x".repeat(80), [])).toBe(252);
});
