import { VisuallyHidden } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/i18n/format";
import { StatusBadge } from "@/ui/StatusBadge";
import { DatasetName, EraseButton, useShape, Warnings, When } from "@/views/datasets/DatasetParts";
import classes from "@/views/datasets/DatasetTable.module.css";
import type { DatasetView } from "@/views/datasets/useDatasets";

export type ListProps = {
  datasets: readonly DatasetView[];
  /** Null where the role erases nothing. */
  onErase: ((dataset: DatasetView) => void) | null;
};

/** The list on a wide window. Mantine's table brings its own scroll bars, which are much of a first visit. */
export function DatasetTable({ datasets, onErase }: ListProps) {
  const { t } = useTranslation(["datasets", "common"]);
  const format = useFormat();
  const shape = useShape();
  return (
    <div className={classes.scroll}>
      <table className={classes.table} aria-label={t("common:shell.datasets")}>
        <thead>
          <tr>
            <th>{t("columns.name")}</th>
            <th>{t("columns.status")}</th>
            <th className={classes.number}>{t("columns.shape")}</th>
            <th className={classes.number}>{t("columns.size")}</th>
            <th>{t("columns.warnings")}</th>
            <th>{t("columns.added")}</th>
            {onErase && (
              <th>
                <VisuallyHidden>{t("columns.actions")}</VisuallyHidden>
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {datasets.map((dataset) => (
            <tr key={dataset.id}>
              <td className={classes.name}>
                <DatasetName dataset={dataset} />
              </td>
              <td>
                <StatusBadge status={dataset.status} />
              </td>
              <td className={classes.number}>{shape(dataset)}</td>
              <td className={classes.number}>{dataset.size_bytes > 0 && format.bytes(dataset.size_bytes)}</td>
              <td>
                <Warnings count={dataset.warnings} />
              </td>
              <td className={classes.time}>
                <When iso={dataset.created_at} />
              </td>
              {onErase && (
                <td className={classes.number}>
                  <EraseButton dataset={dataset} onErase={onErase} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
