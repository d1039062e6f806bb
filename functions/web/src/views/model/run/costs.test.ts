import { expect, test } from "vitest";
import { costOf, dollars, together } from "./costs";

test("costs that are not known count nothing, and are told apart from none", () => {
  const known = costOf({ cost: { estimate: true, usd: 0.004, seconds: 30, memory_gb: 8 } });
  expect(known).toEqual({ usd: 0.004, seconds: 30, memoryGb: 8 });
  expect(costOf({ cost: null })).toBeNull();
  expect(costOf(undefined)).toBeNull();
  expect(together([known, null, known])).toBeCloseTo(0.008);
});

test("a tenth of a cent is not shown as nothing", () => {
  expect(dollars(0.00088, "en")).toBe("$0.00088");
  expect(dollars(12.5, "en")).toBe("$12.50");
});
