import { QueryClient } from "@tanstack/react-query";
import { ProblemError } from "@/api/problem";

/** How often a view asks again for what is still under way. */
export const POLL_MS = 1500;

/** Statuses after which nothing changes any more by itself. */
const FINAL = new Set(["READY", "FAILED", "SUCCEEDED", "CANCELLED", "COMPLETE"]);

/** Whether something that has a status is still under way. */
export function isUnderWay(status: string): boolean {
  return !FINAL.has(status);
}

/** What `refetchInterval` takes: poll as long as one of the things is under way. */
export function pollWhile(statuses: readonly string[]): number | false {
  return statuses.some(isUnderWay) ? POLL_MS : false;
}

export function createQueries(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 5_000,
        // What the API has refused, it refuses again; what did not answer may answer.
        retry: (failures, error) => !(error instanceof ProblemError && error.status < 500) && failures < 2,
      },
    },
  });
}
