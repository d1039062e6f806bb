import type { Schemas } from "@/api/client";

type Job = Pick<Schemas["JobView"], "status" | "progress" | "started_at" | "finished_at">;

// Reading the data and storing the model come on top of the search.
const OVERHEAD_SECONDS = 10;
const ANNOUNCED_SHARE = 0.25;

/** Seconds that a training has been running, or ran; null if it never began. */
export function elapsedOf(job: Job, now: number): number | null {
  if (job.started_at === null) {
    return null;
  }
  const end = job.finished_at === null ? now : Date.parse(job.finished_at);
  return Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}

/** Seconds that a running training may still take by its budget; 0 if it should be over any moment. */
export function remainingOf(job: Job, budget: number | null, now: number): number | null {
  const elapsed = elapsedOf(job, now);
  if (job.status !== "RUNNING" || budget === null || elapsed === null) {
    return null;
  }
  return Math.max(0, budget + OVERHEAD_SECONDS - elapsed);
}

export type Milestone =
  | { key: "queued" | "running" | "cancelling" | "succeeded" | "failed" | "cancelled" }
  | { key: "quarter"; share: number };

/** What is worth being said aloud: it changes with the status and with each quarter, not with each poll. */
export function milestoneOf(job: Job): Milestone {
  const quarter = Math.floor(job.progress / ANNOUNCED_SHARE) * ANNOUNCED_SHARE;
  if (job.status === "RUNNING" && quarter > 0 && quarter < 1) {
    return { key: "quarter", share: quarter };
  }
  return { key: job.status.toLowerCase() as Exclude<Milestone["key"], "quarter"> };
}
