/** What one paste may hold. */
export type CsvLimits = { rows: number; columns: number; characters: number };

export type CsvTable = {
  rows: string[][];
  delimiter: string;
  /** Whether the text went on behind what was taken. */
  cut: boolean;
  /** Whether a quote was opened and never closed. */
  unclosedQuote: boolean;
};

const DELIMITERS = ["\t", ";", ",", "|"] as const;
const SAMPLE_RECORDS = 20;

/** Rows of CSV as RFC 4180 describes it, with the delimiter that cuts it best.
 *
 * Blank lines are no rows. A quote inside a cell that does not begin with one is a character, as in
 * spreadsheets. Never more is read than the limits say.
 */
export function parseCsv(text: string, limits: CsvLimits): CsvTable {
  const whole = text.startsWith("\ufeff") ? text.slice(1) : text;
  const taken = whole.slice(0, limits.characters);
  const delimiter = delimiterOf(taken, limits);
  const table = cut(taken, delimiter, limits);
  return { ...table, delimiter, cut: table.cut || taken.length < whole.length };
}

function delimiterOf(text: string, limits: CsvLimits): string {
  let best = { delimiter: ",", score: 0 };
  for (const delimiter of DELIMITERS) {
    const { rows } = cut(text, delimiter, { ...limits, rows: SAMPLE_RECORDS });
    const width = rows[0]?.length ?? 1;
    const alike = rows.filter((row) => row.length === width).length;
    // That all rows are as long counts for more than that they are long.
    const score = width > 1 ? (alike / rows.length) * (1 + Math.log(width) / 10) : 0;
    if (score > best.score) {
      best = { delimiter, score };
    }
  }
  return best.delimiter;
}

function cut(text: string, delimiter: string, limits: CsvLimits): Omit<CsvTable, "delimiter"> {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  let isCut = false;
  let unclosedQuote = false;
  const endRow = () => {
    if (row.length > 1 || row[0]?.trim()) {
      rows.push(row);
    }
    row = [];
  };
  const endCell = (cell: string) => {
    if (row.length < limits.columns) {
      row.push(cell);
    } else {
      isCut = true;
    }
  };
  while (at < text.length) {
    if (rows.length >= limits.rows) {
      isCut ||= text.slice(at).trim() !== "";
      break;
    }
    let cell = "";
    if (text[at] === '"') {
      const end = closingQuote(text, at + 1);
      unclosedQuote ||= end === -1;
      const last = end === -1 ? text.length : end;
      cell = text.slice(at + 1, last).replaceAll('""', '"');
      at = last + 1;
    }
    let end = at;
    while (end < text.length && text[end] !== delimiter && text[end] !== "\n" && text[end] !== "\r") {
      end += 1;
    }
    endCell(cell + text.slice(at, end));
    at = end;
    if (text[at] === delimiter) {
      at += 1;
      if (at === text.length) endCell("");
      continue;
    }
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    at += 1;
    endRow();
  }
  if (row.length > 0) endRow();
  return { rows, cut: isCut, unclosedQuote };
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at !== -1 && text[at + 1] === '"') {
    at = text.indexOf('"', at + 2);
  }
  return at;
}
