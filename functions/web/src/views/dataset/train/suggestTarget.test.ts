import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { suggestTarget } from "@/views/dataset/train/suggestTarget";
import { weightOfName, wordsOf } from "@/views/dataset/train/targetNames";
import { type Column, taskOf } from "@/views/dataset/train/task";

const ROWS = 200;

function column(name: string, more: Partial<Column> = {}): Column {
  return { name, type: "numeric", missing: 0, missing_share: 0, distinct: 150, confidence: 1, ...more };
}

function profile(columns: Column[], more: Partial<Schemas["Profile"]> = {}): Schemas["Profile"] {
  return {
    rows: ROWS,
    columns,
    missing_cells: 0,
    duplicate_rows: 0,
    correlations: [],
    target: null,
    warnings: [],
    file: {},
    ...more,
  };
}

function warning(name: string, code: string) {
  return { column: name, code, message: "", evidence: {} };
}

const words = (distinct: number): Partial<Column> => ({ type: "categorical", distinct });

describe("suggestTarget", () => {
  it("finds the column whose name says so, wherever it stands", () => {
    const { best, clear } = suggestTarget(
      profile([column("PassengerId"), column("Survived", { distinct: 2 }), column("Age"), column("Fare")]),
    );
    expect(best[0]?.column.name).toBe("Survived");
    expect(best[0]?.reasons).toEqual(["name", "two_classes"]);
    expect(clear).toBe(true);
  });

  it.each(["prix", "Prix de vente", "Défaut de paiement", "Étiquette", "SalePrice", "median_house_value"])(
    "knows the name %s",
    (name) => {
      const { best } = suggestTarget(profile([column("surface"), column(name), column("pieces")]));
      expect(best[0]?.column.name).toBe(name);
      expect(best[0]?.reasons).toContain("name");
    },
  );

  it("takes the last column where no name tells", () => {
    const { best } = suggestTarget(profile([column("a"), column("b"), column("c")]));
    expect(best[0]?.column.name).toBe("c");
    expect(best[0]?.reasons).toEqual(["last", "continuous"]);
    expect(suggestTarget(profile([column("a"), column("b")])).clear).toBe(true);
  });

  it("is not sure between two that are alike", () => {
    const { best, clear } = suggestTarget(profile([column("price"), column("income"), column("size")]));
    expect(best.map((candidate) => candidate.column.name).slice(0, 2)).toEqual(["price", "income"]);
    expect(clear).toBe(false);
  });

  it("puts the target that the profile was made with first", () => {
    const { best } = suggestTarget(
      profile([column("price"), column("size"), column("rooms")], {
        target: { name: "size", classes: false, associations: [] },
      }),
    );
    expect(best[0]?.column.name).toBe("size");
    expect(best[0]?.reasons[0]).toBe("named");
  });

  it.each([
    ["id_like", "id_like"],
    ["mostly_missing", "mostly_missing"],
    ["duplicate_column", "copy"],
    ["leaking_column", "leaking"],
  ] as const)("leaves out what the warning %s names", (code, doubt) => {
    const found = suggestTarget(
      profile([column("a"), column("price")], { warnings: [warning("price", code)] }),
    );
    expect(found.best.map((candidate) => candidate.column.name)).toEqual(["a"]);
    expect(found.candidates[1]?.doubts).toContain(doubt);
  });

  it.each([
    ["constant", { distinct: 1 }, "constant"],
    ["without values", { distinct: 0, missing: ROWS, missing_share: 1 }, "all_missing"],
    ["of dates", { type: "date" }, "date"],
    ["of too few rows", { missing: ROWS - 19, missing_share: 0.905 }, "few_rows"],
  ] as const)("refuses a column %s", (_, more, refusal) => {
    const found = suggestTarget(profile([column("a"), column("target", more)]));
    expect(found.candidates[1]?.refusal).toBe(refusal);
    expect(found.best.map((candidate) => candidate.column.name)).toEqual(["a"]);
  });

  it.each([
    ["free text", { type: "text", distinct: 190 }, "text"],
    ["more than 100 classes", { ...words(101) }, "many_classes"],
    ["classes of fewer than four rows", { ...words(51) }, "many_classes"],
    ["mostly missing values", { missing: 120, missing_share: 0.6 }, "mostly_missing"],
  ] as const)("does not suggest %s, which can be chosen", (_, more, doubt) => {
    const found = suggestTarget(profile([column("a"), column("label", more)]));
    expect(found.candidates[1]).toMatchObject({ refusal: null });
    expect(found.candidates[1]?.doubts).toContain(doubt);
    expect(found.best.map((candidate) => candidate.column.name)).toEqual(["a"]);
  });

  it("takes names of rows for ids even without a warning", () => {
    const found = suggestTarget(profile([column("a"), column("customer_id")]));
    expect(found.candidates[1]?.doubts).toEqual(["id_like"]);
    expect(found.best[0]?.column.name).toBe("a");
  });

  it("counts missing values against a column", () => {
    const found = suggestTarget(
      profile([column("price", { missing: 80, missing_share: 0.4 }), column("income"), column("size")]),
    );
    expect(found.best[0]?.column.name).toBe("income");
    expect(found.candidates[0]?.doubts).toEqual(["some_missing"]);
  });

  it("warns of rare classes where all are known", () => {
    const top = [
      { value: "no", count: 199 },
      { value: "yes", count: 1 },
    ];
    const found = suggestTarget(profile([column("a"), column("label", { ...words(2), top })]));
    expect(found.candidates[1]?.doubts).toEqual(["rare_classes"]);
    expect(found.best[0]?.column.name).toBe("label");
  });

  it("prefers what goes with other columns, unless it says the same as one", () => {
    const correlations = [
      { columns: ["a", "b"], correlation: -0.8 },
      { columns: ["c", "d"], correlation: 0.999 },
    ];
    const found = suggestTarget(
      profile(
        ["a", "b", "c", "d", "e"].map((name) => column(name)),
        { correlations },
      ),
    );
    const reasons = Object.fromEntries(found.candidates.map(({ column, reasons }) => [column.name, reasons]));
    expect(reasons.a).toContain("related");
    expect(reasons.c).not.toContain("related");
  });

  it("suggests nothing where nothing can be learned", () => {
    const found = suggestTarget(profile([column("id"), column("day", { type: "date" })]));
    expect(found.best).toEqual([]);
    expect(found.clear).toBe(false);
  });

  it("is quick on the widest table", () => {
    const columns = Array.from({ length: 2000 }, (_, place) => column(`feature_${place}`));
    expect(suggestTarget(profile(columns)).best[0]?.column.name).toBe("feature_1999");
  });
});

describe("names", () => {
  it("are split into words", () => {
    expect(wordsOf("SalePrice2Eur")).toEqual(["sale", "price2", "eur"]);
    expect(wordsOf("Prix (moyen) d'été")).toEqual(["prix", "moyen", "d", "ete"]);
    expect(wordsOf("")).toEqual([]);
  });

  it("say nothing where a word only contains another", () => {
    expect(weightOfName("classification_notes")).toBe(0);
    expect(weightOfName("pclass")).toBe(0);
    expect(weightOfName("y")).toBe(5);
    expect(weightOfName("y_position")).toBe(0);
    expect(weightOfName("ID client")).toBe(-1);
  });
});

describe("taskOf", () => {
  const top = (...values: number[]) => ({
    distinct: values.length,
    top: values.map((value) => ({ value, count: 1 })),
  });

  it.each([
    [column("a", { type: "text" }), "classification", "words"],
    [column("a", { type: "boolean", distinct: 2 }), "classification", "truths"],
    [column("a", top(1.5, 2.5)), "classification", "two_numbers"],
    [column("a", top(1, 2, 3)), "classification", "codes"],
    [column("a", top(1, 2, 3.5)), "regression", "few_numbers"],
    [column("a", { distinct: 11 }), "regression", "numbers"],
    [column("a", { ...top(1, 2, 3, 4), missing: 181 }), "regression", "few_numbers"],
    [column("a", { ...top(1, 2, 3, 4), missing: 180 }), "classification", "codes"],
  ] as const)("decides as the engine does", (given, task, reason) => {
    expect(taskOf(given, ROWS)).toEqual({ task, reason });
  });
});
