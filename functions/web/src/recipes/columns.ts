import type { Schemas } from "@/api/client";
import type { Step } from "@/recipes/draft";

export type ColumnType = Schemas["ColumnProfile"]["type"];

/** A column as the steps before leave it; `origin` is what the file calls it. */
export type StepColumn = { name: string; type: ColumnType; origin: string };

/** What a table looks like between two steps. */
export type TableState = { columns: readonly StepColumn[]; target: string | null };

const WORDS: readonly ColumnType[] = ["categorical", "text"];
const ALL: readonly ColumnType[] = ["numeric", "boolean", "categorical", "date", "text"];

/** Into which types the cells of each type can be read. */
export const CONVERSIONS: Record<ColumnType, readonly ColumnType[]> = {
  numeric: ["boolean", "date", "categorical", "text"],
  boolean: ["numeric", "categorical", "text"],
  date: ["categorical", "text"],
  categorical: ["text", "numeric", "boolean", "date"],
  text: ["categorical", "numeric", "boolean", "date"],
};

const ACCEPTS: Partial<Record<Step["step"], readonly ColumnType[]>> = {
  trim: WORDS,
  clip: ["numeric"],
  parse_dates: [...WORDS, "numeric"],
};

/** The target keeps its name and its truths: these steps must leave it alone. */
const SPARES_TARGET: readonly Step["step"][] = ["drop_columns", "rename", "impute", "clip", "parse_dates"];

export function isWords(type: ColumnType): boolean {
  return WORDS.includes(type);
}

export function hasOrder(type: ColumnType): boolean {
  return type === "numeric" || type === "date";
}

export function accepts(kind: Step["step"], type: ColumnType): boolean {
  return (ACCEPTS[kind] ?? ALL).includes(type);
}

export function sparesTarget(kind: Step["step"]): boolean {
  return SPARES_TARGET.includes(kind);
}

/** The columns that a step may be about, of those that it finds. */
export function eligible(kind: Step["step"], state: TableState): StepColumn[] {
  return state.columns.filter(
    ({ name, type }) => accepts(kind, type) && !(sparesTarget(kind) && name === state.target),
  );
}

/** The columns that a step names to look at or to change. */
export function touchedBy(step: Step): string[] {
  if (step.step === "filter_rows") {
    return step.column === "" ? [] : [step.column];
  }
  if (step.step === "rename") {
    return Object.keys(step.columns);
  }
  return step.columns ?? [];
}

function advance(state: TableState, step: Step): TableState {
  const retyped = (type: ColumnType, names: readonly string[]) => {
    const changed = new Set(names);
    return state.columns.map((column) => (changed.has(column.name) ? { ...column, type } : column));
  };
  switch (step.step) {
    case "drop_columns": {
      const gone = new Set(step.columns.filter((name) => name !== state.target));
      return { ...state, columns: state.columns.filter(({ name }) => !gone.has(name)) };
    }
    case "rename": {
      const { columns } = step;
      const staying = new Set(
        state.columns.map(({ name }) => name).filter((name) => !Object.hasOwn(columns, name)),
      );
      return {
        ...state,
        columns: state.columns.map((column) => {
          const name = Object.hasOwn(columns, column.name) ? columns[column.name] : undefined;
          const isPossible = name && !staying.has(name) && state.target !== column.name;
          return isPossible ? { ...column, name } : column;
        }),
      };
    }
    case "change_type":
      return { ...state, columns: retyped(step.type, step.columns) };
    case "parse_dates":
      return { ...state, columns: retyped("date", step.columns) };
    default:
      return state;
  }
}

/** What each step finds, and at the end what the last one leaves. */
export function statesOf(first: TableState, steps: readonly Step[]): TableState[] {
  const states = [first];
  let state = first;
  for (const step of steps) {
    state = advance(state, step);
    states.push(state);
  }
  return states;
}
