import type { Schemas } from "@/api/client";

type ColumnProfile = Schemas["ColumnProfile"];
type Bins = { edges: number[]; counts: number[] };
type Top = { value: string | number | boolean; count: number }[];

/** A bar of a column before and after; null where the profile does not tell. */
export type Bar = { from: number; to: number; before: number; after: number };
export type ValueBar = { value: string | number | boolean; before: number | null; after: number | null };

export type Comparison =
  | { kind: "bins"; bars: Bar[] }
  | { kind: "values"; bars: ValueBar[] }
  | { kind: "none" };

const BINS = 20;
// The profile names so many of the most frequent values: of columns with no more, all.
const TOP = 10;

/** Lay the values of a column before and after side by side; either may be absent. */
export function compare(before: ColumnProfile | null, after: ColumnProfile | null): Comparison {
  const both = [before, after].filter((entry) => entry !== null);
  const bins = [binsOf(before), binsOf(after)] as const;
  const isCounted = both.every((entry) => topOf(entry).length > 0 && entry.distinct <= TOP);
  if (!isCounted && both.every((entry) => entry.distinct === 0 || binsOf(entry)) && bins.some(Boolean)) {
    return { kind: "bins", bars: barsOf(...bins) };
  }
  const bars = valuesOf(before, after);
  // Values of which each occurs once say nothing about a distribution.
  return bars.some((bar) => (bar.before ?? 0) > 1 || (bar.after ?? 0) > 1)
    ? { kind: "values", bars }
    : { kind: "none" };
}

function barsOf(before: Bins | null, after: Bins | null): Bar[] {
  const edges = [...(before?.edges ?? []), ...(after?.edges ?? [])];
  const low = Math.min(...edges);
  const width = (Math.max(...edges) - low) / BINS;
  const common = Array.from({ length: BINS + 1 }, (_, index) => low + index * width);
  const [was, is] = [spread(before, common), spread(after, common)];
  return was.map((count, index) => ({
    from: common[index] as number,
    to: common[index + 1] as number,
    before: count,
    after: is[index] as number,
  }));
}

/** Counts by other edges, as if the values of a bin were spread evenly within it. */
export function spread(bins: Bins | null, edges: readonly number[]): number[] {
  const counts = new Array<number>(edges.length - 1).fill(0);
  bins?.counts.forEach((count, index) => {
    const [from, to] = [bins.edges[index] as number, bins.edges[index + 1] as number];
    for (let place = 0; place < counts.length; place += 1) {
      const overlap = Math.min(to, edges[place + 1] as number) - Math.max(from, edges[place] as number);
      if (overlap > 0) {
        counts[place] = (counts[place] as number) + (count * overlap) / (to - from);
      }
    }
  });
  return counts.map((count) => Math.round(count));
}

function valuesOf(before: ColumnProfile | null, after: ColumnProfile | null): ValueBar[] {
  const [was, is] = [topOf(before), topOf(after)];
  const keys = new Map([...was, ...is].map(({ value }) => [String(value), value]));
  const countIn = (profile: ColumnProfile | null, top: Top, key: string) => {
    if (profile === null) return null;
    const found = top.find(({ value }) => String(value) === key);
    return found ? found.count : profile.distinct <= TOP ? 0 : null;
  };
  return [...keys].map(([key, value]) => ({
    value,
    before: countIn(before, was, key),
    after: countIn(after, is, key),
  }));
}

function binsOf(profile: ColumnProfile | null): Bins | null {
  const histogram = profile?.histogram;
  if (typeof histogram !== "object" || histogram === null) {
    return null;
  }
  const { edges, counts } = histogram as { edges?: unknown; counts?: unknown };
  if (!Array.isArray(edges) || !Array.isArray(counts)) {
    return null;
  }
  return { edges: edges.map(momentOf), counts };
}

/** Edges of dates are moments without a zone. */
function momentOf(edge: string | number): number {
  return typeof edge === "number" ? edge : Date.parse(`${edge}Z`);
}

function topOf(profile: ColumnProfile | null): Top {
  return Array.isArray(profile?.top) ? (profile.top as Top) : [];
}
