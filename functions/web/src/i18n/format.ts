import { useMemo } from "react";
import { useLocale } from "@/i18n/locale";

/** Numbers, sizes and times as the chosen language writes them. */
export type Format = {
  /** A number with at most `digits` significant digits. */
  number: (value: number, digits?: number) => string;
  integer: (value: number) => string;
  /** A short number for an axis, such as `1.2M`; with four digits before the point, it may be a year. */
  compact: (value: number) => string;
  /** A number out of somebody's data: years are not grouped, and what is huge or tiny has an exponent. */
  datum: (value: number) => string;
  /** A share of 0..1 as a percentage. */
  percent: (share: number, digits?: number) => string;
  bytes: (count: number) => string;
  dateTime: (iso: string) => string;
  date: (iso: string) => string;
  /** The time of day. */
  time: (iso: string) => string;
  /** A length of time in seconds, such as `1 min 5 s`. */
  duration: (seconds: number) => string;
  /** How long ago something was, such as `2 hours ago`. */
  ago: (iso: string) => string;
};

const TINY = 1e-5;

const UNITS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];

export function makeFormat(locale: string): Format {
  const integers = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });
  const compacts = new Intl.NumberFormat(locale, { notation: "compact", maximumSignificantDigits: 3 });
  const years = new Intl.NumberFormat(locale, { maximumSignificantDigits: 4, useGrouping: "min2" });
  const data = new Intl.NumberFormat(locale, { maximumSignificantDigits: 6, useGrouping: "min2" });
  const extremes = new Intl.NumberFormat(locale, { notation: "scientific", maximumSignificantDigits: 4 });
  const dateTimes = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
  const times = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });
  const unit = (name: string, value: number, digits: number, unitDisplay: "short" | "long" = "short") =>
    new Intl.NumberFormat(locale, {
      style: "unit",
      unit: name,
      unitDisplay,
      maximumFractionDigits: digits,
    }).format(value);
  return {
    number: (value, digits = 4) =>
      new Intl.NumberFormat(locale, {
        maximumSignificantDigits: digits,
        // Written out, such numbers are mostly zeros.
        notation: value !== 0 && Math.abs(value) < TINY ? "scientific" : "standard",
      }).format(value),
    integer: (value) => integers.format(value),
    compact: (value) => {
      const size = Math.abs(value);
      return (size >= 1_000 && size < 10_000 ? years : compacts).format(value);
    },
    datum: (value) => {
      const size = Math.abs(value);
      return (size !== 0 && (size >= 1e12 || size < TINY) ? extremes : data).format(value);
    },
    percent: (share, digits = 1) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share),
    bytes: (count) => {
      // Short, English has "8 byte".
      if (count < 1_000) return unit("byte", count, 0, "long");
      if (count < 1_000_000) return unit("kilobyte", count / 1_000, 1);
      if (count < 1_000_000_000) return unit("megabyte", count / 1_000_000, 1);
      return unit("gigabyte", count / 1_000_000_000, 2);
    },
    dateTime: (iso) => dateTimes.format(new Date(iso)),
    date: (iso) => dates.format(new Date(iso)),
    time: (iso) => times.format(new Date(iso)),
    duration: (seconds) => {
      if (seconds < 60) return unit("second", Math.round(seconds), 0);
      const whole = Math.round(seconds);
      const minutes = unit("minute", Math.floor(whole / 60), 0);
      return whole % 60 === 0 ? minutes : `${minutes} ${unit("second", whole % 60, 0)}`;
    },
    ago: (iso) => {
      const seconds = (Date.now() - new Date(iso).getTime()) / 1000;
      const [name, length] = UNITS.find(([, size]) => seconds >= size) ?? ["second", 1];
      return relative.format(-Math.floor(seconds / length), name);
    },
  };
}

export function useFormat(): Format {
  const locale = useLocale();
  return useMemo(() => makeFormat(locale), [locale]);
}
