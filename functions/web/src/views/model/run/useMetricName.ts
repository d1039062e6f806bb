import { useTranslation } from "react-i18next";
import type run from "@/messages/en/run.json";

/** Name of a metric for people; what is not known is shown as the service writes it. */
export function useMetricName(): (metric: string) => string {
  const { t, i18n } = useTranslation("run");
  return (metric) =>
    i18n.exists(`run:metric.${metric}`) ? t(`metric.${metric as keyof typeof run.metric}`) : metric;
}
