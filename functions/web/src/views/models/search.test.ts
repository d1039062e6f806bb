import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { matching } from "./search";

const model = (name: string, target: string): Schemas["ModelSummary"] => ({
  name,
  target,
  task: "regression",
  created_at: "2026-01-01T00:00:00Z",
  production_version: 1,
  latest_version: 1,
});
const MODELS = [model("houses-north", "Price"), model("churn", "left")];

test("a search looks at names and targets, whatever the case and the order of its words", () => {
  expect(matching(MODELS, " price HOUSES ").map(({ name }) => name)).toEqual(["houses-north"]);
  expect(matching(MODELS, "")).toHaveLength(2);
  expect(matching(MODELS, "houses left")).toEqual([]);
});
