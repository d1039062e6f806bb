import { describe, expect, it } from "vitest";
import { parseCsv } from "@/views/model/try/csv";

const LIMITS = { rows: 1_000, columns: 50, characters: 100_000 };
const rowsOf = (text: string) => parseCsv(text, LIMITS).rows;

describe("parseCsv", () => {
  it.each([
    [
      "a,b\r\n1,2\r\n",
      ",",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "a\tb\n1,5\t2",
      "\t",
      [
        ["a", "b"],
        ["1,5", "2"],
      ],
    ],
    [
      "a;b\r1,5;2,5\r",
      ";",
      [
        ["a", "b"],
        ["1,5", "2,5"],
      ],
    ],
    [
      "a|b\n1|2",
      "|",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
    [
      "\ufeffa,b\n1,2",
      ",",
      [
        ["a", "b"],
        ["1", "2"],
      ],
    ],
  ])("cuts %j at %j", (text, delimiter, rows) => {
    const table = parseCsv(text, LIMITS);
    expect(table).toEqual({ rows, delimiter, cut: false, unclosedQuote: false });
  });

  it("understands quotes as RFC 4180 does", () => {
    expect(rowsOf('"a ""b""","c,d"\n"line\r\nbreak",""\n')).toEqual([
      ['a "b"', "c,d"],
      ["line\r\nbreak", ""],
    ]);
  });

  it("takes a quote inside a cell for a character", () => {
    expect(rowsOf('6" pipe,2\n"x"y,3')).toEqual([
      ['6" pipe', "2"],
      ["xy", "3"],
    ]);
  });

  it("keeps empty cells, also the last, and drops blank lines", () => {
    expect(rowsOf("a,b,\n\n,,\n  \n1,,")).toEqual([
      ["a", "b", ""],
      ["", "", ""],
      ["1", "", ""],
    ]);
  });

  it("reads one column", () => {
    expect(rowsOf("rooms\n3\n4\n")).toEqual([["rooms"], ["3"], ["4"]]);
  });

  it("finds the delimiter that cuts all rows alike, not the one that is most frequent", () => {
    expect(parseCsv("name;text\nA;one, two, three\nB;four\n", LIMITS).delimiter).toBe(";");
  });

  it("says that a quote was never closed", () => {
    const table = parseCsv('a,b\n1,"2\n3,4\n', LIMITS);
    expect(table.unclosedQuote).toBe(true);
    expect(table.rows[1]).toEqual(["1", "2\n3,4\n"]);
  });

  it.each(["", "\n\n", "\ufeff", "   "])("finds no rows in %j", (text) => {
    expect(rowsOf(text)).toEqual([]);
  });

  it("takes no more than the limits", () => {
    const tall = parseCsv("1,2\n".repeat(20), { ...LIMITS, rows: 5 });
    expect([tall.rows.length, tall.cut]).toEqual([5, true]);
    const exact = parseCsv("1,2\n".repeat(5), { ...LIMITS, rows: 5 });
    expect([exact.rows.length, exact.cut]).toEqual([5, false]);
    const wide = parseCsv(`${"1,".repeat(99)}1`, LIMITS);
    expect([wide.rows[0]?.length, wide.cut]).toEqual([50, true]);
    const long = parseCsv("1,2\n".repeat(100), { ...LIMITS, characters: 40 });
    expect([long.rows.length, long.cut]).toEqual([10, true]);
  });

  it("reads what is hostile in a time that grows with its length", () => {
    const before = performance.now();
    const large = { rows: 10_001, columns: 4_000, characters: 200_000 };
    parseCsv('"'.repeat(100_001), large);
    parseCsv(`"${'""'.repeat(90_000)}`, large);
    parseCsv('"a\n'.repeat(50_000), large);
    parseCsv(",".repeat(200_000), large);
    parseCsv("x".repeat(200_000), large);
    expect(performance.now() - before).toBeLessThan(3_000);
  });
});
