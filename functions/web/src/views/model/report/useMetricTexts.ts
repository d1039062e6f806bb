import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { METRICS, parseMetric } from "./metrics";

const ROUNDING = 1e-6;

/** Names, explanations and figures of metrics in the chosen language. */
export function useMetricTexts(target: string) {
  const { t } = useTranslation("judge");
  const format = useFormat();
  return useMemo(() => {
    const formatValue = (name: string, value: number | null): string => {
      const metric = parseMetric(name);
      if (value === null) return t("unknownFigure");
      const unit = metric ? METRICS[metric.plain].unit : "plain";
      if (unit === "share") return format.percent(value);
      // What is nothing but rounding is shown as nothing.
      return format.number(unit === "plain" && Math.abs(value) < ROUNDING ? 0 : value);
    };
    return {
      formatValue,
      nameOf: (name: string): string => {
        const metric = parseMetric(name);
        if (!metric) return name;
        const plain = t(`metrics.${metric.plain}.name`);
        return metric.weighted ? t("weightedMetric", { name: plain }) : plain;
      },
      meaningOf: (name: string): string => {
        const metric = parseMetric(name);
        return metric ? t(`metrics.${metric.plain}.means`, { target }) : "";
      },
      /** The figure in a sentence. */
      saidOf: (name: string, value: number): string => {
        const metric = parseMetric(name);
        return metric ? t(`metrics.${metric.plain}.said`, { value: formatValue(name, value), target }) : "";
      },
      directionOf: (name: string): string => {
        const metric = parseMetric(name);
        return metric ? t(`better.${METRICS[metric.plain].better}`) : "";
      },
      isShare: (name: string): boolean => {
        const metric = parseMetric(name);
        return metric !== null && METRICS[metric.plain].unit === "share";
      },
    };
  }, [t, format, target]);
}
