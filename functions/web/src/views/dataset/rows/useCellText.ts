import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useLocale } from "@/i18n/locale";
import type { Cell } from "@/views/dataset/rows/rows";

/** Write a cell as exactly as it was read, with the decimal sign of the chosen language. */
export function useCellText(): (cell: Cell) => string {
  const { t } = useTranslation("common");
  const locale = useLocale();
  return useMemo(() => {
    const numbers = new Intl.NumberFormat(locale, {
      maximumSignificantDigits: 15,
      useGrouping: false,
    });
    return (cell) => {
      if (typeof cell === "boolean") {
        return t(`value.${cell}`);
      }
      if (typeof cell !== "number") {
        return String(cell);
      }
      const size = Math.abs(cell);
      return size !== 0 && (size >= 1e15 || size < 1e-6) ? String(cell) : numbers.format(cell);
    };
  }, [t, locale]);
}
