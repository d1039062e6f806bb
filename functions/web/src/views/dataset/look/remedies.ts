import type { Draft, Step } from "@/recipes/draft";
import type { Column, Value, Warning } from "@/views/dataset/look/profile";

/** A step that answers a warning; `key` names its button. */
export type Remedy = {
  key:
    | "drop"
    | "markMissing"
    | "dropDuplicates"
    | "fillMedian"
    | "fillMode"
    | "toNumbers"
    | "toText"
    | "mergeSpellings"
    | "clip";
  step: Step;
  value?: Value;
};

const DROPPED = new Set([
  "all_missing",
  "constant",
  "mostly_missing",
  "id_like",
  "high_cardinality",
  "duplicate_column",
  "leaking_column",
]);
const FILLED = new Set(["mostly_missing", "unread_cells"]);
// Categories that are as many as these are rather words that somebody wrote.
const MIN_WORDS_LENGTH = 20;

/** What a warning can be answered with by one step, the most likely first.
 *
 * The target can neither be dropped nor filled: the service refuses that, so it is not offered.
 */
export function remediesFor(
  warning: Warning,
  column: Column | undefined,
  target: string | null,
  decimal?: string,
): Remedy[] {
  if (warning.code === "duplicate_rows") {
    return [{ key: "dropDuplicates", step: { step: "drop_duplicates" } }];
  }
  if (column === undefined) {
    return [];
  }
  const columns = [column.name];
  const isTarget = column.name === target;
  const found: Remedy[] = [];
  const { evidence } = warning;
  if (warning.code === "disguised_missing" && isValue(evidence.value)) {
    const { value } = evidence;
    found.push({ key: "markMissing", step: { step: "mark_missing", columns, values: [value] }, value });
  }
  if (warning.code === "spelling_variants" && isWords(column)) {
    const caseOf = differOnlyByBlanks(evidence.example) ? {} : ({ case: "lower" } as const);
    found.push({ key: "mergeSpellings", step: { step: "trim", columns, ...caseOf } });
  }
  if (warning.code === "mixed_types" && isWords(column)) {
    const comma = decimal === "," ? ({ decimal: "," } as const) : {};
    found.push({ key: "toNumbers", step: { step: "change_type", columns, type: "numeric", ...comma } });
  }
  if (DROPPED.has(warning.code) && !isTarget) {
    found.push({ key: "drop", step: { step: "drop_columns", columns } });
  }
  if (FILLED.has(warning.code)) {
    found.push(...fillingsOf(column, target));
  }
  if (warning.code === "high_cardinality" && !isTarget && (column.length?.mean ?? 0) >= MIN_WORDS_LENGTH) {
    found.push({ key: "toText", step: { step: "change_type", columns, type: "text" } });
  }
  return found;
}

/** What can be done about a column whatever its warnings are: gaps, values far off, and the column itself. */
export function remediesOf(column: Column, target: string | null): Remedy[] {
  const columns = [column.name];
  const isTarget = column.name === target;
  const found = fillingsOf(column, target);
  if (column.outliers !== undefined && column.outliers.count > 0 && !isTarget) {
    const { low, high } = column.outliers;
    found.push({ key: "clip", step: { step: "clip", columns, lower: low, upper: high } });
  }
  if (!isTarget) {
    found.push({ key: "drop", step: { step: "drop_columns", columns } });
  }
  return found;
}

function fillingsOf(column: Column, target: string | null): Remedy[] {
  const hasBoth = column.missing > 0 && column.distinct > 0;
  if (!hasBoth || column.name === target) {
    return [];
  }
  const columns = [column.name];
  return column.type === "numeric" || column.type === "date"
    ? [{ key: "fillMedian", step: { step: "impute", columns, strategy: "median" } }]
    : [{ key: "fillMode", step: { step: "impute", columns, strategy: "mode" } }];
}

/** The fewest steps that do what all of these do: equal ones are joined into one for all their columns. */
export function joinSteps(steps: readonly Step[]): Step[] {
  const joined = new Map<string, Step>();
  for (const step of steps) {
    const key = JSON.stringify([step.step, settingsOf(step)]);
    const before = joined.get(key);
    const columns = [...new Set([...(before ? columnsOf(before) : []), ...columnsOf(step)])];
    joined.set(key, columns.length > 0 && "columns" in step ? ({ ...step, columns } as Step) : step);
  }
  return [...joined.values()];
}

/** Whether a draft does already what a step would do. */
export function isDone(draft: Draft, step: Step): boolean {
  if (step.step === "drop_duplicates") {
    return draft.steps.some((other) => other.step === step.step && columnsOf(other).length === 0);
  }
  const same = draft.steps.filter((other) => other.step === step.step && isAlike(other, step));
  return (
    same.length > 0 && columnsOf(step).every((name) => same.some((other) => columnsOf(other).includes(name)))
  );
}

/** The columns that a draft takes away. */
export function droppedBy(draft: Draft): ReadonlySet<string> {
  return new Set(draft.steps.flatMap((step) => (step.step === "drop_columns" ? step.columns : [])));
}

function isAlike(other: Step, step: Step): boolean {
  if (other.step === "mark_missing" && step.step === "mark_missing") {
    return step.values.every((value) => other.values.includes(value));
  }
  // A column without gaps cannot be filled again.
  return step.step === "impute" || JSON.stringify(settingsOf(other)) === JSON.stringify(settingsOf(step));
}

function columnsOf(step: Step): string[] {
  return "columns" in step && Array.isArray(step.columns) ? step.columns : [];
}

function settingsOf(step: Step): [string, unknown][] {
  return Object.entries(step)
    .filter(([name]) => name !== "columns" && name !== "step")
    .sort(([a], [b]) => (a < b ? -1 : 1));
}

function differOnlyByBlanks(examples: unknown): boolean {
  const texts = Array.isArray(examples) ? examples.map(String) : [];
  return (
    texts.length > 1 && new Set(texts.map((text) => text.split(/\s+/).filter(Boolean).join(" "))).size === 1
  );
}

function isWords(column: Column): boolean {
  return column.type === "categorical" || column.type === "text";
}

function isValue(value: unknown): value is Value {
  return typeof value === "number" || typeof value === "string" || typeof value === "boolean";
}
