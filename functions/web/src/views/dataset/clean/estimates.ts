type Cell = string | number;

/** What a step worked out from the data of one column. */
export type Estimate =
  | { kind: "bounds"; column: string; lower: number | null; upper: number | null }
  | {
      kind: "value";
      column: string;
      value: Cell;
      groups: { group: Cell; value: Cell }[];
      groupCount: number;
    };

/** Read what the service tells about estimates; entries of a form that is not known are left out. */
export function estimatesOf(entries: readonly Record<string, unknown>[]): Estimate[] {
  return entries.flatMap((entry): Estimate[] => {
    const { column } = entry;
    if (typeof column !== "string") {
      return [];
    }
    if ("lower" in entry || "upper" in entry) {
      const bound = (value: unknown) => (typeof value === "number" ? value : null);
      return [{ kind: "bounds", column, lower: bound(entry.lower), upper: bound(entry.upper) }];
    }
    const value = cellOf(entry.value);
    if (value === null) {
      return [];
    }
    const groups = Array.isArray(entry.groups) ? entry.groups : [];
    return [
      {
        kind: "value",
        column,
        value,
        groups: groups.flatMap((item: { group?: unknown; value?: unknown }) => {
          const [group, found] = [cellOf(item.group), cellOf(item.value)];
          return group === null || found === null ? [] : [{ group, value: found }];
        }),
        groupCount: typeof entry.group_count === "number" ? entry.group_count : groups.length,
      },
    ];
  });
}

function cellOf(value: unknown): Cell | null {
  return typeof value === "string" || typeof value === "number" ? value : null;
}

const FEW_COLUMNS = 3;
const FEW_GROUPS = 4;

/** The beginning of many estimates; the same list where there are few. */
export function shorten(estimates: readonly Estimate[]): readonly Estimate[] {
  const isMuch = (estimate: Estimate) => estimate.kind === "value" && estimate.groups.length > FEW_GROUPS;
  if (estimates.length <= FEW_COLUMNS && !estimates.some(isMuch)) {
    return estimates;
  }
  return estimates
    .slice(0, FEW_COLUMNS)
    .map((estimate) =>
      estimate.kind === "value" ? { ...estimate, groups: estimate.groups.slice(0, FEW_GROUPS) } : estimate,
    );
}

/** Whether a text is a moment as the service writes it. */
export function isMoment(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2})?$/.test(text);
}
