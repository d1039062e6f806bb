import { useMemo } from "react";
import { useTranslation } from "react-i18next";

/** The decimal sign of the chosen language. */
export function useDecimalSign(): string {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const parts = new Intl.NumberFormat(i18n.language).formatToParts(0.5);
    return parts.find((part) => part.type === "decimal")?.value ?? ".";
  }, [i18n.language]);
}
