import { expect, it } from "vitest";
import { named } from "@/views/datasets/filter";

const ITEMS = ["houses-2024.csv", "Été-houses.csv", "sales.csv"].map((file_name) => ({ file_name }));
const names = (text: string) => named(ITEMS, text).map((item) => item.file_name);

it.each([
  ["", ["houses-2024.csv", "Été-houses.csv", "sales.csv"]],
  ["HOUSES", ["houses-2024.csv", "Été-houses.csv"]],
  [" csv  ete ", ["Été-houses.csv"]],
  ["houses sales", []],
  ["(", []],
])("finds by %j", (text, found) => {
  expect(names(text)).toEqual(found);
});
