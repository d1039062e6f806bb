import { describe, expect, it } from "vitest";
import { chosenVersion } from "@/ui/VersionChoice";

function model(production: number | null, ...stages: [number, "staging" | "production" | "archived"][]) {
  return {
    production_version: production,
    versions: stages.map(([version, stage]) => ({
      version,
      stage,
      created_at: "",
      task: "regression",
      target: "y",
      metric: "rmse",
      metrics: {},
    })),
  };
}
const MODEL = model(2, [4, "staging"], [3, "staging"], [2, "production"], [1, "archived"]);
const choose = (search: string, of = MODEL) => chosenVersion(of, new URLSearchParams(search));

describe("chosenVersion", () => {
  it("is the one in production where the address says nothing", () => {
    expect(choose("")).toEqual({ query: {}, version: 2 });
    expect(choose("stage=production")).toEqual({ query: {}, version: 2 });
    expect(choose("stage=nonsense")).toEqual({ query: {}, version: 2 });
  });

  it("is the newest in staging, or a number", () => {
    expect(choose("stage=staging")).toEqual({ query: { stage: "staging" }, version: 4 });
    expect(choose("version=3")).toEqual({ query: { version: 3 }, version: 3 });
  });

  it.each(["version=1", "version=9", "version=x", "version="])("is none for %s", (search) => {
    expect(choose(search)).toBeNull();
  });

  it("falls back to the newest that answers where nothing is in production", () => {
    const staged = model(null, [2, "staging"], [1, "archived"]);
    expect(choose("", staged)).toEqual({ query: { version: 2 }, version: 2 });
    expect(choose("", model(null, [1, "archived"]))).toBeNull();
    expect(choose("stage=staging", model(1, [1, "production"]))).toBeNull();
  });
});
