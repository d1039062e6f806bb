import { beforeEach, describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { ProblemError } from "@/api/problem";
import {
  type Draft,
  draftOf,
  EMPTY,
  faultsByField,
  isModelName,
  modelNameOf,
  readDraft,
  requestOf,
  writeDraft,
} from "@/views/dataset/train/draft";

const FULL: Draft = {
  target: "price",
  task: "classification",
  metric: "f1_macro",
  budget: 30,
  recipe: 2,
  model: "houses",
  exclude: ["id"],
  keep: ["code"],
  weighting: "own",
  weights: [{ label: "yes", weight: 20 }],
  split: "time",
  group: "",
  time: "sold_on",
  compact: true,
  recall: false,
  reasons: false,
  seed: 7,
};

describe("a draft", () => {
  beforeEach(() => sessionStorage.clear());

  it("survives a reload", () => {
    writeDraft("d1", FULL);
    expect(readDraft("d1")).toEqual(FULL);
    expect(readDraft("d2")).toEqual(EMPTY);
  });

  it.each(["{", "null", "7", '{"target": 1, "exclude": {}, "budget": "x", "unknown": true}'])(
    "begins anew where %s is stored",
    (stored) => {
      sessionStorage.setItem("csv-analyzer.train.d1", stored);
      expect(readDraft("d1")).toEqual(EMPTY);
    },
  );

  it("orders what its job says, and no more", () => {
    const request = requestOf(FULL);
    const { target, model, budget_seconds, ...options } = request;
    const job = {
      target,
      model,
      options: { ...options, budget_seconds },
    } as unknown as Schemas["JobView"];
    expect(draftOf(job)).toEqual(FULL);
    expect(request.class_weights).toEqual({ yes: 20 });
    expect(request.group).toBeNull();
  });

  it("leaves to the service what was left open", () => {
    expect(requestOf({ ...EMPTY, target: "y" })).toEqual({
      target: "y",
      task: "auto",
      metric: "auto",
      budget_seconds: null,
      recipe: null,
      model: null,
      exclude: [],
      keep: [],
      class_weights: null,
      group: null,
      time: null,
      compact: false,
      recall: true,
      reasons: true,
      seed: 0,
    });
  });

  it("orders neither a split nor weights that are not the chosen ones", () => {
    const request = requestOf({ ...FULL, weighting: "none", split: "group", group: "house" });
    expect(request).toMatchObject({ class_weights: null, time: null, group: "house" });
  });
});

describe("faults", () => {
  const problem = { type: "about:blank", title: "", status: 422, code: "invalid_request", detail: "No." };

  it("stand beside their fields, several of one together", () => {
    const error = new ProblemError({
      ...problem,
      errors: [
        { location: "body.exclude.0", code: "unknown_column", message: "No a." },
        { location: "body.exclude.1", code: "unknown_column", message: "No b." },
        { location: "body.class_weights.yes", code: "unknown_label", message: "No yes." },
      ],
    });
    expect(faultsByField(error)).toEqual({
      fields: { exclude: "No a. No b.", weights: "No yes." },
      rest: false,
    });
  });

  it("of no field, or none at all, are left to the alert", () => {
    const error = new ProblemError({
      ...problem,
      errors: [{ location: "body", code: "too_long", message: "Too long." }],
    });
    expect(faultsByField(error)).toEqual({ fields: {}, rest: true });
    expect(faultsByField(new ProblemError(problem)).rest).toBe(true);
    expect(faultsByField(new TypeError("x")).rest).toBe(true);
  });
});

describe("a model's name", () => {
  it.each([
    ["houses.csv", "houses"],
    ["House Prices (2024).CSV", "house-prices-2024"],
    ["é.csv", "model"],
    [`${"a".repeat(63)}-b.csv`, "a".repeat(63)],
    ["_x_.csv", "x"],
  ])("of the file %s is %s", (file, name) => {
    expect(modelNameOf(file)).toBe(name);
    expect(isModelName(name)).toBe(true);
  });

  it.each(["", "-a", "A", "a b", "a".repeat(65)])("is not %j", (name) => {
    expect(isModelName(name)).toBe(false);
  });
});
