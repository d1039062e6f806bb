import { saveFile } from "@/ui/saveFile";

/** What makes a spreadsheet read a cell as a formula (OWASP, CSV injection), in both widths. */
const FORMULA_START = /^[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]/;
const NUMBER = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
const TO_QUOTE = /[",\r\n]|^\s|\s$/;

/** Lines of CSV (RFC 4180) that no spreadsheet runs: what looks like a formula becomes a text. */
export function csvText(rows: Iterable<readonly (string | number | boolean | null)[]>): string {
  const lines: string[] = [];
  for (const row of rows) {
    lines.push(`${row.map((cell) => csvCell(cell === null ? "" : String(cell))).join(",")}\r\n`);
  }
  return lines.join("");
}

/** Hand a text to the browser as a file to keep. The byte order mark tells Excel that it is UTF-8. */
export function saveCsv(fileName: string, text: string): void {
  saveFile(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }), fileName);
}

function csvCell(cell: string): string {
  const safe = FORMULA_START.test(cell) && !NUMBER.test(cell.trim()) ? `'${cell}` : cell;
  return TO_QUOTE.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
