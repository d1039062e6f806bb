import { describe, expect, test } from "vitest";
import { actorOf, comesBack, figureOf, fromLocalField, toLocalField } from "./run";

const version = (number: number, metrics: Record<string, unknown> = {}) => ({
  version: number,
  stage: "archived" as const,
  created_at: "2026-01-01T00:00:00Z",
  task: "regression",
  target: "price",
  metric: "rmse",
  metrics,
});

describe("what a rollback brings back", () => {
  test("is the last that was in production", () => {
    const versions = [3, 2, 1].map((number) => version(number));
    expect(comesBack({ production_version: 3, lineage: [1, 2], versions })).toBe(2);
  });
  test("is never one that was erased, nor the one that is there", () => {
    const versions = [4, 1].map((number) => version(number));
    expect(comesBack({ production_version: 4, lineage: [1, 2, 4], versions })).toBe(1);
  });
  test("is nothing where nothing was before", () => {
    expect(comesBack({ production_version: 1, lineage: [], versions: [version(1)] })).toBeNull();
  });
});

test("a figure that is missing, or no number, is not known", () => {
  const known = version(1, { holdout: { rmse: 2 }, baseline: { rmse: "many" } });
  expect(figureOf(known, "holdout", "rmse")).toBe(2);
  expect(figureOf(known, "baseline", "rmse")).toBeNull();
  expect(figureOf(known, "cross_validation", "rmse")).toBeNull();
  expect(figureOf(undefined, "holdout", "rmse")).toBeNull();
});

test("an actor is the person who looks, another one, or a service", () => {
  expect(actorOf("user:a-1", "a-1")).toEqual({ kind: "you" });
  expect(actorOf("user:b-2", "a-1")).toEqual({ kind: "user", sub: "b-2" });
  expect(actorOf("service:train", "a-1")).toEqual({ kind: "service", name: "train" });
});

test("a moment survives the way into a field and back, to the minute", () => {
  const moment = "2026-03-31T22:45:59.999Z";
  expect(fromLocalField(toLocalField(moment))).toBe(moment);
  expect(toLocalField("yesterday")).toBe("");
  expect(fromLocalField("")).toBeNull();
});
