import type { Schemas } from "@/api/client";
import type { Column } from "@/views/dataset/look/profile";

type Preview = Pick<Schemas["Preview"], "columns" | "rows">;

/** Columns that lack values, the emptiest first. */
export function gappyColumns(columns: readonly Column[]): Column[] {
  return columns.filter((column) => column.missing > 0).sort((a, b) => b.missing - a.missing);
}

/** Which rows lack which columns: `lacks[row][column]`. */
export type MissingMap = { names: string[]; lacks: boolean[][]; counts: number[] };

/** The map of the emptiest columns among the rows that can be looked at, in the order of the file. */
export function missingMap(preview: Preview, most: number): MissingMap {
  const counts = preview.columns.map((_, place) =>
    preview.rows.reduce((sum, row) => sum + (row.cells[place] === null ? 1 : 0), 0),
  );
  const places = preview.columns
    .map((_, place) => place)
    .filter((place) => (counts[place] ?? 0) > 0)
    .sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0) || a - b)
    .slice(0, most)
    .sort((a, b) => a - b);
  return {
    names: places.map((place) => preview.columns[place]?.name ?? ""),
    lacks: preview.rows.map((row) => places.map((place) => row.cells[place] === null)),
    counts: places.map((place) => counts[place] ?? 0),
  };
}

/** Sets of columns that rows lack together, the most frequent first; rows that lack nothing are none. */
export function missingPatterns(map: MissingMap, most: number): { names: string[]; rows: number }[] {
  const found = new Map<string, { names: string[]; rows: number }>();
  for (const lacks of map.lacks) {
    const names = map.names.filter((_, place) => lacks[place]);
    if (names.length > 1) {
      const key = JSON.stringify(names);
      const pattern = found.get(key);
      found.set(key, { names, rows: (pattern?.rows ?? 0) + 1 });
    }
  }
  return [...found.values()].sort((a, b) => b.rows - a.rows).slice(0, most);
}
