import { describe, expect, it } from "vitest";
import { exampleOf, fieldsOf, type InstanceSchema } from "@/views/model/try/fields";

function schemaOf(
  properties: Record<string, unknown>,
  examples: Record<string, unknown>[] = [],
): InstanceSchema {
  return {
    type: "object",
    properties: properties as InstanceSchema["properties"],
    required: Object.keys(properties),
    examples,
  };
}

const SCHEMA = schemaOf(
  {
    rooms: {
      type: ["number", "null"],
      description: "A number in m²; training saw 1 to 9.",
      examples: [5],
      "x-training-range": [1, 9],
    },
    built: {
      type: "string",
      description: "A date, ISO 8601 or %d/%m/%Y; training saw 2019-01-02 to 2023-12-06.",
      examples: ["2023-12-06"],
      "x-training-range": ["2019-01-02", "2023-12-06"],
    },
    seen: { type: "string", description: "A date, ISO 8601.", examples: ["2024-02-01T10:30:00.123456"] },
    garden: { type: ["boolean", "null"], description: "True or false.", "x-known-values": [false, true] },
    kind: {
      type: "string",
      description: "A category; others ...",
      examples: ["flat"],
      "x-known-values": ["flat", "it's"],
    },
    code: {
      type: "string",
      description: "A category; others ... Training saw too many to list.",
      examples: ["x9"],
    },
    note: { type: ["string", "null"], description: "Free text.", examples: [] },
  },
  [
    {
      rooms: null,
      built: "2020-01-31",
      seen: "2024-02-01",
      garden: true,
      kind: "it's",
      code: "x1",
      note: "old",
    },
  ],
);

describe("fieldsOf", () => {
  it("tells from types and annotations what is asked for", () => {
    expect(fieldsOf(SCHEMA).map(({ name, kind, mayBeMissing }) => [name, kind, mayBeMissing])).toEqual([
      ["rooms", "number", true],
      ["built", "date", false],
      ["seen", "moment", false],
      ["garden", "boolean", true],
      ["kind", "category", false],
      ["code", "category", false],
      ["note", "text", true],
    ]);
  });

  it("takes over ranges, known values, units and ways to write dates", () => {
    const [rooms, built, , garden, kind, code] = fieldsOf(SCHEMA);
    expect(rooms).toMatchObject({ range: [1, 9], unit: "m²", example: "5" });
    expect(built).toMatchObject({ range: ["2019-01-02", "2023-12-06"], dateFormat: "%d/%m/%Y" });
    expect(garden?.known).toEqual(["false", "true"]);
    expect(kind?.known).toEqual(["flat", "it's"]);
    expect(code?.known).toBeNull();
  });

  it("asks for text where it does not understand", () => {
    const hostile = schemaOf({
      nothing: {},
      text: "no object",
      list: ["number"],
      range: { type: "number", "x-training-range": ["a", 2] },
      words: { type: "number", "x-training-range": ["a", "b"] },
      known: { type: "string", "x-known-values": "all" },
    });
    expect(fieldsOf(hostile).map(({ kind, range, known }) => [kind, range, known])).toEqual([
      ["text", null, null],
      ["text", null, null],
      ["text", null, null],
      ["number", null, null],
      ["number", null, null],
      ["text", null, null],
    ]);
  });

  it("knows no unit where a description merely looks like it", () => {
    const [plain] = fieldsOf(
      schemaOf({ x: { type: "number", description: "A number; training saw 1 to 2." } }),
    );
    expect(plain?.unit).toBeNull();
  });

  it("keeps names that objects give a meaning to", () => {
    const properties = JSON.parse('{"__proto__": {"type": "number"}, "constructor": {"type": "string"}}');
    const fields = fieldsOf(schemaOf(properties));
    expect(fields.map((field) => field.name)).toEqual(["__proto__", "constructor"]);
    expect(exampleOf(schemaOf(properties), fields)).toHaveProperty("constructor", "");
  });
});

describe("exampleOf", () => {
  it("is the schema's example as controls hold it", () => {
    expect(exampleOf(SCHEMA, fieldsOf(SCHEMA))).toEqual({
      rooms: "",
      built: "2020-01-31",
      seen: "2024-02-01T00:00",
      garden: "true",
      kind: "it's",
      code: "x1",
      note: "old",
    });
  });

  it("is made of each field's example where the schema has none", () => {
    const bare = { ...SCHEMA, examples: [] };
    expect(exampleOf(bare, fieldsOf(bare))).toMatchObject({
      rooms: "5",
      kind: "flat",
      garden: "false",
      note: "",
    });
    expect(exampleOf(bare, fieldsOf(bare)).seen).toBe("2024-02-01T10:30:00.123");
  });
});
