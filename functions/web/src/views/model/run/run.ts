import type { Schemas } from "@/api/client";

type Model = Schemas["ModelView"];
type Version = Schemas["VersionSummary"];

/** A figure of a version, such as its `rmse` on the `holdout`; null where it is not known. */
export function figureOf(
  version: Pick<Version, "metrics"> | undefined,
  group: "holdout" | "cross_validation" | "baseline",
  metric: string,
): number | null {
  const figures = version?.metrics[group];
  const figure =
    typeof figures === "object" && figures !== null
      ? (figures as Record<string, unknown>)[metric]
      : undefined;
  return typeof figure === "number" ? figure : null;
}

/** The version that a rollback brings back: the last of the lineage that is still there. */
export function comesBack(model: Pick<Model, "lineage" | "versions" | "production_version">): number | null {
  const there = new Set(model.versions.map((version) => version.version));
  return model.lineage.findLast((number) => number !== model.production_version && there.has(number)) ?? null;
}

/** Who did something: the person who looks, another one by the `sub` at Cognito, or a service. */
export type Actor = { kind: "you" } | { kind: "user"; sub: string } | { kind: "service"; name: string };

export function actorOf(actor: string, ownSub: string): Actor {
  const colon = actor.indexOf(":");
  const name = actor.slice(colon + 1);
  if (actor.startsWith("user:")) {
    return name === ownSub ? { kind: "you" } : { kind: "user", sub: name };
  }
  return { kind: "service", name };
}

/** A moment of the address as a field for date and time shows it, in the time of the place. */
export function toLocalField(iso: string): string {
  const moment = new Date(iso);
  if (Number.isNaN(moment.getTime())) {
    return "";
  }
  const two = (value: number) => String(value).padStart(2, "0");
  const day = `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
  return `${day}T${two(moment.getHours())}:${two(moment.getMinutes())}`;
}

/** What the API takes of such a field: the end of the minute that was meant; null if it is no moment. */
export function fromLocalField(text: string): string | null {
  const moment = new Date(text);
  if (Number.isNaN(moment.getTime())) {
    return null;
  }
  moment.setSeconds(59, 999);
  return moment.toISOString();
}
