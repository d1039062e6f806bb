import { describe, expect, test } from "vitest";
import { byDay, leading, type Quality, type QualityWindow, qualityWindow, rowsOf } from "./quality";

const window = (days: number, more: Partial<QualityWindow> = {}): QualityWindow => ({
  days,
  first_day: "2026-03-25",
  last_day: "2026-03-31",
  outcomes: 300,
  status: "worse",
  figures: { mse: 9, mae: 2.5, r2: null, rmse: 3, bias: -1 },
  classes: [],
  compared: [
    {
      metric: "mae",
      status: "worse",
      live: 2.5,
      low: 2.1,
      high: 2.9,
      training: 1.5,
      baseline: 6,
      loss: 1,
      loss_at_least: 0.4,
      lift_lost: 0.22,
    },
  ],
  ...more,
});
const quality = (more: Partial<Quality> = {}): Quality => ({
  status: "worse",
  statement: "",
  metric: "rmse",
  window_days: 30,
  thresholds: {},
  training: { rows: 100, figures: { mae: 1.4, rmse: 2 }, classes: [] },
  windows: [window(7), window(30)],
  by_day: [],
  ...more,
});

describe("live quality", () => {
  test("shows the window of drift, else the one that decided, else the longest", () => {
    expect(qualityWindow(quality(), 7)?.days).toBe(7);
    expect(qualityWindow(quality(), null)?.days).toBe(30);
    expect(qualityWindow(quality({ window_days: null }), 90)?.days).toBe(30);
    expect(qualityWindow(quality({ windows: [] }), 7)).toBeNull();
  });

  test("puts what is judged first, then what the version was chosen by", () => {
    const rows = rowsOf(quality(), window(7));
    expect(rows.map((row) => row.metric).slice(0, 2)).toEqual(["mae", "rmse"]);
    expect(rows.map((row) => row.metric)).toHaveLength(5);
    expect(rows[0]).toEqual({
      metric: "mae",
      live: 2.5,
      training: 1.5,
      interval: { low: 2.1, high: 2.9 },
      isWorse: true,
    });
    expect(rows[1]).toEqual({ metric: "rmse", live: 3, training: 2, interval: null, isWorse: false });
    expect(leading(quality(), window(7))).toBe("mae");
    expect(leading(quality(), window(7, { figures: {}, compared: [] }))).toBeNull();
  });

  test("by day has the days of the window, newest first", () => {
    const day = (date: string, mae: number) => ({ date, outcomes: 10, figures: { mae } });
    const days = [day("2026-03-01", 1), day("2026-03-25", 2), day("2026-03-31", 3)];
    expect(byDay(quality({ by_day: days }), window(7), "mae")).toEqual([
      { date: "2026-03-31", outcomes: 10, value: 3 },
      { date: "2026-03-25", outcomes: 10, value: 2 },
    ]);
  });
});
