import { describe, expect, it } from "vitest";
import { placesOf, readBoard } from "@/views/trainings/leaderboard";
import { elapsedOf, milestoneOf, remainingOf } from "@/views/trainings/times";

const row = (model: string, mean: number | null, metric = "rmse", more = {}) => ({
  model,
  metric,
  mean,
  std: 1,
  folds: 5,
  fit_seconds: 2,
  chosen: false,
  ...more,
});

describe("the leaderboard", () => {
  it.each([
    ["rmse", ["b", "a", "none"]],
    ["weighted_log_loss", ["b", "a", "none"]],
    ["roc_auc", ["a", "b", "none"]],
    ["f1_weighted", ["a", "b", "none"]],
  ])("is best first by %s", (metric, order) => {
    const board = readBoard([row("none", null, metric), row("a", 3, metric), row("b", 2, metric)]);
    expect(board.rows.map(({ model }) => model)).toEqual(order);
  });

  it("keeps the order of the service where it does not know the metric", () => {
    const board = readBoard([row("a", 3, "novel"), row("b", 2, "novel")]);
    expect(board.metric).toBe("novel");
    expect(board.rows.map(({ model }) => model)).toEqual(["a", "b"]);
  });

  it("reads members and gaps", () => {
    const members = [{ model: "x", weight: 0.75 }];
    const board = readBoard([row("a", 3, "rmse", { chosen: true, members, std: "x" })]);
    expect(board.rows[0]).toMatchObject({ isChosen: true, members, std: null });
    expect(readBoard([]).rows).toEqual([]);
  });

  it("places the better score to the right, whatever the direction", () => {
    const errors = readBoard([row("a", 10), row("b", 20)]);
    const place = placesOf(errors);
    const [best, worst] = errors.rows.map(place);
    expect(best?.at).toBeCloseTo(11 / 12);
    expect(worst?.at).toBeCloseTo(1 / 12);
    expect(best?.from).toBeCloseTo(10 / 12);
    expect(best?.to).toBe(1);
    const areas = readBoard([row("a", 0.5, "roc_auc"), row("b", 0.9, "roc_auc")]);
    expect(placesOf(areas)(areas.rows[0] as never)?.at).toBeGreaterThan(0.5);
  });

  it("places a single score in the middle and none nowhere", () => {
    const single = readBoard([row("a", 10, "rmse", { std: null }), row("b", null)]);
    expect(placesOf(single)(single.rows[0] as never)?.at).toBe(0.5);
    expect(placesOf(single)(single.rows[1] as never)).toBeNull();
  });
});

describe("times", () => {
  const START = "2026-01-01T10:00:00.000Z";
  const now = Date.parse(START) + 20_000;
  const job = { status: "RUNNING", progress: 0.3, started_at: START, finished_at: null } as const;

  it("count from the start to the end, or to now", () => {
    expect(elapsedOf(job, now)).toBe(20);
    expect(elapsedOf({ ...job, finished_at: "2026-01-01T10:01:00.000Z" }, now)).toBe(60);
    expect(elapsedOf({ ...job, started_at: null }, now)).toBeNull();
    expect(elapsedOf(job, Date.parse(START) - 5_000)).toBe(0);
  });

  it("say what the budget leaves", () => {
    expect(remainingOf(job, 60, now)).toBe(50);
    expect(remainingOf(job, 5, now)).toBe(0);
    expect(remainingOf(job, null, now)).toBeNull();
    expect(remainingOf({ ...job, status: "CANCELLING" }, 60, now)).toBeNull();
  });

  it.each([
    [{ status: "QUEUED", progress: 0 }, { key: "queued" }],
    [{ status: "RUNNING", progress: 0.24 }, { key: "running" }],
    [
      { status: "RUNNING", progress: 0.26 },
      { key: "quarter", share: 0.25 },
    ],
    [
      { status: "RUNNING", progress: 0.74 },
      { key: "quarter", share: 0.5 },
    ],
    [{ status: "RUNNING", progress: 1 }, { key: "running" }],
    [{ status: "CANCELLING", progress: 0.6 }, { key: "cancelling" }],
    [{ status: "SUCCEEDED", progress: 1 }, { key: "succeeded" }],
    [{ status: "FAILED", progress: 0.5 }, { key: "failed" }],
  ] as const)("are announced by quarters: %j", (more, milestone) => {
    expect(milestoneOf({ ...job, ...more })).toEqual(milestone);
  });
});
