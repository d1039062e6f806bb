import type { Schemas } from "@/api/client";

export type Profile = Schemas["Profile"];
export type Warning = Schemas["ProfileWarning"];
export type Kind = Schemas["ColumnProfile"]["type"];
export type Value = number | string | boolean;

/** Counts of equal bins; the edges of dates are moments as ISO 8601. */
export type Histogram = { edges: (number | string)[]; counts: number[] };

/** What a column has beyond what all have: which of it depends on its type, and on whether it has values. */
type Figures = {
  mean: number;
  std: number;
  min: number;
  max: number;
  zeros: number;
  negative: number;
  quantiles: Record<string, number>;
  outliers: { count: number; low: number; high: number };
  histogram: Histogram;
  top: { value: Value; count: number }[];
  length: { min: number; mean: number; max: number };
  first: string;
  last: string;
  days: number;
};

export type Column = Pick<
  Schemas["ColumnProfile"],
  "name" | "type" | "missing" | "missing_share" | "distinct" | "confidence"
> &
  Partial<Figures>;

export type Association = { column: string; measure: string; association: number };
export type Correlation = { columns: [string, string]; correlation: number };

/** How the file was read; of cleaned data, how the file was read that they come from. */
export type FileReport = {
  encoding?: string;
  delimiter?: string;
  decimal?: string;
  quotes?: string;
  header?: boolean;
  row_names?: boolean;
  confidence?: Record<string, number>;
  given?: Record<string, unknown>;
} & Partial<Record<LeftOut, number>>;

/** Lines that are no rows of the table, and rows that did not fit its columns. */
export const LEFT_OUT = [
  "title_rows",
  "footer_rows",
  "comment_rows",
  "blank_rows",
  "repeated_headers",
  "trailing_rows",
  "short_rows",
  "long_rows",
  "joined_rows",
] as const;
export type LeftOut = (typeof LEFT_OUT)[number];

export function columnsOf(profile: Profile): Column[] {
  return profile.columns as Column[];
}

export function correlationsOf(profile: Profile): Correlation[] {
  return profile.correlations as Correlation[];
}

export function associationsOf(profile: Profile): Association[] {
  return (profile.target?.associations ?? []) as Association[];
}

/** Warnings by the column that they are about; those about the whole table have none. */
export function warningsByColumn(warnings: readonly Warning[]): Map<string, Warning[]> {
  return groups(warnings, (warning) => warning.column);
}

/** Warnings by their code, in the order in which codes first occur. */
export function warningsByCode(warnings: readonly Warning[]): Map<string, Warning[]> {
  return groups(warnings, (warning) => warning.code);
}

function groups(
  warnings: readonly Warning[],
  keyOf: (warning: Warning) => string | null,
): Map<string, Warning[]> {
  const found = new Map<string, Warning[]>();
  for (const warning of warnings) {
    const key = keyOf(warning);
    if (key !== null) {
      const group = found.get(key) ?? [];
      group.push(warning);
      found.set(key, group);
    }
  }
  return found;
}

/** Share of all cells that are missing. */
export function missingShare(profile: Pick<Profile, "rows" | "missing_cells" | "columns">): number {
  const cells = profile.rows * profile.columns.length;
  return cells === 0 ? 0 : profile.missing_cells / cells;
}
