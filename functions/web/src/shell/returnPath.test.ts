import { describe, expect, it } from "vitest";
import { returnPath } from "@/shell/Shell";

const back = (to: string) => returnPath(`?to=${encodeURIComponent(to)}`);

describe("returnPath", () => {
  it.each(["/", "/datasets", "/models/houses/versions/2?threshold=0.4", "/datasets?name=a%2Fb"])(
    "leads back to %s",
    (path) => {
      expect(back(path)).toBe(path);
    },
  );

  it("leads home where the address says nothing", () => {
    expect(returnPath("")).toBe("/");
    expect(returnPath("?to=")).toBe("/");
  });

  it.each([
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "https://evil.example",
    "https:evil.example",
    "javascript:alert(1)",
    "datasets",
    " /datasets",
    "@evil.example",
  ])("leads home instead of to %j", (to) => {
    expect(back(to)).toBe("/");
  });
});
