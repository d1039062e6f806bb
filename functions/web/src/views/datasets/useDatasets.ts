import { useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { $api, type Schemas } from "@/api/client";
import { pollWhile } from "@/api/queries";
import { useUploads } from "@/views/datasets/useUploads";

const PAGE_SIZE = 25;

export type DatasetView = Schemas["DatasetView"];

/** The datasets so far, newest first. They are asked for again while something is under way. */
export function useDatasets() {
  const queries = useQueryClient();
  const list = $api.useInfiniteQuery(
    "get",
    "/datasets",
    { params: { query: { limit: PAGE_SIZE } } },
    {
      pageParamName: "after",
      // Anything else than null would be sent as the place to begin at.
      initialPageParam: null,
      getNextPageParam: (last) => last.next ?? null,
      refetchInterval: (query) =>
        pollWhile(query.state.data?.pages.flatMap((page) => page.items.map((item) => item.status)) ?? []),
    },
  );
  const entries = useUploads();
  // What begins, ends or fails changes what the service has.
  const changes = entries.map((entry) => `${entry.id} ${entry.status}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the changes are why
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ["get", "/datasets"] });
  }, [queries, changes]);
  return { ...list, datasets: list.data?.pages.flatMap((page) => page.items) ?? [] };
}
