import { describe, expect, test } from "vitest";
import type { Step } from "@/recipes/draft";
import { commonSteps, type Named, nameSteps, textOf } from "@/recipes/identity";

const drop = (column: string): Step => ({ step: "drop_columns", columns: [column] });

describe("what makes recipes the same", () => {
  test("is not the order of a step's fields", () => {
    const one: Step = { step: "impute", columns: ["a"], strategy: "mode" };
    const other: Step = { strategy: "mode", columns: ["a"], step: "impute" };
    expect(textOf({ target: null, steps: [one] })).toBe(textOf({ target: null, steps: [other] }));
  });

  test("is the order of the steps and the target", () => {
    const texts = [
      textOf({ target: null, steps: [drop("a"), drop("b")] }),
      textOf({ target: null, steps: [drop("b"), drop("a")] }),
      textOf({ target: "c", steps: [drop("a"), drop("b")] }),
    ];
    expect(new Set(texts).size).toBe(3);
  });

  test("ends at the first step that differs", () => {
    expect(commonSteps([drop("a"), drop("b"), drop("c")], [drop("a"), drop("x"), drop("c")])).toBe(1);
    expect(commonSteps([drop("a")], [drop("a"), drop("b")])).toBe(1);
    expect(commonSteps([], [drop("a")])).toBe(0);
  });
});

describe("names of steps", () => {
  const namer = () => {
    let count = 0;
    return () => `s${++count}`;
  };
  const ids = (named: Named[]) => named.map(({ id }) => id);

  test("go with the steps into another order", () => {
    const fresh = namer();
    const before = nameSteps([], [drop("a"), drop("b"), drop("c")], fresh);
    expect(ids(nameSteps(before, [drop("c"), drop("a"), drop("b")], fresh))).toEqual(["s3", "s1", "s2"]);
  });

  test("stay when a step is edited, and are new for a new one", () => {
    const fresh = namer();
    const before = nameSteps([], [drop("a"), drop("b")], fresh);
    expect(ids(nameSteps(before, [drop("a"), drop("x"), drop("y")], fresh))).toEqual(["s1", "s2", "s3"]);
  });

  test("are all different where steps say the same", () => {
    const fresh = namer();
    const before = nameSteps([], [drop("a"), drop("b")], fresh);
    const after = ids(nameSteps(before, [drop("a"), drop("a"), drop("b")], fresh));
    expect(after).toEqual(["s1", "s3", "s2"]);
  });
});
