import { useEffect } from "react";
import { $api } from "@/api/client";
import type { Row } from "@/views/dataset/rows/rows";

// Of a wide table a page of more rows would take long to come.
const PAGE = 200;

/** The rows of the preview, page by page; `wantsAll` fetches them to the last. */
export function useRows(datasetId: string, recipe: number | null, wantsAll: boolean) {
  const pages = $api.useInfiniteQuery(
    "get",
    "/datasets/{dataset_id}/preview",
    { params: { path: { dataset_id: datasetId }, query: { recipe, limit: PAGE } } },
    {
      pageParamName: "offset",
      initialPageParam: 0,
      getNextPageParam: (page: { offset: number; preview_rows: number; rows: Row[] }) => {
        const next = page.offset + page.rows.length;
        return page.rows.length > 0 && next < page.preview_rows ? next : undefined;
      },
    },
  );
  const { hasNextPage, isFetchingNextPage, isError, fetchNextPage } = pages;
  useEffect(() => {
    if (wantsAll && hasNextPage && !isFetchingNextPage && !isError) {
      void fetchNextPage();
    }
  }, [wantsAll, hasNextPage, isFetchingNextPage, isError, fetchNextPage]);
  return pages;
}
