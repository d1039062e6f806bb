import type { Schemas } from "@/api/client";

export type Day = Schemas["TrafficOfDay"];

/** What a version was asked in the days that are known. */
export type UsageTotals = { requests: number; rows: number; last: Day | null };

/** Sum of all days, and the last day on which there was a request. */
export function totals(days: readonly Day[]): UsageTotals {
  return {
    requests: days.reduce((sum, day) => sum + day.requests, 0),
    rows: days.reduce((sum, day) => sum + day.rows, 0),
    last: days.findLast((day) => day.requests > 0) ?? null,
  };
}
