import { distance, shownMetrics } from "../report/judgement";
import { figureOf, type Report } from "../report/report";

/** A version with its report. */
export type Compared = { version: number; report: Report };

export const FEWEST = 2;
export const MOST = 4;

/** Read the versions that an address names, without those that do not exist, in the order given. */
export function readVersions(text: string | null, known: readonly number[]): number[] {
  const wanted = (text ?? "").split(",").map(Number);
  return [...new Set(wanted)].filter((version) => known.includes(version)).slice(0, MOST);
}

/** Versions to begin with: what is in production, against the newest other one. */
export function firstVersions(known: readonly number[], production: number | null): number[] {
  const newest = [...known].sort((one, other) => other - one);
  const reference = production !== null && known.includes(production) ? production : newest[1];
  const other = newest.find((version) => version !== reference);
  return [reference, other].filter((version) => version !== undefined);
}

export type Comparable = "same" | "different" | "unknown";

/** Whether versions were judged on the same rows, so that their holdout figures can be compared. */
export function compareHoldouts(reports: readonly Pick<Report, "holdoutId">[]): Comparable {
  const ids = reports.map((report) => report.holdoutId);
  if (ids.some((id) => id === null)) {
    return "unknown";
  }
  return new Set(ids).size === 1 ? "same" : "different";
}

export type MetricRow = {
  name: string;
  values: (number | null)[];
  spreads: (number | null)[];
  /** Against the first version; null for that one. */
  differences: (number | null)[];
  best: boolean[];
};

export function compareMetrics(
  reports: readonly Report[],
  where: "holdout" | "cross_validation",
): MetricRow[] {
  const figures = reports.map((report) => report.metrics[where]);
  const deciding = reports[0]?.leaderboard[0]?.metric ?? reports[0]?.metric ?? "";
  return shownMetrics(deciding, ...figures).map((name) => {
    const values = figures.map((of) => figureOf(of, name));
    const first = values[0] ?? null;
    return {
      name,
      values,
      spreads: figures.map((of) => figureOf(of, `${name}_std`)),
      differences: values.map((value, place) =>
        place === 0 || value === null || first === null ? null : value - first,
      ),
      best: bestOf(name, values),
    };
  });
}

/** Mark the best; nothing is best where all are equal or only one is known. */
export function bestOf(name: string, values: readonly (number | null)[]): boolean[] {
  const known = values.filter((value) => value !== null).map((value) => distance(name, value));
  const least = Math.min(...known);
  const isClose = (value: number) => value - least <= 1e-12 * Math.max(1, Math.abs(least));
  if (known.length < 2 || known.every(isClose)) {
    return values.map(() => false);
  }
  return values.map((value) => value !== null && isClose(distance(name, value)));
}

export type Importances = { feature: string; shares: (number | null)[] }[];

/** Importance of each column as a share of all, side by side, the most important of any version first. */
export function compareImportance(reports: readonly Report[], most: number): Importances {
  const shares = reports.map(
    (report) => new Map(report.importance?.features.map(({ feature, share }) => [feature, share])),
  );
  const features = [...new Set(shares.flatMap((of) => [...of.keys()]))];
  return features
    .map((feature) => ({ feature, shares: shares.map((of) => of.get(feature) ?? null) }))
    .sort((one, other) => largest(other.shares) - largest(one.shares))
    .slice(0, most);
}

export type Aspect =
  | "data"
  | "rows"
  | "metric"
  | "model"
  | "budget"
  | "seed"
  | "split"
  | "excluded"
  | "classWeights"
  | "columns"
  | "dropped"
  | "recipe"
  | "compact"
  | "libraries"
  | "task";

export type Difference = { aspect: Aspect; values: string[] };

/** Lists what was given or done otherwise, one row for each aspect that is not the same everywhere. */
export function differences(reports: readonly Report[]): Difference[] {
  const sets = columnDifferences(reports.map((report) => report.features.map(({ name }) => name)));
  const rows: [Aspect, string[]][] = [
    ["data", reports.map((report) => report.dataDigest?.slice(0, 12) ?? "")],
    ["rows", reports.map((report) => String(report.rows.training + report.rows.holdout))],
    ["task", reports.map((report) => report.task)],
    ["metric", reports.map((report) => report.leaderboard[0]?.metric ?? report.metric)],
    ["model", reports.map(modelOf)],
    ["budget", reports.map((report) => String(report.seconds.budget ?? ""))],
    ["seed", reports.map((report) => String(report.split.seed))],
    ["split", reports.map(splitOf)],
    ["excluded", reports.map((report) => String(report.parameters.excluded ?? ""))],
    ["classWeights", reports.map((report) => String(report.parameters.class_weights ?? ""))],
    ["columns", sets],
    ["dropped", columnDifferences(reports.map((report) => Object.keys(report.droppedColumns)))],
    ["recipe", reports.map((report) => report.recipe?.join(" ") ?? "")],
    ["compact", reports.map((report) => (report.compact === null ? "" : "compact"))],
    ["libraries", libraryDifferences(reports.map((report) => report.libraries))],
  ];
  return rows
    .filter(([, values]) => new Set(values).size > 1)
    .map(([aspect, values]) => ({ aspect, values }));
}

/** Of each list what is not in all of them. */
function columnDifferences(lists: readonly string[][]): string[] {
  const sets = lists.map((list) => new Set(list));
  return lists.map((list) => list.filter((name) => !sets.every((set) => set.has(name))).join(", "));
}

function libraryDifferences(all: readonly Record<string, string>[]): string[] {
  return all.map((libraries) =>
    Object.entries(libraries)
      .filter(([name, version]) => !all.every((other) => other[name] === version))
      .map(([name, version]) => `${name} ${version}`)
      .join(", "),
  );
}

function modelOf(report: Report): string {
  return report.members.length > 1
    ? `${report.modelName}: ${report.members.map(({ model }) => model).join(", ")}`
    : report.modelName;
}

function splitOf({ split }: Report): string {
  return split.column === null ? split.kind : `${split.kind}: ${split.column}`;
}

function largest(shares: readonly (number | null)[]): number {
  return Math.max(...shares.map((share) => share ?? 0));
}
