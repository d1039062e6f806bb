import type { Column, Kind, Warning } from "@/views/dataset/look/profile";

export const KINDS: readonly Kind[] = ["numeric", "categorical", "boolean", "date", "text"];
export const ORDERS = ["file", "name", "missing", "distinct", "warnings", "association"] as const;
export type Order = (typeof ORDERS)[number];

/** Which columns are shown, and in which order. */
export type Choice = {
  search: string;
  kind: Kind | null;
  withWarnings: boolean;
  withMissing: boolean;
  order: Order;
};

/** What the address says of the choice; what it does not know is the default. */
export function choiceOf(params: URLSearchParams): Choice {
  const kind = params.get("type");
  const order = params.get("order");
  return {
    search: params.get("search") ?? "",
    kind: KINDS.find((known) => known === kind) ?? null,
    withWarnings: params.has("warnings"),
    withMissing: params.has("missing"),
    order: ORDERS.find((known) => known === order) ?? "file",
  };
}

/** The columns that are asked for; those that are equal in the order stay as in the file. */
export function chooseColumns(
  columns: readonly Column[],
  choice: Choice,
  warnings: ReadonlyMap<string, readonly Warning[]>,
  associations: ReadonlyMap<string, number>,
): Column[] {
  const wanted = choice.search.trim().toLocaleLowerCase();
  const warningsOf = (column: Column) => warnings.get(column.name)?.length ?? 0;
  const found = columns.filter(
    (column) =>
      (wanted === "" || column.name.toLocaleLowerCase().includes(wanted)) &&
      (choice.kind === null || column.type === choice.kind) &&
      (!choice.withWarnings || warningsOf(column) > 0) &&
      (!choice.withMissing || column.missing > 0),
  );
  const names = new Intl.Collator(undefined, { numeric: true });
  const compare: Record<Order, (a: Column, b: Column) => number> = {
    file: () => 0,
    name: (a, b) => names.compare(a.name, b.name),
    missing: (a, b) => b.missing - a.missing,
    distinct: (a, b) => b.distinct - a.distinct,
    warnings: (a, b) => warningsOf(b) - warningsOf(a),
    association: (a, b) => (associations.get(b.name) ?? -1) - (associations.get(a.name) ?? -1),
  };
  return found.sort(compare[choice.order]);
}
