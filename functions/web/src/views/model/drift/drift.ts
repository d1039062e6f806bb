import type { Schemas } from "@/api/client";
import type { Format } from "@/i18n/format";

export type Feature = Schemas["FeatureDrift"];
export type Bin = Schemas["Bin"];
export const SORTS = [
  "feature",
  "status",
  "psi",
  "js_distance",
  "superiority",
  "missing",
  "strange",
] as const;
export type Sort = (typeof SORTS)[number];

const RANK = { ok: 0, watch: 1, drifted: 2 } as const;

/** What training never saw of a feature: new categories, or values beyond its ends; null where neither is told. */
export function strangeOf(feature: Feature): Schemas["Share"] | null {
  return feature.unseen ?? feature.out_of_range ?? null;
}

/** How far superiority is from one half, up or down; null of what has no order. */
export function moveOf(feature: Pick<Feature, "superiority">): number | null {
  return typeof feature.superiority === "number" ? feature.superiority - 0.5 : null;
}

/** Features by one of their figures; those that have none come last, whichever way it goes. */
export function sorted(features: readonly Feature[], sort: Sort, ascending: boolean): Feature[] {
  const sign = ascending ? 1 : -1;
  return [...features].sort((one, other) => {
    if (sort === "feature") {
      return sign * one.feature.localeCompare(other.feature);
    }
    const [mine, theirs] = [figureOf(one, sort), figureOf(other, sort)];
    if (mine === null || theirs === null) {
      return Number(mine === null) - Number(theirs === null);
    }
    return sign * (mine - theirs) || other.psi - one.psi;
  });
}

function figureOf(feature: Feature, sort: Exclude<Sort, "feature">): number | null {
  switch (sort) {
    case "status":
      return RANK[feature.status];
    case "psi":
      return feature.psi;
    case "js_distance":
      return feature.js_distance;
    case "superiority": {
      const move = moveOf(feature);
      return move === null ? null : Math.abs(move);
    }
    case "missing":
      return feature.missing?.observed ?? null;
    case "strange":
      return strangeOf(feature)?.observed ?? null;
  }
}

/** What a bin holds: one value, all from one number up to another, or a kind of its own. */
export type Label =
  | { kind: "missing" | "others" }
  | { kind: "yes" | "no" }
  | { kind: "value"; value: string }
  | { kind: "below" | "upTo" | "from" | "above"; value: string }
  | { kind: "range"; from: string; below: string };

export function labelOf(bin: Bin, type: Feature["type"] | null, format: Format): Label {
  const end = (value: unknown) => {
    if (typeof value === "number") return format.number(value);
    // Days are as they are: in the time of a place they might be the day before.
    return String(value);
  };
  if (bin.missing) {
    return { kind: "missing" };
  }
  if (bin.others) {
    return { kind: "others" };
  }
  if ("value" in bin) {
    if (type === "boolean" || typeof bin.value === "boolean") {
      return { kind: bin.value ? "yes" : "no" };
    }
    return { kind: "value", value: end(bin.value) };
  }
  const from = bin.from ?? null;
  const below = bin.below ?? null;
  if (from === null) {
    return { kind: isJustAbove(below) ? "upTo" : "below", value: end(below) };
  }
  return below === null
    ? { kind: isJustAbove(from) ? "above" : "from", value: end(from) }
    : { kind: "range", from: end(from), below: end(below) };
}

const DIGITS = 12;

/** Whether an end is the very next number after a plain one: then the plain one is on the other side of it. */
function isJustAbove(end: unknown): boolean {
  if (typeof end !== "number") {
    return false;
  }
  const beyond = end - Number(end.toPrecision(DIGITS));
  return beyond > 0 && beyond <= Math.abs(end) * Number.EPSILON;
}

/** Bins as they are drawn: those that are empty on both sides say nothing. */
export function drawn(bins: readonly Bin[]): Bin[] {
  return bins.filter((bin) => bin.training > 0 || bin.observed > 0);
}

/** The bin whose share changed the most; null where there are none. */
export function mostMoved(bins: readonly Bin[]): Bin | null {
  const change = (bin: Bin) => Math.abs(bin.observed - bin.training);
  return bins.reduce<Bin | null>((most, bin) => (most && change(most) >= change(bin) ? most : bin), null);
}

/** The window to show: the one of the address, else the one that decided, else the longest. */
export function windowOf(drift: Schemas["DriftView"], wanted: string | null): Schemas["DriftWindow"] | null {
  const byDays = (days: number | null) => drift.windows.find((window) => window.days === days);
  return (
    byDays(wanted === null ? null : Number(wanted)) ??
    byDays(drift.window_days) ??
    drift.windows.at(-1) ??
    null
  );
}
