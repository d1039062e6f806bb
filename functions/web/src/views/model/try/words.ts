import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { type Format, useFormat } from "@/i18n/format";
import { useLocale } from "@/i18n/locale";
import type { Finding } from "@/views/model/try/answerRows";
import type { Field } from "@/views/model/try/fields";

const KNOWN_CODES = [
  "empty",
  "not_a_number",
  "not_a_boolean",
  "bad_date",
  "missing",
  "unknown",
  "wrong_type",
  "null",
  "not_finite",
  "out_of_range",
  "unseen_category",
] as const;

/** Say what is wrong with a value, or unusual about it; the service's own sentence for what is not known. */
export function useFindingText(): (finding: Finding, field: Field | undefined) => string {
  const { t } = useTranslation("try");
  const rangeOf = useRangeText();
  return useCallback(
    (finding, field) => {
      const code = KNOWN_CODES.find((known) => known === finding.code);
      if (code === "out_of_range") {
        const range = field ? rangeOf(field) : null;
        return range ? t("finding.out_of_range", { range }) : finding.message;
      }
      return code ? t(`finding.${code}`) : finding.message;
    },
    [t, rangeOf],
  );
}

/** What training saw of a number or a date, in words. */
export function useRangeText(): (field: Field) => string | null {
  const { t } = useTranslation("try");
  const format = useFormat();
  return useCallback(
    (field) => {
      if (field.range === null) return null;
      const [low, high] = field.range;
      return t("field.range", { low: endText(low, field, format), high: endText(high, field, format) });
    },
    [t, format],
  );
}

function endText(end: number | string, field: Field, format: Format): string {
  if (typeof end === "number") return format.datum(end);
  return field.kind === "moment" ? format.dateTime(end) : format.date(`${end.slice(0, 10)}T00:00`);
}

/** Amounts with their sign, as the language writes them: numbers, or shares in percentage points. */
export function useSigned(isShare: boolean): (amount: number) => string {
  const { t } = useTranslation("try");
  const locale = useLocale();
  return useMemo(() => {
    const numbers = new Intl.NumberFormat(locale, {
      signDisplay: "exceptZero",
      ...(isShare ? { maximumFractionDigits: 1 } : { maximumSignificantDigits: 4 }),
    });
    return (amount) =>
      isShare ? t("answer.points", { number: numbers.format(amount * 100) }) : numbers.format(amount);
  }, [t, locale, isShare]);
}
