import { expect, it } from "vitest";
import { type Day, totals } from "./usage";

const day = (date: string, requests: number, rows: number): Day => ({
  date,
  requests,
  rows,
  milliseconds: { p50: requests ? 5 : null, p95: requests ? 20 : null },
});

it("sums the days and finds the last one with a request", () => {
  const days = [day("2026-03-29", 3, 30), day("2026-03-30", 2, 2), day("2026-03-31", 0, 500)];
  expect(totals(days)).toEqual({ requests: 5, rows: 532, last: days[1] });
});

it("knows days of batch jobs alone, and none at all", () => {
  expect(totals([day("2026-03-31", 0, 500)])).toEqual({ requests: 0, rows: 500, last: null });
  expect(totals([])).toEqual({ requests: 0, rows: 0, last: null });
});
