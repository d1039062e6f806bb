import { describe, expect, it } from "vitest";
import { columnsOf, templateOf } from "@/views/model/batch/template";

const SCHEMA = {
  properties: {
    kind: { type: "string", description: "A category." },
    "living, area": { type: ["number", "null"] },
    "=cmd": { type: "boolean" },
    constructor: { type: ["string", "null"] },
  },
  examples: [{ kind: 'the "shed"', "living, area": -3.5, "=cmd": true }],
};

describe("templateOf", () => {
  it("is the header and the example, quoted, with formulas disarmed", () => {
    expect(templateOf(SCHEMA)).toBe(
      'kind,"living, area",\'=cmd,constructor\r\n"the ""shed""",-3.5,true,\r\n',
    );
  });

  it("is the header alone where the schema has no example", () => {
    expect(templateOf({ properties: { a: {}, b: {} }, examples: [] })).toBe("a,b\r\n");
  });
});

describe("columnsOf", () => {
  it("says which cells may be empty", () => {
    expect(columnsOf(SCHEMA).map((column) => [column.name, column.mayBeMissing, column.description])).toEqual(
      [
        ["kind", false, "A category."],
        ["living, area", true, ""],
        ["=cmd", false, ""],
        ["constructor", true, ""],
      ],
    );
  });
});
