import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import type { Cell } from "@/views/dataset/rows/rows";

/** Write a cell as exactly as it was read, with the decimal sign of the chosen language. */
export function useCellText(): (cell: Cell) => string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const numbers = new Intl.NumberFormat(i18n.language, {
      maximumSignificantDigits: 15,
      useGrouping: false,
    });
    return (cell) => {
      if (typeof cell !== "number") {
        return String(cell);
      }
      const size = Math.abs(cell);
      return size !== 0 && (size >= 1e15 || size < 1e-6) ? String(cell) : numbers.format(cell);
    };
  }, [i18n.language]);
}
