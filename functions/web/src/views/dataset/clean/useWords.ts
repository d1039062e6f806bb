import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Words } from "@/recipes/sentence";

/** What sentences of steps need of the chosen language. */
export function useWords(): Words {
  const { t, i18n } = useTranslation(["clean", "common"]);
  const format = useFormat();
  return useMemo(
    () => ({
      t,
      language: i18n.language,
      number: (value) => format.number(value, 6),
      percent: (share) => format.percent(share),
    }),
    [t, i18n.language, format],
  );
}
