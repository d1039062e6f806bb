import { describe, expect, it } from "vitest";
import { parseCsv } from "@/views/model/try/csv";
import { fieldsOf } from "@/views/model/try/fields";
import type { Decimal } from "@/views/model/try/numbers";
import { instancesOf, type NotPasted, type Pasted, REQUEST } from "@/views/model/try/rows";

const FIELDS = fieldsOf({
  type: "object",
  properties: {
    rooms: { type: "number" },
    "Living  area": { type: ["number", "null"] },
    kind: { type: "string", description: "A category" },
    garden: { type: ["boolean", "null"] },
  } as never,
  required: [],
  examples: [],
});

function read(text: string, decimal: Decimal = "."): Pasted | NotPasted {
  return instancesOf(parseCsv(text, { rows: 20_000, columns: 100, characters: 9_000_000 }), FIELDS, decimal);
}

function rowsOf(text: string, decimal: Decimal = "."): Pasted {
  const pasted = read(text, decimal);
  if (pasted.kind !== "rows") throw new Error(pasted.kind);
  return pasted;
}

describe("instancesOf", () => {
  it("finds columns by their names, whatever their order, case and blanks", () => {
    const pasted = rowsOf("price,KIND, living area ,Rooms\n9,flat,70.5,3\n");
    expect(pasted.hasHeader).toBe(true);
    expect(pasted.ignored).toEqual(["price"]);
    expect(pasted.columns.map((field) => field.name)).toEqual(["kind", "Living  area", "rooms"]);
    expect(pasted.lacking.map((field) => field.name)).toEqual(["garden"]);
    expect(pasted.rows[0]).toEqual({
      cells: ["flat", "70.5", "3"],
      instance: { kind: "flat", "Living  area": 70.5, rooms: 3, garden: null },
      faults: new Map(),
    });
  });

  it("takes columns in the order of the form where there is no header", () => {
    const pasted = rowsOf("3\t70\tflat\tyes\n4\t\thouse\t\n");
    expect(pasted.hasHeader).toBe(false);
    expect(pasted.rows.map((row) => row.instance)).toEqual([
      { rooms: 3, "Living  area": 70, kind: "flat", garden: true },
      { rooms: 4, "Living  area": null, kind: "house", garden: null },
    ]);
  });

  it("says what is wrong with which cell, and still reads the others", () => {
    const pasted = rowsOf("rooms,kind,garden\nmany,flat,perhaps\n,,\n2,flat,no\n");
    expect(pasted.rows.map((row) => Object.fromEntries(row.faults))).toEqual([
      { rooms: { code: "not_a_number" }, garden: { code: "not_a_boolean" } },
      { rooms: { code: "empty" }, kind: { code: "empty" } },
      {},
    ]);
  });

  it("finds a required column that is not there in every row", () => {
    const pasted = rowsOf("rooms,garden\n1,no\n2,no\n");
    expect(pasted.rows.map((row) => [...row.faults.keys()])).toEqual([["kind"], ["kind"]]);
  });

  it("fills up short rows and passes over cells beyond the header", () => {
    const pasted = rowsOf("kind,rooms\nflat\nflat,2,surplus\n");
    expect(pasted.rows.map((row) => [row.faults.size, row.instance.rooms])).toEqual([
      [1, undefined],
      [0, 2],
    ]);
  });

  it("learns the decimal sign from the cells, then from the delimiter, then from the language", () => {
    const areas = (text: string, decimal: Decimal = ".") =>
      rowsOf(text, decimal).rows.map((row) => row.instance["Living  area"]);
    const head = "rooms;kind;living area\n";
    expect(areas(`${head}1;a;1,234\n1;a;1,5\n`)).toEqual([1.234, 1.5]);
    expect(areas(`${head}1;a;1,234\n1;a;1.5\n`)).toEqual([1234, 1.5]);
    expect(areas(`${head}1;a;1,234\n`)).toEqual([1.234]);
    const tabs = "rooms\tkind\tliving area\n1\ta\t1,234\n";
    expect([areas(tabs, "."), areas(tabs, ",")]).toEqual([[1234], [1.234]]);
  });

  it("takes words for missing as missing, but leaves texts alone", () => {
    const pasted = rowsOf("rooms,living area,kind,garden\n1,#N/A,NA,null\nNaN,1,x,no\n");
    expect(pasted.rows[0]?.instance).toEqual({ rooms: 1, "Living  area": null, kind: "NA", garden: null });
    expect(pasted.rows[1]?.faults.get("rooms")).toEqual({ code: "empty" });
  });

  it.each([
    ["", { kind: "empty" }],
    ["rooms,kind\n", { kind: "empty" }],
    ["1,2\n3,4\n", { kind: "width", found: 2, wanted: 4 }],
    ["rooms,kind,ROOMS\n1,a,2\n", { kind: "repeated", name: "rooms" }],
  ])("refuses %j", (text, problem) => {
    expect(read(text)).toEqual(problem);
  });

  it("takes as many rows as one request does", () => {
    const many = rowsOf(`rooms,kind\n${"1,a\n".repeat(REQUEST.rows + 5)}`);
    expect([many.rows.length, many.left]).toEqual([REQUEST.rows, 5]);
    const large = rowsOf(`rooms,kind\n${`1,${"é".repeat(1_000)}\n`.repeat(3_000)}`);
    expect(large.rows.length).toBeLessThan(2_000);
    expect(large.rows.length + large.left).toBe(3_000);
  });
});
