import { useSyncExternalStore } from "react";
import { type Entry, uploads } from "@/views/datasets/queue";

/** The files on their way, and those that came to an end. */
export function useUploads(): readonly Entry[] {
  return useSyncExternalStore(uploads.subscribe, uploads.snapshot);
}
