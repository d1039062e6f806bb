import { describe, expect, it } from "vitest";
import { csvText } from "@/ui/csvFile";

describe("csvText", () => {
  it("quotes what needs it, and ends lines as RFC 4180 says", () => {
    expect(
      csvText([
        ["a,b", 'c "d"', "e\nf", " g", ""],
        [1, true, null],
      ]),
    ).toBe('"a,b","c ""d""","e\nf"," g",\r\n1,true,\r\n');
  });

  it.each([
    "=1+1",
    "+cmd|' /C calc'!A0",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1",
    "＋1",
    "－x",
    "＠x",
    "=-1",
  ])("makes a text of %j", (cell) => {
    expect(csvText([[cell]])).toMatch(/^"?'/);
  });

  it.each(["-1.5", "+3", "-.5", "-1e-7", "1"])("leaves the number %s alone", (cell) => {
    expect(csvText([[cell]])).toBe(`${cell}\r\n`);
  });

  it("disarms names of columns, too", () => {
    expect(csvText([["=HYPERLINK(1)", "ok"]])).toBe("'=HYPERLINK(1),ok\r\n");
  });
});
