import type { Schemas } from "@/api/client";
import { type ColumnType, isWords, type StepColumn } from "@/recipes/columns";
import { fits, type Value } from "@/recipes/faults";

type ColumnProfile = Schemas["ColumnProfile"];
export type Suggestion = { value: Value; count: number };

// The profile cuts longer values, so that these would not be found in the data.
const SHOWN = 100;
const SHOWN_OF_WIDE = 16;
const WIDE = 200;

/** The most frequent values of a column, as the file has them, that a step may name. */
export function suggestionsOf(column: StepColumn, profiles: readonly ColumnProfile[]): Suggestion[] {
  const profile = profiles.find(({ name }) => name === column.origin);
  const top = profile?.top;
  if (!Array.isArray(top)) {
    return [];
  }
  const shown = profiles.length <= WIDE ? SHOWN : SHOWN_OF_WIDE;
  return top.flatMap((entry: { value?: unknown; count?: unknown }) => {
    const value = asType(entry.value, column.type);
    const isCut = typeof value === "string" && value.length >= shown;
    return value === null || isCut || typeof entry.count !== "number" ? [] : [{ value, count: entry.count }];
  });
}

function asType(value: unknown, type: ColumnType): Value | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") {
    return null;
  }
  const written = isWords(type) ? String(value) : value;
  const plain = type === "date" && typeof written === "string" ? written.replace("T00:00:00", "") : written;
  return fits(plain, type) ? plain : null;
}

/** What somebody typed, as a value of a type; null where it is none. A decimal comma counts as a point. */
export function parseValue(text: string, type: ColumnType): Value | null {
  const plain = text.trim();
  if (plain === "") {
    return null;
  }
  if (type === "numeric") {
    const number = Number(plain.replace(/[\s\u00a0\u202f]/g, "").replace(/^([^.,]*),([^.,]*)$/, "$1.$2"));
    return Number.isFinite(number) ? number : null;
  }
  if (type === "boolean") {
    return plain === "true" ? true : plain === "false" ? false : null;
  }
  if (type === "date") {
    return /^\d{4}-\d{2}-\d{2}/.test(plain) && !Number.isNaN(Date.parse(plain)) ? plain : null;
  }
  return plain;
}

/** Where values begin to count as outliers of a column, and how many there are. */
export function fencesOf(
  column: StepColumn,
  profiles: readonly ColumnProfile[],
): { low: number; high: number; count: number } | null {
  const profile = profiles.find(({ name }) => name === column.origin);
  const outliers = profile?.outliers;
  if (profile?.type !== "numeric" || typeof outliers !== "object" || outliers === null) {
    return null;
  }
  const { low, high, count } = outliers as { low?: unknown; high?: unknown; count?: unknown };
  const isWhole = typeof low === "number" && typeof high === "number" && typeof count === "number";
  return isWhole && count > 0 ? { low, high, count } : null;
}
