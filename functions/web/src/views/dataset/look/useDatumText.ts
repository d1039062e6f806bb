import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import type { Value } from "@/views/dataset/look/profile";

const MOMENT = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?)?$/;

/** Write a value of the data as the chosen language does; `isDate` says that texts are moments. */
export function useDatumText(): (value: Value, isDate?: boolean) => string {
  const { t } = useTranslation("common");
  const format = useFormat();
  return useCallback(
    (value, isDate = false) => {
      if (typeof value === "number") {
        return format.datum(value);
      }
      if (typeof value === "boolean") {
        return t(`value.${value}`);
      }
      if (isDate && MOMENT.test(value)) {
        const [day = value, time = "00:00:00"] = value.split("T");
        // Without a time the browser would take a day for midnight in Greenwich.
        return time === "00:00:00" ? format.date(`${day}T00:00:00`) : format.dateTime(value);
      }
      return value;
    },
    [t, format],
  );
}

/** Write a value within a sentence: words of the data stand in quotes, apart from those of the sentence. */
export function useQuotedText(): (value: Value) => string {
  const { t } = useTranslation("look");
  const datumText = useDatumText();
  return useCallback(
    (value) =>
      typeof value === "string" && !MOMENT.test(value)
        ? t("quoted", { text: value })
        : datumText(value, true),
    [t, datumText],
  );
}
