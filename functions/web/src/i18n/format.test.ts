import { expect, it } from "vitest";
import { makeFormat } from "@/i18n/format";

it("shortens numbers for axes", () => {
  expect(makeFormat("en").compact(1_234_567)).toBe("1.23M");
  expect(makeFormat("fr").compact(0.12345)).toBe("0,123");
  expect(makeFormat("fr").compact(20_300).replace(/\s/g, " ")).toBe("20,3 k");
  expect(makeFormat("en").compact(2023.4)).toBe("2023");
});

it.each([
  ["en", 1, "1 byte"],
  ["en", 8, "8 bytes"],
  ["en", 57_300, "57.3 kB"],
  ["fr", 8, "8 octets"],
  ["fr", 1_400_000, "1,4 Mo"],
])("writes sizes as %s does: %d", (language, count, text) => {
  expect(makeFormat(language).bytes(count).replace(/\s/g, " ")).toBe(text);
});

it("writes tiny numbers with an exponent, and zero as it is", () => {
  const { number } = makeFormat("en");
  expect([1.38e-16, -2e-9, 0.000123, 0].map((value) => number(value))).toEqual([
    "1.38E-16",
    "-2E-9",
    "0.000123",
    "0",
  ]);
});
