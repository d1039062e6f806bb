import { useMemo } from "react";
import { useLocale } from "@/i18n/locale";

/** The decimal sign of the chosen language. */
export function useDecimalSign(): string {
  const locale = useLocale();
  return useMemo(() => {
    const parts = new Intl.NumberFormat(locale).formatToParts(0.5);
    return parts.find((part) => part.type === "decimal")?.value ?? ".";
  }, [locale]);
}
