import type { Schemas } from "@/api/client";
import { isUnderWay } from "@/api/queries";

export type Job = Schemas["BatchView"];

// The form is valid for five minutes; a large file may be on its way for longer.
const UPLOAD_MS = 15 * 60_000;

/** Whether the file of a job never came: its form has ended long ago. */
export function isAbandoned(job: Pick<Job, "status" | "created_at">, now: number): boolean {
  return job.status === "UPLOADING" && now - new Date(job.created_at).getTime() > UPLOAD_MS;
}

/** Whether anything will still change by itself. */
export function isAnyUnderWay(jobs: readonly Job[], now: number): boolean {
  return jobs.some((job) => isUnderWay(job.status) && !isAbandoned(job, now));
}
