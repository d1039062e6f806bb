import type { CsvTable } from "@/views/model/try/csv";
import type { Field, Instance, Value } from "@/views/model/try/fields";
import { type CellFault, isFault, readValue } from "@/views/model/try/instance";
import { type Decimal, parseNumber } from "@/views/model/try/numbers";

/** What one request takes, well below the 6 MB that its event may have. */
export const REQUEST = { rows: 10_000, bytes: 4_000_000 } as const;

export type ReadRow = {
  /** As pasted, in the order of the fields that have a column. */
  cells: string[];
  instance: Instance;
  faults: ReadonlyMap<string, CellFault>;
};

export type Pasted = {
  kind: "rows";
  hasHeader: boolean;
  /** The fields that have a column, in the order of the columns. */
  columns: Field[];
  /** Names of columns that the model does not use. */
  ignored: string[];
  /** Fields without a column. */
  lacking: Field[];
  rows: ReadRow[];
  /** Rows that one request does not take. */
  left: number;
};
export type NotPasted =
  | { kind: "empty" }
  | { kind: "width"; found: number; wanted: number }
  | { kind: "repeated"; name: string };

// What spreadsheets and their users write where there is nothing; of texts the service knows its own words.
const MISSING_WORDS = new Set(["na", "n/a", "#n/a", "nan", "null", "none", "-", "?"]);

/** The instances that a table of texts says, whichever order its columns are in. */
export function instancesOf(
  table: CsvTable,
  fields: readonly Field[],
  languageDecimal: Decimal,
): Pasted | NotPasted {
  const first = table.rows[0];
  if (!first) return { kind: "empty" };
  const byName = new Map(fields.map((field) => [nameKey(field.name), field]));
  const named = first.map((cell) => byName.get(nameKey(cell)) ?? null);
  const matches = named.filter((field) => field !== null).length;
  const hasHeader = matches > 0 && matches >= Math.min(first.length, fields.length) / 2;
  if (hasHeader) {
    const repeated = named.find((field, place) => field !== null && named.indexOf(field) !== place);
    if (repeated) return { kind: "repeated", name: repeated.name };
  } else if (first.length !== fields.length) {
    return { kind: "width", found: first.length, wanted: fields.length };
  }
  const sources = hasHeader ? named : fields;
  const body = hasHeader ? table.rows.slice(1) : table.rows;
  if (body.length === 0) return { kind: "empty" };
  const decimal = decimalOfTable(body, sources, table.delimiter, languageDecimal);
  const rows: ReadRow[] = [];
  const columns = sources.filter((field) => field !== null);
  const lacking = fields.filter((field) => !columns.includes(field));
  let bytes = 0;
  for (const cells of body.slice(0, REQUEST.rows)) {
    const row = rowOf(cells, sources, lacking, decimal);
    bytes += new TextEncoder().encode(JSON.stringify(row.instance)).length + 2;
    if (bytes > REQUEST.bytes) break;
    rows.push(row);
  }
  return {
    kind: "rows",
    hasHeader,
    columns,
    ignored: first.filter((_, place) => sources[place] === null),
    lacking,
    rows,
    left: body.length - rows.length,
  };
}

function rowOf(
  cells: readonly string[],
  sources: readonly (Field | null)[],
  lacking: readonly Field[],
  decimal: Decimal,
): ReadRow {
  const entries: [string, Value][] = [];
  const faults = new Map<string, CellFault>();
  const shown: string[] = [];
  const take = (field: Field, text: string) => {
    const read = readValue(field, isMissing(field, text) ? "" : text, decimal);
    if (isFault(read)) {
      faults.set(field.name, read);
    } else {
      entries.push([field.name, read]);
    }
  };
  sources.forEach((field, place) => {
    if (field !== null) {
      shown.push(cells[place] ?? "");
      take(field, cells[place] ?? "");
    }
  });
  for (const field of lacking) {
    take(field, "");
  }
  return { cells: shown, instance: Object.fromEntries(entries), faults };
}

function isMissing(field: Field, text: string): boolean {
  const isText = field.kind === "category" || field.kind === "text";
  return !isText && MISSING_WORDS.has(text.trim().toLowerCase());
}

/** The decimal sign that a table shows; where no cell says it, semicolons do, and then the language. */
function decimalOfTable(
  rows: readonly string[][],
  sources: readonly (Field | null)[],
  delimiter: string,
  languageDecimal: Decimal,
): Decimal {
  const numeric = sources.flatMap((field, place) => (field?.kind === "number" ? [place] : []));
  let commas = 0;
  let points = 0;
  for (const row of rows) {
    for (const place of numeric) {
      const cell = row[place] ?? "";
      // Only what has the same value whatever the sign is says which one is meant.
      const value = parseNumber(cell, ",");
      if (value === null || value !== parseNumber(cell, ".")) continue;
      const last = Math.max(cell.lastIndexOf(","), cell.lastIndexOf("."));
      if (cell[last] === ",") commas += 1;
      if (cell[last] === ".") points += 1;
    }
  }
  if (commas !== points) return commas > points ? "," : ".";
  return delimiter === ";" ? "," : languageDecimal;
}

function nameKey(name: string): string {
  return name.trim().replace(/\s+/g, " ").toLowerCase();
}
