import { expect, test } from "vitest";
import { estimatesOf, shorten } from "@/views/dataset/clean/estimates";

const GROUPS = ["a", "b", "c", "d", "e"].map((group, value) => ({ group, value }));

test("reads fillings, groups and bounds, and leaves out what it does not know", () => {
  expect(
    estimatesOf([
      { column: "age", statistic: "median", value: 54 },
      { column: "day", statistic: "mode", value: "2024-01-31", by: "city", groups: GROUPS, group_count: 70 },
      { column: "income", lower: null, upper: 9.5 },
      { column: "odd", something: true },
      { value: 3 },
    ]),
  ).toEqual([
    { kind: "value", column: "age", value: 54, groups: [], groupCount: 0 },
    { kind: "value", column: "day", value: "2024-01-31", groups: GROUPS, groupCount: 70 },
    { kind: "bounds", column: "income", lower: null, upper: 9.5 },
  ]);
});

test("shortens many columns and many groups, and leaves few as they are", () => {
  const few = estimatesOf([{ column: "age", value: 1 }]);
  expect(shorten(few)).toBe(few);
  const [grouped] = shorten(estimatesOf([{ column: "age", value: 1, groups: GROUPS, group_count: 5 }]));
  expect(grouped).toMatchObject({ groups: GROUPS.slice(0, 4), groupCount: 5 });
  const many = estimatesOf(["a", "b", "c", "d"].map((column) => ({ column, value: 1 })));
  expect(shorten(many)).toEqual(many.slice(0, 3));
});
