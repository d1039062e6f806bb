import { describe, expect, it } from "vitest";
import type { Field, FieldKind } from "@/views/model/try/fields";
import { instanceOf } from "@/views/model/try/instance";

function field(name: string, kind: FieldKind, other: Partial<Field> = {}): Field {
  return {
    name,
    kind,
    mayBeMissing: false,
    range: null,
    known: null,
    unit: null,
    dateFormat: null,
    example: "",
    ...other,
  };
}

describe("instanceOf", () => {
  it("gives each value the type that the schema asks for", () => {
    const fields = [
      field("n", "number"),
      field("yes", "boolean"),
      field("no", "boolean"),
      field("day", "date"),
      field("moment", "moment"),
      field("kind", "category"),
      field("note", "text"),
    ];
    const values = {
      n: "1,5",
      yes: "true",
      no: "Non",
      day: "2024-02-29",
      moment: "2024-02-29T23:59",
      kind: " flat ",
      note: "007",
    };
    expect(instanceOf(fields, values, ",")).toEqual({
      instance: {
        n: 1.5,
        yes: true,
        no: false,
        day: "2024-02-29",
        moment: "2024-02-29T23:59",
        kind: " flat ",
        note: "007",
      },
      faults: new Map(),
    });
  });

  it("says null where something may be missing, and asks for it where not", () => {
    const fields = [field("a", "number", { mayBeMissing: true }), field("b", "text"), field("c", "boolean")];
    const read = instanceOf(fields, { a: "  ", b: "\t" }, ".");
    expect(read.instance).toEqual({ a: null });
    expect([...read.faults]).toEqual([
      ["b", { code: "empty" }],
      ["c", { code: "empty" }],
    ]);
  });

  it("names every fault at once", () => {
    const fields = [field("n", "number"), field("b", "boolean"), field("d", "date"), field("ok", "text")];
    const read = instanceOf(fields, { n: "many", b: "perhaps", d: "31/12/2024", ok: "x" }, ".");
    expect(Object.fromEntries([...read.faults].map(([name, fault]) => [name, fault.code]))).toEqual({
      n: "not_a_number",
      b: "not_a_boolean",
      d: "bad_date",
    });
    expect(read.instance).toEqual({ ok: "x" });
  });

  it.each([
    "2023-02-29",
    "2024-13-01",
    "2024-00-10",
    "2024-04-31",
    "0000-01-01",
    "2024-01-01T24:00",
    "24-01-01",
  ])("finds that %s is no day", (text) => {
    expect(instanceOf([field("d", "date")], { d: text }, ".").faults.get("d")).toEqual({ code: "bad_date" });
  });

  it.each(["0001-01-01", "0099-12-31", "2024-01-01 10:00:00+02:00", "2024-01-01T10:00:00.123456Z"])(
    "takes %s for a date",
    (text) => {
      expect(instanceOf([field("d", "date")], { d: text }, ".").instance).toEqual({ d: text });
    },
  );

  it("leaves another way to write dates to the service, where the training file had one", () => {
    const fields = [field("d", "date", { dateFormat: "%d/%m/%Y" })];
    expect(instanceOf(fields, { d: "31/12/2024" }, ".").instance).toEqual({ d: "31/12/2024" });
  });

  it("sends features whose names objects give a meaning to", () => {
    const fields = [field("__proto__", "number"), field("toString", "text", { mayBeMissing: true })];
    const values = Object.fromEntries([["__proto__", "3"]]);
    const { instance } = instanceOf(fields, values, ".");
    expect(JSON.stringify(instance)).toBe('{"__proto__":3,"toString":null}');
  });
});
