import { isDateFormat } from "@/recipes/faults";

/** Forms in which dates are mostly written. */
export const DATE_FORMATS = [
  "ISO8601",
  "%d/%m/%Y",
  "%m/%d/%Y",
  "%d.%m.%Y",
  "%d-%m-%Y",
  "%d/%m/%y",
  "%Y%m%d",
  "%Y/%m/%d",
  "%d/%m/%Y %H:%M",
  "%m/%d/%Y %I:%M %p",
  "%d %B %Y",
  "%d-%b-%y",
] as const;

// What the directives of strptime stand for on 31 January 2024, 14:05:09: words are English there.
const PARTS: Record<string, string> = {
  Y: "2024",
  y: "24",
  m: "01",
  d: "31",
  b: "Jan",
  B: "January",
  j: "031",
  H: "14",
  I: "02",
  M: "05",
  S: "09",
  f: "000000",
  p: "PM",
  z: "+0000",
};

/** A date as a form writes it; null where the form can't be read. */
export function exampleOf(format: string): string | null {
  if (format === "ISO8601") {
    return "2024-01-31";
  }
  if (!isDateFormat(format)) {
    return null;
  }
  return format.replace(/%(.)/g, (_, sign: string) => (sign === "%" ? "%" : (PARTS[sign] ?? "")));
}
