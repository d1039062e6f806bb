import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { brokenRules, MINIMUM_LENGTH } from "@/views/sign-in/password";

describe("brokenRules", () => {
  it.each([
    ["Demo-Password-1", []],
    ["Short-1a", ["length"]],
    ["ALL-CAPITALS-1", ["lowercase"]],
    ["all-small-letters-1", ["uppercase"]],
    ["No-Digit-Anywhere", ["number"]],
    ["NoSymbolAnywhere1", ["symbol"]],
    ["", ["length", "lowercase", "uppercase", "number", "symbol"]],
  ])("%s breaks %j", (password, rules) => {
    expect(brokenRules(password)).toEqual(rules);
  });

  it("takes a blank for a symbol inside a password only", () => {
    expect(brokenRules("Four Words In 1 Line")).toEqual([]);
    expect(brokenRules(" NoSymbolAnywhere1 ")).toEqual(["symbol"]);
  });
});

describe("the policy of the user pool", () => {
  const template = readFileSync("../../template.yaml", "utf8");
  const policy = /PasswordPolicy:\n((?: {10,}\S.*\n)+)/.exec(template)?.[1] ?? "";

  it("asks for what the page shows, and for nothing else", () => {
    expect(policy).toContain(`MinimumLength: ${MINIMUM_LENGTH}\n`);
    const asked = [...policy.matchAll(/Require(\w+): true/g)].map((match) => match[1]);
    expect(asked.sort()).toEqual(["Lowercase", "Numbers", "Symbols", "Uppercase"]);
  });
});
