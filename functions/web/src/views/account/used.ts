import type { Schemas } from "@/api/client";

const NEARLY = 0.8;

/** How full a limit is: the part that is used, at most 1; null where there is no limit. */
export function shareUsed(limit: Schemas["LimitView"]): number | null {
  if (limit.limit === null) {
    return null;
  }
  return limit.limit === 0 ? 1 : Math.min(1, limit.used / limit.limit);
}

export type Fill = "free" | "nearly" | "full";

export function fillOf(share: number): Fill {
  if (share >= 1) {
    return "full";
  }
  return share >= NEARLY ? "nearly" : "free";
}
