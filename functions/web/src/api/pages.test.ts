import { expect, test } from "vitest";
import { itemsOf, PAGES } from "@/api/pages";

test("what stands on two pages, because something came in between, is shown once", () => {
  const data = {
    pages: [{ items: [{ id: "c" }, { id: "b" }], next: "b" }, { items: [{ id: "b" }, { id: "a" }] }],
  };
  expect(itemsOf(data, (item) => item.id).map((item) => item.id)).toEqual(["c", "b", "a"]);
  expect(itemsOf(undefined, String)).toEqual([]);
});

test("the last page has no next one", () => {
  expect(PAGES.getNextPageParam({ next: "x" })).toBe("x");
  expect(PAGES.getNextPageParam({ next: null })).toBeNull();
});
