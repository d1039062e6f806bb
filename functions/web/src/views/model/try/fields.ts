import type { Schemas } from "@/api/client";

export type InstanceSchema = Schemas["InstanceSchema"];
export type FieldKind = "number" | "boolean" | "date" | "moment" | "category" | "text";
export type Value = string | number | boolean | null;
export type Instance = Record<string, Value>;

/** One feature as a form asks for it. */
export type Field = {
  name: string;
  kind: FieldKind;
  /** Whether training saw missing values, so that none is an answer. */
  mayBeMissing: boolean;
  /** The least and the largest that training saw. */
  range: readonly [number, number] | readonly [string, string] | null;
  /** The values that training saw, the most frequent first; null where it does not say. */
  known: readonly string[] | null;
  /** The unit that numbers are in. */
  unit: string | null;
  /** How the training file wrote dates, beside ISO 8601. */
  dateFormat: string | null;
  /** A usual value, as the form would hold it. */
  example: string;
};

const UNIT = /^A number in (.+?)(?:; training saw .*)?\.$/;
const DATE_FORMAT = /^A date, ISO 8601 or (.+?)(?:; training saw .*)?\.$/;

/** What a form asks for, in the order of the schema; what is not understood is asked for as text. */
export function fieldsOf(schema: InstanceSchema): Field[] {
  return Object.entries(schema.properties).map(([name, entry]) =>
    fieldOf(name, isObject(entry) ? entry : {}),
  );
}

/** The schema's example as a form holds it; where there is none, the usual value of each field. */
export function exampleOf(schema: InstanceSchema, fields: readonly Field[]): Record<string, string> {
  const example = schema.examples.find(isObject);
  return Object.fromEntries(
    fields.map((field) => {
      const value = example && Object.hasOwn(example, field.name) ? example[field.name] : field.example;
      return [field.name, formText(field.kind, value)];
    }),
  );
}

function fieldOf(name: string, entry: Record<string, unknown>): Field {
  const types = Array.isArray(entry.type) ? entry.type : [entry.type];
  const description = typeof entry.description === "string" ? entry.description : "";
  const range = rangeOf(entry["x-training-range"]);
  const known = Array.isArray(entry["x-known-values"]) ? entry["x-known-values"].map(String) : null;
  const examples = Array.isArray(entry.examples) ? entry.examples : [];
  const kind = kindOf(types, description, range, known, examples);
  return {
    name,
    kind,
    mayBeMissing: types.includes("null"),
    range: range !== null && typeof range[0] === (kind === "number" ? "number" : "string") ? range : null,
    known,
    unit: UNIT.exec(description)?.[1] ?? null,
    dateFormat: kind === "date" || kind === "moment" ? (DATE_FORMAT.exec(description)?.[1] ?? null) : null,
    example: formText(kind, examples[0] ?? known?.[0] ?? null),
  };
}

/** JSON knows one type of text; what kind of text it is shows in the annotations. */
function kindOf(
  types: readonly unknown[],
  description: string,
  range: Field["range"],
  known: Field["known"],
  examples: readonly unknown[],
): FieldKind {
  if (types.includes("number") || types.includes("integer")) return "number";
  if (types.includes("boolean")) return "boolean";
  if (typeof range?.[0] === "string" || description.startsWith("A date")) {
    return [...(range ?? []), ...examples].some((value) => String(value).includes("T")) ? "moment" : "date";
  }
  return known !== null || description.startsWith("A category") ? "category" : "text";
}

function rangeOf(value: unknown): Field["range"] {
  if (!Array.isArray(value) || value.length !== 2) return null;
  const [low, high] = value;
  if (typeof low === "number" && typeof high === "number") return [low, high];
  return typeof low === "string" && typeof high === "string" ? [low, high] : null;
}

/** A value of an instance as a control holds it; nothing is the empty text. */
function formText(kind: FieldKind, value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = String(value);
  // Browsers' controls of dates take days or milliseconds at most, and no zone.
  if (kind === "date") return text.slice(0, 10);
  if (kind === "moment") return text.includes("T") ? text.slice(0, 23) : `${text.slice(0, 10)}T00:00`;
  return text;
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
