import {
  accepts,
  CONVERSIONS,
  type ColumnType,
  hasOrder,
  type StepColumn,
  sparesTarget,
  statesOf,
  type TableState,
  touchedBy,
} from "@/recipes/columns";
import type { Draft, Step } from "@/recipes/draft";

export type Value = string | number | boolean;

/** What is wrong with a step, as far as the page can tell without the service. */
export type StepFault =
  | {
      code:
        | "noColumns"
        | "noValue"
        | "noBound"
        | "boundsCrossed"
        | "sameSigns"
        | "nothingLeft"
        | "sameNames"
        | "needsLimit"
        | "mappedTwice"
        | "betweenOrder";
    }
  | { code: "unknownColumn" | "target" | "ownGroup" | "targetGroup"; column: string }
  | { code: "wrongType" | "noStatistic" | "noOrder"; column: string; type: ColumnType }
  | { code: "cannotBecome"; column: string; type: ColumnType; to: ColumnType }
  | { code: "badValue"; column: string; type: ColumnType; value: string }
  | { code: "nameTaken" | "badName"; name: string }
  | { code: "badFormat"; format: string };

const DIRECTIVES = "YymdbBjHIMSfpz";
const PLAIN_NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/;
const MAX_NAME = 200;
const MAX_FORMAT = 50;
const SINGLE = new Set(["eq", "ne", "lt", "le", "gt", "ge"]);
const SEVERAL = new Set(["in", "not_in", "between"]);
const ORDERED = new Set(["lt", "le", "gt", "ge", "between"]);

/** Whether a column of some type can hold a value; whether a text is a date is left to the service. */
export function fits(value: Value, type: ColumnType): boolean {
  if (type === "boolean") return typeof value === "boolean";
  if (type === "numeric") return typeof value === "number" && Number.isFinite(value);
  return typeof value === "string" && value.trim() !== "";
}

/** What the text of a mapping's old value stands for in a column of some type; null where for nothing. */
export function keyOf(text: string, type: ColumnType): Value | null {
  const plain = text.trim();
  if (type === "numeric") return PLAIN_NUMBER.test(plain) ? Number(plain) : null;
  if (type === "boolean") return plain === "true" ? true : plain === "false" ? false : null;
  return plain === "" ? null : plain;
}

/** Whether the service reads a form of dates the same way everywhere. */
export function isDateFormat(format: string): boolean {
  if (format === "ISO8601") return true;
  const signs = [...format.replaceAll("%%", "").matchAll(/%(.?)/gs)].map((match) => match[1] ?? "");
  return (
    format.length > 0 &&
    format.length <= MAX_FORMAT &&
    signs.every((sign) => sign !== "" && DIRECTIVES.includes(sign)) &&
    new Set(signs).size === signs.length &&
    (signs.includes("Y") || signs.includes("y"))
  );
}

/** The faults of each step of a draft, each compared with what the steps before it leave. */
export function faultsOf(columns: readonly StepColumn[], draft: Draft): StepFault[][] {
  const states = statesOf({ columns, target: draft.target }, draft.steps);
  return draft.steps.map((step, index) => faultsOfStep(step, states[index] as TableState));
}

export function faultsOfStep(step: Step, state: TableState): StepFault[] {
  const types = new Map(state.columns.map(({ name, type }) => [name, type]));
  const found: StepFault[] = [];
  for (const column of touchedBy(step)) {
    const type = types.get(column);
    if (type === undefined) {
      found.push({ code: "unknownColumn", column });
    } else if (!accepts(step.step, type)) {
      found.push({ code: "wrongType", column, type });
    }
    if (column === state.target && sparesTarget(step.step)) {
      found.push({ code: "target", column });
    }
  }
  const known = touchedBy(step).flatMap((name) => {
    const type = types.get(name);
    return type === undefined ? [] : [{ name, type }];
  });
  return [...found, ...misfits(step, state, known)];
}

type Known = readonly { name: string; type: ColumnType }[];

function misfits(step: Step, state: TableState, known: Known): StepFault[] {
  switch (step.step) {
    case "filter_rows":
      return filterFaults(step, known);
    case "rename":
      return renameFaults(step, state);
    case "drop_rows_missing":
      if (step.max_share !== undefined || step.columns?.length) return [];
      return [{ code: step.columns ? "noColumns" : "needsLimit" }];
    case "drop_duplicates":
      return step.columns?.length === 0 ? [{ code: "noColumns" }] : [];
    default:
      if (step.columns.length === 0) return [{ code: "noColumns" }];
      return columnFaults(step, state, known);
  }
}

type OfColumns = Exclude<Step, { step: "filter_rows" | "rename" | "drop_rows_missing" | "drop_duplicates" }>;

function columnFaults(step: OfColumns, state: TableState, known: Known): StepFault[] {
  switch (step.step) {
    case "drop_columns": {
      const gone = new Set(step.columns);
      return state.columns.every(({ name }) => gone.has(name)) ? [{ code: "nothingLeft" }] : [];
    }
    case "change_type": {
      const same = step.thousands !== undefined && step.thousands === (step.decimal ?? ".");
      return [
        ...(same ? [{ code: "sameSigns" } as const] : []),
        ...known
          .filter(({ type }) => type !== step.type && !CONVERSIONS[type].includes(step.type))
          .map(({ name, type }) => ({ code: "cannotBecome", column: name, type, to: step.type }) as const),
      ];
    }
    case "parse_dates":
      return isDateFormat(step.format ?? "ISO8601") ? [] : [{ code: "badFormat", format: step.format ?? "" }];
    case "trim":
      return [];
    case "impute":
      return imputeFaults(step, state, known);
    case "clip":
      return clipFaults(step);
    case "mark_missing":
      if (step.values.length === 0) return [{ code: "noValue" }];
      return valueFaults(step.values, known);
    case "map_values":
      return mapFaults(step, known);
  }
}

function valueFaults(values: readonly Value[], known: Known): StepFault[] {
  return known.flatMap(({ name, type }) =>
    values
      .filter((value) => !fits(value, type))
      .map((value) => ({ code: "badValue", column: name, type, value: String(value) }) as const),
  );
}

function imputeFaults(step: Extract<Step, { step: "impute" }>, state: TableState, known: Known): StepFault[] {
  if (step.strategy === "constant") {
    return step.value === undefined ? [{ code: "noValue" }] : valueFaults([step.value], known);
  }
  const found: StepFault[] = [];
  if (step.by !== undefined) {
    if (step.columns.includes(step.by)) found.push({ code: "ownGroup", column: step.by });
    if (step.by === state.target) found.push({ code: "targetGroup", column: step.by });
    if (!state.columns.some(({ name }) => name === step.by)) {
      found.push({ code: "unknownColumn", column: step.by });
    }
  }
  if (step.strategy !== "mode") {
    for (const { name, type } of known) {
      if (!hasOrder(type)) found.push({ code: "noStatistic", column: name, type });
    }
  }
  return found;
}

function clipFaults(step: Extract<Step, { step: "clip" }>): StepFault[] {
  const { lower, upper, lower_quantile: low, upper_quantile: high } = step;
  if ([lower, upper, low, high].every((end) => end === undefined)) return [{ code: "noBound" }];
  const crossed =
    (lower !== undefined && upper !== undefined && lower > upper) ||
    (low !== undefined && high !== undefined && low > high);
  return crossed ? [{ code: "boundsCrossed" }] : [];
}

function mapFaults(step: Extract<Step, { step: "map_values" }>, known: Known): StepFault[] {
  const olds = Object.keys(step.mapping);
  if (olds.length === 0) return [{ code: "noValue" }];
  const news = [...Object.values(step.mapping), step.other].filter(
    (value): value is Value => value !== null && value !== undefined,
  );
  const found: StepFault[] = [];
  let isTwice = false;
  for (const { name, type } of known) {
    const keys = olds.map((old) => keyOf(old, type));
    olds.forEach((old, index) => {
      if (keys[index] === null) found.push({ code: "badValue", column: name, type, value: old });
    });
    const compared = keys.map((key) =>
      step.ignore_case && typeof key === "string" ? key.toLowerCase() : key,
    );
    isTwice ||= new Set(compared).size < compared.length;
  }
  found.push(...valueFaults(news, known));
  return isTwice && found.length === 0 ? [{ code: "mappedTwice" }] : found;
}

function filterFaults(step: Extract<Step, { step: "filter_rows" }>, known: Known): StepFault[] {
  if (step.column === "") return [{ code: "noColumns" }];
  const given = SINGLE.has(step.operator)
    ? step.value === undefined
      ? []
      : [step.value]
    : (step.values ?? []);
  const wanted = SINGLE.has(step.operator) || SEVERAL.has(step.operator);
  if (wanted && given.length === 0) return [{ code: "noValue" }];
  if (ORDERED.has(step.operator)) {
    const unordered = known.find(({ type }) => !hasOrder(type));
    if (unordered) return [{ code: "noOrder", column: unordered.name, type: unordered.type }];
  }
  const found = wanted ? valueFaults(given, known) : [];
  if (found.length > 0 || step.operator !== "between") return found;
  const [low, high] = given;
  const isOrdered = low !== undefined && high !== undefined && low <= high && given.length === 2;
  return isOrdered ? [] : [{ code: "betweenOrder" }];
}

function renameFaults(step: Extract<Step, { step: "rename" }>, state: TableState): StepFault[] {
  const pairs = Object.entries(step.columns);
  if (pairs.length === 0) return [{ code: "noColumns" }];
  const news = pairs.map(([, name]) => name);
  const staying = new Set(
    state.columns.map(({ name }) => name).filter((name) => !Object.hasOwn(step.columns, name)),
  );
  const found: StepFault[] = [];
  for (const name of news) {
    const isPlain = name === name.split(/\s+/).filter(Boolean).join(" ");
    if (name === "" || name.length > MAX_NAME || !isPlain) found.push({ code: "badName", name });
    else if (staying.has(name)) found.push({ code: "nameTaken", name });
  }
  return new Set(news).size < news.length ? [...found, { code: "sameNames" }] : found;
}
