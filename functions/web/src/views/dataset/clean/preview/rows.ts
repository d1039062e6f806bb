import type { Schemas } from "@/api/client";
import type { StepColumn } from "@/recipes/columns";

type Preview = Schemas["Preview"];
export type Cell = string | number | boolean | null;
/** A cell after the recipe, with what it was where that differs. */
export type ShownCell = { value: Cell; was?: Cell };

/** Which rows of the file the first cleaned ones are: where to begin, and how many to ask for. */
export function spanOf(rows: readonly { row: number }[], most: number): { offset: number; limit: number } {
  const numbers = rows.map(({ row }) => row);
  const offset = Math.min(...numbers);
  return { offset, limit: Math.min(most, Math.max(...numbers) - offset + 1) };
}

/** The cells of a cleaned row beside what stood in the file; `before` may not reach as far. */
export function cellsOf(
  row: Preview["rows"][number],
  after: Preview,
  before: Preview | undefined,
  columns: readonly StepColumn[],
): ShownCell[] {
  const old = before?.rows.find((entry) => entry.row === row.row);
  const places = new Map(before?.columns.map(({ name }, place) => [name, place]));
  const origins = new Map(columns.map(({ name, origin }) => [name, origin]));
  return after.columns.map(({ name }, place) => {
    const value = row.cells[place] ?? null;
    const origin = origins.get(name);
    const from = origin === undefined ? undefined : places.get(origin);
    if (old === undefined || from === undefined) {
      return { value };
    }
    const was = old.cells[from] ?? null;
    return was === value ? { value } : { value, was };
  });
}
