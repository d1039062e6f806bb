import { useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";

// What was found out about a version when it was trained never changes.
const FIXED = /\/(report|card)$/;

/** Ask anew about everything of models that a change of stages may have changed. */
export function useChanged(): () => Promise<void> {
  const queries = useQueryClient();
  return useCallback(
    () =>
      queries.invalidateQueries({
        predicate: ({ queryKey: [, path] }) =>
          typeof path === "string" && path.startsWith("/models") && !FIXED.test(path),
      }),
    [queries],
  );
}
