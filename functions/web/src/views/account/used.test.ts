import { expect, test } from "vitest";
import { fillOf, shareUsed } from "./used";

test("more than a limit is full, and no limit is never full", () => {
  expect(shareUsed({ limit: 4, used: 1 })).toBe(0.25);
  expect(shareUsed({ limit: 4, used: 5 })).toBe(1);
  expect(shareUsed({ limit: null, used: 5 })).toBeNull();
});

test("four fifths are nearly full", () => {
  expect([0, 0.79, 0.8, 0.99, 1].map(fillOf)).toEqual(["free", "free", "nearly", "nearly", "full"]);
});
