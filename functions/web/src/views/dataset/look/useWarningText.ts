import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type look from "@/messages/en/look.json";
import type { Value, Warning } from "@/views/dataset/look/profile";
import { useDatumText, useQuotedText } from "@/views/dataset/look/useDatumText";

export type WarningCode = keyof typeof look.warningTitle;

/** Say a warning in the chosen language; null for a code that this page does not know. */
export function useWarningText(): (warning: Warning) => string | null {
  const { t, i18n } = useTranslation("look");
  const format = useFormat();
  const datumText = useDatumText();
  const quotedText = useQuotedText();
  return useCallback(
    ({ code, column, evidence }) => {
      if (!i18n.exists(`look:warningTitle.${code}`)) {
        return null;
      }
      const { value, nearest, share, numeric_share, count, distinct, rows, cells, groups, association } =
        evidence;
      const number = (of: unknown) => (typeof of === "number" ? format.integer(of) : "");
      const percent = (of: unknown) => (typeof of === "number" ? format.percent(of) : "");
      const list = new Intl.ListFormat(i18n.language, { type: "unit" });
      const texts = (of: unknown) =>
        Array.isArray(of) ? list.format(of.map((text) => t("quoted", { text: String(text) }))) : "";
      return t(`warning.${code as WarningCode}`, {
        column: column ?? "",
        value: value === undefined ? "" : quotedText(value as Value),
        nearest: nearest === undefined ? "" : datumText(nearest as Value),
        share: percent(share ?? numeric_share),
        // Plurals go by the count, whatever it counts.
        count: Number(count ?? rows ?? cells ?? groups ?? distinct ?? 0),
        number: number(count ?? rows ?? cells ?? groups),
        distinct: number(distinct),
        examples: texts(evidence.example ?? evidence.units ?? evidence.currencies),
        other: String(evidence.copy_of ?? evidence.rarest ?? evidence.date_format ?? ""),
        association: typeof association === "number" ? format.number(association, 3) : "",
      });
    },
    [t, i18n, format, datumText, quotedText],
  );
}
