import type { Schemas } from "@/api/client";
import type { Task } from "@/ui/metrics";

export type Value = string | number | boolean;

/** One column as the profile describes it, with what depends on its type. */
export type Column = Schemas["ColumnProfile"] & {
  top?: { value: Value; count: number }[];
  histogram?: { edges: (number | string)[]; counts: number[] };
  min?: number;
  max?: number;
};

/** Why the engine takes a target for classes or for a number. */
export type TaskReason = "words" | "truths" | "two_numbers" | "codes" | "numbers" | "few_numbers";

// As layers/automl/automl/checks/target.py decides.
const MAX_CODES = 10;
const MIN_ROWS_PER_CODE = 5;

/** What the engine will make of a target that is left to it, and why. */
export function taskOf(column: Column, rows: number): { task: Task; reason: TaskReason } {
  if (column.type !== "numeric") {
    return { task: "classification", reason: column.type === "boolean" ? "truths" : "words" };
  }
  if (column.distinct === 2) {
    return { task: "classification", reason: "two_numbers" };
  }
  if (column.distinct > MAX_CODES) {
    return { task: "regression", reason: "numbers" };
  }
  const present = rows - column.missing;
  const whole = (column.top ?? []).every(({ value }) => Number.isInteger(value));
  const codes = whole && column.distinct <= Math.floor(present / MIN_ROWS_PER_CODE);
  return codes ? { task: "classification", reason: "codes" } : { task: "regression", reason: "few_numbers" };
}
