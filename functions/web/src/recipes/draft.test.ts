import { act, renderHook } from "@testing-library/react";
import { beforeEach, describe, expect, test } from "vitest";
import { appendStep, clearDraft, hasDraft, loadDraft, type Step, saveDraft, useDraft } from "@/recipes/draft";

const DROP: Step = { step: "drop_columns", columns: ["id"] };
const TRIM: Step = { step: "trim", columns: ["kind"] };

beforeEach(() => sessionStorage.clear());

describe("draft", () => {
  test("is empty where nothing was drafted", () => {
    expect(loadDraft("d")).toEqual({ target: null, steps: [] });
    expect(hasDraft("d")).toBe(false);
  });

  test("takes steps in order and outlives a reload", () => {
    appendStep("d", DROP);
    appendStep("d", TRIM);
    expect(loadDraft("d").steps).toEqual([DROP, TRIM]);
    expect(JSON.parse(sessionStorage.getItem("csv-analyzer.recipe.d") ?? "")).toEqual({
      target: null,
      steps: [DROP, TRIM],
    });
  });

  test("begins with a base once, and never again", () => {
    appendStep("d", TRIM, { target: "price", steps: [DROP] });
    appendStep("d", TRIM, { target: "other", steps: [] });
    expect(loadDraft("d")).toEqual({ target: "price", steps: [DROP, TRIM, TRIM] });
  });

  test("that was emptied does not begin with the base again", () => {
    saveDraft("d", { target: null, steps: [] });
    appendStep("d", TRIM, { target: "price", steps: [DROP] });
    expect(loadDraft("d")).toEqual({ target: null, steps: [TRIM] });
  });

  test("is one of its own for each dataset", () => {
    appendStep("d", DROP);
    expect(loadDraft("e").steps).toEqual([]);
  });

  test.each([
    "not JSON",
    "null",
    "7",
    '{"target": 3, "steps": {}}',
    '{"steps": [null, 1, {"columns": []}, {"step": 2}]}',
  ])("that was spoilt (%s) is an empty one", (text) => {
    sessionStorage.setItem("csv-analyzer.recipe.d", text);
    expect(loadDraft("d")).toEqual({ target: null, steps: [] });
  });
});

describe("useDraft", () => {
  test("follows what is appended and forgotten", () => {
    const { result } = renderHook(() => useDraft("d"));
    const before = result.current;
    act(() => appendStep("e", DROP));
    expect(result.current).toBe(before);
    act(() => appendStep("d", DROP));
    expect(result.current.steps).toEqual([DROP]);
    act(() => clearDraft("d"));
    expect(result.current.steps).toEqual([]);
  });
});
