import type { Schemas } from "@/api/client";

export type Row = Schemas["PreviewRow"];
export type Cell = Row["cells"][number];
export type Sorting = { place: number; isDescending: boolean };

/** What the rows are narrowed to: a text, in one column or in any, or something missing. */
export type Filter = { text: string; place: number | null; isLacking: boolean };

/** The rows that are asked for, in the order that is asked for; equal ones stay as in the file. */
export function arrange(
  rows: readonly Row[],
  filter: Filter,
  sorting: Sorting | null,
  textOf: (cell: Cell) => string,
): Row[] {
  const wanted = filter.text.trim().toLocaleLowerCase();
  const { place } = filter;
  const cellsOf = (row: Row) => (place === null ? row.cells : row.cells.slice(place, place + 1));
  const found = rows.filter(
    (row) =>
      (!filter.isLacking || cellsOf(row).includes(null)) &&
      (wanted === "" ||
        cellsOf(row).some((cell) => cell !== null && textOf(cell).toLocaleLowerCase().includes(wanted))),
  );
  if (sorting === null) {
    return found;
  }
  const compare = comparison(sorting.isDescending);
  return found.sort((a, b) => compare(a.cells[sorting.place] ?? null, b.cells[sorting.place] ?? null));
}

/** Compare cells of one column; missing ones come last, whichever way it goes. */
function comparison(isDescending: boolean): (a: Cell, b: Cell) => number {
  const texts = new Intl.Collator(undefined, { numeric: true });
  const sign = isDescending ? -1 : 1;
  return (a, b) => {
    if (a === null || b === null) {
      return Number(a === null) - Number(b === null);
    }
    const order =
      typeof a === "string" || typeof b === "string"
        ? texts.compare(String(a), String(b))
        : Number(a) - Number(b);
    return sign * order;
  };
}

/** How wide a column is drawn, by its name and its first cells. */
export function widthOf(name: string, cells: readonly string[]): number {
  const longest = Math.max(0, ...cells.map((text) => text.length));
  // Beside the name stand the signs of type and order.
  return Math.round(Math.min(320, Math.max(96, longest * 8 + 24, Math.min(name.length, 24) * 8 + 60)));
}
