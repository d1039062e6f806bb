import { describe, expect, test } from "vitest";
import { makeFormat } from "@/i18n/format";
import { type Bin, drawn, type Feature, labelOf, mostMoved, sorted, windowOf } from "./drift";

const feature = (name: string, more: Partial<Feature> = {}): Feature => ({
  feature: name,
  type: "numeric",
  status: "ok",
  psi: 0,
  psi_by_chance: 0,
  js_distance: 0,
  superiority: null,
  superiority_by_chance: null,
  bins: [],
  findings: [],
  ...more,
});
const names = (features: Feature[]) => features.map((found) => found.feature);

describe("sorting", () => {
  const features = [
    feature("low", { superiority: 0.1, psi: 0.2, status: "watch" }),
    feature("unordered", { psi: 0.9, status: "drifted" }),
    feature("high", { superiority: 0.7, psi: 0.3 }),
  ];
  test("by superiority is by how far from one half, up or down; what has none comes last", () => {
    expect(names(sorted(features, "superiority", false))).toEqual(["low", "high", "unordered"]);
    expect(names(sorted(features, "superiority", true))).toEqual(["high", "low", "unordered"]);
  });
  test("by status has the worst first, and among equals the higher index", () => {
    expect(names(sorted([...features, feature("also", { psi: 0.4 })], "status", false))).toEqual([
      "unordered",
      "low",
      "also",
      "high",
    ]);
  });
  test("by name leaves what was given as it was", () => {
    expect(names(sorted(features, "feature", true))).toEqual(["high", "low", "unordered"]);
    expect(names(features)[0]).toBe("low");
  });
});

describe("labels of bins", () => {
  const format = makeFormat("en");
  const of = (bin: Record<string, unknown>, type: Feature["type"] | null = "numeric") =>
    labelOf({ training: 0, observed: 0, ...bin } as Bin, type, format);
  test("tell every kind", () => {
    expect(of({ missing: true })).toEqual({ kind: "missing" });
    expect(of({ others: true }, "categorical")).toEqual({ kind: "others" });
    expect(of({ value: false }, "boolean")).toEqual({ kind: "no" });
    expect(of({ value: 2 })).toEqual({ kind: "value", value: "2" });
    expect(of({ from: null, below: 123857.01679 })).toEqual({ kind: "below", value: "123,900" });
    expect(of({ from: 3, below: null })).toEqual({ kind: "from", value: "3" });
    expect(of({ from: null, below: 1.0000000000000002 })).toEqual({ kind: "upTo", value: "1" });
    expect(of({ from: 7.000000000000001, below: null })).toEqual({ kind: "above", value: "7" });
    expect(of({ from: null, below: 64074.66999060166 })).toEqual({ kind: "below", value: "64,070" });
    expect(of({ from: "2025-02-03", below: "2025-03-18" }, "date")).toEqual({
      kind: "range",
      from: "2025-02-03",
      below: "2025-03-18",
    });
  });
});

test("empty bins are not drawn, and the one that moved the most is told", () => {
  const bins: Bin[] = [
    { training: 0.5, observed: 0.4 },
    { training: 0, observed: 0 },
    { training: 0.5, observed: 0.6, value: "x" },
    { training: 0.2, observed: 0.9, value: "y" },
  ];
  expect(drawn(bins)).toHaveLength(3);
  expect(mostMoved(bins)?.value).toBe("y");
  expect(mostMoved([])).toBeNull();
});

test("the address chooses the window, else the one that decided", () => {
  const window = (days: number) => ({ days }) as never;
  const drift = { window_days: 7, windows: [window(7), window(30)] } as never;
  expect(windowOf(drift, "30")?.days).toBe(30);
  expect(windowOf(drift, null)?.days).toBe(7);
  expect(windowOf(drift, "nonsense")?.days).toBe(7);
  expect(windowOf({ window_days: null, windows: [window(7), window(30)] } as never, null)?.days).toBe(30);
});
