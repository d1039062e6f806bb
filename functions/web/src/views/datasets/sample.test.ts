import { describe, expect, it } from "vitest";
import { BROKEN_METER, SAMPLE_ROWS, sampleCsv, sampleFile } from "@/views/datasets/sample";

const [header = [], ...rows] = sampleCsv()
  .trimEnd()
  .split("\n")
  .map((line) => line.split(","));
const column = (name: string) => rows.map((row) => row[header.indexOf(name)] ?? "?");
const numbers = (name: string) => column(name).map(Number);
const share = (values: unknown[], test: (value: never) => boolean) =>
  values.filter((value) => test(value as never)).length / values.length;

function correlation(one: number[], other: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [a, b] = [mean(one), mean(other)];
  const product = (x: number[], y: number[], p: number, q: number) =>
    x.reduce((sum, value, at) => sum + (value - p) * ((y[at] ?? 0) - q), 0);
  return product(one, other, a, b) / Math.sqrt(product(one, one, a, a) * product(other, other, b, b));
}

describe("the sample", () => {
  it("is the same each time, and another one for another seed", () => {
    expect(sampleCsv()).toBe(sampleCsv());
    expect(sampleCsv(8)).not.toBe(sampleCsv());
  });

  it("is a rectangle of so many rows", async () => {
    expect(rows).toHaveLength(SAMPLE_ROWS);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([header.length]));
    expect(await sampleFile().text()).toBe(sampleCsv());
  });

  it("has an id, dates, and words", () => {
    expect(new Set(column("listing_id")).size).toBe(SAMPLE_ROWS);
    expect(column("listed_on").every((day) => /^202[45]-\d\d-\d\d$/.test(day))).toBe(true);
    expect(new Set(column("district")).size).toBe(6);
  });

  it("has a few gaps, and a code that stands for more", () => {
    for (const name of ["year_built", "energy_class"]) {
      const gaps = share(column(name), (value) => value === "");
      expect(gaps, name).toBeGreaterThan(0.02);
      expect(gaps, name).toBeLessThan(0.12);
    }
    const broken = share(numbers("street_noise_db"), (value) => value === BROKEN_METER);
    expect(broken).toBeGreaterThan(0.02);
    expect(broken).toBeLessThan(0.08);
  });

  it("holds something to learn, but not all of it in one column", () => {
    const explained = correlation(numbers("area_m2"), numbers("rent"));
    expect(explained).toBeGreaterThan(0.6);
    expect(explained).toBeLessThan(0.97);
    const let_ = share(column("let_within_a_week"), (value) => value === "yes");
    expect(let_).toBeGreaterThan(0.35);
    expect(let_).toBeLessThan(0.75);
  });

  it("has rents and areas that could be", () => {
    expect(Math.min(...numbers("rent"))).toBeGreaterThan(150);
    expect(Math.max(...numbers("rent"))).toBeLessThan(3000);
    expect(Math.min(...numbers("area_m2"))).toBeGreaterThanOrEqual(18);
  });
});
