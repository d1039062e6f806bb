import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { readMetric } from "@/ui/metrics";

const ROUNDING = 1e-6;

/** Names, explanations and figures of metrics in the chosen language.
 *
 * What is not known has the name that the service writes, and no explanation.
 */
export function useMetricTexts() {
  const { t } = useTranslation("metrics");
  const format = useFormat();
  return useMemo(
    () => ({
      nameOf: (written: string): string => {
        const metric = readMetric(written);
        if (!metric) return written;
        const name = t(`${metric.name}.name`);
        return metric.weighted ? t("weighted", { name }) : name;
      },
      meaningOf: (written: string): string => {
        const metric = readMetric(written);
        return metric ? t(`${metric.name}.means`) : "";
      },
      directionOf: (written: string): string => {
        const metric = readMetric(written);
        return metric ? t(`better.${metric.better}`) : "";
      },
      formatValue: (written: string, value: number | null): string => {
        if (value === null) return "–";
        const unit = readMetric(written)?.unit ?? "plain";
        if (unit === "share") return format.percent(value);
        // What is nothing but rounding is shown as nothing.
        return format.number(unit === "plain" && Math.abs(value) < ROUNDING ? 0 : value);
      },
    }),
    [t, format],
  );
}
