import type { Schemas } from "@/api/client";
import { csvText } from "@/ui/csvFile";

type Schema = Pick<Schemas["InstanceSchema"], "properties" | "examples">;

/** A column that a file must or may have. */
export type Column = { name: string; mayBeMissing: boolean; description: string };

export function columnsOf(schema: Schema): Column[] {
  return Object.entries(schema.properties).map(([name, entry]) => ({
    name,
    mayBeMissing: Array.isArray(entry.type) && entry.type.includes("null"),
    description: typeof entry.description === "string" ? entry.description : "",
  }));
}

/** A file that a batch takes: the header, and the example as a row. */
export function templateOf(schema: Schema): string {
  const names = Object.keys(schema.properties);
  const rows = schema.examples.map((example) => {
    const values = new Map<string, unknown>(Object.entries(example));
    return names.map((name) => cellOf(values.get(name)));
  });
  return csvText([names, ...rows]);
}

function cellOf(value: unknown): string | number | boolean | null {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean" ? value : null;
}
