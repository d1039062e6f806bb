import { useCallback } from "react";
import { useTranslation } from "react-i18next";
import type { Board } from "@/views/trainings/leaderboard";

/** Name of a leaderboard's metric; as the service writes it where the page does not know it. */
export function useMetricName(): (board: Board) => string {
  const { t } = useTranslation("train");
  return useCallback(
    ({ metric, written }) => {
      if (metric === null) {
        return written;
      }
      const name = t(`metric.${metric.metric}.name`);
      return metric.weighted ? t("metric.weighted", { name }) : name;
    },
    [t],
  );
}
