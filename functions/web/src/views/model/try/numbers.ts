export type Decimal = "." | ",";

const PLAIN = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,4})?$/;
const SPACES = /[\s\u00a0\u202f\u2009']/g;
const GROUPED_BY_SPACE = /^[+-]?\d{1,3}(?:[\s\u00a0\u202f\u2009']\d{3})+(?:[.,]\d*)?$/;

/** The sign that a language writes before decimals. */
export function decimalOf(language: string): Decimal {
  return new Intl.NumberFormat(language).format(1.5).includes(",") ? "," : ".";
}

/** A number as people write it; null where it is none, or more than a double holds.
 *
 * A point is always understood as decimal where it can be; a comma that could be both, as in `1,234`, is
 * what the language makes of it.
 */
export function parseNumber(text: string, decimal: Decimal): number | null {
  let plain = text.trim().replace(/^[\u2212\ufe63\uff0d]/, "-");
  if (GROUPED_BY_SPACE.test(plain)) {
    plain = plain.replace(SPACES, "");
    if (plain.includes(",") && !plain.includes(".")) decimal = ",";
  }
  const commas = plain.split(",").length - 1;
  const points = plain.split(".").length - 1;
  if (commas > 0 && points > 0) {
    const last = plain.lastIndexOf(",") > plain.lastIndexOf(".") ? "," : ".";
    plain = ungrouped(plain, last === "," ? "." : ",", last);
  } else if (commas === 1) {
    const couldBeGroup = /^[+-]?[1-9]\d{0,2},\d{3}$/.test(plain);
    plain = couldBeGroup && decimal === "." ? plain.replace(",", "") : plain.replace(",", ".");
  } else if (commas > 1) {
    plain = ungrouped(plain, ",", ".");
  } else if (points > 1) {
    plain = ungrouped(plain, ".", ",");
  }
  if (!PLAIN.test(plain)) return null;
  const value = Number(plain);
  return Number.isFinite(value) ? value : null;
}

/** Text without its signs of thousands, if they stand where they should; it is no number otherwise. */
function ungrouped(text: string, group: string, decimal: string): string {
  const [whole = "", ...decimals] = text.split(decimal);
  const groups = whole.replace(/^[+-]/, "").split(group);
  const isGrouped = groups.every((part, index) => (index === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(part));
  if (!isGrouped || decimals.length > 1) return "";
  const sign = whole.startsWith("-") ? "-" : "";
  return `${sign}${groups.join("")}${decimals.length === 1 ? `.${decimals[0]}` : ""}`;
}
