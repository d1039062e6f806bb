import { describe, expect, it } from "vitest";
import { faultOf } from "@/views/datasets/inspect";

const file = (name: string, ...parts: BlobPart[]) => new File(parts, name);
const bytes = (...values: number[]) => new Uint8Array(values);

describe("faultOf", () => {
  it.each([
    ["an empty file", file("a.csv"), "empty"],
    ["an Excel workbook", file("a.xlsx", "PK\u0003\u0004rest"), "workbook"],
    ["a workbook of LibreOffice", file("A.ODS", "PK\u0003\u0004rest"), "workbook"],
    ["an old workbook, whatever its name", file("a.csv", bytes(0xd0, 0xcf, 0x11, 0xe0)), "workbook"],
    ["a ZIP archive", file("a.csv.zip", "PK\u0003\u0004rest"), "archive"],
    ["a gzip archive", file("a.csv.gz", bytes(0x1f, 0x8b, 8)), "archive"],
    ["a PDF", file("a.pdf", "%PDF-1.7"), "document"],
    ["an image", file("a.png", bytes(0x89, 0x50, 0x4e, 0x47)), "image"],
    ["a Parquet file", file("a.parquet", "PAR1\u0015\u0004"), "binary"],
  ])("refuses %s", async (_, given, fault) => {
    expect(await faultOf(given)).toBe(fault);
  });

  it.each([
    ["a CSV file", file("a.csv", "rooms,price\n3,200\n")],
    ["one of UTF-16", file("a.csv", bytes(0xff, 0xfe, 0x61, 0x00))],
    ["one whose header begins like Parquet", file("a.csv", "PAR1,PAR2\n1,2\n")],
    ["one of two bytes", file("a.txt", "a\n")],
    ["one that has no ending", file("export", "a;b\n1;2\n")],
  ])("takes %s", async (_, given) => {
    expect(await faultOf(given)).toBeNull();
  });
});
