import { describe, expect, it } from "vitest";
import { decimalOf, parseNumber } from "@/views/model/try/numbers";

describe("parseNumber", () => {
  it.each([
    ["12", 12, 12],
    [" -3.5 ", -3.5, -3.5],
    ["−3", -3, -3],
    ["+.5", 0.5, 0.5],
    ["7.", 7, 7],
    ["1e-7", 1e-7, 1e-7],
    ["1,5e3", 1500, 1500],
    ["1,5", 1.5, 1.5],
    ["0,125", 0.125, 0.125],
    ["1,234", 1234, 1.234],
    ["1.234", 1.234, 1.234],
    ["1,234.5", 1234.5, 1234.5],
    ["1.234,5", 1234.5, 1234.5],
    ["1,234,567", 1234567, 1234567],
    ["1.234.567", 1234567, 1234567],
    ["-1.234.567,25", -1234567.25, -1234567.25],
    ["1 234,5", 1234.5, 1234.5],
    ["1\u202f234\u202f567,5", 1234567.5, 1234567.5],
    ["1\u00a0234.5", 1234.5, 1234.5],
    ["1'234.5", 1234.5, 1234.5],
    ["1 234,500", 1234.5, 1234.5],
  ])("reads %j", (text, english, french) => {
    expect(parseNumber(text, ".")).toBe(english);
    expect(parseNumber(text, ",")).toBe(french);
  });

  it.each([
    "",
    " ",
    "abc",
    "1 2",
    "12 34",
    "1,2,3",
    "1.2.3",
    "1,23,456",
    "1,2.3,4",
    "--1",
    "1-",
    "NaN",
    "Infinity",
    "1e999",
    "1e99999",
    "0x10",
    "1_000",
    "12 €",
    ".",
    ",",
    "-",
    "e5",
    "١٢",
  ])("takes %j for no number", (text) => {
    expect(parseNumber(text, ".")).toBeNull();
    expect(parseNumber(text, ",")).toBeNull();
  });

  it("takes no longer for a long text", () => {
    const before = performance.now();
    expect(parseNumber("1 ".repeat(50_000), ".")).toBeNull();
    expect(parseNumber(`${"1,".repeat(50_000)}x`, ".")).toBeNull();
    expect(performance.now() - before).toBeLessThan(2_000);
  });
});

describe("decimalOf", () => {
  it("is the sign of the language", () => {
    expect([decimalOf("en"), decimalOf("fr")]).toEqual([".", ","]);
  });
});
