type Page<Item> = { items: Item[]; next?: string | null };

/** What `$api.useInfiniteQuery` takes for the API's lists, which hand out `next` and take it as `after`. */
export const PAGES = {
  pageParamName: "after",
  initialPageParam: null as string | null,
  getNextPageParam: (page: { next?: string | null }) => page.next ?? null,
};

/** The things of all pages that were loaded, each once: what came meanwhile pushes others to the next page. */
export function itemsOf<Item>(
  data: { pages: Page<Item>[] } | undefined,
  keyOf: (item: Item) => string | number,
): Item[] {
  const items = new Map<string | number, Item>();
  for (const item of data?.pages.flatMap((page) => page.items) ?? []) {
    items.set(keyOf(item), item);
  }
  return [...items.values()];
}
