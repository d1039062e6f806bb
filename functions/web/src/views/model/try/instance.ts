import type { Field, Instance, Value } from "@/views/model/try/fields";
import { type Decimal, parseNumber } from "@/views/model/try/numbers";

/** What the form holds: a text for each field, the empty one where nothing is known. */
export type FormValues = Readonly<Record<string, string>>;
export type CellFault = { code: "empty" | "not_a_number" | "not_a_boolean" | "bad_date" };
export type Read = { instance: Instance; faults: ReadonlyMap<string, CellFault> };

const YES = new Set(["true", "yes", "1", "oui", "vrai"]);
const NO = new Set(["false", "no", "0", "non", "faux"]);
const ISO_DATE =
  /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d{1,6})?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/** The instance that a form says, and what in it can't be asked; the API finds what only it can tell. */
export function instanceOf(fields: readonly Field[], values: FormValues, decimal: Decimal): Read {
  const entries: [string, Value][] = [];
  const faults = new Map<string, CellFault>();
  for (const field of fields) {
    const text = Object.hasOwn(values, field.name) ? (values[field.name] ?? "") : "";
    const read = readValue(field, text, decimal);
    if (isFault(read)) {
      faults.set(field.name, read);
    } else {
      entries.push([field.name, read]);
    }
  }
  // fromEntries defines properties: a feature may be named __proto__.
  return { instance: Object.fromEntries(entries), faults };
}

/** The value that a text stands for, or why it is none. */
export function readValue(field: Field, text: string, decimal: Decimal): Value | CellFault {
  const stripped = text.trim();
  if (stripped === "") {
    return field.mayBeMissing ? null : { code: "empty" };
  }
  switch (field.kind) {
    case "number": {
      const value = parseNumber(stripped, decimal);
      return value === null ? { code: "not_a_number" } : value;
    }
    case "boolean": {
      const word = stripped.toLowerCase();
      if (YES.has(word)) return true;
      return NO.has(word) ? false : { code: "not_a_boolean" };
    }
    case "date":
    case "moment":
      // Another way to write dates is the API's to judge, if the training file had one.
      return isDay(stripped) || field.dateFormat !== null ? stripped : { code: "bad_date" };
    default:
      return text;
  }
}

export function isFault(value: Value | CellFault): value is CellFault {
  return typeof value === "object" && value !== null;
}

function isDay(text: string): boolean {
  const found = ISO_DATE.exec(text);
  if (!found) return false;
  const [year, month, day, hour = 0, minute = 0, second = 0] = found
    .slice(1, 7)
    .map((part) => Number(part ?? 0));
  const date = new Date(Date.UTC(2000, (month ?? 0) - 1, day));
  date.setUTCFullYear(year ?? 0, (month ?? 0) - 1, day);
  const exists = date.getUTCMonth() === (month ?? 0) - 1 && date.getUTCDate() === day && (year ?? 0) > 0;
  return exists && hour < 24 && minute < 60 && second < 60;
}
