import type { Schemas } from "@/api/client";
import { isWords, type StepColumn, type TableState } from "@/recipes/columns";
import { type Suggestion, suggestionsOf } from "@/views/dataset/clean/editor/values";

const MAX_SUGGESTIONS = 20;

/** The columns that names stand for, of those that the step finds. */
export function chosenOf(names: readonly string[], state: TableState): StepColumn[] {
  const wanted = new Set(names);
  return state.columns.filter(({ name }) => wanted.has(name));
}

/** Columns that hold values of the same kind as those that are chosen already. */
export function alike(columns: readonly StepColumn[], chosen: readonly StepColumn[]): StepColumn[] {
  const [first] = chosen;
  if (!first) {
    return [...columns];
  }
  return columns.filter(({ type }) => type === first.type || (isWords(type) && isWords(first.type)));
}

/** The most frequent values of several columns together. */
export function sharedSuggestions(
  chosen: readonly StepColumn[],
  profiles: readonly Schemas["ColumnProfile"][],
): Suggestion[] {
  const counts = new Map<Suggestion["value"], number>();
  for (const column of chosen) {
    for (const { value, count } of suggestionsOf(column, profiles)) {
      counts.set(value, (counts.get(value) ?? 0) + count);
    }
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((left, right) => right.count - left.count)
    .slice(0, MAX_SUGGESTIONS);
}
